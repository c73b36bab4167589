"""The Connectivity client: what each method puts on the wire, and what it makes of the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import responses

from integrations.alloy import (
    AlloyError,
    BadAnswer,
    CredentialGone,
    Hosts,
    NotFound,
    ProviderBusy,
    ProviderDenied,
    ProviderError,
    RateLimited,
    Refused,
    ServerFault,
    Unauthorized,
)
from integrations.contrib.connectivity.client import ConnectivityClient
from tests.integrations.alloy.conftest import API_KEY

Method = Callable[[ConnectivityClient], Any]

BASE = "http://alloy.test"
CREDENTIALS = "/connectors/notion/credentials"
EXECUTE = "/connectors/notion/actions/post-page/execute"
BACK = "https://acme.example/back/"
NOTION: dict[str, Any] = {"connector": "notion", "user_id": "u1"}
CREDENTIAL = {"credentialId": "67a37f29e0aa276e50d7253a", "type": "notion-oauth2"}
PAGE = {"object": "page", "id": "p1"}
NOTIONS_OWN = {"object": "error", "status": 400, "code": "validation_error", "message": "No title"}
GONE = "Credential not found"


@pytest.fixture
def connectivity() -> Iterator[ConnectivityClient]:
    """A client whose calls `responses` answers."""
    with responses.mock:
        yield ConnectivityClient(api_key=API_KEY, hosts=Hosts.at(BASE))


def execute(client: ConnectivityClient, **parts: Any) -> Any:
    return client.execute(**NOTION, action="post-page", credential_id="c1", **parts)


def refused(status: int, code: str | None, message: str, **more: Any) -> dict[str, Any]:
    """Return what Alloy answers where it refuses a call."""
    error = {"code": code, "message": message, **more}
    return {"status": status, "json": {"error": error, "message": message, "code": code}}


def action_failed(status: int, details: Any, message: str = "x") -> dict[str, Any]:
    """Return what Alloy answers where the service refuses an action."""
    return refused(status, "ACTION_FAILED", message, details=details)


def given_back(data: Any) -> dict[str, Any]:
    """Return what Alloy answers with status 200, whatever the service said."""
    return {"json": {"responseData": data}}


CALLS: list[tuple[Method, str, str, dict[str, Any] | None, Any]] = [
    (lambda c: c.list_connectors(), "GET", "/connectors", None, {"connectors": []}),
    (
        lambda c: c.list_authentications(connector="notion"),
        *("GET", f"{CREDENTIALS}/metadata", None),
        {"metadata": [{"authenticationType": "oauth2"}]},
    ),
    (
        lambda c: c.create_credential(**NOTION, redirect_uri=BACK),
        *("POST", CREDENTIALS),
        {"userId": "u1", "authenticationType": "oauth2", "redirectUri": BACK},
        {"oauthUrl": "https://api.runalloy.com/api/strategy"},
    ),
    (
        lambda c: c.list_connector_credentials(**NOTION),
        *("GET", CREDENTIALS, None),
        {"credentials": [CREDENTIAL]},
    ),
    (
        lambda c: c.delete_connector_credential(**NOTION, credential_id="c1"),
        *("DELETE", f"{CREDENTIALS}/c1", None),
        {"success": True},
    ),
    (
        lambda c: execute(c, body={"a": 1}, path={"b": "2"}, query={"c": 3}, headers={"D": "4"}),
        *("POST", EXECUTE),
        {
            "credentialId": "c1",
            "requestBody": {"a": 1},
            "pathParams": {"b": "2"},
            "queryParameters": {"c": 3},
            "additionalHeaders": {"D": "4"},
        },
        {"executionId": "e1", "status": "completed", "responseData": PAGE},
    ),
    (execute, "POST", EXECUTE, {"credentialId": "c1"}, {"success": True, "result": PAGE}),
]


@pytest.mark.parametrize(("call", "method", "path", "body", "answer"), CALLS)
def test_what_a_call_becomes_on_the_wire(
    connectivity: ConnectivityClient,
    call: Method,
    method: str,
    path: str,
    body: dict[str, Any] | None,
    answer: Any,
) -> None:
    responses.add(method, BASE + path, json=answer)
    made = call(connectivity)
    request = responses.calls[0].request
    if path.endswith(("/credentials/c1", "/execute")):
        assert request.headers["x-alloy-userid"] == "u1"
    assert made == PAGE or not path.endswith("/execute")
    assert request.headers["Authorization"] == f"Bearer {API_KEY}"
    assert request.headers["x-api-version"] == "2025-09"
    assert (json.loads(request.body) if request.body else None) == body


@pytest.mark.parametrize(
    ("answer", "kind", "status", "detail"),
    [
        (action_failed(400, NOTIONS_OWN), ProviderError, 400, "No title"),
        (action_failed(401, {"message": "Bad token"}), ProviderDenied, 401, "Bad token"),
        (action_failed(429, {}, "Slow down"), ProviderBusy, 429, "Slow down"),
        (refused(503, None, "Down", details={"code": "x"}), ProviderBusy, 503, "Down"),
        (refused(400, "INVALID_INPUT", GONE), CredentialGone, 400, GONE),
        (refused(404, "NOT_FOUND", GONE), CredentialGone, 404, GONE),
        (refused(400, "INVALID_INPUT", "Bad id"), Refused, 400, "Bad id"),
        (refused(404, "ACTION_NOT_FOUND", "No action"), NotFound, 404, "No action"),
        (refused(401, "UNAUTHORIZED", "Bad key"), Unauthorized, 401, "Bad key"),
        (refused(429, "RATE_LIMIT", "Wait"), RateLimited, 429, "Wait"),
        ({"status": 502, "body": "<html>", "content_type": "text/html"}, ServerFault, 502, ""),
        (
            {"json": {"status": "failed", "responseData": NOTIONS_OWN}},
            *(ProviderError, 200, "No title"),
        ),
        ({"json": {"success": False, "error": "It broke"}}, ProviderError, 200, "It broke"),
        (given_back(NOTIONS_OWN), ProviderError, 200, "No title"),
        (given_back({"status": "error", "category": "RATE_LIMITS"}), ProviderBusy, 200, ""),
        (
            given_back({"error": {"errors": [{"reason": "rateLimitExceeded"}]}}),
            *(ProviderBusy, 200, ""),
        ),
        (given_back({"ok": False, "error": "no_text"}), ProviderError, 200, "no_text"),
        (
            given_back({"errors": [{"message": "bad query"}], "data": None}),
            *(ProviderError, 200, "bad query"),
        ),
        ({"json": {"something": "else"}}, BadAnswer, 200, ""),
        ({"json": []}, BadAnswer, 200, ""),
    ],
)
def test_every_refusal_is_told_from_the_others(
    connectivity: ConnectivityClient,
    answer: dict[str, Any],
    kind: type[AlloyError],
    status: int,
    detail: str,
) -> None:
    responses.add("POST", BASE + EXECUTE, **answer)
    with pytest.raises(AlloyError) as raised:
        execute(connectivity)
    assert type(raised.value) is kind
    assert (raised.value.status, raised.value.detail) == (status, detail)


def test_data_beside_graphql_errors_are_data(connectivity: ConnectivityClient) -> None:
    data = {"errors": [{"message": "one field"}], "data": {"orders": {"edges": []}}}
    responses.add("POST", BASE + EXECUTE, json={"success": True, "result": data})
    assert execute(connectivity) == data


def test_what_a_service_says_is_cleaned_masked_and_bounded(
    connectivity: ConnectivityClient,
) -> None:
    said = f"\x1b[31m{API_KEY} Bearer abc\n{'x' * 5000}"
    responses.add("POST", BASE + EXECUTE, **action_failed(400, {"message": said}))
    with pytest.raises(ProviderError) as raised:
        execute(connectivity)
    assert API_KEY not in str(raised.value)
    assert "abc" not in raised.value.detail
    assert raised.value.detail.isprintable()
    assert len(raised.value.detail) == 300


def test_a_busy_service_says_how_long_to_wait(connectivity: ConnectivityClient) -> None:
    responses.add("POST", BASE + EXECUTE, headers={"Retry-After": "12"}, **action_failed(429, {}))
    with pytest.raises(ProviderBusy) as raised:
        execute(connectivity)
    assert raised.value.retry_after == 12.0


def test_an_address_to_send_the_browser_to_is_never_shown(connectivity: ConnectivityClient) -> None:
    secret = "https://api.runalloy.com/api/strategy?token=secret"
    responses.add("POST", BASE + CREDENTIALS, json={"oauthUrl": secret})
    new = connectivity.create_credential(**NOTION, redirect_uri=BACK)
    assert "secret" not in repr(new)
    assert new.oauth_url is not None
    assert new.oauth_url.get_secret_value() == secret


@pytest.mark.parametrize(
    "answer", [{}, {"oauthUrl": "javascript:alert(1)"}, {"oauthUrl": "//x"}, {"credentialId": 7}]
)
def test_an_answer_that_leads_nowhere_is_refused(
    connectivity: ConnectivityClient, answer: dict[str, Any]
) -> None:
    responses.add("POST", BASE + CREDENTIALS, json=answer)
    with pytest.raises(BadAnswer):
        connectivity.create_credential(**NOTION, redirect_uri=BACK)


def test_what_has_to_be_known_first_is_read_from_the_schema(
    connectivity: ConnectivityClient,
) -> None:
    shop = {"properties": {"shopName": {"description": "Its name"}}, "required": ["shopName"]}
    schema = {"type": "object", "properties": {"userId": {}, "data": shop}}
    metadata = {"metadata": [{"authenticationType": "oauth2", "inputSchema": schema}]}
    responses.add("GET", f"{BASE}/connectors/shopify/credentials/metadata", json=metadata)
    (way,) = connectivity.list_authentications(connector="shopify")
    assert way.questions == {"shopName": "Its name"}


def test_a_version_before_the_connectivity_api_is_refused() -> None:
    with pytest.raises(ValueError, match="begins with version 2025-06"):
        ConnectivityClient(api_key=API_KEY, hosts=Hosts.at(BASE), version="2023-12")


@pytest.mark.parametrize(
    ("url", "is_alloys"),
    [
        ("https://api.runalloy.com/api/strategy/connector/notion/authorize?token=x", True),
        ("https://production.runalloy.com/", True),
        ("http://api.runalloy.com/", False),
        ("https://runalloy.com.evil.example/", False),
        ("https://evil.example/https://api.runalloy.com/", False),
        ("https://api.runalloy.com@evil.example/", False),
        ("https://api.runalloy.com:8443/", False),
    ],
)
def test_only_alloys_own_consent_pages_are_followed(url: str, is_alloys: bool) -> None:
    assert Hosts.for_region("us").include(url) is is_alloys


def test_a_sandboxs_consent_pages_are_at_its_own_origin_only() -> None:
    hosts = Hosts.at("http://localhost:8001")
    assert hosts.include("http://localhost:8001/api/strategy")
    assert not hosts.include("https://api.runalloy.com/")
    assert hosts.consent_source == "http://localhost:8001"
