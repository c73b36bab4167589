"""A client of the sandbox's control plane: what a merchant, a store or a bad network would do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import urlencode

import requests

Json = dict[str, Any]


class Sandbox:
    """A running sandbox, at its origin. Every method raises requests.HTTPError when refused."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def reset(self) -> None:
        """Forget everything but the seeds."""
        self._call("POST", "reset")

    def install(self, user_id: str, integration_id: str) -> Json:
        """Do what finishing the modal does, webhook included."""
        body = {"userId": user_id, "integrationId": integration_id}
        return self._call("POST", "installations", body)

    def place_order(self, user_id: str, **fields: Any) -> Json:
        """Place an order in a merchant's store; answer it, with its `id`."""
        return self._call("POST", f"stores/{user_id}/orders", fields)

    def orders(self, user_id: str) -> list[Json]:
        """Return the orders as the merchant's store holds them."""
        return cast(list[Json], self._call("GET", f"stores/{user_id}/orders")["data"])

    def release(self, workflow_id: str, *configurable_fields: Json) -> Json:
        """Release a new version of a workflow: with these fields, or with those it had."""
        body = {"configurableFields": list(configurable_fields)} if configurable_fields else {}
        return self._call("POST", f"workflows/{workflow_id}/releases", body)

    def fail_a_run(self, workflow_id: str, user_id: str, *, error: str, data: Json) -> None:
        """Make a failed run up: its log, its error and its webhook."""
        body = {"userId": user_id, "error": error, "data": data}
        self._call("POST", f"workflows/{workflow_id}/executions", body)

    def misbehave(self, path: str, **fault: Any) -> Json:
        """Misbehave on a path: `status`, `delayMs` or `drop`, so many `times` or at a `rate`."""
        return self._call("POST", "faults", {"path": path, **fault})

    def behave(self) -> None:
        """Behave again."""
        self._call("DELETE", "faults")

    def requests(self) -> list[Json]:
        """Return every API call received."""
        return cast(list[Json], self._call("GET", "requests")["data"])

    def webhooks(self) -> list[Json]:
        """Return every webhook delivered."""
        return cast(list[Json], self._call("GET", "webhooks")["data"])

    def all_webhooks(self, kind: str) -> Iterator[Json]:
        """Yield every webhook of a kind ("order", "installation", "error"), oldest first."""
        yield from self._pages("webhooks", kind=kind)

    def events(self) -> Iterator[Json]:
        """Yield every custom event that was accepted, in the order in which they were."""
        yield from self._pages("events")

    def events_accepted(self) -> int:
        """Return how many custom events were accepted since the last reset."""
        newest = self._call("GET", "events?limit=1")["data"]
        return int(newest[0]["id"]) if newest else 0

    def user_id_of(self, username: str) -> str:
        """Return the userId of a user, known by the user name."""
        return str(self._ask_alloy(f"users/{username}")["userId"])

    def integrations_of(self, user_id: str) -> list[Json]:
        """Return the integrations as `GET /integrations` shows them to a user."""
        return cast(list[Json], self._ask_alloy(f"integrations?userId={user_id}")["data"])

    def connect(self, user_id: str, connector: str, account: str = "") -> str:
        """Do what allowing access on the consent page does; return the credential's id."""
        body = {"connectorId": connector, **({"account": account} if account else {})}
        return str(self._call("POST", f"connections/{user_id}", body)["credentialId"])

    def revoke(self, user_id: str, credential_id: str) -> None:
        """Take a credential back, as somebody at the service would."""
        self._call("DELETE", f"connections/{user_id}/{credential_id}")

    def contents(self, user_id: str, connector: str, what: str) -> list[Json]:
        """Return everything of a kind ("pages", "files", ...) in a user's accounts at a service."""
        accounts = self._call("GET", f"connections/{user_id}/{connector}")["data"]
        return [each for account in accounts for each in account[what]]

    def archive_page(self, page_id: str, *, archived: bool = True) -> None:
        """Move a Notion page to the trash, or back."""
        self._call("PUT", f"notion/pages/{page_id}", {"archived": archived})

    def delete_page(self, page_id: str) -> None:
        """Delete a Notion page for good."""
        self._call("DELETE", f"notion/pages/{page_id}")

    def let_service_fail(self, connector: str, **failure: Any) -> None:
        """Let a service fail in its own words: `status`, so many `times`, `retryAfter`."""
        self._call("POST", f"connectors/{connector}/failures", failure)

    def answer_executions(self, form: str) -> None:
        """Answer executions as the "live" API does, or as it is "documented"."""
        self._call("PUT", "preferences", {"executeForm": form})

    def consent(self, page: str, *, account: str = "") -> str:
        """Allow on a consent page, or deny without an account; return where it leads back to."""
        answer = {"answer": "allow", "account": account} if account else {"answer": "deny"}
        response = self._session.post(page, data=answer, allow_redirects=False, timeout=30)
        response.raise_for_status()
        return str(response.headers["Location"])

    def redeliver(self, webhook_id: str) -> None:
        """Send a webhook once more."""
        self._call("POST", f"webhooks/{webhook_id}/redeliver")

    def sign(self, url: str, body: str) -> str:
        """Return the signature of a webhook that somebody else is going to post."""
        return str(self._call("POST", "signatures", {"url": url, "body": body})["signature"])

    def post_to(self, **destinations: str) -> None:
        """Set the URLs of `installations`, `orders` and `errors`."""
        self._call("PUT", "destinations", destinations)

    def _pages(self, path: str, **filters: str) -> Iterator[Json]:
        after = 0
        while page := self._call("GET", f"{path}?{urlencode({**filters, 'after': after})}")["data"]:
            yield from page
            after = page[-1]["id"]

    def _ask_alloy(self, path: str) -> Json:
        response = self._session.get(
            f"{self.url}/{path}", headers={"Authorization": "Bearer sandbox_tests"}, timeout=30
        )
        response.raise_for_status()
        return cast(Json, response.json())

    def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        response = self._session.request(
            method, f"{self.url}/_sandbox/{path}", json=body, timeout=30
        )
        response.raise_for_status()
        return cast(Json, response.json()) if response.content else {}
