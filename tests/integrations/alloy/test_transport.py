"""The transport against real sockets: deadlines, limits, dropped and stale connections, forks."""

from __future__ import annotations

import gzip
import logging
import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.alloy import InvalidRequest, Timeouts, Transport, Unreachable
from integrations.alloy.call import Answer, Call
from integrations.alloy.deadline import _Socket
from integrations.alloy.errors import AlloyError
from tests.integrations.alloy.servers import OK, Behaviour, Server, always, once, serving, whole

pytestmark = pytest.mark.scenario(19)

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def get(origin: str, transport: Transport | None = None, **seconds: float) -> Answer:
    call = Call(method="GET", base=origin, route="/x")
    return (transport or Transport()).send(call, timeouts=Timeouts(**seconds))


def post(origin: str, transport: Transport | None = None, **seconds: float) -> Answer:
    call = Call(method="POST", base=origin, route="/run/event", body={"event": "e"})
    return (transport or Transport()).send(call, timeouts=Timeouts(**seconds))


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A port that refuses connections, and goes on doing so: it is taken, but nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


def test_where_nothing_was_sent_trying_again_can_help_and_nothing_is_ambiguous(
    monkeypatch: pytest.MonkeyPatch, deaf_port: int
) -> None:
    with pytest.raises(Unreachable) as refused:
        post(f"http://localhost:{deaf_port}")
    monkeypatch.setattr(socket, "getaddrinfo", Mock(side_effect=socket.gaierror("unknown")))
    with pytest.raises(Unreachable) as unknown:
        post("http://alloy.invalid")
    for error in (refused.value, unknown.value):
        assert (error.can_retry, error.ambiguous) == (True, False)


def test_every_address_of_a_host_is_tried(monkeypatch: pytest.MonkeyPatch, deaf_port: int) -> None:
    with serving(always(whole())) as server:
        addresses = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
            for port in (deaf_port, server.port)
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: addresses)
        assert get("http://alloy.test").json() == {"message": "ok"}


def test_connecting_to_many_deaf_addresses_ends_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    attempts = []

    class Deaf(socket.socket):
        def connect(self, _address: object) -> None:
            attempts.append(self.gettimeout())
            threading.Event().wait(self.gettimeout())
            raise TimeoutError

    monkeypatch.setattr("integrations.alloy.deadline._Socket.connect", Deaf.connect)
    addresses = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 9))] * 100
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: addresses)
    with pytest.raises(Unreachable) as unreachable:
        get("http://alloy.test", connect=0.1, total=1)
    assert not unreachable.value.ambiguous
    assert 0 < len(attempts) < 100


def test_a_request_leaves_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    sent, sendall = [], _Socket.sendall

    def spy(self: _Socket, data: bytes) -> None:
        sent.append(data)
        sendall(self, data)

    monkeypatch.setattr(_Socket, "sendall", spy)
    with serving(always(whole())) as server:
        post(server.origin)
    [request] = sent
    assert request.startswith(b"POST /run/event ")
    assert request.endswith(b'{"event":"e"}')


def dripping(drips: bytes, at_once: bytes = b"") -> Behaviour:
    """Take a request and answer it a byte at a time, which takes four seconds."""

    def behaviour(server: Server, connection: socket.socket) -> None:
        server.receive(connection)
        connection.sendall(at_once)
        server.drip(connection, drips)

    return behaviour


def silent(server: Server, connection: socket.socket) -> None:
    server.receive(connection)
    server.stopping.wait()


UNFINISHED: dict[str, tuple[Behaviour, dict[str, float]]] = {
    "nothing within the read timeout": (silent, {"read": 0.1, "total": 60}),
    "nothing within the deadline": (silent, {"total": 0.1}),
    "cut short": (once(HEAD + b"Content-Length: 500\r\n\r\n" + OK), {}),
    "dropped once the request was taken": (once(b""), {}),
    "all of it byte by byte": (
        dripping(whole(extra=b"X-Slow: " + b"." * 200 + b"\r\n")),
        {"total": 1},
    ),
    "a header byte by byte": (dripping(b"." * 200, HEAD + b"X-Slow: "), {"total": 1}),
    "the body byte by byte": (
        dripping(b'{"message":"' + b"." * 186 + b'"}', HEAD + b"Content-Length: 200\r\n\r\n"),
        {"total": 1},
    ),
    "chunks byte by byte": (
        dripping(b"1\r\n \r\n" * 40 + b"0\r\n\r\n", CHUNKED),
        {"total": 1},
    ),
    "interim answers": (dripping(b"HTTP/1.1 100 Continue\r\n\r\n" * 8 + whole()), {"total": 1}),
}


@pytest.mark.parametrize(("behaviour", "timeouts"), UNFINISHED.values(), ids=UNFINISHED)
def test_a_post_that_is_not_answered_in_full_and_in_time_is_ambiguous_and_not_repeated(
    behaviour: Behaviour, timeouts: dict[str, float]
) -> None:
    with serving(behaviour) as server, pytest.raises(Unreachable) as unfinished:
        post(server.origin, None, **timeouts)
    assert unfinished.value.ambiguous
    assert len(server.requests) == 1


def test_what_the_network_has_not_delivered_by_the_deadline_never_arrives() -> None:
    ended, found = threading.Event(), list[object]()

    def behaviour(server: Server, connection: socket.socket) -> None:
        ended.wait()
        try:
            while piece := connection.recv(65536):
                found.append(len(piece))
        except ConnectionResetError as reset:
            found.append(reset)
            raise

    body = {"event": "e" * 20_000_000}
    with serving(behaviour) as server:
        call = Call(base=server.origin, method="POST", route="/run/event", body=body)
        with pytest.raises(Unreachable) as given_up:
            Transport().send(call, timeouts=Timeouts(total=0.5))
    ended.set()
    assert server.hung_up.acquire(timeout=60)
    assert given_up.value.ambiguous
    assert isinstance(found[-1], ConnectionResetError)


def test_a_get_that_fails_on_a_fresh_connection_is_not_repeated_nor_ever_ambiguous() -> None:
    with serving(once(b"")) as server, pytest.raises(Unreachable) as dropped:
        get(server.origin)
    assert (len(server.requests), dropped.value.ambiguous) == (1, False)


def drops_the_second_request(server: Server, connection: socket.socket) -> None:
    """Answer the first request of a connection, take the second, and hang up on it."""
    server.receive(connection)
    connection.sendall(whole())
    server.receive(connection)


def test_a_get_on_a_stale_connection_is_made_once_more() -> None:
    transport = Transport()
    with serving(drops_the_second_request) as server:
        get(server.origin, transport)
        assert get(server.origin, transport).ok
        assert server.connections == 2
        assert len(server.requests) == 3


def test_a_post_on_a_stale_connection_is_not_repeated() -> None:
    transport = Transport()
    with serving(drops_the_second_request) as server:
        post(server.origin, transport)
        with pytest.raises(Unreachable) as dropped:
            post(server.origin, transport)
        assert dropped.value.ambiguous
        assert len(server.requests) == 2


def test_a_connection_the_peer_closed_long_ago_is_replaced_even_for_a_post() -> None:
    transport = Transport()
    with serving(once(whole())) as server:
        post(server.origin, transport)
        server.hung_up.acquire()
        assert post(server.origin, transport).ok
        assert len(server.requests) == 2


def test_connections_are_kept_and_shared_by_threads() -> None:
    transport = Transport()
    with serving(always(whole())) as server, ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: get(server.origin, transport).ok, range(100)))
        assert all(answers)
        assert server.connections <= 4


@pytest.mark.parametrize("endless", [b"0" * 500_000, b"0\r\n" + b"x" * 500_000])
def test_an_endless_line_between_or_behind_chunks_is_not_read_to_its_end(endless: bytes) -> None:
    with serving(once(CHUNKED + endless)) as server, pytest.raises(Unreachable):
        get(server.origin)


def test_a_compressed_answer_is_read() -> None:
    zipped = whole(gzip.compress(OK), extra=b"Content-Encoding: gzip\r\n")
    with serving(always(zipped)) as server:
        assert get(server.origin).body == OK


def test_the_proxy_and_netrc_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, deaf_port: int, tmp_path: object
) -> None:
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:
        file.write("machine localhost login mallory password stolen\n")
    monkeypatch.setenv("NETRC", netrc)
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{deaf_port}")
    with serving(always(whole())) as server:
        assert get(server.origin).ok
        assert b"Authorization" not in server.requests[0]


def test_cookies_are_not_kept() -> None:
    transport = Transport()
    with serving(always(whole(extra=b"Set-Cookie: session=tenant-1; Path=/\r\n"))) as server:
        get(server.origin, transport)
        get(server.origin, transport)
        assert not any(b"cookie" in request.lower() for request in server.requests)


@pytest.mark.parametrize("given_id", ["abc-123", "a\r\nX-Evil: 1", "ü", "x" * 500, ""])
def test_headers_name_the_client_and_a_correlation_id_that_can_be_one(given_id: str) -> None:
    transport = Transport(correlation_id=lambda: given_id)
    sent = given_id if given_id == "abc-123" else None
    with serving(always(whole())) as server:
        assert get(server.origin, transport).request_id == sent
        assert b"User-Agent: python-alloy/1.0\r\n" in server.requests[0]
        assert (b"X-Request-ID: abc-123\r\n" in server.requests[0]) == bool(sent)
        assert (b"X-Request-ID" in server.requests[0]) == bool(sent)


def test_a_header_that_breaks_out_of_its_line_is_never_sent() -> None:
    call = Call(method="GET", base="http://localhost:1", route="/x", headers={"A": "b\r\nC: d"})
    with pytest.raises(InvalidRequest, match="printable"):
        Transport().send(call)


def test_the_hook_hears_of_answers_and_of_failures(deaf_port: int) -> None:
    heard = []
    transport = Transport(on_response=lambda *facts: heard.append(facts[:3]))
    with serving(always(whole(head=b"HTTP/1.1 503 No"))) as server:
        get(server.origin, transport)
    with pytest.raises(Unreachable):
        get(f"http://localhost:{deaf_port}", transport)
    assert heard == [("GET", "/x", 503), ("GET", "/x", None)]


def test_a_broken_hook_does_not_break_the_call(caplog: pytest.LogCaptureFixture) -> None:
    broken = Mock(side_effect=RuntimeError("no metrics today"))
    with serving(always(whole())) as server:
        assert get(server.origin, Transport(on_response=broken)).ok
    assert "on_response" in caplog.text


def test_logs_name_the_route_and_no_ids(caplog: pytest.LogCaptureFixture) -> None:
    path = {"user_id": "jane@example.com"}
    with caplog.at_level(logging.DEBUG, "integrations.alloy"), serving(always(whole())) as server:
        call = Call(method="GET", base=server.origin, route="/users/{user_id}", path=path)
        Transport().send(call)
    ours = [record.message for record in caplog.records if record.name.startswith("integrations")]
    assert any("GET /users/{user_id} -> 200" in message for message in ours)
    assert "jane" not in "".join(ours)


def test_a_forked_child_opens_its_own_connections() -> None:
    transport = Transport()
    with serving(always(whole())) as server:
        get(server.origin, transport)
        child = os.fork()
        if not child:
            os._exit(0 if get(server.origin, transport).ok else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert get(server.origin, transport).ok
        assert server.connections == 2


SHARED = Transport()  # opening one for each example would take most of the time


@given(st.binary(max_size=300), st.booleans())
def test_whatever_bytes_come_back_the_only_errors_are_alloys(data: bytes, headed: bool) -> None:
    answer = b"HTTP/1.1 200 OK\r\n" + data if headed else data
    with serving(once(answer)) as server, suppress(AlloyError):
        get(server.origin, SHARED).json()
