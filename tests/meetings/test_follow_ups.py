"""The same pattern elsewhere: Slack, Google Drive, HubSpot."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from integrations.public import Message, connector
from meetings.copies.slack import summary
from meetings.models import Meeting
from meetings.services import meeting_copy
from tests.integrations.connections.surroundings import connect
from tests.integrations.outbox.steps import relay_until_quiet
from tests.meetings.conftest import NOON, change, copy_at, new_meeting
from tests.services.sandbox import Sandbox

if TYPE_CHECKING:
    from accounts.models import User

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
    connector("googleDrive", known_merchant).execute("deleteFile", path={"file_id": first})
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
