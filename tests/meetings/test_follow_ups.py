"""The same pattern elsewhere: Slack, Google Drive, HubSpot."""

from __future__ import annotations

import json
from typing import Any

import pytest

from integrations.models import Message
from meetings.copies.slack import summary
from meetings.copies.sync_status import SyncStatus, sync_statuses
from meetings.models import Meeting
from tests.integrations.outbox.steps import let_waits_end, relay_once, relay_until_quiet
from tests.meetings.conftest import NOON, Mia, copy_at, new_meeting

pytestmark = pytest.mark.django_db

EVERYWHERE: dict[str, Any] = {
    **{"slack_channel": "#meetings", "to_drive": True, "to_hubspot": True},
    "attendees": "cy@x.example",
}


def said_in(channel: str, mia: Mia) -> list[str]:
    """Return the messages of a Slack channel."""
    channels = {each["name"]: each["messages"] for each in mia.contents("slack", "channels")}
    return [message["text"] for message in channels[channel]]


def status_of(meeting: Meeting, service: str) -> SyncStatus:
    """Return what the meeting's page says of one service."""
    statuses = sync_statuses([meeting], meeting.merchant)[meeting.pk]
    (found,) = [each for each in statuses if each.service == service]
    return found


def refuse_once(mia: Mia, connector: str, status: int, details: Any) -> None:
    """Let a service refuse one call, in its own words."""
    error = {"code": "ACTION_FAILED", "message": "no", "details": details}
    body = {"error": error} if status != 200 else {"responseData": details}
    path = f"/connectors/{connector}/actions/*/execute"
    mia.sandbox.misbehave(path, status=status, body=json.dumps(body), times=1)


def test_only_what_was_chosen_is_copied(mia: Mia) -> None:
    mia.connects("notion", "slack", "googleDrive", "hubspot")
    assert [copy.service for copy in new_meeting(mia.merchant).copies.all()] == ["notion"]


def test_slack_gets_one_message_that_changes_with_the_meeting(mia: Mia) -> None:
    mia.connects("slack")
    meeting = mia.saves(slack_channel="#meetings", notes="Draft")
    mia.changes(meeting, notes="Final **words**")
    assert said_in("meetings", mia) == ["*Weekly*, 20 November 2026, 12:00\nFinal words"]


def test_another_channel_gets_a_message_of_its_own(mia: Mia) -> None:
    mia.connects("slack")
    mia.changes(mia.saves(slack_channel="#meetings"), slack_channel="#general")
    assert [len(said_in(each, mia)) for each in ("meetings", "general")] == [1, 1]


@pytest.mark.parametrize(
    ("channel", "reason"), [("#nowhere", "channel_not_found"), ("#random", "not_in_channel")]
)
def test_slacks_reason_is_kept(mia: Mia, channel: str, reason: str) -> None:
    mia.connects("slack")
    mia.saves(slack_channel=channel)
    message = Message.objects.get(name="Meeting to Slack")
    assert (message.state, reason in message.last_error) == ("dead", True)


@pytest.mark.parametrize(
    ("connector_id", "service", "status", "details"),
    [
        ("notion", "Notion", 409, {"object": "error", "status": 409, "code": "conflict_error"}),
        (
            *("googleDrive", "Google Drive", 403),
            {"error": {"code": 403, "errors": [{"reason": "userRateLimitExceeded"}]}},
        ),
        ("slack", "Slack", 200, {"ok": False, "error": "ratelimited"}),
        ("hubspot", "HubSpot", 423, {"status": "error", "category": "LOCKED"}),
    ],
)
def test_a_service_that_says_try_again_is_tried_again_and_the_page_says_so(
    mia: Mia, connector_id: str, service: str, status: int, details: Any
) -> None:
    mia.connects(connector_id)
    refuse_once(mia, connector_id, status, details)
    meeting = new_meeting(mia.merchant, **EVERYWHERE)
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
    mia: Mia, connector_id: str, service: str, status: int, details: Any
) -> None:
    mia.connects(connector_id)
    refuse_once(mia, connector_id, status, details)
    meeting = mia.saves(**EVERYWHERE)
    assert status_of(meeting, service).is_denied
    assert "connect it again" in status_of(meeting, service).words
    mia.connects(connector_id)
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


def test_a_message_that_can_no_longer_be_changed_is_followed_by_another(mia: Mia) -> None:
    mia.connects("slack")
    meeting = mia.saves(slack_channel="#meetings", notes="Draft")
    refuse_once(mia, "slack", 200, {"ok": False, "error": "edit_window_closed"})
    mia.changes(meeting, notes="Final")
    assert [text.splitlines()[-1] for text in said_in("meetings", mia)] == ["Draft", "Final"]


def test_nothing_in_a_summary_can_call_a_whole_channel() -> None:
    meeting = Meeting(title="<!channel>", starts_at=NOON, notes="a & <@U1>", attendees="Ada")
    assert "<" not in summary(meeting)
    assert "&lt;!channel&gt;" in summary(meeting)


def test_drive_keeps_one_file_however_often_it_is_saved(mia: Mia) -> None:
    mia.connects("googleDrive")
    create = "/connectors/googleDrive/actions/createFile"
    mia.sandbox.misbehave(create, drop="after", times=1)
    meeting = mia.saves("Tom's", to_drive=True, notes="Draft")
    mia.changes(meeting, notes="# Final")
    (file,) = [each for each in mia.contents("googleDrive", "files") if each["name"] == "Tom's.md"]
    assert file["content"] == "# Tom's\n2026-11-20T12:00+00:00\n\n# Final"
    assert copy_at(meeting, "googleDrive").url == file["webViewLink"]


def test_a_deleted_file_is_made_again(mia: Mia) -> None:
    mia.connects("googleDrive")
    meeting = mia.saves(to_drive=True)
    first = copy_at(meeting, "googleDrive").remote_id
    mia.acts_at("googleDrive", "deleteFile", path={"file_id": first})
    mia.syncs(meeting)
    names = [file["name"] for file in mia.contents("googleDrive", "files")]
    assert names.count("Weekly.md") == 1


def contacts_of(mia: Mia) -> dict[str, str]:
    """Return the last name of each address in HubSpot."""
    found = [each["properties"] for each in mia.contents("hubspot", "contacts")]
    return {each["email"]: each["lastname"] for each in found}


def test_attendees_become_contacts_and_who_is_there_stays_as_they_are(mia: Mia) -> None:
    mia.connects("hubspot")
    people = "Ada King <ada@lovelace.example>\nGrace Hopper <grace@navy.example>\nNobody"
    meeting = mia.saves(to_hubspot=True, attendees=people)
    assert contacts_of(mia) == {"ada@lovelace.example": "Lovelace", "grace@navy.example": "Hopper"}
    assert copy_at(meeting, "hubspot").digest == meeting.digest


def test_a_contact_that_somebody_adds_at_the_same_moment_is_fine(mia: Mia) -> None:
    mia.connects("hubspot")
    path = "/connectors/hubspot/actions/searchContacts"
    mia.sandbox.misbehave(path, body='{"responseData": {"total": 0, "results": []}}', times=1)
    meeting = mia.saves(to_hubspot=True, attendees="ada@lovelace.example")
    assert copy_at(meeting, "hubspot").digest == meeting.digest


ATTENDEES = "Bad <a-bad@exa_mple.example>\nBea <bea@x.example>\nCy <cy@x.example>\nNobody"


def test_one_address_that_hubspot_will_not_take_keeps_nobody_back_and_is_named(mia: Mia) -> None:
    mia.connects("hubspot")
    invalid = {
        "status": "error",
        "message": "Email address a-bad@exa_mple.example is invalid",
        "category": "VALIDATION_ERROR",
    }
    error = {"error": {"code": "ACTION_FAILED", "message": "no", "details": invalid}}
    create = "/connectors/hubspot/actions/createContact/execute"
    mia.sandbox.misbehave(create, status=400, body=json.dumps(error), times=1)
    status = status_of(mia.saves(to_hubspot=True, attendees=ATTENDEES), "HubSpot")
    assert contacts_of(mia).keys() == {"ada@lovelace.example", "bea@x.example", "cy@x.example"}
    assert status.words == "Copied in part"
    assert [line.split()[0] for line in status.left_out] == ["a-bad@exa_mple.example", "Nobody"]


@pytest.mark.parametrize("status", [500, 400])
def test_whom_hubspot_cannot_add_right_now_is_added_after_the_others(mia: Mia, status: int) -> None:
    mia.connects("hubspot")
    refuse_once(mia, "hubspot", status, {"message": "no"})
    meeting = mia.saves(to_hubspot=True, attendees=ATTENDEES)
    assert {"bea@x.example", "cy@x.example"} <= contacts_of(mia).keys()
    assert copy_at(meeting, "hubspot").digest == meeting.digest
