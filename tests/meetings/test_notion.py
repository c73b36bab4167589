"""A meeting becomes one Notion page, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from accounts.models import User
from integrations import relay
from integrations.alloy import Unreachable
from integrations.contrib.connectivity.connector import ConnectorClient
from integrations.contrib.connectivity.models import Connection
from integrations.models import Circuit, Message
from meetings.copies.handler import write_copy
from meetings.copies.notion.blocks import mark_of
from meetings.services import meeting_copy
from tests.integrations.contrib.connectivity.surroundings import connect
from tests.integrations.outbox.steps import relay_until_quiet
from tests.integrations.threads import at_once
from tests.meetings.conftest import change, copy_at, new_meeting
from tests.services.sandbox import Json, Sandbox

pytestmark = pytest.mark.django_db

Pages = Callable[..., list[Json]]

EXECUTE = "/connectors/notion/actions"


@pytest.fixture
def merchant_at_notion(known_merchant: User, at_sandbox: Sandbox) -> User:
    connect(known_merchant, "notion", sandbox=at_sandbox, account="Acme HQ")
    return known_merchant


def in_notion(merchant: User, title: str, words: str) -> str:
    """Make a page in Notion as somebody else would; return its id."""
    text = [{"type": "text", "text": {"content": words}}]
    page = ConnectorClient("notion", merchant).execute(
        "post-page",
        body={
            "parent": {"type": "workspace", "workspace": True},
            "properties": {"title": [{"text": {"content": title}}]},
            "children": [{"paragraph": {"rich_text": text}}],
        },
    )
    return str(page["id"])


def calls_of(sandbox: Sandbox, action: str) -> int:
    return sum(action in call["path"] for call in sandbox.requests())


def test_a_saved_meeting_becomes_a_page_with_date_people_and_notes(
    merchant_at_notion: User, pages: Pages
) -> None:
    meeting = new_meeting(
        merchant_at_notion,
        attendees="Ada Lovelace <ada@example.com>",
        notes="# Plan\n\nShip **it** on [Friday](https://example.com/)",
    )
    relay_until_quiet()
    (page,) = pages()
    copy = copy_at(meeting, "notion")
    assert page["text"].splitlines() == [
        mark_of(meeting),
        "Friday, 20 November 2026, 12:00 UTC",
        "Ada Lovelace <ada@example.com>",
        "Plan",
        "Ship it on Friday",
    ]
    assert (copy.remote_id, copy.url, copy.digest) == (page["id"], page["url"], meeting.digest)


def test_changed_notes_update_the_page_and_leave_alone_what_is_the_same(
    merchant_at_notion: User, pages: Pages, at_sandbox: Sandbox
) -> None:
    meeting = new_meeting(merchant_at_notion, notes="one\n\ntwo\n\nthree\n\nfour")
    relay_until_quiet()
    change(meeting, notes="one\n\n2\n\nthree\n\nfour")
    relay_until_quiet()
    (page,) = pages()
    assert page["text"].splitlines()[2:] == ["one", "2", "three", "four"]
    assert calls_of(at_sandbox, "delete-a-block") == 1


def test_a_new_title_renames_the_page(merchant_at_notion: User, pages: Pages) -> None:
    meeting = new_meeting(merchant_at_notion)
    relay_until_quiet()
    change(meeting, title="Monthly")
    relay_until_quiet()
    assert (len(pages("Weekly")), len(pages("Monthly"))) == (0, 1)


def test_nothing_is_written_where_nothing_has_changed(
    merchant_at_notion: User, at_sandbox: Sandbox
) -> None:
    meeting = new_meeting(merchant_at_notion, notes="- one\n  - below\n\n> quote\n\n---\n\n`x`")
    relay_until_quiet()
    meeting_copy(meeting=meeting)
    relay_until_quiet()
    changes = ("patch-page", "patch-block-children", "delete-a-block")
    assert [calls_of(at_sandbox, action) for action in changes] == [0, 0, 0]


@pytest.mark.parametrize("how", ["trash", "for good"])
def test_a_page_that_was_deleted_is_made_again(
    merchant_at_notion: User, pages: Pages, at_sandbox: Sandbox, how: str
) -> None:
    meeting = new_meeting(merchant_at_notion)
    relay_until_quiet()
    first = copy_at(meeting, "notion").remote_id
    if how == "trash":
        at_sandbox.archive_page(first)
    else:
        at_sandbox.delete_page(first)
    meeting_copy(meeting=meeting)
    relay_until_quiet()
    (page,) = pages()
    assert page["id"] == copy_at(meeting, "notion").remote_id != first


def test_a_strangers_page_of_the_same_title_is_left_alone(
    merchant_at_notion: User, pages: Pages
) -> None:
    theirs = in_notion(merchant_at_notion, "Weekly", "Mine, do not touch")
    in_notion(merchant_at_notion, "Weekly review", "Not even the same title")
    meeting = new_meeting(merchant_at_notion)
    relay_until_quiet()
    texts = {page["id"]: page["text"] for page in pages()}
    assert len(texts) == 2
    assert texts[theirs] == "Mine, do not touch"
    assert copy_at(meeting, "notion").remote_id != theirs


def test_two_meetings_of_the_same_title_are_two_pages(
    merchant_at_notion: User, pages: Pages
) -> None:
    meetings = [new_meeting(merchant_at_notion, notes=str(number)) for number in range(2)]
    relay_until_quiet()
    assert len(pages()) == 2
    assert len({copy_at(meeting, "notion").remote_id for meeting in meetings}) == 2


def test_a_lost_answer_makes_no_second_page(
    merchant_at_notion: User, pages: Pages, at_sandbox: Sandbox
) -> None:
    at_sandbox.misbehave(f"{EXECUTE}/post-page/execute", drop="after", times=1)
    meeting = new_meeting(merchant_at_notion, notes="Once")
    relay_until_quiet()
    (page,) = pages()
    assert calls_of(at_sandbox, "post-page") == 1
    assert copy_at(meeting, "notion").remote_id == page["id"]


def test_a_lost_answer_makes_no_second_page_even_when_the_title_changes_meanwhile(
    merchant_at_notion: User, pages: Pages, at_sandbox: Sandbox
) -> None:
    at_sandbox.misbehave(f"{EXECUTE}/post-page/execute", drop="after", times=1)
    meeting = new_meeting(merchant_at_notion)
    relay.Relay(senders=1).drain(seconds=60)
    change(meeting, title="Monthly")
    relay_until_quiet()
    assert (len(pages("Weekly")), len(pages("Monthly"))) == (0, 1)


def test_a_long_page_is_written_in_parts_and_cut_in_half_goes_on(
    merchant_at_notion: User, pages: Pages, at_sandbox: Sandbox
) -> None:
    at_sandbox.misbehave(f"{EXECUTE}/patch-block-children/execute", status=503, times=1)
    notes = "\n\n".join(f"line {number}" for number in range(250))
    new_meeting(merchant_at_notion, notes=notes)
    relay_until_quiet()
    (page,) = pages()
    assert page["text"].splitlines()[2:] == notes.split("\n\n")


POINTS = "- parent\n" + "\n".join(f"  - child {n}" for n in range(150))
BOLD = " ".join(f"**k{n}** v{n}" for n in range(80))


@pytest.mark.parametrize(
    ("notes", "written"),
    [
        (POINTS, POINTS.replace("  - ", "").replace("- ", "")),
        (BOLD, BOLD.replace("**", "")),
        ("會" * 30_000, "會" * 30_000),
    ],
    ids=["points", "bold", "chinese"],
)
def test_all_of_the_notes_is_copied_however_much_there_is_of_a_kind(
    merchant_at_notion: User, pages: Pages, notes: str, written: str
) -> None:
    meeting = new_meeting(merchant_at_notion, notes=notes)
    relay_until_quiet()
    (page,) = pages()
    copied = page["text"].split("\n", 2)[2]
    assert copied.replace("\n", "") == written.replace("\n", "")
    assert (copy_at(meeting, "notion").digest, copy_at(meeting, "notion").left_out) == (
        *(meeting.digest, []),
    )
    assert Message.objects.filter(state=Message.State.DEAD).count() == 0


def test_tries_that_break_off_between_any_two_calls_double_nothing(
    merchant_at_notion: User, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each try dies after some of its changes, the last of which was made without our hearing."""
    execute, changes = ConnectorClient.execute, count(1)

    def dying(self: ConnectorClient, action: str, **parts: Any) -> Any:
        answer = execute(self, action, **parts)
        is_change = action not in ("get-block-children", "retrieve-a-page", "post-search")
        if is_change and next(changes) % 2 == 0:
            raise Unreachable("The worker was killed.", ambiguous=True)
        return answer

    monkeypatch.setattr(ConnectorClient, "execute", dying)
    lines = [f"line {n}" for n in range(220)]
    points = [f"- p{n}\n" + "\n".join(f"  - c{n}.{m}" for m in range(130)) for n in range(2)]
    meeting = new_meeting(merchant_at_notion, notes="\n\n".join([*lines, *points]))
    relay_until_quiet()
    check_page(pages, lines, points)
    lines[3:5], lines[200:] = ["three", "three and a half", "four"], ["the end"]
    points = [points[1].replace("c1.0\n", "first\n").replace("c1.90", "ninety"), points[0]]
    change(meeting, notes="\n\n".join([*lines, *points]))
    relay_until_quiet()
    check_page(pages, lines, points)


def check_page(pages: Pages, lines: list[str], points: list[str]) -> None:
    (page,) = pages()
    words = "\n".join(points).replace("  - ", "").replace("- ", "").splitlines()
    assert page["text"].splitlines()[2:] == [*lines, *words]


def test_what_people_wrote_before_our_mark_makes_nothing_double(
    merchant_at_notion: User, pages: Pages, at_sandbox: Sandbox
) -> None:
    meeting = new_meeting(merchant_at_notion, notes="one\n\ntwo")
    relay_until_quiet()
    page_id = copy_at(meeting, "notion").remote_id
    client = ConnectorClient("notion", merchant_at_notion)
    first = client.execute("get-block-children", path={"block_id": page_id})["results"][0]
    client.execute("delete-a-block", path={"block_id": first["id"]})
    at_sandbox.misbehave(f"{EXECUTE}/delete-a-block/execute", drop="before", times=1)
    change(meeting, notes="one\n\n2")
    relay_until_quiet()
    (page,) = pages()
    assert page["text"].splitlines()[2:] == ["one", "2"]


def test_a_page_below_ours_is_never_deleted(merchant_at_notion: User, pages: Pages) -> None:
    meeting = new_meeting(merchant_at_notion, notes="one")
    relay_until_quiet()
    page_id = copy_at(meeting, "notion").remote_id
    client = ConnectorClient("notion", merchant_at_notion)
    client.execute(
        "post-page",
        body={
            "parent": {"type": "page_id", "page_id": page_id},
            "properties": {"title": [{"text": {"content": "Below"}}]},
        },
    )
    change(meeting, notes="two")
    relay_until_quiet()
    assert len(pages("Below")) == 1


def test_what_notion_refuses_is_a_dead_letter_in_notions_words(
    merchant_at_notion: User, at_sandbox: Sandbox
) -> None:
    at_sandbox.let_service_fail("notion", status=403, times=1)
    new_meeting(merchant_at_notion)
    relay_until_quiet()
    message = Message.objects.get(kind="meeting_copy")
    assert message.state == Message.State.DEAD
    assert "Insufficient permissions" in message.last_error


def test_a_busy_notion_is_tried_again_and_does_not_hold_up_orders(
    merchant_at_notion: User, pages: Pages, at_sandbox: Sandbox
) -> None:
    at_sandbox.let_service_fail("notion", status=429, times=6)
    new_meeting(merchant_at_notion)
    relay_until_quiet()
    assert len(pages()) == 1
    assert not Circuit.objects.filter(open_until__isnull=False).exists()


def test_without_a_connection_the_copy_waits_and_is_made_once_there_is_one(
    known_merchant: User, pages: Pages, at_sandbox: Sandbox
) -> None:
    meeting = new_meeting(known_merchant)
    assert not Message.objects.filter(kind="meeting_copy").exists()
    connect(known_merchant, "notion", sandbox=at_sandbox)
    relay_until_quiet()
    assert len(pages()) == 1
    assert copy_at(meeting, "notion").digest == meeting.digest


def test_an_account_that_is_gone_ends_quietly_and_the_next_one_goes_on(
    merchant_at_notion: User, pages: Pages, at_sandbox: Sandbox, user_id: str
) -> None:
    meeting = new_meeting(merchant_at_notion)
    relay_until_quiet()
    at_sandbox.revoke(user_id, Connection.objects.get().credential_id)
    change(meeting, notes="Later")
    relay_until_quiet()
    assert copy_at(meeting, "notion").digest != meeting.digest
    connect(merchant_at_notion, "notion", sandbox=at_sandbox, account="Acme HQ")
    relay_until_quiet()
    (page,) = pages()
    assert "Later" in page["text"]


def test_of_two_accounts_the_other_takes_over_when_one_is_gone(
    merchant_at_notion: User, at_sandbox: Sandbox, user_id: str
) -> None:
    connect(merchant_at_notion, "notion", sandbox=at_sandbox, account="Acme Europe")
    newest = Connection.objects.order_by("-pk")[0]
    at_sandbox.revoke(user_id, newest.credential_id)
    meeting = new_meeting(merchant_at_notion)
    relay_until_quiet()
    assert copy_at(meeting, "notion").digest == meeting.digest


def test_a_meeting_deleted_meanwhile_is_not_copied(
    merchant_at_notion: User, at_sandbox: Sandbox
) -> None:
    new_meeting(merchant_at_notion).delete()
    relay_until_quiet()
    assert calls_of(at_sandbox, "/execute") == 0


@pytest.mark.parametrize("payload", [{}, {"copy": None}, {"copy": 999_999}])
def test_an_empty_message_does_nothing(merchant_at_notion: User, payload: dict[str, Any]) -> None:
    write_copy(Message(kind="meeting_copy", tenant=merchant_at_notion, payload=payload))


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_page(
    merchant_at_notion: User, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.wake.wake", lambda *_: None)
    meeting = new_meeting(merchant_at_notion, notes="Once")
    for _ in range(3):
        meeting_copy(meeting=meeting)
    at_once(4, lambda number: relay.Relay(senders=1).drain(seconds=60))
    relay_until_quiet()
    assert len(pages()) == 1
