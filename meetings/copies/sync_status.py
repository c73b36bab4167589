"""The sync status of a meeting's copies, in words a merchant understands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from integrations.contrib.connectivity.selectors import connected
from integrations.models import Attempt, Message
from integrations.outbox import messages_by_uid
from meetings.models import Copy, Meeting
from meetings.services import services_wanted

if TYPE_CHECKING:
    from accounts.models import User

Outcome = Attempt.Outcome
State = Message.State


HINTS = {
    "channel_not_found": _("There is no such channel: edit the meeting and name another one."),
    "not_in_channel": _("Invite the app to this channel in Slack, then sync again."),
    "is_archived": _("This channel is archived: edit the meeting and name another one."),
    "storage quota": _("This Google Drive is full: make room, then sync again."),
}
"""What to do about errors of the services that mean little to people, by their words."""


@dataclass(frozen=True)
class SyncStatus:
    """The sync status of a copy. `tone` is good, waiting, bad or empty; `left_out` what it lacks.

    `written_at` is set when the copy is as the meeting is; `url` leads to it, also while it is not.
    """

    service: str
    words: str
    tone: str = ""
    reason: str = ""
    url: str = ""
    left_out: tuple[str, ...] = ()
    written_at: datetime | None = None
    try_again_at: datetime | None = None
    needs_connecting: bool = False
    is_denied: bool = False

    @property
    def is_under_way(self) -> bool:
        """Whether something happens to it by itself."""
        return self.tone == "waiting" and self.written_at is None


def sync_statuses(meetings: Iterable[Meeting], merchant: User) -> dict[int, list[SyncStatus]]:
    """Return, by meeting id, how far each wanted copy is; three queries in all."""
    meetings = list(meetings)
    there = connected(merchant)
    found = Copy.objects.filter(meeting__in=meetings)
    copies = {(copy.meeting_id, copy.service): copy for copy in found}
    messages = messages_by_uid(
        [copy.message_uid for copy in copies.values() if copy.message_uid is not None]
    )
    statuses: dict[int, list[SyncStatus]] = {meeting.pk: [] for meeting in meetings}
    for meeting in meetings:
        for service in services_wanted(meeting):
            copy = copies.get((meeting.pk, service)) or Copy(meeting=meeting, service=service)
            copy.meeting = meeting
            message = messages.get(copy.message_uid) if copy.message_uid else None
            statuses[meeting.pk].append(sync_status(copy, message, is_connected=service in there))
    return statuses


def sync_status(copy: Copy, message: Message | None, *, is_connected: bool) -> SyncStatus:
    """Return how far one copy is; `message` is the one that was to write it last."""
    service = copy.get_service_display()
    status = partial(SyncStatus, service, url=copy.url)
    if message is not None and message.state == State.WAITING:
        return _waiting(status, copy, message)
    if message is not None and message.state == State.DEAD:
        return _dead_letter(status, copy, message)
    if copy.digest == copy.meeting.digest:
        words = gettext("Copied in part") if copy.left_out else gettext("Copied")
        tone, left_out = "waiting" if copy.left_out else "good", tuple(copy.left_out)
        return status(words, tone, left_out=left_out, written_at=copy.written_at)
    if not is_connected:
        words = gettext("%(service)s is not connected") % {"service": service}
        return status(words, needs_connecting=True)
    return status(
        gettext("Changed since it was copied") if copy.digest else gettext("Not copied yet")
    )


def _waiting(status: Callable[..., SyncStatus], copy: Copy, message: Message) -> SyncStatus:
    attempts = list(message.attempts.all())
    if not attempts:
        return status(gettext("Waiting to be copied"), "waiting")
    if attempts[-1].outcome == Outcome.STARTED:
        return status(gettext("Being copied"), "waiting")
    words = gettext("Could not be copied yet, we try again")
    due_at = message.group.due_at
    return status(words, "waiting", reason=_reason(copy, message), try_again_at=due_at)


def _dead_letter(status: Callable[..., SyncStatus], copy: Copy, message: Message) -> SyncStatus:
    attempts, service = list(message.attempts.all()), {"service": copy.get_service_display()}
    is_refused = bool(attempts) and attempts[-1].outcome == Outcome.REFUSED
    if is_refused and copy.is_denied:
        words = gettext("%(service)s no longer lets AcmeCo in: connect it again") % service
    elif is_refused:
        words = gettext("%(service)s refused it") % service
    else:
        count = message.attempts_made
        words = ngettext(
            "Given up after %(count)d attempt", "Given up after %(count)d attempts", count
        )
        words %= {"count": count}
    is_denied = is_refused and copy.is_denied
    return status(words, "bad", reason=_reason(copy, message), is_denied=is_denied)


def _reason(copy: Copy, message: Message) -> str:
    """Return what helps, where we know it; otherwise what the service said, under its own name."""
    said = message.last_error
    hint = next((hint for words, hint in HINTS.items() if words in said), "")
    return str(hint) or said.replace(copy.service, copy.get_service_display())
