"""A sandbox for tests, in any Python project: as a pytest fixture, or as a context manager.

    from alloy_sandbox.testing import sandbox  # in conftest.py: the fixture

    def test_a_merchant_connects(sandbox):
        user_id = sandbox.call("POST", "/users", {"username": "mia"})["userId"]
        sandbox.install(user_id, "63ea758e82c3074141968bb9")

One is started on a free port, at the first test that asks for it, and is as new in each. Nothing of
it runs in the test's own process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import urllib3

Json = dict[str, Any]

KEY = "sandbox_tests"
SECONDS = 60.0


class RefusedError(Exception):
    """The sandbox answered something else than success; `status` and `body` are its answer."""

    def __init__(self, what: str, status: int, body: str) -> None:
        super().__init__(f"{what} was answered {status}: {body[:500]}")
        self.status, self.body = status, body


class Sandbox:
    """A running sandbox, at its origin: Alloy's API, and what else happens in Alloy's world.

    Every method raises `RefusedError` when it is refused.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._connections = urllib3.PoolManager(retries=False, timeout=SECONDS)

    def close(self) -> None:
        """Give the connections back."""
        self._connections.clear()

    def call(self, method: str, path: str, body: Any = None, *, key: str = KEY) -> Any:
        """Call Alloy's API, as the ISV's server does; return the JSON."""
        return self._send(method, path, body, {"Authorization": f"Bearer {key}"})

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Make one of the control calls, such as `control("POST", "links", {...})`."""
        return self._send(method, f"/_sandbox/{path}", body, {})

    def reset(self) -> None:
        """Forget everything but the catalogue that it began with."""
        self.control("POST", "reset")

    def declare(self, **catalogue: Any) -> None:
        """Add `events`, `integrations` or `connectors` to the catalogue."""
        self.control("POST", "catalogue", catalogue)

    def install(self, user_id: str, integration_id: str) -> Json:
        """Do what finishing the modal does, webhook included."""
        body = {"userId": user_id, "integrationId": integration_id}
        installed: Json = self.control("POST", "installations", body)
        return installed

    def place_order(self, user_id: str, **fields: Any) -> Json:
        """Place an order in a merchant's store; answer it, with its `id`."""
        order: Json = self.control("POST", f"stores/{_part(user_id)}/orders", fields)
        return order

    def orders(self, user_id: str) -> list[Json]:
        """Return the orders as the merchant's store holds them."""
        return self._data(f"stores/{_part(user_id)}/orders")

    def release(self, workflow_id: str, *configurable_fields: Json) -> Json:
        """Release a new version of a workflow: with these fields, or with those it had."""
        body = {"configurableFields": list(configurable_fields)} if configurable_fields else {}
        released: Json = self.control("POST", f"workflows/{workflow_id}/releases", body)
        return released

    def fail_a_run(self, workflow_id: str, user_id: str, *, error: str, data: Json) -> None:
        """Make a failed run up: its log, its error and its webhook."""
        body = {"userId": user_id, "error": error, "data": data}
        self.control("POST", f"workflows/{workflow_id}/executions", body)

    def misbehave(self, path: str, **fault: Any) -> Json:
        """Misbehave on a path: `status`, `delayMs` or `drop`, so many `times` or at a `rate`."""
        made: Json = self.control("POST", "faults", {"path": path, **fault})
        return made

    def behave(self) -> None:
        """Behave again."""
        self.control("DELETE", "faults")

    def requests(self) -> list[Json]:
        """Return every API call received."""
        return self._data("requests")

    def webhooks(self) -> list[Json]:
        """Return every webhook delivered."""
        return self._data("webhooks")

    def all_webhooks(self, kind: str) -> Iterator[Json]:
        """Yield every webhook of a kind ("order", "installation", "error"), oldest first."""
        yield from self._pages("webhooks", kind=kind)

    def events(self) -> Iterator[Json]:
        """Yield every custom event that was accepted, in the order in which they were."""
        yield from self._pages("events")

    def events_accepted(self) -> int:
        """Return how many custom events were accepted since the last reset."""
        newest = self._data("events?limit=1")
        return int(newest[0]["id"]) if newest else 0

    def user_id_of(self, who: str) -> str:
        """Return the userId of the user with this user name, or this in the full name; or ""."""
        users = self.call("GET", "/users")["data"]
        found = [each for each in users if who == each["username"] or who in each["fullName"]]
        return str(found[0]["userId"]) if found else ""

    def integrations_of(self, user_id: str) -> list[Json]:
        """Return the integrations as `GET /integrations` shows them to a user."""
        found: list[Json] = self.call("GET", f"/integrations?userId={_part(user_id)}")["data"]
        return found

    def connect(self, user_id: str, connector: str, account: str = "") -> str:
        """Do what allowing access on the consent page does; return the credential's id."""
        body = {"connectorId": connector, **({"account": account} if account else {})}
        return str(self.control("POST", f"connections/{_part(user_id)}", body)["credentialId"])

    def revoke(self, user_id: str, credential_id: str) -> None:
        """Take a credential back, as somebody at the service would."""
        self.control("DELETE", f"connections/{_part(user_id)}/{credential_id}")

    def contents(self, user_id: str, connector: str, what: str) -> list[Json]:
        """Return everything of a kind ("pages", "files", ...) in a user's accounts at a service."""
        accounts = self._data(f"connections/{_part(user_id)}/{connector}")
        return [each for account in accounts for each in account[what]]

    def archive_page(self, page_id: str, *, archived: bool = True) -> None:
        """Move a Notion page to the trash, or back."""
        self.control("PUT", f"notion/pages/{page_id}", {"archived": archived})

    def delete_page(self, page_id: str) -> None:
        """Delete a Notion page for good."""
        self.control("DELETE", f"notion/pages/{page_id}")

    def let_service_fail(self, connector: str, **failure: Any) -> None:
        """Let a service fail in its own words: `status`, so many `times`, `retryAfter`."""
        self.control("POST", f"connectors/{connector}/failures", failure)

    def answer_executions(self, form: str) -> None:
        """Answer executions as the "live" API does, or as it is "documented"."""
        self.control("PUT", "preferences", {"executeForm": form})

    def consent(self, page: str, *, account: str = "") -> str:
        """Allow on a consent page, or deny without an account; return where it leads back to."""
        answer = {"answer": "allow", "account": account} if account else {"answer": "deny"}
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        sent = urlencode(answer).encode()
        response = self._connections.request("POST", page, body=sent, headers=form, redirect=False)
        if response.status != 302:
            raise RefusedError(f"The consent page {page}", response.status, response.data.decode())
        return response.headers["Location"]

    def redeliver(self, webhook_id: str) -> None:
        """Send a webhook once more."""
        self.control("POST", f"webhooks/{webhook_id}/redeliver")

    def sign(self, url: str, body: str, method: str = "POST") -> str:
        """Return the signature of a webhook that somebody else is going to post."""
        request = {"url": url, "body": body, "method": method}
        return str(self.control("POST", "signatures", request)["signature"])

    def post_to(self, **destinations: str) -> None:
        """Set the URLs of `installations`, `orders` and `errors`."""
        self.control("PUT", "destinations", destinations)

    def _data(self, path: str) -> list[Json]:
        found: list[Json] = self.control("GET", path)["data"]
        return found

    def _pages(self, path: str, **filters: str) -> Iterator[Json]:
        after = 0
        while page := self._data(f"{path}?{urlencode({**filters, 'after': after})}"):
            yield from page
            after = page[-1]["id"]

    def _send(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Any:
        url = f"{self.url}/{path.lstrip('/')}"
        response = self._connections.request(
            method,
            url,
            body=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **headers},
        )
        if response.status != 200:
            raise RefusedError(f"{method} {path}", response.status, response.data.decode())
        return json.loads(response.data)


def _part(text: str) -> str:
    """Return a text as one part of an address: a username may have a slash in it."""
    return quote(text, safe="")


@contextmanager
def running(*options: str, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run a sandbox on a free port, with these command-line options; yield its origin.

    It ends with the context, and with the process that opened it, however that ends.
    """
    process = subprocess.Popen(  # noqa: S603 -- ours
        [sys.executable, "-m", "alloy_sandbox", "--port=0", "--quiet", "--attached", *options],
        env={**os.environ, **(environment or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None  # noqa: S101 -- it is a pipe
        try:
            origin = process.stdout.readline().strip()
            if not origin.startswith("http"):
                raise RuntimeError(f"alloy-sandbox did not start: {origin or 'see above'}")
            yield origin
        finally:
            process.terminate()


def _sandbox(request: Any) -> Iterator[Sandbox]:
    """A sandbox that holds nothing but its catalogue."""
    if "origin" not in _started:
        context = ExitStack()
        _started["origin"] = context.enter_context(running())
        request.config.add_cleanup(context.close)
    sandbox = Sandbox(_started["origin"])
    sandbox.reset()
    yield sandbox
    sandbox.close()


_started: dict[str, str] = {}


def __getattr__(name: str) -> Any:
    """Have the fixture without importing pytest where nobody asks for it."""
    if name != "sandbox":
        raise AttributeError(name)
    import pytest

    return pytest.fixture(_sandbox, name=name)
