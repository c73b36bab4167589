"""What the services refuse, or cannot do at the moment, is passed on as Alloy passes it on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import Json, Sandbox
from tests.connectivity.conftest import Connection, connect
from tests.connectivity.test_notion_pages import new_page, paragraph

EMOJI = "😀"


@pytest.fixture
def slack(sandbox: Sandbox, user_id: str) -> Connection:
    return connect(sandbox, user_id, "slack", "Acme")


def many(count: int, text: str = "x") -> list[Json]:
    return [paragraph(text) for _ in range(count)]


def items(count: int, below: int) -> list[Json]:
    """Return list items, each with so many below it."""

    def item(children: list[Json]) -> Json:
        content: Json = {"rich_text": [{"text": {"content": "x"}}]}
        return {"bulleted_list_item": {**content, **({"children": children} if children else {})}}

    return [item([item([]) for _ in range(below)]) for _ in range(count)]


@pytest.mark.parametrize("text", [EMOJI * 1000, "é" * 2000, "x" * 2000])
def test_notion_takes_a_text_of_two_thousand_units(notion: Connection, text: str) -> None:
    assert new_page(notion, "Page", children=[paragraph(text)])["id"]


@pytest.mark.parametrize(
    ("children", "said"),
    [
        (many(101), "100"),
        (items(100, 10), "1000 blocks"),
        (many(100, "x" * 2000), ""),
        ([*items(60, 0), *many(40, EMOJI * 1000)], ""),
    ],
)
def test_notion_counts_the_blocks_of_a_request(
    notion: Connection, children: list[Json], said: str
) -> None:
    where = {"block_id": new_page(notion, "Page")["id"]}
    if not said:
        notion.do("patch-block-children", {"children": children}, path=where)
        return
    status, error = notion.refused("patch-block-children", {"children": children}, path=where)
    assert (status, error["code"]) == (400, "validation_error")
    assert said in error["message"]


@pytest.mark.parametrize(("length", "ok"), [(40_000, True), (40_001, False)])
def test_slack_takes_a_message_up_to_its_limit(slack: Connection, length: int, ok: bool) -> None:
    answer = slack.do("chat_postMessage", {"channel": "#general", "text": "x" * length})
    assert answer["ok"] is ok
    assert answer.get("error") == (None if ok else "msg_too_long")


@pytest.mark.parametrize(("length", "ok"), [(4_000, True), (4_001, False)])
def test_slack_takes_less_when_one_is_changed(slack: Connection, length: int, ok: bool) -> None:
    made = slack.do("chat_postMessage", {"channel": "#general", "text": "x"})
    change = {"channel": "#general", "ts": made["ts"], "text": "x" * length}
    assert slack.do("chat_update", change)["ok"] is ok


@pytest.mark.parametrize(
    ("connector", "failure", "status", "where", "word"),
    [
        ("notion", {"status": 409}, 409, ("code",), "conflict_error"),
        ("googleDrive", {"status": 403}, 403, ("errors", 0, "reason"), "userRateLimitExceeded"),
        (
            "googleDrive",
            {"status": 403, "reason": "insufficientFilePermissions"},
            403,
            ("errors", 0, "reason"),
            "insufficientFilePermissions",
        ),
        ("hubspot", {"status": 409}, 409, ("category",), "CONFLICT"),
        ("slack", {"status": 429}, 429, ("error",), "ratelimited"),
    ],
)
def test_a_service_fails_in_its_own_words(
    sandbox: Sandbox,
    user_id: str,
    connector: str,
    failure: Json,
    status: int,
    where: tuple[Any, ...],
    word: str,
) -> None:
    sandbox.control("POST", f"connectors/{connector}/failures", failure)
    response = sandbox.call("POST", f"/connectors/{connector}/actions/anything/execute", {})
    assert response.status_code == status
    found = response.json()["error"]["details"]
    found = found["error"] if connector == "googleDrive" else found
    for key in where:
        found = found[key]
    assert found == word


def test_slack_says_with_status_200_that_it_was_too_fast(
    sandbox: Sandbox, slack: Connection
) -> None:
    failure = {"status": 200, "reason": "ratelimited", "times": 1}
    sandbox.control("POST", "connectors/slack/failures", failure)
    message = {"channel": "#general", "text": "x"}
    assert slack.do("chat_postMessage", message) == {"ok": False, "error": "ratelimited"}
    assert slack.do("chat_postMessage", message)["ok"] is True


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("created_at:>={yesterday}", ["#1012"]),
        ("created_at:>='{yesterday}'", ["#1012"]),
        ("created_at:>={yesterday} AND name:#1012", ["#1012"]),
        ("created_at:>={yesterday} name:#1003", []),
        ("created_at:<{yesterday} name:#1003", ["#1003"]),
    ],
)
def test_shopify_finds_orders_by_when_they_were_placed(
    sandbox: Sandbox, user_id: str, query: str, names: list[str]
) -> None:
    shop = connect(sandbox, user_id, "shopify", "acme-mugs")
    yesterday = (datetime.now(UTC) - timedelta(hours=24)).isoformat(timespec="seconds")
    asked = {"first": 50, "query": query.format(yesterday=yesterday.replace("+00:00", "Z"))}
    edges = shop.do("listOrders", query=asked)["data"]["orders"]["edges"]
    assert [edge["node"]["name"] for edge in edges] == names


def test_an_actions_details_are_the_schema_itself(sandbox: Sandbox) -> None:
    details = sandbox.get("/connectors/notion/actions/post-page")["action"]
    assert details["httpMethod"] == "post"
    assert details["description"]
    body = details["requestBody"]
    assert (body["type"], body["required"]) == ("object", ["parent"])
    assert body["properties"]["parent"]["properties"]["page_id"]["type"] == "string"
    assert "$ref" not in json.dumps(details)
    assert all(each["description"] for each in body["properties"].values())
    headers = [each["name"] for each in details["parameters"] if each["in"] == "header"]
    assert headers == ["Notion-Version"]


def test_every_action_of_every_connector_can_be_described(sandbox: Sandbox) -> None:
    for connector in sandbox.get("/connectors")["connectors"]:
        path = f"/connectors/{connector['id']}"
        for action in sandbox.get(f"{path}/actions")["actions"]:
            details = sandbox.get(f"{path}/actions/{action['id']}")["action"]
            assert details["description"]
            assert "$ref" not in json.dumps(details)


def test_credentials_are_of_every_documented_kind(sandbox: Sandbox) -> None:
    kinds, own_app = set(), []
    for connector in sandbox.get("/connectors")["connectors"]:
        (found,) = sandbox.get(f"/connectors/{connector['id']}/credentials/metadata")["metadata"]
        kinds.add(found["authenticationType"])
        own_app += [connector["id"]] if found["authConfigRequired"] else []
        properties = found["inputSchema"]["properties"].values()
        assert all(each["description"] for each in properties)
    assert kinds == {"oauth2", "apiKey", "basic", "bearer"}
    assert own_app == ["microsoftTeams"]


def test_credentials_carry_the_name_of_their_account(sandbox: Sandbox, user_id: str) -> None:
    for account in ("Acme HQ", "Acme Europe"):
        connect(sandbox, user_id, "notion", account)
    names = [each["name"] for each in sandbox.get(f"/users/{user_id}/credentials")["data"]]
    assert names == ["Acme HQ's Notion Credential", "Acme Europe's Notion Credential"]
