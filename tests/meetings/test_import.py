from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from meetings.models import Meeting
from tests.meetings.calendar.files import EVENT, NOW, calendar

pytestmark = pytest.mark.django_db

CANCEL = "METHOD:CANCEL\n"
SERIES = "UID:m\nSUMMARY:Mondays\nDTSTART:20261130T090000Z\n"


@pytest.fixture(autouse=True)
def day_of_the_tests() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def imported(client: Client, content: bytes | None, *, status: int = 200, **fields: str) -> str:
    """Upload a file as the form does, and return the page that answers, its spaces made one."""
    file = {} if content is None else {"file": SimpleUploadedFile("calendar.ics", content)}
    answer = client.post("/meetings/import/", {**file, **fields})
    assert answer.status_code == status
    return re.sub(r"\s+", " ", answer.content.decode())


def cancelled_by_date() -> dict[str, bool]:
    """Return the meetings that are there by date, and whether each is cancelled."""
    meetings = Meeting.objects.order_by("starts_at")
    return {f"{meeting.starts_at:%m-%d %H}": meeting.is_cancelled for meeting in meetings}


def test_a_calendar_is_imported_and_imported_again(merchant_client: Client) -> None:
    content = calendar(f"{EVENT}DESCRIPTION:Agenda\n")
    assert "1 new" in imported(merchant_client, content)
    Meeting.objects.update(notes="What was said")
    moved = calendar(EVENT.replace("120000Z", "130000Z"))
    assert "1 changed" in imported(merchant_client, moved)
    assert "1 as it was" in imported(merchant_client, moved)
    meeting = Meeting.objects.get()
    assert (meeting.starts_at.hour, meeting.notes) == (13, "What was said")


def test_the_result_says_of_each_event_what_became_of_it_and_why(merchant_client: Client) -> None:
    html = imported(merchant_client, calendar(EVENT, "UID:2\nSUMMARY:Some time\n"))
    meeting = Meeting.objects.get()
    assert f'<a href="/meetings/{meeting.pk}/">Fri 20 Nov 2026, 12:00</a>' in html
    assert "1 left out" in html
    assert re.search(r"Some time</h2> <span class=\"pill waiting\">Left out", html)
    assert "It has no date." in html


@pytest.mark.postgresql
def test_two_merchants_import_the_same_calendar(
    merchant_client: Client, other_merchant_client: Client
) -> None:
    for client in (merchant_client, other_merchant_client):
        imported(client, calendar(EVENT))
    assert Meeting.objects.count() == 2


def test_events_without_an_id_are_imported_once(merchant_client: Client) -> None:
    content = calendar("SUMMARY:First\nDTSTART:20261201T100000Z\n")
    assert "1 new" in imported(merchant_client, content)
    assert "1 as it was" in imported(merchant_client, content)
    assert Meeting.objects.count() == 1


@pytest.mark.parametrize(
    "cancellation", [calendar(EVENT, head=CANCEL), calendar(f"{EVENT}STATUS:CANCELLED\n")]
)
def test_a_cancellation_marks_the_meeting_and_makes_none(
    merchant_client: Client, cancellation: bytes
) -> None:
    assert "no meeting was made of it" in imported(merchant_client, cancellation)
    assert cancelled_by_date() == {}
    imported(merchant_client, calendar(EVENT))
    assert "1 cancelled" in imported(merchant_client, cancellation)
    assert cancelled_by_date() == {"11-20 12": True}
    assert "Cancelled: Weekly" in merchant_client.get("/meetings/").content.decode()
    assert "It stays cancelled." in imported(merchant_client, calendar(EVENT))
    imported(merchant_client, calendar(f"{EVENT}SEQUENCE:1\n"))
    assert cancelled_by_date() == {"11-20 12": False}


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ("SEQUENCE:2\n", "SEQUENCE:1\nDTSTAMP:20270101T000000Z\n"),
        ("SEQUENCE:1\n", ""),
        ("DTSTAMP:20261102T000000Z\n", "DTSTAMP:20261101T000000Z\n"),
    ],
)
@pytest.mark.parametrize("head", ["", CANCEL])
def test_an_older_version_changes_nothing(
    merchant_client: Client, newer: str, older: str, head: str
) -> None:
    imported(merchant_client, calendar(EVENT + newer))
    html = imported(merchant_client, calendar(EVENT.replace("Weekly", "Old") + older, head=head))
    assert "The meeting here comes from a newer version of this event." in html
    meeting = Meeting.objects.get()
    assert (meeting.title, meeting.is_cancelled) == ("Weekly", False)


@pytest.mark.postgresql
def test_a_series_follows_its_later_versions(merchant_client: Client) -> None:
    first = f"{SERIES}RRULE:FREQ=WEEKLY;COUNT=3\n"
    html = imported(merchant_client, calendar(first))
    assert "3 new" in html
    assert html.count("Mondays</h2>") == 1
    assert cancelled_by_date() == {"11-30 09": False, "12-07 09": False, "12-14 09": False}
    html = imported(merchant_client, calendar(f"{first}EXDATE:20261207T090000Z\n"))
    assert "It is no longer among its series" in html
    assert cancelled_by_date() == {"11-30 09": False, "12-07 09": True, "12-14 09": False}
    moved = "UID:m\nRECURRENCE-ID:20261214T090000Z\nDTSTART:20261215T100000Z\nSEQUENCE:1\n"
    imported(merchant_client, calendar(moved))
    assert cancelled_by_date() == {"11-30 09": False, "12-07 09": True, "12-15 10": False}
    imported(merchant_client, calendar("UID:m\nRECURRENCE-ID:20261130T090000Z\n", head=CANCEL))
    assert cancelled_by_date() == {"11-30 09": True, "12-07 09": True, "12-15 10": False}
    imported(merchant_client, calendar(f"{SERIES}SEQUENCE:2\n", head=CANCEL))
    assert set(cancelled_by_date().values()) == {True}


def test_an_event_that_becomes_a_series_keeps_its_meeting(merchant_client: Client) -> None:
    imported(merchant_client, calendar(SERIES))
    Meeting.objects.update(notes="What was said")
    html = imported(merchant_client, calendar(f"{SERIES}RRULE:FREQ=WEEKLY;COUNT=2\n"))
    assert "1 new" in html
    assert "1 as it was" in html
    assert cancelled_by_date() == {"11-30 09": False, "12-07 09": False}


@pytest.mark.postgresql
def test_what_was_imported_can_be_edited(merchant_client: Client) -> None:
    crowd = "".join(f"ATTENDEE;CN=Dr. {'N' * 90}, {n}:mailto:{n}@x.example\n" for n in range(300))
    lines = "a\\n" * 60_000
    odd = f"UID:1\nDTSTART:20261201T100030\nDESCRIPTION:{lines}\nSUMMARY:\\n\n{crowd}"
    imported(merchant_client, calendar(odd))
    meeting = Meeting.objects.get()
    form = merchant_client.get(f"/meetings/{meeting.pk}/edit/").context["form"]
    posted = {name: form[name].value() for name in ("title", "attendees", "notes")}
    posted |= {"starts_at": "2026-12-01T10:00", "is_cancelled": "on"}
    posted = {name: value.replace("\n", "\r\n") for name, value in posted.items()}
    assert merchant_client.post(f"/meetings/{meeting.pk}/edit/", posted).status_code == 302
    assert Meeting.objects.get().is_cancelled


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "This file is empty."),
        (b"nonsense", "not a calendar file"),
        (b"x" * (1024 * 1024 + 1), "larger than 1 MB"),
        (None, "Choose a file."),
        (calendar(), "There is no event in this file."),
        (calendar("SUMMARY:Gr\xf6\xdfe\n").decode().encode("cp1252"), "not in the encoding UTF-8"),
    ],
)
def test_a_file_that_cannot_be_imported_is_refused(
    merchant_client: Client, content: bytes | None, said: str
) -> None:
    html = imported(merchant_client, content, status=422)
    assert said in html
    assert not Meeting.objects.exists()


def test_the_merchant_cannot_import_to_somebody_elses_event(
    merchant: User, merchant_client: Client, other_merchant_client: Client
) -> None:
    imported(merchant_client, calendar(EVENT))
    imported(other_merchant_client, calendar(EVENT.replace("Weekly", "Taken"), head=CANCEL))
    assert (Meeting.objects.get().merchant, Meeting.objects.get().title) == (merchant, "Weekly")
