"""Alloy as a sender of webhooks, and somebody who only pretends to be: both keep connections."""

from __future__ import annotations

import json
import re
import socket
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter, process_time
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bench.inside import inside, settings_of_bench
from tests.integrations.alloy.servers import always, serving, whole
from tests.integrations.inbox.steps import ORDER
from tests.services.stack import WEBHOOK_TOKEN, Stack

USER_ID = "63ea758e82c3074141968bb0"
PATH = f"/webhooks/alloy/{WEBHOOK_TOKEN}/orders/?userId={USER_ID}"
PLAIN_PATH = b"/plain/webhook/?tenant=1"
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_numbers = count(1)


@dataclass
class Answers:
    """What came back: seconds to each answer, how many had which status, seconds for all."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    lasted: float = 0.0

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.seconds) / self.lasted

    def __add__(self, more: Answers) -> Answers:
        statuses = self.statuses + more.statuses
        return Answers(self.seconds + more.seconds, statuses, self.lasted + more.lasted)


class Processed(NamedTuple):
    """What a worker did: how many deliveries, in how many seconds, and those of its CPU."""

    deliveries: int
    seconds: float
    cpu: float


@dataclass(frozen=True)
class Receiver:
    """An AcmeCo that listens on a port, and the key that Alloy signs with."""

    port: int
    key: RSAPrivateKey
    stack: Stack

    def order(self) -> bytes:
        """Return a signed order that was never sent before, as the bytes of an HTTP request."""
        body = _order()
        url = f"http://localhost:{self.port}{PATH}"
        signature = self.key.sign(b"POST" + url.encode() + body, PKCS1v15(), SHA256())
        return post(PATH, body, signature=signature.hex())

    def plain_order(self) -> bytes:
        """Return an order for the view that does one INSERT."""
        return self.order().replace(PATH.encode(), PLAIN_PATH)

    def process(self) -> Processed:
        """Have one worker process all that was accepted."""
        return Processed(*inside(self.stack, "bench.posting:process"))


@contextmanager
def receiver(*, postgres: bool) -> Iterator[Receiver]:
    """Start AcmeCo's web server with a merchant in it, Redis, and no worker: that is not measured.

    PostgreSQL keeps what it confirms, as in production.
    """
    key = generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with serving(always(whole(pem))) as alloy:
        environment = {**settings_of_bench("views"), "ALLOY_SANDBOX_URL": alloy.origin}
        with Stack(postgres=postgres, durable=True, environment=environment) as stack:
            stack.start("redis", *(["postgres"] if postgres else []))
            stack.manage("migrate")
            inside(stack, "bench.posting:sign_up", USER_ID)
            stack.start("web")
            yield Receiver(stack.port, key, stack)


def sign_up(user_id: str) -> None:
    """Add a merchant whom Alloy knows by this id."""
    from accounts.models import User
    from integrations.models import AlloyUser
    from integrations.tenants.sign_up import provision

    alloy_user = provision(tenant=User.objects.create_user("merchant@shop.example"))
    AlloyUser.objects.filter(pk=alloy_user.pk).update(user_id=user_id)


def process() -> Processed:
    """Process what waits as a worker does."""
    from integrations import inbox
    from integrations.models import Delivery

    Delivery.objects.filter(environment="plain").delete()
    began, before = perf_counter(), process_time()
    count = inbox.sweep(seconds=600)
    return Processed(count, perf_counter() - began, process_time() - before)


def forged() -> bytes:
    """Return an order whose signature looks like one, and is none."""
    return post(PATH, _order(), signature=f"{next(_numbers):0512x}")


def post(path: str, body: bytes, *, signature: str) -> bytes:
    """Return the bytes of an HTTP request."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nX-Alloy-Signature: {signature}\r\n\r\n"
    )
    return head.encode() + body


def send(port: int, requests: Iterable[bytes], *, connections: int, rate: float = 0) -> Answers:
    """Send all requests over so many connections, each one as soon as the last was answered.

    With a rate, so many a second at most; the time to an answer counts from when it was due.
    """
    answers, began = Answers(), perf_counter()
    # No generator: the threads share it, and one would be executing when another asks.
    due = map(lambda number: began + number / rate if rate else 0.0, count())  # noqa: C417
    waiting = zip(due, requests, strict=False)
    with ThreadPoolExecutor(connections) as pool:
        for each in [pool.submit(_send_some, port, waiting, answers) for _ in range(connections)]:
            each.result()
    answers.lasted = perf_counter() - began
    return answers


def _send_some(port: int, waiting: Iterator[tuple[float, bytes]], answers: Answers) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        for due, request in waiting:
            time.sleep(max(0.0, due - perf_counter()))
            began = due or perf_counter()
            answers.statuses[_ask(connection, request)] += 1
            answers.seconds.append(perf_counter() - began)


def _ask(connection: socket.socket, request: bytes) -> int:
    """Send one request and return the status of its answer, once that has come whole."""
    connection.sendall(request)
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    missing = int(length[1]) - len(body) if length else 0
    while missing > 0:
        missing -= len(_some(connection))
    return int(head[9:12])


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("The server hung up in mid-answer.")
    return data


def _order() -> bytes:
    return json.dumps({**ORDER, "id": next(_numbers)}).encode()
