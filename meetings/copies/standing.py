"""How far a meeting's copies are, in words a merchant understands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from integrations.public import Attempt, Message, connected, messages_by_uid
from meetings.models import Copy, Meeting
from meetings.services import services_wanted

if TYPE_CHECKING:
    from accounts.models import User

Outcome = Attempt.Outcome
State = Message.State


HINTS = {
    "channel_not_found": "There is no such channel: edit the meeting and name another one.",
    "not_in_channel": "Invite the app to this channel in Slack, then sync again.",
    "is_archived": "This channel is archived: edit the meeting and name another one.",
}
"""What helps against the services' own words that mean little to people."""


@dataclass(frozen=True)
class Standing:
    """Where one copy stands. `tone` is good, waiting, bad or empty.

    `written_at` is set when the copy is as the meeting is; `url` leads to it, also while it is not.
    """

    service: str
    words: str
    tone: str = ""
    reason: str = ""
    url: str = ""
    written_at: datetime | None = None
    try_again_at: datetime | None = None
    needs_connecting: bool = False

    @property
    def is_under_way(self) -> bool:
        return self.tone == "waiting"


def standings_of(meetings: Iterable[Meeting], merchant: User) -> dict[int, list[Standing]]:
    """Return, by meeting id, where each wanted copy stands; three queries in all."""
    meetings = list(meetings)
    there = connected(merchant)
    found = Copy.objects.filter(meeting__in=meetings)
    copies = {(copy.meeting_id, copy.service): copy for copy in found}
    messages = messages_by_uid(
        [copy.message_uid for copy in copies.values() if copy.message_uid is not None]
    )
    standings: dict[int, list[Standing]] = {meeting.pk: [] for meeting in meetings}
    for meeting in meetings:
        for service in services_wanted(meeting):
            copy = copies.get((meeting.pk, service)) or Copy(meeting=meeting, service=service)
            copy.meeting = meeting
            message = messages.get(copy.message_uid) if copy.message_uid else None
            standings[meeting.pk].append(standing_of(copy, message, is_connected=service in there))
    return standings


def standing_of(copy: Copy, message: Message | None, *, is_connected: bool) -> Standing:
    """Return where one copy stands; `message` is the one that was to write it last."""
    service = copy.get_service_display()
    if message is not None and message.state == State.WAITING:
        return _under_way(copy, message)
    if message is not None and message.state == State.DEAD:
        return _given_up(copy, message)
    if copy.digest == copy.meeting.digest:
        return Standing(service, "Copied", "good", url=copy.url, written_at=copy.written_at)
    if not is_connected:
        words = f"{service} is not connected"
        return Standing(service, words, url=copy.url, needs_connecting=True)
    words = "Changed since it was copied" if copy.digest else "Not copied yet"
    return Standing(service, words, url=copy.url)


def _under_way(copy: Copy, message: Message) -> Standing:
    service, tries = copy.get_service_display(), list(message.attempts.all())
    if not tries:
        return Standing(service, "Waiting to be copied", "waiting", url=copy.url)
    if tries[-1].outcome == Outcome.STARTED:
        return Standing(service, "Being copied", "waiting", url=copy.url)
    return Standing(
        service,
        "Could not be copied yet, we try again",
        "waiting",
        reason=message.last_error,
        url=copy.url,
        try_again_at=message.group.due_at,
    )


def _given_up(copy: Copy, message: Message) -> Standing:
    service, tries = copy.get_service_display(), list(message.attempts.all())
    words = f"Given up after {message.attempts_made} tries"
    if tries and tries[-1].outcome == Outcome.REFUSED:
        words = f"{service} refused it"
        if tries[-1].status in (401, 403):
            words = f"{service} no longer lets AcmeCo in: connect it again"
    hints = (hint for word, hint in HINTS.items() if word in message.last_error)
    reason = next(hints, message.last_error)
    return Standing(service, words, "bad", reason=reason, url=copy.url)
