"""The Embedded client: what each method puts on the wire, and what it makes of the answer."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

import pytest
import responses

from integrations.alloy import (
    AlloyClient,
    AlloyError,
    BadAnswer,
    Hosts,
    NotFound,
    RateLimited,
    Refused,
    ServerFault,
    Unauthorized,
    Unreachable,
    UpgradeRefused,
    UsernameTaken,
)
from tests.integrations.alloy import samples
from tests.integrations.alloy.conftest import API_KEY
from tests.integrations.alloy.servers import Behaviour, always, once, serving, whole

Method = Callable[[AlloyClient], Any]

ENDPOINTS: list[tuple[Method, str, dict[str, Any] | None, Any]] = [
    (
        lambda c: c.create_user(username="jane", full_name="Jane"),
        "POST /users",
        {"username": "jane", "fullName": "Jane"},
        {"userId": "u1"},
    ),
    (
        lambda c: c.create_user(username="jane"),
        "POST /users",
        {"username": "jane"},
        {"userId": "u1"},
    ),
    (
        lambda c: c.create_users_batch(users=[("a", "A"), ("b", "")]),
        "POST /users/batch",
        {"users": [{"username": "a", "fullName": "A"}, {"username": "b"}]},
        {"message": "success", "invalidUsers": [{"fullName": "Missing Username"}]},
    ),
    (
        lambda c: c.get_user(user_id="jane@example.com"),
        "GET /users/jane%40example.com",
        None,
        samples.USER,
    ),
    (lambda c: c.delete_user(user_id="u1"), "DELETE /users/u1", None, {"success": True}),
    (
        lambda c: c.delete_user_logs(user_id="u1"),
        "DELETE /users/u1/logs",
        None,
        {"message": "Success"},
    ),
    (lambda c: c.user_token(user_id="u1"), "GET /users/u1/token", None, {"token": "X.Y.Z"}),
    (
        lambda c: c.list_integrations(user_id="u1"),
        "GET /integrations?userId=u1",
        None,
        {"data": [samples.INTEGRATION_2023]},
    ),
    (
        lambda c: c.install_link(integration_id="i1", user_id="u1"),
        "GET /users/u1/integrations/i1/install-url",
        None,
        {"url": "https://app.runalloy.com/embedded-install?token=X"},
    ),
    (
        lambda c: c.workflow_versions(workflow_id="w1", user_id="u1"),
        "GET /workflows/w1/versions?userId=u1",
        None,
        {"data": [samples.VERSION]},
    ),
    (
        lambda c: c.activate(workflow_id="w1", user_id="u1"),
        "PUT /workflows/activate",
        {"userId": "u1", "workflowId": "w1"},
        {"activated": True},
    ),
    (
        lambda c: c.deactivate(workflow_id="w1", user_id="u1"),
        "PUT /workflows/deactivate",
        {"userId": "u1", "workflowId": "w1"},
        {"activated": False},
    ),
    (
        lambda c: c.deactivate_all(user_id="u1"),
        "PUT /users/u1/deactivate-workflows",
        None,
        {"message": "Success"},
    ),
    (
        lambda c: c.upgrade(workflow_id="w1", user_id="u1"),
        "PUT /workflows/w1/upgrade?userId=u1",
        None,
        {"upgraded": True},
    ),
    (
        lambda c: c.delete_workflow(workflow_id="w1", user_id="u1"),
        "DELETE /workflows/w1?userId=u1",
        None,
        {"deleted": True},
    ),
    (lambda c: c.list_events(), "GET /events", None, {"data": [samples.EVENT]}),
    (
        lambda c: c.run_event(event="Paid", user_id="u1", data={"orderId": "1"}),
        "POST /run/event",
        {"event": "Paid", "userId": "u1", "data": {"orderId": "1"}},
        {"message": "Event successfully triggered"},
    ),
    (
        lambda c: c.workflow_logs(workflow_id="w1", user_id="u1"),
        "GET /workflows/w1/logs?userId=u1&page=0&limit=10",
        None,
        {"data": [samples.EXECUTION_2025]},
    ),
    (
        lambda c: c.workflow_logs(
            workflow_id="w1", user_id="u1", page=2, limit=500, errors_only=True
        ),
        "GET /workflows/w1/logs?userId=u1&page=2&limit=30&error=true",
        None,
        {"data": []},
    ),
    (
        lambda c: c.workflow_errors(workflow_id="w1"),
        "GET /workflows/w1/errors",
        None,
        {"data": [samples.ERROR]},
    ),
    (
        lambda c: c.rerun(workflow_id="w1", execution_id="e1", user_id="u1"),
        "POST /workflows/w1/rerun/e1?userId=u1",
        None,
        {"message": "success", "executionUuid": "e2"},
    ),
    (
        lambda c: c.list_credentials(user_id="u1"),
        "GET /users/u1/credentials",
        None,
        {"data": [samples.CREDENTIAL]},
    ),
    (
        lambda c: c.delete_credential(user_id="u1", credential_id="c1"),
        "DELETE /users/u1/credentials/c1",
        None,
        {"success": True},
    ),
]


@pytest.mark.parametrize(
    ("method", "wire", "body", "payload"),
    ENDPOINTS,
    ids=lambda it: None if callable(it) else str(it)[:50],
)
@responses.activate
def test_each_method_is_one_documented_request(
    client: AlloyClient, method: Method, wire: str, body: dict[str, Any] | None, payload: Any
) -> None:
    verb, _, path = wire.partition(" ")
    responses.add(verb, f"http://alloy.test/2023-12{path.partition('?')[0]}", json=payload)
    method(client)
    (call,) = responses.calls
    assert call.request.url == f"http://alloy.test/2023-12{path}"
    assert call.request.headers["Authorization"] == f"Bearer {API_KEY}"
    assert (json.loads(call.request.body) if call.request.body else None) == body


UNAUTHORIZED = b'{"message":"Unauthorized"}'
HTML = b"Content-Type: text/html\r\n"
FAULTS: list[tuple[Behaviour, type[AlloyError]]] = [
    (always(whole(UNAUTHORIZED, head=b"HTTP/1.1 401 No")), Unauthorized),
    (always(whole(b"", head=b"HTTP/1.1 404 No")), NotFound),
    (always(whole(b'{"message":"No"}', head=b"HTTP/1.1 422 No")), Refused),
    (always(whole(b"", head=b"HTTP/1.1 429 No")), RateLimited),
    (always(whole(b"", head=b"HTTP/1.1 429 No", extra=b"Retry-After: 30\r\n")), RateLimited),
    (always(whole(b"Internal", head=b"HTTP/1.1 500 No")), ServerFault),
    (always(whole(b"<html>Sorry</html>", extra=HTML)), BadAnswer),
    (always(whole(b"")), BadAnswer),
    (always(whole(b'{"data": [{"userId": "u')), BadAnswer),
    (always(whole(b"5")), BadAnswer),
    (once(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{}"), Unreachable),
    (once(b""), Unreachable),
]


@pytest.mark.parametrize(("fault", "kind"), FAULTS)
def test_every_method_answers_every_fault_with_a_typed_error(
    fault: Behaviour, kind: type[AlloyError]
) -> None:
    with serving(fault) as server:
        client = AlloyClient(api_key=API_KEY, hosts=Hosts.at(server.origin))
        for method, *_ in ENDPOINTS:
            with pytest.raises(kind):
                method(client)


@responses.activate
def test_a_wait_that_alloy_asks_for_is_passed_on(client: AlloyClient) -> None:
    url = "http://alloy.test/2023-12/run/event"
    responses.post(url, status=429, headers={"Retry-After": "30"})
    with pytest.raises(RateLimited) as limited:
        client.run_event(event="Paid", user_id="u1", data={})
    assert limited.value.retry_after == 30.0


STRICT = [
    endpoint
    for endpoint in ENDPOINTS
    if not isinstance(endpoint[3].get("data"), list)
    and "message" not in endpoint[3]
    and endpoint[3] != {"activated": False}
]


@pytest.mark.parametrize("endpoint", STRICT, ids=lambda it: it[1])
@responses.activate
def test_a_good_status_without_what_is_relied_on_is_a_bad_answer(
    client: AlloyClient, endpoint: tuple[Method, str, Any, Any]
) -> None:
    method, wire, *_ = endpoint
    verb, _, path = wire.partition(" ")
    url = f"http://alloy.test/2023-12{path.partition('?')[0]}"
    responses.add(verb, url, json={"message": "Username already exists"})
    with pytest.raises(BadAnswer):
        method(client)


@pytest.mark.parametrize(
    ("method", "url", "payload"),
    [
        (lambda c: c.delete_user(user_id="u1"), "DELETE /users/u1", {"success": False}),
        (
            lambda c: c.delete_user_logs(user_id="u1"),
            "DELETE /users/u1/logs",
            {"success": False, "message": "busy"},
        ),
        (
            lambda c: c.activate(workflow_id="w1", user_id="u1"),
            "PUT /workflows/activate",
            {"activated": False},
        ),
        (
            lambda c: c.delete_workflow(workflow_id="w1", user_id="u1"),
            "DELETE /workflows/w1",
            {"deleted": False},
        ),
    ],
)
@responses.activate
def test_a_good_status_that_says_no_is_a_refusal(
    client: AlloyClient, method: Method, url: str, payload: Any
) -> None:
    verb, path = url.split(" ")
    responses.add(verb, f"http://alloy.test/2023-12{path}", json=payload)
    with pytest.raises(Refused):
        method(client)


@pytest.mark.parametrize("status", [400, 409, 422])
@pytest.mark.parametrize("message", ["Username already exists", "username is taken"])
@responses.activate
def test_a_taken_username_has_its_own_error(client: AlloyClient, status: int, message: str) -> None:
    responses.post("http://alloy.test/2023-12/users", status=status, json={"message": message})
    with pytest.raises(UsernameTaken) as taken:
        client.create_user(username="jane")
    assert (taken.value.status, taken.value.detail) == (status, message)


@responses.activate
def test_another_refusal_to_create_a_user_is_not_taken_for_a_taken_name(
    client: AlloyClient,
) -> None:
    refusal = {"message": "username is required"}
    responses.post("http://alloy.test/2023-12/users", status=400, json=refusal)
    with pytest.raises(Refused) as refused:
        client.create_user(username="")
    assert not isinstance(refused.value, UsernameTaken)


@pytest.mark.parametrize("status", [400, 409, 422])
@responses.activate
def test_a_refused_upgrade_has_its_own_error(client: AlloyClient, status: int) -> None:
    url = "http://alloy.test/2023-12/workflows/w1/upgrade"
    responses.put(url, status=status, json={"message": "It has new configurable fields."})
    with pytest.raises(UpgradeRefused, match="configurable fields"):
        client.upgrade(workflow_id="w1", user_id="u1")


@responses.activate
def test_an_upgrade_refused_with_a_good_status_has_it_too(client: AlloyClient) -> None:
    payload = {"upgraded": False, "message": "It has new configurable fields."}
    responses.put("http://alloy.test/2023-12/workflows/w1/upgrade", json=payload)
    with pytest.raises(UpgradeRefused):
        client.upgrade(workflow_id="w1", user_id="u1")


@pytest.mark.parametrize(
    ("payload", "done"),
    [({"upgraded": True}, True), ({"upgraded": False}, False), ({"activated": True}, True)],
)
@responses.activate
def test_an_upgrade_says_whether_there_was_anything_newer(
    client: AlloyClient, payload: Any, done: bool
) -> None:
    responses.put("http://alloy.test/2023-12/workflows/w1/upgrade", json=payload)
    assert client.upgrade(workflow_id="w1", user_id="u1").done is done


@responses.activate
def test_an_event_carries_its_idempotency_key(client: AlloyClient) -> None:
    responses.post("http://alloy.test/2023-12/run/event", json={})
    client.run_event(event="Paid", user_id="u1", data={}, idempotency_key="7f9c")
    assert responses.calls[0].request.headers["Idempotency-Key"] == "7f9c"


@responses.activate
def test_versions_since_2025_are_a_header_at_another_host() -> None:
    hosts = Hosts.for_region("us")
    client = AlloyClient(api_key=API_KEY, hosts=hosts, version="2025-09")
    responses.get("https://production.runalloy.com/users/u1", json=samples.USER)
    client.get_user(user_id="u1")
    assert responses.calls[0].request.headers["x-api-version"] == "2025-09"


@pytest.mark.parametrize("key", ["", "with space", "line\nbreak", "schlüssel"])
def test_a_key_that_cannot_be_a_header_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ValueError, match="API key") as refused:
        AlloyClient(api_key=key, hosts=Hosts.for_region("us"))
    assert not key or key not in str(refused.value)


def test_a_version_that_is_no_version_is_refused() -> None:
    with pytest.raises(ValueError, match="2023-12"):
        AlloyClient(api_key=API_KEY, hosts=Hosts.for_region("us"), version="v1")


def test_a_client_in_a_hurry_gives_up_sooner_and_the_original_does_not() -> None:
    def slow(server: Any, connection: Any) -> None:
        server.receive(connection)
        server.stopping.wait(0.5)
        connection.sendall(whole(json.dumps(samples.USER).encode()))

    with serving(slow) as server:
        client = AlloyClient(api_key=API_KEY, hosts=Hosts.at(server.origin))
        with pytest.raises(Unreachable):
            client.within(0.1).get_user(user_id="u1")
        assert client.get_user(user_id="u1").username == "jane@example.com"


def test_the_key_is_shown_nowhere(client: AlloyClient) -> None:
    assert repr(client) == "AlloyClient(host='http://alloy.test', version='2023-12')"
    assert API_KEY not in repr(vars(client))


@pytest.mark.parametrize("fault", [b"", whole(b"", head=b"HTTP/1.1 500 No"), whole(b"?")])
def test_no_crash_report_can_show_the_key(fault: bytes) -> None:
    """Crash reports and debug pages show each frame's variables: the key must be in none."""
    with serving(once(fault)) as server:
        client = AlloyClient(api_key=API_KEY, hosts=Hosts.at(server.origin))
        with pytest.raises(AlloyError) as raised:
            client.create_user(username="jane")
    shown = "".join(traceback.format_exception(raised.value))
    shown += "".join(_variables(raised.value.__traceback__))
    assert "create_user" in shown
    assert API_KEY not in shown


def _variables(frame: TracebackType | None) -> list[str]:
    """Return each frame's function and variables, but for the test's own frame on top."""
    shown = []
    while frame and (frame := frame.tb_next):
        shown.append(f"{frame.tb_frame.f_code.co_name} {frame.tb_frame.f_locals!r}")
    return shown


def test_one_connection_serves_many_calls() -> None:
    with serving(always(whole(json.dumps(samples.USER).encode()))) as server:
        client = AlloyClient(api_key=API_KEY, hosts=Hosts.at(server.origin))
        for _ in range(20):
            client.get_user(user_id="u1")
            client.within(1).get_user(user_id="u1")
        assert server.connections == 1
