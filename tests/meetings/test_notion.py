"""A meeting becomes one Notion page, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from integrations.alloy import Unreachable
from integrations.contrib.connectivity.connector import ConnectorClient
from integrations.contrib.connectivity.models import Connection
from integrations.models import Circuit, Message
from integrations.outbox import relay
from meetings.copies.handler import write_copy
from meetings.copies.notion.blocks import mark_of
from meetings.services import meeting_copy
from tests.integrations.outbox.steps import relay_until_quiet
from tests.integrations.threads import at_once
from tests.meetings.conftest import Mia, copy_at, new_meeting
from tests.services.sandbox import Sandbox

pytestmark = pytest.mark.django_db

CREATE, APPEND, DELETE = (
    f"/connectors/notion/actions/{action}/execute"
    for action in ("post-page", "patch-block-children", "delete-a-block")
)


def page_by_hand(mia: Mia, title: str, words: str = "", **parent: Any) -> str:
    """Make a page in Notion as somebody else would; return its id."""
    text = [{"type": "text", "text": {"content": words}}]
    body = {
        "parent": parent or {"type": "workspace", "workspace": True},
        "properties": {"title": [{"text": {"content": title}}]},
        "children": [{"paragraph": {"rich_text": text}}] if words else [],
    }
    return str(mia.acts_at("notion", "post-page", body=body)["id"])


def test_a_saved_meeting_becomes_a_page_with_date_people_and_notes(mia_at_notion: Mia) -> None:
    meeting = mia_at_notion.saves(
        attendees="Ada Lovelace <ada@example.com>",
        notes="# Plan\n\nShip **it** on [Friday](https://example.com/)",
    )
    (page,) = mia_at_notion.pages()
    copy = copy_at(meeting, "notion")
    assert page["text"].splitlines() == [
        mark_of(meeting),
        "Friday, 20 November 2026, 12:00 UTC",
        "Ada Lovelace <ada@example.com>",
        "Plan",
        "Ship it on Friday",
    ]
    assert (copy.remote_id, copy.url, copy.digest) == (page["id"], page["url"], meeting.digest)


def test_changed_notes_update_the_page_and_leave_alone_what_is_the_same(mia_at_notion: Mia) -> None:
    meeting = mia_at_notion.saves(notes="one\n\ntwo\n\nthree\n\nfour")
    mia_at_notion.changes(meeting, notes="one\n\n2\n\nthree\n\nfour")
    assert mia_at_notion.page_lines() == ["one", "2", "three", "four"]
    assert mia_at_notion.calls_of("delete-a-block") == 1


@pytest.mark.parametrize("is_answer_lost", [False, True])
def test_a_new_title_renames_the_page_even_one_whose_making_was_not_answered(
    mia_at_notion: Mia, is_answer_lost: bool
) -> None:
    if is_answer_lost:
        mia_at_notion.sandbox.misbehave(CREATE, drop="after", times=1)
    meeting = new_meeting(mia_at_notion.merchant)
    relay.Relay(senders=1).drain(seconds=60)
    mia_at_notion.changes(meeting, title="Monthly")
    assert [len(mia_at_notion.pages(title)) for title in ("Weekly", "Monthly")] == [0, 1]


def test_nothing_is_written_where_nothing_has_changed(mia_at_notion: Mia) -> None:
    mia_at_notion.syncs(mia_at_notion.saves(notes="- one\n  - below\n\n> quote\n\n---\n\n`x`"))
    changes = ("patch-page", "patch-block-children", "delete-a-block")
    assert [mia_at_notion.calls_of(action) for action in changes] == [0, 0, 0]


@pytest.mark.parametrize("delete", [Sandbox.archive_page, Sandbox.delete_page])
def test_a_page_that_was_deleted_is_made_again(
    mia_at_notion: Mia, delete: Callable[[Sandbox, str], None]
) -> None:
    meeting = mia_at_notion.saves()
    first = copy_at(meeting, "notion").remote_id
    delete(mia_at_notion.sandbox, first)
    mia_at_notion.syncs(meeting)
    (page,) = mia_at_notion.pages()
    assert page["id"] == copy_at(meeting, "notion").remote_id != first


def test_a_strangers_page_of_the_same_title_is_left_alone(mia_at_notion: Mia) -> None:
    theirs = page_by_hand(mia_at_notion, "Weekly", "Mine, do not touch")
    page_by_hand(mia_at_notion, "Weekly review", "Not even the same title")
    meeting = mia_at_notion.saves()
    texts = {page["id"]: page["text"] for page in mia_at_notion.pages()}
    assert texts.keys() == {theirs, copy_at(meeting, "notion").remote_id}
    assert texts[theirs] == "Mine, do not touch"
    assert len(texts) == 2


def test_two_meetings_of_the_same_title_are_two_pages(mia_at_notion: Mia) -> None:
    meetings = [mia_at_notion.saves(notes=str(number)) for number in range(2)]
    assert len(mia_at_notion.pages()) == 2
    assert len({copy_at(meeting, "notion").remote_id for meeting in meetings}) == 2


def test_a_lost_answer_makes_no_second_page(mia_at_notion: Mia) -> None:
    mia_at_notion.sandbox.misbehave(CREATE, drop="after", times=1)
    meeting = mia_at_notion.saves(notes="Once")
    (page,) = mia_at_notion.pages()
    assert mia_at_notion.calls_of("post-page") == 1
    assert copy_at(meeting, "notion").remote_id == page["id"]


def test_a_long_page_is_written_in_parts_and_cut_in_half_goes_on(mia_at_notion: Mia) -> None:
    mia_at_notion.sandbox.misbehave(APPEND, status=503, times=1)
    lines = [f"line {number}" for number in range(250)]
    mia_at_notion.saves(notes="\n\n".join(lines))
    assert mia_at_notion.page_lines() == lines


POINTS = "- parent\n" + "\n".join(f"  - child {n}" for n in range(150))
BOLD = " ".join(f"**k{n}** v{n}" for n in range(80))


@pytest.mark.parametrize(
    ("notes", "written"),
    [
        pytest.param(POINTS, POINTS.replace("  - ", "").replace("- ", ""), id="points"),
        pytest.param(BOLD, BOLD.replace("**", ""), id="bold"),
        pytest.param("會" * 30_000, "會" * 30_000, id="chinese"),
    ],
)
def test_all_of_the_notes_is_copied_however_much_there_is_of_a_kind(
    mia_at_notion: Mia, notes: str, written: str
) -> None:
    meeting = mia_at_notion.saves(notes=notes)
    copy = copy_at(meeting, "notion")
    assert "".join(mia_at_notion.page_lines()) == written.replace("\n", "")
    assert (copy.digest, copy.left_out) == (meeting.digest, [])
    assert not Message.objects.filter(state=Message.State.DEAD).exists()


def test_tries_that_break_off_between_any_two_calls_double_nothing(
    mia_at_notion: Mia, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each try dies after some of its changes, the last of which was made without our hearing."""
    execute, changes = ConnectorClient.execute, count(1)

    def dying(self: ConnectorClient, action: str, **parts: Any) -> Any:
        answer = execute(self, action, **parts)
        is_change = action not in ("get-block-children", "retrieve-a-page", "post-search")
        if is_change and next(changes) % 2 == 0:
            raise Unreachable("The worker was killed.", ambiguous=True)
        return answer

    def check_page() -> None:
        words = "\n".join(points).replace("  - ", "").replace("- ", "").splitlines()
        assert mia_at_notion.page_lines() == [*lines, *words]

    monkeypatch.setattr(ConnectorClient, "execute", dying)
    lines = [f"line {n}" for n in range(120)]
    points = [f"- p{n}\n" + "\n".join(f"  - c{n}.{m}" for m in range(105)) for n in range(2)]
    meeting = mia_at_notion.saves(notes="\n\n".join([*lines, *points]))
    check_page()
    lines[3:5], lines[110:] = ["three", "three and a half", "four"], ["the end"]
    points = [points[1].replace("c1.0\n", "first\n").replace("c1.90", "ninety"), points[0]]
    mia_at_notion.changes(meeting, notes="\n\n".join([*lines, *points]))
    check_page()


def test_what_people_wrote_before_our_mark_makes_nothing_double(mia_at_notion: Mia) -> None:
    meeting = mia_at_notion.saves(notes="one\n\ntwo")
    page = {"block_id": copy_at(meeting, "notion").remote_id}
    first = mia_at_notion.acts_at("notion", "get-block-children", path=page)["results"][0]
    mia_at_notion.acts_at("notion", "delete-a-block", path={"block_id": first["id"]})
    mia_at_notion.sandbox.misbehave(DELETE, drop="before", times=1)
    mia_at_notion.changes(meeting, notes="one\n\n2")
    assert mia_at_notion.page_lines() == ["one", "2"]


def test_a_page_below_ours_is_never_deleted(mia_at_notion: Mia) -> None:
    meeting = mia_at_notion.saves(notes="one")
    ours = copy_at(meeting, "notion").remote_id
    page_by_hand(mia_at_notion, "Below", type="page_id", page_id=ours)
    mia_at_notion.changes(meeting, notes="two")
    assert len(mia_at_notion.pages("Below")) == 1


def test_what_notion_refuses_is_a_dead_letter_in_notions_words(mia_at_notion: Mia) -> None:
    mia_at_notion.sandbox.let_service_fail("notion", status=403, times=1)
    mia_at_notion.saves()
    message = Message.objects.get(kind="meeting_copy")
    assert message.state == Message.State.DEAD
    assert "Insufficient permissions" in message.last_error


def test_a_busy_notion_is_tried_again_and_does_not_hold_up_orders(mia_at_notion: Mia) -> None:
    mia_at_notion.sandbox.let_service_fail("notion", status=429, times=6)
    mia_at_notion.saves()
    assert len(mia_at_notion.pages()) == 1
    assert not Circuit.objects.filter(open_until__isnull=False).exists()


def test_without_a_connection_the_copy_waits_and_is_made_once_there_is_one(mia: Mia) -> None:
    meeting = new_meeting(mia.merchant)
    assert not Message.objects.filter(kind="meeting_copy").exists()
    mia.connects("notion")
    relay_until_quiet()
    assert len(mia.pages()) == 1
    assert copy_at(meeting, "notion").digest == meeting.digest


def test_an_account_that_is_gone_ends_quietly_and_the_next_one_goes_on(mia_at_notion: Mia) -> None:
    meeting = mia_at_notion.saves()
    mia_at_notion.sandbox.revoke(mia_at_notion.user_id, Connection.objects.get().credential_id)
    mia_at_notion.changes(meeting, notes="Later")
    assert copy_at(meeting, "notion").digest != meeting.digest
    mia_at_notion.connects("notion", account="Acme HQ")
    relay_until_quiet()
    assert "Later" in mia_at_notion.page_lines()


def test_of_two_accounts_the_other_takes_over_when_one_is_gone(mia_at_notion: Mia) -> None:
    mia_at_notion.connects("notion", account="Acme Europe")
    newest = Connection.objects.order_by("-pk")[0]
    mia_at_notion.sandbox.revoke(mia_at_notion.user_id, newest.credential_id)
    meeting = mia_at_notion.saves()
    assert copy_at(meeting, "notion").digest == meeting.digest


def test_a_meeting_deleted_meanwhile_is_not_copied(mia_at_notion: Mia) -> None:
    new_meeting(mia_at_notion.merchant).delete()
    relay_until_quiet()
    assert mia_at_notion.calls_of("/execute") == 0


def test_a_message_that_names_no_copy_does_nothing(mia_at_notion: Mia) -> None:
    for payload in ({}, {"copy": None}, {"copy": 999_999}):
        write_copy(Message(kind="meeting_copy", tenant=mia_at_notion.merchant, payload=payload))


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_page(
    mia_at_notion: Mia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.wake.wake", lambda *_: None)
    meeting = new_meeting(mia_at_notion.merchant, notes="Once")
    for _ in range(3):
        meeting_copy(meeting=meeting)
    at_once(4, lambda number: relay.Relay(senders=1).drain(seconds=60))
    relay_until_quiet()
    assert len(mia_at_notion.pages()) == 1
