"""The API client against `requests` as most people use it. `python -m bench.client --rounds 500`.

Both sides ask a server of a few lines, in a process of its own, so that it is the client that is
measured. The server's certificate is the only one in its bundle: `requests.request()` with the
authorities of the whole web reads a much longer file for each connection.
"""

from __future__ import annotations

import json
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from bench.options import options as parse
from bench.report import circumstances, finish, grid
from bench.timing import interleaved, ms, times
from integrations.alloy import AlloyClient, Hosts, Transport
from tests.integrations.alloy.samples import INTEGRATION_2023
from tests.integrations.alloy.servers import Server, serving, whole
from tests.integrations.alloy.test_tls import certificate, context

KEY = "sandbox_bench"
HEADERS = {"Authorization": f"Bearer {KEY}"}
USER = "63ea758e82c3074141968bb0"
NAME, DATA = "Fulfillment Updated", {"orderId": "1001", "status": "SHIPPED"}
INTEGRATIONS = json.dumps({"data": [INTEGRATION_2023] * 6}).encode()
HEAD = ("", "our client", "Session", "request()", "ours : Session", "request() : ours")

Send = Callable[..., requests.Response]
Asked = tuple[tuple[str, str], dict[str, Any]]
Calls = dict[str, dict[str, Callable[[], object]]]


def main() -> int:
    """Measure both calls with and without TLS, and print the table."""
    options = parse(small={"rounds": 5}, rounds=500)
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        key = generate_private_key(public_exponent=65537, key_size=2048)
        path = certificate(key, Path(directory), host="localhost", days=1)
        for title, tls in (("HTTP", None), ("HTTPS", path)):
            with _server(tls) as origin:
                rows += measure(title, calls(origin, verify=str(path)), rounds=options.rounds)
    text = f"{options.rounds:,} rounds of each. {circumstances()}."
    finish("client", options, grid(HEAD, rows, numbers={1, 2, 3, 4, 5}), text)
    return 0


def measure(title: str, what: Calls, *, rounds: int) -> list[list[str]]:
    """Return a row for each call: the median of each way, and how they compare."""
    rows = []
    for call, ways in what.items():
        print(f"{title}, {call}: {rounds:,} rounds ...", flush=True)
        interleaved(ways, rounds=3)  # opens the connections that are kept
        ours, session, single = map(median, interleaved(ways, rounds=rounds).values())
        ratios = (times(ours / session), times(single / ours))
        rows.append([f"{call}, {title}", *map(ms, (ours, session, single)), *ratios])
    return rows


def calls(origin: str, *, verify: str) -> Calls:
    """Return both calls in three ways: our client, a kept `Session`, a connection for each call."""
    client = AlloyClient(api_key=KEY, hosts=Hosts.at(origin), transport=Transport(ca_bundle=verify))
    session = requests.Session()
    session.verify = verify

    def ask(send: Send, method: str, path: str, **what: Any) -> object:
        url = f"{origin}/2023-12{path}"
        answer = send(method, url, headers=HEADERS, timeout=10, verify=verify, **what)
        answer.raise_for_status()
        return answer.json()

    read: Asked = ("GET", "/integrations"), {"params": {"userId": USER}}
    run: Asked = ("POST", "/run/event"), {"json": {"event": NAME, "userId": USER, "data": DATA}}
    ours: tuple[Callable[[], object], ...] = (
        partial(client.list_integrations, user_id=USER),
        partial(client.run_event, event=NAME, user_id=USER, data=DATA),
    )
    return {
        " ".join(where): {
            "ours": mine,
            "session": partial(ask, session.request, *where, **what),
            "single": partial(ask, requests.request, *where, **what),
        }
        for mine, (where, what) in zip(ours, (read, run), strict=True)
    }


@contextmanager
def _server(tls: Path | None) -> Iterator[str]:
    """Serve from a process of its own; yield the origin."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(theirs, tls), daemon=True)
    process.start()
    theirs.close()  # else nobody would notice if it ended early
    yield ours.recv()
    ours.send("enough")
    process.join()


def _serve(parent: Connection, tls: Path | None) -> None:
    with serving(_answer, tls=context(tls) if tls else None) as server:
        parent.send(server.origin)
        parent.recv()


def _answer(server: Server, connection: socket.socket) -> None:
    # Else a new TLS connection would wait 40 ms for an acknowledgement, and look worse than it is.
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while request := server.receive(connection):
        connection.sendall(whole(INTEGRATIONS) if request.startswith(b"GET") else whole())


if __name__ == "__main__":
    sys.exit(main())
