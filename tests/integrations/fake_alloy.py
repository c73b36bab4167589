"""An Alloy in this very process, for the faults and the timing that no other process can make.

It answers a handful of endpoints, remembers every call, and misbehaves when told to.
"""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """A request as it came in."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Json

    @property
    def idempotency_key(self) -> str:
        return self.headers.get("Idempotency-Key", "")


@dataclass(frozen=True)
class Reply:
    """What goes back. `drop`: act on the request, then hang up without a word."""

    status: int = 200
    body: Json | str = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False


Fault = Reply | Callable[[Call], Reply | None]


class FakeAlloy:
    """Users, tokens, integrations and events of one Alloy account."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self._lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self.calls: list[Call] = []
            self.accepted: list[Call] = []
            self.users: dict[str, str] = {}
            self.gone: set[str] = set()
            self.integrations: list[Json] = []
            self.faults: deque[tuple[str, Fault]] = deque()
            self.always: dict[str, Fault] = {}

    def fail(self, path: str, *faults: Fault) -> None:
        """Answer the next calls whose path ends like this with these faults, one each."""
        with self._lock:
            self.faults.extend((path, fault) for fault in faults)

    def fail_always(self, path: str, fault: Fault) -> None:
        """Answer every call whose path ends like this with the fault, until `behave`."""
        with self._lock:
            self.always[path] = fault

    def behave(self) -> None:
        """Forget all faults."""
        with self._lock:
            self.faults.clear()
            self.always.clear()

    def calls_to(self, path: str) -> list[Call]:
        """Return the calls whose path ends like this."""
        return [call for call in self.calls if call.path.endswith(path)]

    @property
    def events(self) -> list[Json]:
        """Return the data of every event taken, in the order they were."""
        return [call.body["data"] for call in self.accepted if call.path.endswith("/run/event")]

    def answer(self, call: Call) -> Reply:
        with self._lock:
            self.calls.append(call)
            fault = self._fault(call)
        reply = fault(call) if callable(fault) else fault
        if reply is not None and not reply.drop:
            return reply
        with self._lock:
            usual = self._usual(call)
            self.accepted.append(call)
        return reply or usual

    def _fault(self, call: Call) -> Fault | None:
        for index, (path, fault) in enumerate(self.faults):
            if call.path.endswith(path):
                del self.faults[index]
                return fault
        return next((it for path, it in self.always.items() if call.path.endswith(path)), None)

    def _usual(self, call: Call) -> Reply:
        match call.method, call.path.strip("/").split("/")[1:]:
            case "POST", ["users"]:
                return self._create(call.body["username"])
            case "POST", ["users", "batch"]:
                return self._create_many(call.body["users"])
            case "GET", ["users"]:
                known = [{"userId": self.users[name], "username": name} for name in self.users]
                return Reply(body={"data": known})
            case "GET", ["users", name]:
                user_id = self.users.get(name) or self._existing(name)
                body = {"userId": user_id, "username": name}
                return Reply(body=body) if user_id else Reply(404, {"message": "User not found"})
            case "GET", ["users", _, "token"]:
                return Reply(body={"token": "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyIjoxfQ.c2VjcmV0"})
            case "GET", []:
                return Reply(body={"connectors": []})
            case "GET", ["integrations"]:
                return Reply(body={"data": self.integrations})
            case "PUT", ["workflows", _, "upgrade"]:
                return Reply(body={"upgraded": True})
            case "POST", ["run", "event"]:
                return Reply(body={"message": "ok"})
        return Reply(404, {"message": "Not found"})

    def _existing(self, user_id: str) -> str:
        """Return the id if it is one: whoever was not deleted here is taken to be known."""
        is_id = re.fullmatch("[0-9a-f]{24}", user_id)
        return user_id if is_id and user_id not in self.gone else ""

    def _create(self, username: str) -> Reply:
        if username in self.users:
            return Reply(422, {"message": "Username already exists"})
        self.users[username] = f"{len(self.users) + 1:024x}"
        return Reply(body={"userId": self.users[username]})

    def _create_many(self, users: list[Json]) -> Reply:
        invalid = [user for user in users if self._create(user["username"]).status != 200]
        if len(invalid) == len(users):
            return Reply(400, {"message": "No valid users provided"})
        return Reply(body={"message": "success", "invalidUsers": invalid})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet, else every answer waits for a delayed ACK
    alloy: FakeAlloy

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        call = Call(
            method=self.command,
            path=unquote(parts.path),
            query=parse_qs(parts.query),
            headers=dict(self.headers.items()),
            body=json.loads(self.rfile.read(length) or b"{}"),
        )
        reply = self.alloy.answer(call)
        if reply.drop:
            self.close_connection = True
            return
        text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = do_PUT = do_DELETE = _handle

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """A client that hung up is part of the tests."""


@contextmanager
def serving() -> Iterator[FakeAlloy]:
    """Run a fake Alloy for as long as the block lasts."""

    class Handler(_Handler):
        """One of this server's own."""

    with _Server(("127.0.0.1", 0), Handler) as server:
        Handler.alloy = alloy = FakeAlloy(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield alloy
        server.shutdown()
