"""What the services refuse, each in the form that it has for its own errors."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Json, Sandbox
from tests.connectivity.conftest import Connection, connect
from tests.connectivity.test_limits import EMOJI, items, many
from tests.connectivity.test_notion_pages import IN_WORKSPACE, new_page, paragraph, title

ACCOUNTS = {
    "notion": "Acme HQ",
    "slack": "Acme",
    "googleDrive": "office@acme.example",
    "hubspot": "Acme Sales",
    "shopify": "acme-mugs",
}
Case = tuple[str, Json, int, Json]
"""An action, what it is called with, and the status and part of the error that it answers."""

INVALID = {"object": "error", "code": "validation_error"}
NOT_FOUND = {"object": "error", "code": "object_not_found", "status": 404}
BAD_QUERY = {"code": 400, "location": "q", "message": "Invalid Value"}
NO_FILE = {"code": 404, "reason": "notFound", "message": "File not found: 1nothing."}
GONE = str(uuid.uuid4())


def blocks(children: list[Any]) -> Json:
    return {"body": {"children": children}, "path": {"block_id": "<page>"}}


def row(properties: Json) -> Json:
    return {"body": {"parent": {"database_id": "<database>"}, "properties": properties}}


def rows(**body: Any) -> Json:
    return {"body": body, "path": {"database_id": "<database>"}}


def only(**condition: Any) -> Json:
    return rows(filter={"property": "Name", **condition})


NOT_OF_THE_DATABASE: list[Json] = [
    *({"Place": {"rich_text": []}}, {"Date": {"rich_text": []}}, {"Name": "Weekly"}),
    {"Date": {"date": {"end": "2026-11-20"}}},
]
NOTION: dict[str, Case] = {
    **{
        f"a page in {parent}": (
            *("post-page", {"body": {"parent": parent, "properties": title("W")}}, 400, INVALID),
        )
        for parent in ({}, {"type": "page_id"}, {"page_id": "no id"}, None)
    },
    "a page with properties in a workspace": (
        "post-page",
        {"body": {"parent": IN_WORKSPACE, "properties": {**title("W"), "Meeting Date": {}}}},
        *(400, {**INVALID, "message": "Meeting Date is not a property that exists."}),
    ),
    "a page that is not there": ("retrieve-a-page", {"path": {"page_id": GONE}}, 404, NOT_FOUND),
    "a page's id that is none": ("retrieve-a-page", {"path": {"page_id": "W"}}, 400, INVALID),
    **{
        f"{action} of a block that is not there": (
            *(action, {"path": {"block_id": GONE}}, 404, NOT_FOUND),
        )
        for action in ("retrieve-a-block", "get-block-children", "delete-a-block")
    },
    **{
        f"the block {str(block)[:60]}": (
            *("patch-block-children", blocks([paragraph("two"), block])),
            *(400, {**INVALID, "message": "children[1]"}),
        )
        for block in (
            *({}, {"type": "poem", "poem": {}}, {"type": "paragraph"}, {"type": ["paragraph"]}),
            *({"type": "paragraph", "paragraph": "words"}, paragraph("x" * 2001)),
            {"type": "paragraph", "paragraph": {"rich_text": "words"}},
        )
    },
    **{
        f"{why} in one request": (
            *("patch-block-children", blocks(children), 400, {**INVALID, "message": said}),
        )
        for why, children, said in (
            ("a text of more than 2000 units of UTF-16", [paragraph(EMOJI * 1000 + "x")], "≤ `20"),
            ("a text of half as many emojis more", [paragraph(EMOJI * 1500)], "≤ `2000`"),
            ("more than 100 children", many(101), "100"),
            ("more than 1000 blocks", items(100, 10), "1000 blocks"),
            (
                "more than 500000 bytes",
                [{"paragraph": {"rich_text": [{"text": {"content": "é" * 2000}}] * 90}}] * 2,
                "500000",
            ),
        )
    },
    "a search for what is longer than any title": (
        *("post-search", {"body": {"query": "x" * 60_000}}),
        *(400, {**INVALID, "message": "body.query length should be"}),
    ),
    **{
        f"a row with {properties}": ("post-page", row(properties), 400, INVALID)
        for properties in NOT_OF_THE_DATABASE
    },
    **{
        f"rows with {asked['body']}": ("post-database-query", asked, 400, INVALID)
        for asked in (
            *(only(property="Place", rich_text={"equals": "x"}), only(date={"equals": "x"})),
            *(only(title={"resembles": "x"}), rows(filter={"and": "x"}), rows(sorts="Name")),
            *(rows(sorts=[{"property": "Place"}]), rows(page_size=101), rows(start_cursor="x")),
        )
    },
}
SLACK: dict[str, Case] = {
    "a message without a channel": (
        *("chat_postMessage", {"body": {"text": "Hello"}}),
        *(400, {"ok": False, "error": "invalid_arguments"}),
    ),
}
DRIVE: dict[str, Case] = {
    **{
        f"the query {query}": (*("listFiles", {"query": {"q": query}}, 400, BAD_QUERY),)
        for query in ("name is 'x'", "name = x", "'a' in", "trashed")
    },
    "a file in a folder that is not there": (
        *("createFile", {"body": {"name": "Weekly.md", "parents": ["1nothing"]}}),
        *(404, NO_FILE),
    ),
    "a file that is not there": (*("getFile", {"path": {"file_id": "1nothing"}}, 404, NO_FILE),),
}
HUBSPOT: dict[str, Case] = {
    **{
        f"the contact {body}": (
            *("createContact", {"body": body}),
            *(400, {"status": "error", "category": "VALIDATION_ERROR"}),
        )
        for body in (
            *({}, {"properties": "Grace"}, {"properties": {"firstname": "Grace"}}),
            {"properties": {"shoe_size": "38"}},
        )
    },
    **{
        f"the contact of the id {contact}": (
            *("getContact", {"path": {"contact_id": contact}}),
            *(404, {"status": "error", "category": "OBJECT_NOT_FOUND"}),
        )
        for contact in ("999999", "grace")
    },
}
SHOPIFY: dict[str, Case] = {
    "too many orders at once": ("listOrders", {"query": {"first": 251}}, 400, {}),
}
REFUSED = {
    f"{connector}: {why}": (connector, case)
    for connector, cases in (
        *(("notion", NOTION), ("slack", SLACK), ("googleDrive", DRIVE)),
        *(("hubspot", HUBSPOT), ("shopify", SHOPIFY)),
    )
    for why, case in cases.items()
}
World = tuple[dict[str, Connection], dict[str, str]]


@pytest.fixture(scope="module")
def world(sandbox_process: str) -> Iterator[World]:
    """A connection of one user to each service, and ids of what there is in Notion.

    What is in the accounts is the same in the end.
    """
    sandbox = Sandbox(sandbox_process)
    sandbox.control("POST", "reset")
    user_id = sandbox.new_user()
    made = {name: connect(sandbox, user_id, name, account) for name, account in ACCOUNTS.items()}
    page = new_page(made["notion"], "Weekly", children=[paragraph("one")])["id"]
    databases = {"query": "meetings", "filter": {"property": "object", "value": "database"}}
    (database,) = made["notion"].do("post-search", databases)["results"]
    named = {"Name": {"title": [{"text": {"content": "Weekly"}}]}}
    row = {"parent": {"database_id": database["id"]}, "properties": named}
    made["notion"].do("post-page", row)
    contents = [sandbox.control("GET", f"connections/{user_id}/{name}") for name in ACCOUNTS]
    with sandbox.session:
        yield made, {"<page>": page, "<database>": database["id"]}
        after = [sandbox.control("GET", f"connections/{user_id}/{name}") for name in ACCOUNTS]
        assert after == contents


@pytest.mark.parametrize(("connector", "case"), REFUSED.values(), ids=REFUSED)
def test_a_service_refuses_it_in_its_own_words(world: World, connector: str, case: Case) -> None:
    connections, ids = world
    action, call, status, expected = case
    sent = json.dumps(call)
    for name, value in ids.items():
        sent = sent.replace(name, value)
    answered, error = connections[connector].refused(action, **json.loads(sent))
    error = error["error"] if connector == "googleDrive" else error
    found = {"message": "", **error, **error.get("errors", [{}])[0]}
    told = {**found, **expected, "message": found["message"]}
    assert (answered, told) == (status, found)
    said = expected.get("message", "")
    assert said == found["message"] if said.endswith(".") else said in found["message"]
