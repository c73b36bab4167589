"""A summary in a Slack channel, changed in place when the meeting changes.

Slack posts long messages, but changes a message only to one of at most 4,000 bytes, counted after
"&", "<" and ">" are escaped. So a summary is never longer than that.
"""

from __future__ import annotations

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from integrations.alloy import ProviderError
from integrations.contrib.connectivity.connector import ConnectorClient
from meetings.markdown import to_text
from meetings.models import Copy, Meeting
from meetings.services import copy_is_at, copy_will_be_called

LONGEST_NOTES = 600
LARGEST_TITLE = 1_000
LARGEST_NAMES = 900
LARGEST_NOTES = 1_900
"""In bytes. With date and marks these three stay below 4,000."""

CANNOT_BE_CHANGED = (
    "message_not_found",
    "channel_not_found",
    "cant_update_message",  # posted by an account that was connected before this one
    "edit_window_closed",
)


def write(client: ConnectorClient, copy: Copy) -> list[str]:
    """Change the message that was posted; post one where there is none in this channel."""
    text, channel = summary(copy.meeting), copy.meeting.slack_channel
    if copy.remote_title == channel and _changed(client, copy.remote_id, text):
        return []
    posted = client.execute("chat_postMessage", body={"channel": channel, "text": text})
    copy_will_be_called(copy=copy, title=channel)
    place = f"{posted['channel']} {posted['ts']}"
    copy_is_at(copy=copy, connection=client.connection, remote_id=place, url="")
    return []


def summary(meeting: Meeting) -> str:
    """Return the meeting in a few lines; nothing in it can mention a person or a channel."""
    when = date_format(timezone.localtime(meeting.starts_at), "DATETIME_FORMAT")
    title = _fitting(meeting.heading, LARGEST_TITLE)
    notes = _fitting(to_text(meeting.notes, longest=LONGEST_NOTES), LARGEST_NOTES)
    lines = [f"*{title}*, {when}", _who(meeting), notes]
    return "\n".join(line for line in lines if line)


def _who(meeting: Meeting) -> str:
    """Return the attendees, as many as fit, and how many there are besides."""
    names = [person.name or person.email for person in meeting.people]
    shown = names
    while len(_escaped(", ".join(shown)).encode()) > LARGEST_NAMES:
        shown = shown[:-1]
    others = len(names) - len(shown)
    listed = _escaped(", ".join(shown))
    return (
        (_("%(names)s and %(count)d more") % {"names": listed, "count": others}).strip()
        if others
        else listed
    )


def _changed(client: ConnectorClient, place: str, text: str) -> bool:
    channel, _, ts = place.partition(" ")
    if not ts:
        return False
    try:
        client.execute("chat_update", body={"channel": channel, "ts": ts, "text": text})
    except ProviderError as error:
        if error.code in CANNOT_BE_CHANGED:
            return False
        raise
    return True


def _fitting(text: str, largest: int) -> str:
    """Return the text escaped, shortened until it has no more than so many bytes."""
    shown = text
    while len(_escaped(shown).encode()) > largest:
        shown = shown[:-2] + "…" if len(shown) > 1 else ""
    return _escaped(shown)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
