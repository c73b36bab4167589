"""A real sandbox over real HTTP, and somebody who receives its webhooks."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, settings

from alloy_sandbox.testing import running
from tests.browsing import chromium, context, page

__all__ = ["chromium", "context", "page"]

# A busy machine must not make a property look broken.
settings.register_profile(
    "sandbox",
    max_examples=100 if os.environ.get("FULL_SIZE") == "1" else 25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("sandbox")

KEY = "sandbox_key-of-the-tests"
BIGCOMMERCE = "63ea758e82c3074141968bb9"
ORDER_CREATED = "63ea75a2fcf2e2c72e805ddc"
STATUS_UPDATE = "632531cf3beb6c98611abd09"

PATIENCE = 120.0
"""Seconds after which an answer or a webhook is taken for lost: far more than it needs."""

Json = dict[str, Any]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what needs the browser last: its event loop would keep Django's ORM from working."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


class Sandbox:
    """A running sandbox: Alloy's API with a key, and the control calls."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.session = requests.Session()
        self.session.trust_env = False

    def call(
        self, method: str, path: str, json: Any = None, *, key: str = KEY, **kwargs: Any
    ) -> requests.Response:
        """Call Alloy's API as the ISV's server does."""
        headers = {"Authorization": f"bearer {key}", **kwargs.pop("headers", {})}
        return self.session.request(
            method, self.origin + path, json=json, headers=headers, timeout=PATIENCE, **kwargs
        )

    def get(self, path: str, **params: Any) -> Any:
        """Return the JSON of a GET that must succeed."""
        return self._succeed(self.call("GET", path, params=params))

    def send(self, method: str, path: str, json: Any = None) -> Any:
        """Return the JSON of a call that must succeed."""
        return self._succeed(self.call(method, path, json))

    def control(self, method: str, path: str, json: Any = None) -> Any:
        """Return the JSON of a control call that must succeed."""
        url = f"{self.origin}/_sandbox/{path}"
        return self._succeed(self.session.request(method, url, json=json, timeout=PATIENCE))

    def answer(self, method: str, path: str, json: Any = None, **kwargs: Any) -> tuple[int, Any]:
        """Return the status and the JSON of a call, whatever they are."""
        response = self.call(method, path, json, **kwargs)
        return response.status_code, response.json()

    def new_user(self, username: str = "gregg") -> str:
        user_id: str = self.send("POST", "/users", {"username": username})["userId"]
        return user_id

    def install(self, user_id: str, integration_id: str = BIGCOMMERCE) -> Json:
        body = {"userId": user_id, "integrationId": integration_id}
        installed: Json = self.control("POST", "installations", body)
        return installed

    def workflow(self, user_id: str, workflow_id: str = STATUS_UPDATE) -> Json:
        found: Json = self.get(f"/workflows/{workflow_id}", userId=user_id)["data"]
        return found

    def run(self, user_id: str, order_id: Any, status: str, **kwargs: Any) -> requests.Response:
        """Send the event of the quick start."""
        data = {"orderId": order_id, "status": status}
        body = {"event": "Fulfillment Updated", "userId": user_id, "data": data}
        return self.call("POST", "/run/event", body, **kwargs)

    @staticmethod
    def _succeed(response: requests.Response) -> Any:
        assert response.status_code == 200, f"{response.status_code}: {response.text}"
        return response.json()


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """An ISV's webhook endpoint: keeps what comes, answers what it is told to."""

    url: str
    statuses: list[int] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def take(self, request: Received) -> int:
        with self.arrived:
            self.received.append(request)
            self.arrived.notify_all()
            return self.statuses.pop(0) if self.statuses else 200

    def wait_for(self, count: int) -> list[Received]:
        """Return what came once there are so many; fail when they do not come."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.received) >= count, timeout=PATIENCE)
            return list(self.received)


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[str]:
    """Start one sandbox for all tests, and return its origin."""
    with running(environment={"SANDBOX_WEBHOOK_BACKOFF": "0.05,0.05,0.05"}) as origin:
        yield origin


@pytest.fixture
def sandbox(sandbox_process: str) -> Iterator[Sandbox]:
    """Return the sandbox, as new."""
    sandbox = Sandbox(sandbox_process)
    sandbox.control("POST", "reset")
    with sandbox.session:
        yield sandbox


@pytest.fixture
def user_id(sandbox: Sandbox) -> str:
    return sandbox.new_user()


@pytest.fixture
def installed_user(sandbox: Sandbox, user_id: str) -> str:
    """Return a user who has installed BigCommerce."""
    sandbox.install(user_id)
    return user_id


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Listen for webhooks."""
    receiver = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.take(Received(self.path, dict(self.headers), body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield receiver
        server.shutdown()


@pytest.fixture
def wait_until() -> Callable[[Callable[[], Any]], Any]:
    """Return a function that polls until its argument returns something true."""

    def wait(condition: Callable[[], Any]) -> Any:
        ends = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert time.monotonic() < ends, f"It did not happen within {PATIENCE:.0f} seconds"
            time.sleep(0.05)
        return found

    return wait
