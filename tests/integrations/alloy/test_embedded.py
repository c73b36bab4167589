"""The Embedded client: what each method puts on the wire, and what it makes of the answer."""

from __future__ import annotations

import json
import traceback
from types import TracebackType
from typing import Any, NamedTuple

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

Json = dict[str, Any]
BASE = "http://alloy.test/2023-12"


class Endpoint(NamedTuple):
    """A method of the client with its arguments, what it is to send, and an answer to that."""

    method: str
    arguments: Json
    request: str
    body: Json | None
    payload: Json

    def call(self, client: AlloyClient) -> Any:
        return getattr(client, self.method)(**self.arguments)

    def is_answered(self, status: int = 200, **payload: Any) -> None:
        """Have Alloy answer the request, whatever its query, with this."""
        verb, _, path = self.request.partition(" ")
        responses.add(verb, BASE + path.partition("?")[0], status=status, json=payload)


USER = {"user_id": "u1"}
WORKFLOW = {"workflow_id": "w1", **USER}
CREDENTIAL = {"credential_id": "c1", **USER}
SENT_WORKFLOW = {"workflowId": "w1", "userId": "u1"}
EVENT = {"event": "Paid", "data": {"orderId": "1"}}
BATCH = {"users": [{"username": "a", "fullName": "A"}, {"username": "b"}]}
LATER_ERRORS = {**WORKFLOW, "page": 2, "limit": 500, "errors_only": True}
ENDPOINTS = [
    Endpoint("create_user", {"username": "j"}, "POST /users", {"username": "j"}, {"userId": "u1"}),
    Endpoint(
        *("create_user", {"username": "jane", "full_name": "Jane"}, "POST /users"),
        *({"username": "jane", "fullName": "Jane"}, {"userId": "u1"}),
    ),
    Endpoint(
        *("create_users_batch", {"users": [("a", "A"), ("b", "")]}, "POST /users/batch", BATCH),
        {"message": "success", "invalidUsers": [{"fullName": "Missing Username"}]},
    ),
    Endpoint("get_user", {"user_id": "j@x"}, "GET /users/j%40x", None, samples.USER),
    Endpoint("delete_user", USER, "DELETE /users/u1", None, {"success": True}),
    Endpoint("delete_user_logs", USER, "DELETE /users/u1/logs", None, {"message": "Success"}),
    Endpoint("user_token", USER, "GET /users/u1/token", None, {"token": "X.Y.Z"}),
    Endpoint(
        *("list_integrations", USER, "GET /integrations?userId=u1", None),
        {"data": [samples.INTEGRATION_2023]},
    ),
    Endpoint(
        *("install_link", {"integration_id": "i1", **USER}),
        *("GET /users/u1/integrations/i1/install-url", None),
        {"url": "https://app.runalloy.com/embedded-install?token=X"},
    ),
    Endpoint(
        *("workflow_versions", WORKFLOW, "GET /workflows/w1/versions?userId=u1", None),
        {"data": [samples.VERSION]},
    ),
    Endpoint(
        *("activate", WORKFLOW, "PUT /workflows/activate", SENT_WORKFLOW), {"activated": True}
    ),
    Endpoint(
        *("deactivate", WORKFLOW, "PUT /workflows/deactivate", SENT_WORKFLOW), {"activated": False}
    ),
    Endpoint(
        "deactivate_all", USER, "PUT /users/u1/deactivate-workflows", None, {"message": "Success"}
    ),
    Endpoint("upgrade", WORKFLOW, "PUT /workflows/w1/upgrade?userId=u1", None, {"upgraded": True}),
    Endpoint(
        "delete_workflow", WORKFLOW, "DELETE /workflows/w1?userId=u1", None, {"deleted": True}
    ),
    Endpoint("list_events", {}, "GET /events", None, {"data": [samples.EVENT]}),
    Endpoint(
        "run_event",
        {**EVENT, **USER},
        "POST /run/event",
        {**EVENT, "userId": "u1"},
        {"message": ""},
    ),
    Endpoint(
        *("workflow_logs", WORKFLOW, "GET /workflows/w1/logs?userId=u1&page=0&limit=10", None),
        {"data": [samples.EXECUTION_2025]},
    ),
    Endpoint(
        *("workflow_logs", LATER_ERRORS),
        "GET /workflows/w1/logs?userId=u1&page=2&limit=30&error=true",
        *(None, {"data": []}),
    ),
    Endpoint(
        *("workflow_errors", {"workflow_id": "w1"}, "GET /workflows/w1/errors", None),
        {"data": [samples.ERROR]},
    ),
    Endpoint(
        *("rerun", {**WORKFLOW, "execution_id": "e1"}, "POST /workflows/w1/rerun/e1?userId=u1"),
        *(None, {"message": "success", "executionUuid": "e2"}),
    ),
    Endpoint(
        *("list_credentials", USER, "GET /users/u1/credentials", None),
        {"data": [samples.CREDENTIAL]},
    ),
    Endpoint(
        *("delete_credential", CREDENTIAL, "DELETE /users/u1/credentials/c1", None),
        {"success": True},
    ),
]
BY_METHOD = {each.method: each for each in ENDPOINTS}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda it: it.request)
@responses.activate
def test_each_method_is_one_documented_request(client: AlloyClient, endpoint: Endpoint) -> None:
    endpoint.is_answered(**endpoint.payload)
    endpoint.call(client)
    (call,) = responses.calls
    assert call.request.url == BASE + endpoint.request.partition(" ")[2]
    assert call.request.headers["Authorization"] == f"Bearer {API_KEY}"
    assert (json.loads(call.request.body) if call.request.body else None) == endpoint.body


def refusal(status: int, body: bytes = b"", extra: bytes = b"") -> Behaviour:
    return always(whole(body, head=b"HTTP/1.1 %d No" % status, extra=extra))


FAULTS: list[tuple[Behaviour, type[AlloyError]]] = [
    (refusal(401, b'{"message":"Unauthorized"}'), Unauthorized),
    (refusal(404), NotFound),
    (refusal(422, b'{"message":"No"}'), Refused),
    (refusal(429), RateLimited),
    (refusal(429, extra=b"Retry-After: 30\r\n"), RateLimited),
    (refusal(500, b"Internal"), ServerFault),
    (always(whole(b"<html>Sorry</html>", extra=b"Content-Type: text/html\r\n")), BadAnswer),
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
        for endpoint in ENDPOINTS:
            with pytest.raises(kind):
                endpoint.call(client)


STRICT = [
    each
    for each in ENDPOINTS
    if not {"data", "message"} & {*each.payload} and each.payload != {"activated": False}
]


@pytest.mark.parametrize("endpoint", STRICT, ids=lambda it: it.request)
@responses.activate
def test_a_good_status_without_what_is_relied_on_is_a_bad_answer(
    client: AlloyClient, endpoint: Endpoint
) -> None:
    endpoint.is_answered(message="Username already exists")
    with pytest.raises(BadAnswer):
        endpoint.call(client)


@pytest.mark.parametrize(
    ("method", "payload", "kind"),
    [
        ("delete_user", {"success": False}, Refused),
        ("delete_user_logs", {"success": False, "message": "busy"}, Refused),
        ("activate", {"activated": False}, Refused),
        ("delete_workflow", {"deleted": False}, Refused),
        ("upgrade", {"upgraded": False, "message": "It has new fields."}, UpgradeRefused),
    ],
)
@responses.activate
def test_a_good_status_that_says_no_is_a_refusal(
    client: AlloyClient, method: str, payload: Json, kind: type[AlloyError]
) -> None:
    BY_METHOD[method].is_answered(**payload)
    with pytest.raises(kind):
        BY_METHOD[method].call(client)


@pytest.mark.parametrize("status", [400, 409, 422])
@pytest.mark.parametrize(
    ("method", "message", "kind"),
    [
        ("create_user", "Username already exists", UsernameTaken),
        ("create_user", "username is taken", UsernameTaken),
        ("create_user", "username is required", Refused),
        ("upgrade", "It has new configurable fields.", UpgradeRefused),
    ],
)
@responses.activate
def test_a_taken_username_and_a_refused_upgrade_have_their_own_errors(
    client: AlloyClient, status: int, method: str, message: str, kind: type[AlloyError]
) -> None:
    BY_METHOD[method].is_answered(status, message=message)
    with pytest.raises(AlloyError) as refused:
        BY_METHOD[method].call(client)
    assert (type(refused.value), refused.value.status) == (kind, status)
    assert refused.value.detail == message


@pytest.mark.parametrize(
    ("payload", "done"),
    [({"upgraded": True}, True), ({"upgraded": False}, False), ({"activated": True}, True)],
)
@responses.activate
def test_an_upgrade_says_whether_there_was_anything_newer(
    client: AlloyClient, payload: Json, done: bool
) -> None:
    BY_METHOD["upgrade"].is_answered(**payload)
    assert BY_METHOD["upgrade"].call(client).done is done


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
