from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import requests

from tests.conftest import Json, Sandbox

BACK = "http://localhost:9/integrations/connections/callback/my-own-state/"


@dataclass
class Connection:
    """One user's connected account, and the actions on it."""

    sandbox: Sandbox
    user_id: str
    connector: str
    credential_id: str

    def try_to(self, action: str, body: Any = None, **where: Any) -> requests.Response:
        """Execute the action; `path` and `query` hold its parameters."""
        call = {
            "credentialId": self.credential_id,
            "requestBody": body,
            "pathParams": where.get("path"),
            "queryParameters": where.get("query"),
        }
        path = f"/connectors/{self.connector}/actions/{action}/execute"
        call = {name: value for name, value in call.items() if value is not None}
        return self.sandbox.call("POST", path, call, headers={"x-alloy-userid": self.user_id})

    def do(self, action: str, body: Any = None, **where: Any) -> Any:
        """Return the service's JSON; the action must succeed."""
        response = self.try_to(action, body, **where)
        assert response.status_code == 200, response.text
        answer = response.json()
        assert set(answer) == {"executionId", "status", "responseData"}
        assert answer["status"] == "completed"
        return answer["responseData"]

    def refused(self, action: str, body: Any = None, **where: Any) -> tuple[int, Json]:
        """Return the status and the service's own error; the action must fail."""
        response = self.try_to(action, body, **where)
        answer = response.json()
        assert answer["code"] == answer["error"]["code"] == "ACTION_FAILED", answer
        assert answer["message"] == answer["error"]["message"]
        return response.status_code, answer["error"]["details"]


def credentials(sandbox: Sandbox, user_id: str, connector: str) -> list[Json]:
    """List as the client must: with the user's id in the header."""
    path = f"/connectors/{connector}/credentials"
    found: list[Json] = sandbox.call("GET", path, headers={"x-alloy-userid": user_id}).json()[
        "credentials"
    ]
    return found


def consent_page(
    sandbox: Sandbox, user_id: str, connector: str = "notion", back: str = BACK, **data: str
) -> str:
    """Return the address to send the user's browser to."""
    body = {"userId": user_id, "authenticationType": "oauth2", "redirectUri": back, "data": data}
    url: str = sandbox.send("POST", f"/connectors/{connector}/credentials", body)["oauthUrl"]
    return url


def answer(sandbox: Sandbox, url: str, **answers: str) -> requests.Response:
    """Send the consent page's form, without following to the app."""
    return sandbox.session.post(url, data=answers, allow_redirects=False, timeout=20)


def connect(sandbox: Sandbox, user_id: str, connector: str, account: str) -> Connection:
    """Go through the consent page, and find the new credential as an app does: by comparing."""
    known = {each["credentialId"] for each in credentials(sandbox, user_id, connector)}
    data = {"shopName": account} if connector == "shopify" else {}
    url = consent_page(sandbox, user_id, connector, **data)
    assert answer(sandbox, url, answer="allow", account=account).status_code == 302
    found = [each["credentialId"] for each in credentials(sandbox, user_id, connector)]
    (new,) = set(found) - known
    return Connection(sandbox, user_id, connector, new)


@pytest.fixture
def notion(sandbox: Sandbox, user_id: str) -> Connection:
    return connect(sandbox, user_id, "notion", "Acme HQ")
