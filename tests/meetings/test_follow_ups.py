"""The same pattern elsewhere: Slack, Google Drive, HubSpot."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from integrations.contrib.connectivity.connector import ConnectorClient
from integrations.models import Message
from meetings.copies.slack import summary
from meetings.copies.sync_status import SyncStatus, sync_statuses
from meetings.models import Meeting
from meetings.services import meeting_copy
from tests.integrations.contrib.connectivity.surroundings import connect
from tests.integrations.outbox.steps import let_waits_end, relay_once, relay_until_quiet
from tests.meetings.conftest import NOON, change, copy_at, new_meeting
from tests.services.sandbox import Sandbox

pytestmark = pytest.mark.django_db

Said = Callable[[str], list[str]]


@pytest.fixture
def said(at_sandbox: Sandbox, user_id: str) -> Said:
    """Return a function that reads the messages of a Slack channel."""

    def read(channel: str) -> list[str]:
        channels = at_sandbox.contents(user_id, "slack", "channels")
        (found,) = [each for each in channels if each["name"] == channel]
        return [message["text"] for message in found["messages"]]

    return read


def test_only_what_was_chosen_is_copied(known_merchant: User, at_sandbox: Sandbox) -> None:
    for each in ("notion", "slack", "googleDrive", "hubspot"):
        connect(known_merchant, each, sandbox=at_sandbox)
    meeting = new_meeting(known_merchant)
    assert [copy.service for copy in meeting.copies.all()] == ["notion"]


def test_slack_gets_one_message_that_changes_with_the_meeting(
    known_merchant: User, at_sandbox: Sandbox, said: Said
) -> None:
    connect(known_merchant, "slack", sandbox=at_sandbox)
    meeting = new_meeting(known_merchant, slack_channel="#meetings", notes="Draft")
    relay_until_quiet()
    change(meeting, notes="Final **words**")
    relay_until_quiet()
    (text,) = said("meetings")
    assert text == "*Weekly*, 20 November 2026, 12:00\nFinal words"


def test_another_channel_gets_a_message_of_its_own(
    known_merchant: User, at_sandbox: Sandbox, said: Said
) -> None:
    connect(known_merchant, "slack", sandbox=at_sandbox)
    meeting = new_meeting(known_merchant, slack_channel="#meetings")
    relay_until_quiet()
    change(meeting, slack_channel="#general")
    relay_until_quiet()
    assert (len(said("meetings")), len(said("general"))) == (1, 1)


@pytest.mark.parametrize(
    ("channel", "reason"), [("#nowhere", "channel_not_found"), ("#random", "not_in_channel")]
)
def test_slacks_reason_is_kept(
    known_merchant: User, at_sandbox: Sandbox, channel: str, reason: str
) -> None:
    connect(known_merchant, "slack", sandbox=at_sandbox)
    new_meeting(known_merchant, slack_channel=channel)
    relay_until_quiet()
    message = Message.objects.get(name="Meeting to Slack")
    assert (message.state, reason in message.last_error) == ("dead", True)


def status_of(meeting: Meeting, service: str) -> SyncStatus:
    """Return what the meeting's page says of one service."""
    statuses = sync_statuses([meeting], meeting.merchant)[meeting.pk]
    (found,) = [each for each in statuses if each.service == service]
    return found


def refused(sandbox: Sandbox, connector: str, status: int, details: Any, **more: Any) -> None:
    """Let a service refuse one call, in its own words."""
    error = {"code": "ACTION_FAILED", "message": "no", "details": details}
    body = {"error": error} if status != 200 else {"responseData": details}
    path = f"/connectors/{connector}/actions/*/execute"
    sandbox.misbehave(path, status=status, body=json.dumps(body), times=1, **more)


TRIED_AGAIN = [
    ("notion", "Notion", 409, {"object": "error", "status": 409, "code": "conflict_error"}),
    (
        *("googleDrive", "Google Drive", 403),
        {"error": {"code": 403, "errors": [{"reason": "userRateLimitExceeded"}]}},
    ),
    ("slack", "Slack", 200, {"ok": False, "error": "ratelimited"}),
    ("hubspot", "HubSpot", 423, {"status": "error", "category": "LOCKED"}),
]
EVERYWHERE: dict[str, Any] = {"slack_channel": "#meetings", "to_drive": True, "to_hubspot": True}


@pytest.mark.parametrize(("connector_id", "service", "status", "details"), TRIED_AGAIN)
def test_a_service_that_says_try_again_is_tried_again_and_the_page_says_so(
    known_merchant: User,
    at_sandbox: Sandbox,
    connector_id: str,
    service: str,
    status: int,
    details: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("integrations.ledger.full_jitter", lambda *_, **__: timedelta(minutes=1))
    connect(known_merchant, connector_id, sandbox=at_sandbox)
    refused(at_sandbox, connector_id, status, details)
    meeting = new_meeting(known_merchant, attendees="cy@x.example", **EVERYWHERE)
    relay_once()
    found = status_of(meeting, service)
    assert (found.words, found.tone) == ("Could not be copied yet, we try again", "waiting")
    assert found.try_again_at
    assert not found.is_denied
    assert "connect" not in found.reason
    let_waits_end()
    relay_until_quiet()
    assert status_of(meeting, service).words == "Copied"


@pytest.mark.parametrize(
    ("connector_id", "service", "status", "details"),
    [
        ("notion", "Notion", 403, {"code": "restricted_resource"}),
        ("slack", "Slack", 200, {"ok": False, "error": "token_revoked"}),
        (
            *("googleDrive", "Google Drive", 403),
            {"error": {"errors": [{"reason": "insufficientPermissions"}]}},
        ),
        ("hubspot", "HubSpot", 403, {"category": "MISSING_SCOPES"}),
    ],
)
def test_an_account_that_is_not_let_in_is_to_be_connected_again_and_that_copies(
    known_merchant: User,
    at_sandbox: Sandbox,
    connector_id: str,
    service: str,
    status: int,
    details: Any,
) -> None:
    connect(known_merchant, connector_id, sandbox=at_sandbox)
    refused(at_sandbox, connector_id, status, details)
    meeting = new_meeting(known_merchant, attendees="cy@x.example", **EVERYWHERE)
    relay_until_quiet()
    assert status_of(meeting, service).is_denied
    assert "connect it again" in status_of(meeting, service).words
    connect(known_merchant, connector_id, sandbox=at_sandbox)
    relay_until_quiet()
    assert status_of(meeting, service).words == "Copied"


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "&" * 200, "notes": "<" * 700},
        {"title": "會" * 200, "notes": "會" * 700},
        {"title": "😀" * 200, "notes": "😀" * 700},
        {"attendees": "\n".join(f"{'&' * 200}{n} <p{n}@x.example>" for n in range(200))},
        {"attendees": "\n".join(f"{'&' * 250}@x{n}.example" for n in range(200))},
    ],
)
def test_no_summary_is_longer_than_a_changed_message_may_be(fields: dict[str, Any]) -> None:
    text = summary(Meeting(**{"title": "Weekly", "starts_at": NOON, **fields}))
    assert len(text.encode()) <= 4_000
    assert "more" in text or "attendees" not in fields


def test_a_message_that_can_no_longer_be_changed_is_followed_by_another(
    known_merchant: User, at_sandbox: Sandbox, said: Said
) -> None:
    connect(known_merchant, "slack", sandbox=at_sandbox)
    meeting = new_meeting(known_merchant, slack_channel="#meetings", notes="Draft")
    relay_until_quiet()
    refused(at_sandbox, "slack", 200, {"ok": False, "error": "edit_window_closed"})
    change(meeting, notes="Final")
    relay_until_quiet()
    assert [text.splitlines()[-1] for text in said("meetings")] == ["Draft", "Final"]


def test_nothing_in_a_summary_can_call_a_whole_channel() -> None:
    meeting = Meeting(title="<!channel>", starts_at=NOON, notes="a & <@U1>", attendees="Ada")
    assert "<" not in summary(meeting)
    assert "&lt;!channel&gt;" in summary(meeting)


def test_drive_keeps_one_file_however_often_it_is_saved(
    known_merchant: User, at_sandbox: Sandbox, user_id: str
) -> None:
    connect(known_merchant, "googleDrive", sandbox=at_sandbox)
    at_sandbox.misbehave("/connectors/googleDrive/actions/createFile", drop="after", times=1)
    meeting = new_meeting(known_merchant, "Tom's", to_drive=True, notes="Draft")
    relay_until_quiet()
    change(meeting, notes="# Final")
    relay_until_quiet()
    files = at_sandbox.contents(user_id, "googleDrive", "files")
    (file,) = [each for each in files if each["name"] == "Tom's.md"]
    assert file["content"] == "# Tom's\n2026-11-20T12:00+00:00\n\n# Final"
    assert copy_at(meeting, "googleDrive").url == file["webViewLink"]


def test_a_deleted_file_is_made_again(
    known_merchant: User, at_sandbox: Sandbox, user_id: str
) -> None:
    connect(known_merchant, "googleDrive", sandbox=at_sandbox)
    meeting = new_meeting(known_merchant, to_drive=True)
    relay_until_quiet()
    first = copy_at(meeting, "googleDrive").remote_id
    ConnectorClient("googleDrive", known_merchant).execute("deleteFile", path={"file_id": first})
    meeting_copy(meeting=meeting)
    relay_until_quiet()
    names = [file["name"] for file in at_sandbox.contents(user_id, "googleDrive", "files")]
    assert names.count("Weekly.md") == 1


def test_attendees_become_contacts_and_who_is_there_stays_as_they_are(
    known_merchant: User, at_sandbox: Sandbox, user_id: str
) -> None:
    connect(known_merchant, "hubspot", sandbox=at_sandbox)
    people = "Ada King <ada@lovelace.example>\nGrace Hopper <grace@navy.example>\nNobody"
    meeting = new_meeting(known_merchant, to_hubspot=True, attendees=people)
    relay_until_quiet()
    contacts = at_sandbox.contents(user_id, "hubspot", "contacts")
    names = {each["properties"]["email"]: each["properties"]["lastname"] for each in contacts}
    assert names == {"ada@lovelace.example": "Lovelace", "grace@navy.example": "Hopper"}
    assert copy_at(meeting, "hubspot").digest == meeting.digest


def test_a_contact_that_somebody_adds_at_the_same_moment_is_fine(
    known_merchant: User, at_sandbox: Sandbox
) -> None:
    connect(known_merchant, "hubspot", sandbox=at_sandbox)
    path = "/connectors/hubspot/actions/searchContacts"
    at_sandbox.misbehave(path, body='{"responseData": {"total": 0, "results": []}}', times=1)
    meeting = new_meeting(known_merchant, to_hubspot=True, attendees="ada@lovelace.example")
    relay_until_quiet()
    assert copy_at(meeting, "hubspot").digest == meeting.digest


ATTENDEES = "Bad <a-bad@exa_mple.example>\nBea <bea@x.example>\nCy <cy@x.example>\nNobody"
INVALID = {
    "status": "error",
    "message": "Email address a-bad@exa_mple.example is invalid",
    "category": "VALIDATION_ERROR",
}


def contacts_at(sandbox: Sandbox, user_id: str) -> set[str]:
    contacts = sandbox.contents(user_id, "hubspot", "contacts")
    return {each["properties"]["email"] for each in contacts} - {"ada@lovelace.example"}


def test_one_address_that_hubspot_will_not_take_keeps_nobody_back_and_is_named(
    known_merchant: User, at_sandbox: Sandbox, user_id: str
) -> None:
    connect(known_merchant, "hubspot", sandbox=at_sandbox)
    create = "/connectors/hubspot/actions/createContact/execute"
    error = {"error": {"code": "ACTION_FAILED", "message": "no", "details": INVALID}}
    at_sandbox.misbehave(create, status=400, body=json.dumps(error), times=1)
    meeting = new_meeting(known_merchant, to_hubspot=True, attendees=ATTENDEES)
    relay_until_quiet()
    assert contacts_at(at_sandbox, user_id) == {"bea@x.example", "cy@x.example"}
    status = status_of(meeting, "HubSpot")
    assert status.words == "Copied in part"
    assert [line.split()[0] for line in status.left_out] == ["a-bad@exa_mple.example", "Nobody"]


@pytest.mark.parametrize("action", ["createContact", "searchContacts"])
def test_who_hubspot_stumbles_at_is_added_after_the_others(
    known_merchant: User, at_sandbox: Sandbox, user_id: str, action: str
) -> None:
    connect(known_merchant, "hubspot", sandbox=at_sandbox)
    refused(at_sandbox, "hubspot", 500 if action == "createContact" else 400, {"message": "no"})
    meeting = new_meeting(known_merchant, to_hubspot=True, attendees=ATTENDEES)
    relay_until_quiet()
    assert {"bea@x.example", "cy@x.example"} <= contacts_at(at_sandbox, user_id)
    assert copy_at(meeting, "hubspot").digest == meeting.digest
