from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from integrations.contrib.connectivity.models import Connection
from integrations.models import Attempt, Message
from meetings.models import Meeting
from tests.integrations.threads import at_once
from tests.meetings.conftest import NOON, copy_at, new_meeting
from tests.pages import html_of, logged_in, poll

pytestmark = pytest.mark.django_db

FILLED = {"title": "Weekly", "starts_at": "2026-11-20T12:00"}


def send(client: Client, **fields: str) -> Any:
    """Send the form of a new meeting."""
    return client.post("/meetings/new/", {**FILLED, **fields})


def message_of(meeting: Meeting) -> Message:
    """Return the message that writes the meeting's copy in Notion."""
    uid = copy_at(meeting, "notion").message_uid
    assert uid
    return Message.objects.get(uid=uid)


def test_an_empty_list_says_what_to_do(merchant_client: Client) -> None:
    html = html_of(merchant_client, "/meetings/")
    assert "No meetings yet" in html
    assert "/integrations/" in html


def test_a_meeting_is_made_and_shown(merchant: User, merchant_client: Client) -> None:
    answer = merchant_client.post(
        "/meetings/new/",
        {**FILLED, "attendees": "Ada <ADA@example.com>\n\nGrace", "notes": "# Plan\n<b>x</b>"},
        follow=True,
    )
    html = answer.content.decode()
    meeting = Meeting.objects.get()
    assert answer.redirect_chain == [(f"/meetings/{meeting.pk}/", 302)]
    assert (meeting.merchant, meeting.starts_at) == (merchant, NOON)
    assert meeting.attendees == "Ada <ada@example.com>\nGrace"
    assert "<h3>Plan</h3>" in html
    assert "&lt;b&gt;x" in html


def key_of(html: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', html)
    assert found
    return found[1]


@pytest.mark.parametrize("with_key", [True, False])
def test_a_form_that_is_sent_twice_makes_one_meeting(
    merchant_client: Client, connection: Connection, with_key: bool
) -> None:
    key = {"key": key_of(html_of(merchant_client, "/meetings/new/"))} if with_key else {}
    answers = [send(merchant_client, **key) for _ in range(2)]
    meeting = Meeting.objects.get()
    assert {answer.headers["Location"] for answer in answers} == {f"/meetings/{meeting.pk}/"}
    assert Message.objects.filter(kind="meeting_copy").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_sent_twice_at_once_makes_one_meeting(merchant: User) -> None:
    answers = at_once(4, lambda number: send(logged_in(merchant), key="k"))
    assert [answer.status_code for answer in answers] == [302] * 4
    assert Meeting.objects.count() == 1


def test_two_tabs_make_two_meetings(merchant_client: Client) -> None:
    keys = [key_of(html_of(merchant_client, "/meetings/new/")) for _ in range(2)]
    for key in keys:
        send(merchant_client, key=key)
    assert Meeting.objects.count() == 2


def test_two_merchants_may_have_the_same_key(
    merchant_client: Client, other_merchant_client: Client
) -> None:
    for client in (merchant_client, other_merchant_client):
        assert send(client, key="k").status_code == 302
    assert Meeting.objects.values("merchant").distinct().count() == 2


def test_going_back_and_writing_something_else_loses_and_overwrites_nothing(
    merchant_client: Client,
) -> None:
    send(merchant_client, key="k")
    answer = send(merchant_client, notes="Something else", key="k")
    html = answer.content.decode()
    assert answer.status_code == 422
    assert f"href='/meetings/{Meeting.objects.get().pk}/'" in html
    assert "Something else" in html
    assert Meeting.objects.get().notes == ""
    send(merchant_client, notes="Something else", key=key_of(html))
    assert Meeting.objects.count() == 2


@pytest.mark.parametrize("key", ["x" * 65, "\0"])
def test_a_key_that_is_none_of_ours_is_refused(merchant_client: Client, key: str) -> None:
    assert send(merchant_client, key=key).status_code == 422


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", "", "This field is required."),
        ("title", "x" * 201, "at most 200 characters"),
        ("starts_at", "soon", "Enter a valid date/time."),
        ("attendees", "ada@", "is neither a name nor an e-mail address"),
        ("attendees", "\n".join(f"Person {n}" for n in range(201)), "at most 200 attendees"),
    ],
)
def test_what_cannot_be_saved_is_said_at_its_field(
    merchant_client: Client, field: str, value: str, said: str
) -> None:
    answer = send(merchant_client, **{field: value})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Meeting.objects.exists()


def test_a_change_is_copied_and_no_change_is_not(
    merchant: User, merchant_client: Client, connection: Connection
) -> None:
    meeting = new_meeting(merchant)
    url = f"/meetings/{meeting.pk}/edit/"
    kept = {**FILLED, "attendees": "", "notes": "", "slack_channel": ""}
    assert merchant_client.post(url, kept).status_code == 302
    assert Message.objects.filter(kind="meeting_copy").count() == 1
    merchant_client.post(url, {**kept, "notes": "New"})
    assert Message.objects.filter(kind="meeting_copy").count() == 2


def test_deleting_asks_once(merchant: User, merchant_client: Client) -> None:
    url = f"/meetings/{new_meeting(merchant).pk}/delete/"
    assert "stay as they are" in html_of(merchant_client, url)
    merchant_client.post(url)
    assert not Meeting.objects.exists()


def test_without_notion_the_page_leads_to_where_it_is_connected(
    merchant: User, merchant_client: Client
) -> None:
    html = html_of(merchant_client, f"/meetings/{new_meeting(merchant).pk}/")
    assert 'href="/integrations/?q=Notion"' in html


def test_syncing_without_any_account_says_so(merchant: User, merchant_client: Client) -> None:
    url = f"/meetings/{new_meeting(merchant).pk}/sync/"
    html = merchant_client.post(url, follow=True).content.decode()
    assert "No service is connected yet" in html


def test_a_poll_is_answered_only_when_something_happened(
    merchant: User, merchant_client: Client, connection: Connection
) -> None:
    meeting = new_meeting(merchant)
    html = html_of(merchant_client, f"/meetings/{meeting.pk}/")
    assert "Waiting to be copied" in html
    assert "every 2s" in html
    assert poll(merchant_client, html).status_code == 204
    Message.objects.update(state=Message.State.DELIVERED)
    meeting.copies.update(digest=meeting.digest, url="https://notion.example/p", written_at=NOON)
    html = poll(merchant_client, html).content.decode()
    assert "Copied" in html
    assert 'href="https://notion.example/p"' in html
    assert "every 10s" in html


def test_why_it_failed_is_said_in_the_services_words(
    merchant: User, merchant_client: Client, connection: Connection
) -> None:
    meeting = new_meeting(merchant)
    message = message_of(meeting)
    Message.objects.update(state=Message.State.DEAD, last_error="notion refused post-page: Why")
    Attempt.objects.create(
        message=message, number=1, outcome=Attempt.Outcome.REFUSED, status=400, seconds=1.0
    )
    html = html_of(merchant_client, f"/meetings/{meeting.pk}/")
    assert "Notion refused it" in html
    assert "Notion refused post-page: Why" in html
    Message.objects.update(last_error="slack refused chat_postMessage: channel_not_found")
    assert "There is no such channel" in html_of(merchant_client, f"/meetings/{meeting.pk}/")
    meeting.copies.update(is_denied=True)
    assert "connect it again" in html_of(merchant_client, f"/meetings/{meeting.pk}/")


def test_a_try_that_failed_says_when_the_next_one_is(
    merchant: User, merchant_client: Client, connection: Connection
) -> None:
    meeting = new_meeting(merchant)
    message = message_of(meeting)
    attempt = Attempt.objects.create(message=message, number=1)
    assert "Being copied" in html_of(merchant_client, f"/meetings/{meeting.pk}/")
    Attempt.objects.filter(pk=attempt.pk).update(outcome=Attempt.Outcome.TEMPORARY)
    html = html_of(merchant_client, "/meetings/")
    assert "Could not be copied yet, we try again" in html


def test_the_list_has_pages_in_the_order_of_the_dates(
    merchant: User, merchant_client: Client
) -> None:
    for number in range(30):
        Meeting.objects.create(merchant=merchant, title=f"No. {number:02}", starts_at=NOON)
    first = html_of(merchant_client, "/meetings/")
    assert "No. 29" in first
    assert "No. 04" not in first
    before = re.search(r"\?before=(\d+)", first)
    assert before
    second = html_of(merchant_client, f"/meetings/?before={before[1]}")
    assert re.findall(r"No\. \d\d", second) == ["No. 04", "No. 03", "No. 02", "No. 01", "No. 00"]


@pytest.mark.parametrize("before", ["x", "9" * 30, "-1", "٣"])
def test_a_page_that_makes_no_sense_is_the_first(merchant_client: Client, before: str) -> None:
    html_of(merchant_client, f"/meetings/?before={before}")


def test_the_list_costs_the_same_however_many_meetings_it_shows(
    merchant: User, merchant_client: Client, connection: Connection
) -> None:
    counts = []
    for _ in range(2):
        for _ in range(5):
            new_meeting(merchant)
        with CaptureQueriesContext(database) as queries:
            html_of(merchant_client, "/meetings/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
