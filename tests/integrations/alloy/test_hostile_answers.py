"""Answers that want to lead the server into our own network, or fill its memory."""

from __future__ import annotations

import json
import socket
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import product
from typing import Any

import pytest

from integrations.alloy import AlloyClient, AlloyError, BadAnswer, Hosts, Transport
from integrations.alloy.call import Answer, Call
from tests.full_size import size
from tests.integrations.alloy.conftest import API_KEY
from tests.integrations.alloy.samples import INTEGRATION_2023
from tests.integrations.alloy.servers import Behaviour, Server, serving, whole

pytestmark = pytest.mark.scenario(19)

MEGABYTE = 1024 * 1024
GIGABYTE = size(1024, usual=64) * MEGABYTE

REDIRECTS = (201, 300, 301, 302, 303, 305, 307, 308)
SHARED = Transport()  # opening one for each test would take most of the time

INNER = {
    "by name": "localhost",
    "as usual": "127.0.0.1",
    "as one decimal number": "2130706433",
    "in octal": "0177.0.0.1",
    "in hexadecimal": "0x7f.0.0.1",
    "as one hexadecimal number": "0x7f000001",
    "shortened": "127.1",
    "another of the loopback's": "127.0.0.2",
    "nowhere, which is here": "0.0.0.0",  # noqa: S104 -- asked for by the answer
    "as IPv6": "[::1]",
    "as IPv4 within IPv6": "[::ffff:127.0.0.1]",
    "the same in hexadecimal": "[::ffff:7f00:1]",
}
"""Ways to write this machine's own address; behind a cloud's they lead to its metadata, too."""


def send(method: str, origin: str, transport: Transport | None = None) -> Answer:
    body: dict[str, str] | None = {} if method == "POST" else None
    call = Call(method=method, base=origin, route="/x", body=body)
    return (transport or SHARED).send(call)


@contextmanager
def inner_listener() -> Iterator[tuple[socket.socket, int]]:
    """Listen where nobody from outside is to get, on every address of this machine."""
    has_ipv6 = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if has_ipv6 else socket.AF_INET
    with socket.create_server(("", 0), family=family, dualstack_ipv6=has_ipv6) as listener:
        listener.settimeout(0.2)
        yield listener, listener.getsockname()[1]


def in_turn(answers: Iterator[bytes]) -> Behaviour:
    """Answer each request with the next of the answers."""

    def behaviour(server: Server, connection: socket.socket) -> None:
        while server.receive(connection):
            connection.sendall(next(answers))

    return behaviour


def was_reached(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize("host", INNER.values(), ids=INNER)
def test_the_inner_listener_would_be_reached(host: str) -> None:
    with inner_listener() as (listener, port):
        family, kind, _, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM
        )[0]
        if family is socket.AF_INET6 and not socket.has_dualstack_ipv6():
            pytest.skip("this machine has no IPv6")
        with socket.socket(family, kind) as client:
            # The guard on the network knows only the usual ways to write this machine's address.
            client.connect_ex(address)
        assert was_reached(listener)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_redirect_leads_into_our_own_network(method: str) -> None:
    with inner_listener() as (listener, port):
        redirects = [
            whole(b"", head=b"HTTP/1.1 %d Away" % status, extra=_pointing_to(host, port))
            for host, status in product(INNER.values(), REDIRECTS)
        ]
        with serving(in_turn(iter(redirects))) as server:
            for _ in redirects:
                with pytest.raises(AlloyError):
                    send(method, server.origin).json()
            assert len(server.requests) == len(redirects)
        assert not was_reached(listener)


def _pointing_to(host: str, port: int) -> bytes:
    url = f"http://{host}:{port}/latest/meta-data/"
    headers = (
        *(f"Location: {url}", f"Content-Location: {url}", f'Link: <{url}>; rel="next"'),
        *(f"Refresh: 0; url={url}", f'Alt-Svc: http/1.1="{host}:{port}"'),
    )
    return "".join(f"{header}\r\n" for header in headers).encode()


def test_no_address_in_an_answer_is_fetched() -> None:
    with inner_listener() as (listener, port):
        urls = [f"http://{host}:{port}/more" for host in INNER.values()]
        answers = (whole(json.dumps(_full_of(url)).encode()) for url in urls)
        with serving(in_turn(answers)) as server:
            hosts = Hosts.at(server.origin)
            client = AlloyClient(api_key=API_KEY, hosts=hosts, transport=SHARED)
            for _ in urls:
                (found,) = client.list_integrations(user_id="u1")
                assert found.app == INTEGRATION_2023["app"]
            assert len(server.requests) == len(urls)
        assert not was_reached(listener)


def _full_of(url: str) -> dict[str, Any]:
    pages = {"next": url, "nextPageUrl": url, "links": {"next": url}, "paging": {"next": url}}
    return {"data": [{**INTEGRATION_2023, "icon": url, "iconUrl": url, "url": url}], **pages}


def pouring(header: bytes, piece: bytes = b"x" * MEGABYTE, status: int = 200) -> Behaviour:
    """Send a gigabyte of pieces behind the header."""

    def behaviour(server: Server, connection: socket.socket) -> None:
        server.receive(connection)
        with suppress(OSError):  # the client has had enough
            connection.sendall(b"HTTP/1.1 %d Said\r\n%b\r\n" % (status, header))
            for _ in range(GIGABYTE // MEGABYTE):
                connection.sendall(piece)

    return behaviour


def folded(server: Server, connection: socket.socket) -> None:
    """Send zeros, a thousand of them to a byte on the wire."""
    server.receive(connection)
    packer = zlib.compressobj(9, wbits=31)
    zipped = b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(GIGABYTE // MEGABYTE))
    connection.sendall(whole(zipped + packer.flush(), extra=b"Content-Encoding: gzip\r\n"))


CHUNK = b"100000\r\n" + b"x" * MEGABYTE + b"\r\n"
GIGABYTES = {
    "announced": pouring(b"Content-Length: %d\r\n" % GIGABYTE),
    "until the end of the connection": pouring(b""),
    "in chunks of a megabyte": pouring(b"Transfer-Encoding: chunked\r\n", CHUNK),
    "of an error": pouring(b"", status=500),
    "folded": folded,
}


@pytest.mark.parametrize("behaviour", GIGABYTES.values(), ids=GIGABYTES)
def test_a_gigabyte_is_refused_and_fills_no_memory(
    behaviour: Behaviour, record_property: Callable[[str, object], None]
) -> None:
    with serving(behaviour) as server:
        tracemalloc.start()
        try:
            with pytest.raises(BadAnswer, match="too large") as refused:
                send("GET", server.origin)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    record_property("memory at its peak, MB", round(peak / MEGABYTE, 1))
    assert peak < 20 * MEGABYTE
    assert not refused.value.ambiguous
