"""What is refused, with which status, and what the message names; nothing of it is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import BIGCOMMERCE, ORDER_CREATED, STATUS_UPDATE, Json, Sandbox

HUGE = 10**30
EVENT = "Fulfillment Updated"
AUTHORIZE = {"authenticationType": "oauth2", "redirectUri": "http://localhost:9/back/"}
SEARCH = "/connectors/notion/actions/post-search/execute"
NOTION = "/connectors/notion/credentials"
UPDATE = f"/workflows/{STATUS_UPDATE}"
FLOW = {"name": "W"}
NEW_APP = {"app": "X", "connector": "x"}


def integration(**declared: Any) -> Json:
    return {"integrations": [{**NEW_APP, **declared}]}


def told(message: str, code: str = "", *fields: str) -> Json:
    """Return a whole answer: with a code, as the Connectivity API has it beside the older form."""
    if not code:
        return {"message": message}
    error: Json = {"code": code, "message": message}
    if fields:
        error["details"] = [{"message": message, "properties": list(fields)}]
    return {"code": code, "message": message, "error": error}


def invalid(field: str, why: str = "is required") -> Json:
    return told(f"{field} {why}", "INVALID_INPUT", field)


Case = tuple[str, str, Any, int, str | Json]
"""A call, its status, and the whole answer or a part of the message."""

TAKEN = told("Username already exists")
NO_USERS = told("No valid users provided")
NO_USER = told("User not found")
NO_CREDENTIAL = told("Credential not found", "INVALID_INPUT")
NO_CONNECTOR = told("Connector 'nothing' not found", "CONNECTOR_NOT_FOUND")
NO_ID, NO_URL = "must be a valid ID", "must be an absolute http or https URL"

USERS: dict[str, Case] = {
    "a user without a name": ("POST", "/users", {}, 400, told("username is required")),
    "a user with an empty name": ("POST", "/users", {"username": ""}, 400, "username: "),
    "a user whose name is a number": ("POST", "/users", {"username": 5}, 400, "username: "),
    "a user with a full name only": (
        "POST",
        "/users",
        {"fullName": "x"},
        400,
        told("username is required"),
    ),
    "a username that is taken": (*("POST", "/users", {"username": "gregg"}, 422, TAKEN),),
    "a change to a username that is taken": (
        *("PUT", "/users/gregg", {"username": "mia"}, 422, TAKEN),
    ),
    "an empty batch": ("POST", "/users/batch", {"users": []}, 400, NO_USERS),
    "a batch of users without names": (
        *("POST", "/users/batch", {"users": [{"fullName": "x"}]}, 400, NO_USERS),
    ),
    "a batch of users who are there": (
        *("POST", "/users/batch", {"users": [{"username": "mia"}]}, 400, NO_USERS),
    ),
    "an unknown user": ("GET", "/users/nobody", None, 404, NO_USER),
    "integrations of nobody": ("GET", "/integrations", None, 400, "userId"),
    "integrations of an empty name": ("GET", "/integrations?userId=", None, 400, "userId"),
    "integrations of an unknown user": (*("GET", "/integrations?userId=None", None, 404, NO_USER),),
}
CREDENTIALS: dict[str, Case] = {
    "no credential": ("POST", "/users/gregg/credentials", {}, 400, told("credential is required")),
    "a credential without a type": (
        *("POST", "/users/gregg/credentials", {"credential": {}}, 400, "credential.type"),
    ),
    "a credential with an empty type": (
        *("POST", "/users/gregg/credentials", {"credential": {"type": ""}}, 400, "credential.type"),
    ),
    "metadata of no app": ("GET", "/metadata/credentials/nothing", None, 404, ""),
    "an OAuth address where there is no OAuth": (
        *("GET", "/users/gregg/credentials/netsuite", None, 422, ""),
    ),
    "an installation without an account": (
        *("POST", "/headless/startInstallation", {"userId": "gregg", "integrationId": BIGCOMMERCE}),
        *(400, ""),
    ),
    "completing what was not started": (
        *("POST", "/headless/completeInstallation", {"installationId": "0" * 24, "data": []}),
        *(404, ""),
    ),
}
WORKFLOWS: dict[str, Case] = {
    **{
        f"a release with the fields {fields!r}": (
            *("POST", f"/_sandbox{UPDATE}/releases", {"configurableFields": fields}, 400, said),
        )
        for fields, said in (
            *(([""], "needs a name"), ([{}], "needs a name"), (["a", "a"], "have the same name")),
            *(([{"name": "a", "type": "colour"}], "type"), ("orderTag", "configurableFields")),
            ([5], "configurableFields"),
        )
    },
    "an upgrade of what is not installed": ("PUT", f"{UPDATE}/upgrade?userId=gregg", {}, 404, ""),
    "pausing for nobody": ("PUT", "/workflows/deactivate", {}, 400, "userId"),
    "pausing nothing": ("PUT", "/workflows/deactivate", {"userId": "mia"}, 400, "workflow"),
    **{
        f"pausing for {user} {workflow}": (
            *("PUT", "/workflows/deactivate", {"userId": user, "workflowId": workflow}, 404, ""),
        )
        for user, workflow in (
            *(("gregg", STATUS_UPDATE), ("mia", "x"), ("nobody", STATUS_UPDATE)),
        )
    },
    "running a workflow that is paused": (
        *("POST", "/run/workflow", {"userId": "mia", "workflowId": ORDER_CREATED, "data": {}}),
        *(422, ""),
    ),
    "running again what never ran": ("POST", f"{UPDATE}/rerun/nothing?userId=mia", None, 404, ""),
    **{
        f"logs with {query}": ("GET", f"{UPDATE}/logs?{query}", None, 400, query.partition("=")[0])
        for query in ("page=-1", "limit=0", "page=x", "order=up")
    },
    "logs with filters that are none": ("GET", "/logs?filters=x", None, 400, "filters"),
    **{
        f"a number that no database holds in {path}": ("GET", path + str(HUGE), None, 400, "less")
        for path in (
            *(f"{UPDATE}/logs?page=", "/logs?skip=", "/_sandbox/requests?limit="),
            "/_sandbox/events?after=",
        )
    },
}
EVENTS: dict[str, Case] = {
    "no event": ("POST", "/run/event", {}, 400, ""),
    "an event without data": ("POST", "/run/event", {"event": EVENT, "userId": "mia"}, 400, "data"),
    "an event whose data are a text": (
        *("POST", "/run/event", {"event": EVENT, "userId": "mia", "data": "text"}, 400, "data"),
    ),
    "an event of nobody": ("POST", "/run/event", {"event": EVENT, "data": {}}, 400, "userId"),
    "an event of an unknown user": (
        *("POST", "/run/event", {"event": EVENT, "userId": "nobody", "data": {}}, 404, "User"),
    ),
    "an event that nobody declared": (
        *("POST", "/run/event", {"event": "Invoice Paid", "userId": "mia", "data": {}}),
        *(404, "/_sandbox/catalogue"),
    ),
}
CONNECTORS: dict[str, Case] = {
    **{
        f"of an unknown connector {path}": (
            "GET",
            f"/connectors/nothing{path}",
            None,
            404,
            NO_CONNECTOR,
        )
        for path in ("/actions", "/actions/post-page", "/credentials/metadata", "/resources")
    },
    "a connector's id in another case": (
        *("GET", "/connectors/googledrive/resources", None, 404),
        told(
            "Connector 'googledrive' not found: ids are case-sensitive, this one is 'googleDrive'",
            "CONNECTOR_NOT_FOUND",
        ),
    ),
    **{
        f"access for the user {user!r}": (
            *("POST", NOTION, {**AUTHORIZE, "userId": user}, 400, invalid("userId", NO_ID)),
        )
        for user in ("gregg", "", "123")
    },
    "access for nobody": ("POST", NOTION, AUTHORIZE, 400, invalid("userId")),
    "access for an unknown user": (
        *(
            "POST",
            NOTION,
            {**AUTHORIZE, "userId": "0" * 24},
            404,
            told("User not found", "NOT_FOUND"),
        ),
    ),
    "access of another kind": (
        *("POST", NOTION, {**AUTHORIZE, "userId": "<gregg>", "authenticationType": "apiKey"}),
        404,
        told(
            "Notion has no authenticationType 'apiKey'; it has 'oauth2'",
            "AUTHENTICATION_NOT_FOUND",
        ),
    ),
    **{
        f"a return to {uri!r}": (
            *("POST", NOTION, {**AUTHORIZE, "userId": "<gregg>", "redirectUri": uri}),
            *(400, invalid("redirectUri", NO_URL if uri else "is required")),
        )
        for uri in (
            *(None, "", "/back", "javascript:alert(1)", "http://", "http://a b/"),
            "http://a/\r\nX: 1",
        )
    },
    "access to a shop without a name": (
        *("POST", "/connectors/shopify/credentials", {**AUTHORIZE, "userId": "<gregg>"}),
        *(400, invalid("data.shopName")),
    ),
    "access by an app of one's own without its id": (
        *("POST", "/connectors/microsoftTeams/credentials", {**AUTHORIZE, "userId": "<gregg>"}),
        *(400, invalid("authConfigId")),
    ),
    "an execution without a body": ("POST", SEARCH, None, 400, invalid("credentialId")),
    "an execution without a credential": ("POST", SEARCH, {}, 400, invalid("credentialId")),
    "a credential that is a number": (
        "POST",
        SEARCH,
        {"credentialId": 7},
        400,
        invalid("credentialId", NO_ID),
    ),
    "a credential's id that is none": (
        *("POST", SEARCH, {"credentialId": "my-own"}, 400, invalid("credentialId", NO_ID)),
    ),
    "an unknown credential": (*("POST", SEARCH, {"credentialId": "0" * 24}, 400, NO_CREDENTIAL),),
    "a credential of another connector": (
        *("POST", "/connectors/slack/actions/conversations_list/execute"),
        *({"credentialId": "<notion>"}, 400, NO_CREDENTIAL),
    ),
    "an unknown action": (
        *("POST", "/connectors/notion/actions/createPage/execute", {"credentialId": "<notion>"}),
        404,
        told(
            "Action 'createPage' not found: GET /connectors/notion/resources lists the ids",
            "ACTION_NOT_FOUND",
        ),
    ),
    "an action of a connector by name only": (
        *("POST", "/connectors/jira/actions/createIssue/execute", {"credentialId": "0" * 24}),
        404,
        told("The sandbox has Jira by name only: it has no actions", "ACTION_NOT_FOUND"),
    ),
    "an action without its path parameter": (
        *("POST", "/connectors/notion/actions/retrieve-a-page/execute"),
        *({"credentialId": "<notion>"}, 400, invalid("pathParams.page_id")),
    ),
    "passing through without a credential": (
        *("POST", f"/passthrough?credentialId={'0' * 24}", {"method": "POST", "path": "/v1/pages"}),
        *(400, NO_CREDENTIAL),
    ),
    "passing through to what is not there": (
        *("POST", "/passthrough?credentialId=<notion>", {"method": "POST", "path": "/v1/unknown"}),
        *(404, told("The sandbox has no POST /v1/unknown of Notion", "ACTION_NOT_FOUND")),
    ),
}
CONTROLS: dict[str, Case] = {
    **{
        f"the preferences {body}": ("PUT", "/_sandbox/preferences", body, 400, *body)
        for body in ({"usernameTaken": 200}, {"usernameTaken": "x"}, {"typo": 1})
    },
    **{
        f"the fault {str(body)[:60]}": ("POST", "/_sandbox/faults", body, 400, "")
        for body in (
            *({}, {"path": "/users"}, {"path": "/_sandbox/reset", "status": 500}, {"status": 99}),
            *({"status": 500, "rate": 0}, {"status": 500, "rate": 2}, {"status": 500, "times": -1}),
            *({"delayMs": -1}, {"drop": "sometimes"}, {"status": 500, "seed": 10**40}),
            *({"status": 500, "pth": "/users"}, {"status": 500, "method": "FETCH"}),
            *({"status": 500, "times": HUGE}, {"trickle": -1}, {"trickle": HUGE}),
            {"status": 429, "retryAfter": "1\r\nX-Injected: 1"},
            *(
                {"body": "", "contentType": "text/html\n"},
                {"body": "", "contentType": "x" * 70_000},
            ),
        )
    },
    **{
        f"the failure {body} of {connector}": (
            *("POST", f"/_sandbox/connectors/{connector}/failures", body, status, ""),
        )
        for connector, body, status in (
            *(("jira", {"status": 500}, 404), ("notion", {"status": 100}, 400)),
            ("notion", {"status": 500, "times": HUGE}, 400),
        )
    },
    **{
        f"the destination {url!r}": (
            *("PUT", "/_sandbox/destinations", {"orders": url}),
            *(400, told(f"orders: {NO_URL}, or empty")),
        )
        for url in (
            *("javascript:alert(1)", "http://", "http:///x", "//a.example/", "http://a b/", "x"),
            *("http://a.example/\x00", "http://a.example/\r\n", "http://a.example/ü"),
            *("http://[x/", "ftp://a"),
        )
    },
    "an unknown destination": ("PUT", "/_sandbox/destinations", {"order": ""}, 400, "order"),
    "sending again what was not sent": ("POST", "/_sandbox/webhooks/1/redeliver", None, 404, ""),
    **{
        f"a link that lives for {seconds} seconds": (
            *("POST", "/_sandbox/links"),
            {"userId": "gregg", "integrationId": BIGCOMMERCE, "expiresIn": seconds},
            *(400, "expiresIn"),
        )
        for seconds in (HUGE, -HUGE, "nan", "inf", 1e300)
    },
    "the orders of nobody": ("GET", "/_sandbox/stores/nobody/orders", None, 404, ""),
    "an order of nobody": ("POST", "/_sandbox/stores/nobody/orders", {}, 404, ""),
    "an order's number that is taken": (
        *("POST", "/_sandbox/stores/gregg/orders", {"id": 100}, 422, ""),
    ),
    **{
        f"an order with {fields}": ("POST", "/_sandbox/stores/gregg/orders", fields, 400, *fields)
        for fields in ({"id": "101"}, {"id": 0}, {"id": True}, {"id": 2**40}, {"status": 5})
    },
    **{
        f"a connection of {user} by {body}": (
            *("POST", f"/_sandbox/connections/{user}", body, status, said),
        )
        for user, body, status, said in (
            ("nobody", {"connectorId": "notion"}, 404, "User not found"),
            ("gregg", {"connectorId": "nothing"}, 404, "nothing"),
            ("gregg", {"connector": "notion"}, 400, "connector"),
            ("gregg", {"connectorId": "shopify"}, 400, "shopName"),
        )
    },
    **{
        f"a catalogue with {why}": ("POST", "/_sandbox/catalogue", body, 400, said)
        for why, body, said in (
            ("no workflows", integration(workflows=[]), "workflows"),
            ("an unknown key", {"event": []}, "event"),
            (
                "an event that is not in it",
                integration(workflows=[{**FLOW, "event": "No"}]),
                "No, which is no declared event",
            ),
            (
                "another id for an app",
                integration(app="BigCommerce", id="0" * 24, workflows=[FLOW]),
                BIGCOMMERCE,
            ),
        )
    },
}
REFUSED = {**USERS, **CREDENTIALS, **WORKFLOWS, **EVENTS, **CONNECTORS, **CONTROLS}


@pytest.fixture(scope="module")
def world(sandbox_process: str) -> Iterator[tuple[Sandbox, dict[str, str]]]:
    """A sandbox with gregg, who has an order and a Notion, and mia, who has installed something.

    What there is of it is the same in the end.
    """
    sandbox = Sandbox(sandbox_process)
    sandbox.control("POST", "reset")
    ids = {"<gregg>": sandbox.new_user()}
    sandbox.control("POST", "stores/gregg/orders", {})
    connected = sandbox.control("POST", "connections/gregg", {"connectorId": "notion"})
    ids["<notion>"] = connected["credentialId"]
    sandbox.install(sandbox.new_user("mia"))
    paused = {"userId": "mia", "workflowId": ORDER_CREATED}
    sandbox.send("PUT", "/workflows/deactivate", paused)
    before = kept(sandbox)
    with sandbox.session:
        yield sandbox, ids
        assert kept(sandbox) == before


def kept(sandbox: Sandbox) -> list[Json]:
    """Return what a call that was not refused would have changed."""
    listed = ("faults", "destinations", "preferences", "catalogue", "events", "webhooks")
    accounts = ("stores/gregg/orders", "connections/gregg")
    read = ("/users", "/users/gregg/credentials", "/installations", f"{UPDATE}/logs")
    return [
        *(sandbox.control("GET", path) for path in (*listed, *accounts)),
        *(sandbox.get(path) for path in (*read, f"{UPDATE}/versions?userId=mia")),
    ]


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused_and_the_message_says_why(
    world: tuple[Sandbox, dict[str, str]], case: Case
) -> None:
    sandbox, ids = world
    method, path, body, status, said = case
    sent = json.dumps(body)
    for name, value in ids.items():
        path, sent = path.replace(name, value), sent.replace(name, value)
    answered, answer = sandbox.answer(method, path, json.loads(sent))
    assert answered == status, answer
    if isinstance(said, str):
        assert set(answer) == {"message"}
        assert answer["message"]
        assert said in answer["message"]
    else:
        assert answer == said
