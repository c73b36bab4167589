"""A summary in a Slack channel, changed in place when the meeting changes."""

from __future__ import annotations

from django.utils import timezone
from django.utils.formats import date_format

from integrations.public import ConnectorClient, ProviderError
from meetings.markdown import to_text
from meetings.models import Copy, Meeting
from meetings.services import copy_is_at, copy_will_be_called

LONGEST_NOTES = 600


def write(client: ConnectorClient, copy: Copy) -> None:
    """Change the message that was posted; post one where there is none in this channel."""
    text, channel = summary(copy.meeting), copy.meeting.slack_channel
    if copy.remote_title == channel and _changed(client, copy.remote_id, text):
        return
    posted = client.execute("chat_postMessage", body={"channel": channel, "text": text})
    copy_will_be_called(copy=copy, title=channel)
    place = f"{posted['channel']} {posted['ts']}"
    copy_is_at(copy=copy, connection=client.connection, remote_id=place, url="")


def summary(meeting: Meeting) -> str:
    """Return the meeting in a few lines; nothing in it can mention a person or a channel."""
    when = date_format(timezone.localtime(meeting.starts_at), "j F Y, H:i")
    who = ", ".join(person.name or person.email for person in meeting.people)
    notes = to_text(meeting.notes, longest=LONGEST_NOTES)
    lines = [f"*{_escaped(meeting.title)}*, {when}", _escaped(who), _escaped(notes)]
    return "\n".join(line for line in lines if line)


def _changed(client: ConnectorClient, place: str, text: str) -> bool:
    channel, _, ts = place.partition(" ")
    if not ts:
        return False
    try:
        client.execute("chat_update", body={"channel": channel, "ts": ts, "text": text})
    except ProviderError as error:
        if error.code in ("message_not_found", "channel_not_found"):
            return False
        raise
    return True


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
