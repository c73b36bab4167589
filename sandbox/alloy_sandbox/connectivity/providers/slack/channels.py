"""The channels of a workspace; the app may only act in those that it is a member of."""

from __future__ import annotations

import secrets
import string
from typing import Any

from django.db.models import QuerySet

from alloy_sandbox.connectivity.errors import Json
from alloy_sandbox.connectivity.paging import place_of
from alloy_sandbox.connectivity.providers.slack.bodies import ChannelName, Paging
from alloy_sandbox.connectivity.providers.slack.errors import Refusal, says_whether_ok
from alloy_sandbox.core.models import Account, SlackChannel

ALPHABET = string.ascii_uppercase + string.digits
NEW_CHANNELS = (
    ("general", "Everything for everybody", True),
    ("meetings", "What was said and decided", True),
    ("random", "The app has not been invited here", False),
)


@says_whether_ok
def list_channels(account: Account, *, query: Paging) -> Json:
    channels, cursor = cut(account.slack_channels.all(), query)
    return {
        "channels": [channel_json(each) for each in channels],
        "response_metadata": {"next_cursor": cursor},
    }


@says_whether_ok
def join(account: Account, *, body: ChannelName) -> Json:
    channel = find_channel(account, body.channel)
    channel.is_member = True
    channel.save(update_fields=["is_member"])
    return {"channel": channel_json(channel)}


def furnish(account: Account) -> None:
    """Open the channels of a new workspace; the app is a member of all but one."""
    for name, topic, is_member in NEW_CHANNELS:
        SlackChannel.objects.create(
            channel_id="C" + "".join(secrets.choice(ALPHABET) for _ in range(10)),
            account=account,
            name=name,
            topic=topic,
            is_member=is_member,
        )


def find_channel(account: Account, named: str) -> SlackChannel:
    """Return the channel of that id or name; raises `Refusal`."""
    channels = account.slack_channels
    found = channels.filter(pk=named).first() or channels.filter(name=named.lstrip("#")).first()
    if found is None:
        raise Refusal("channel_not_found")
    if found.is_archived:
        raise Refusal("is_archived")
    return found


def find_joined_channel(account: Account, named: str) -> SlackChannel:
    found = find_channel(account, named)
    if not found.is_member:
        raise Refusal("not_in_channel")
    return found


def channel_json(channel: SlackChannel) -> Json:
    return {
        "id": channel.channel_id,
        "name": channel.name,
        "is_channel": True,
        "is_private": False,
        "is_archived": channel.is_archived,
        "is_member": channel.is_member,
        "created": int(channel.created_at.timestamp()),
        "topic": {"value": channel.topic},
    }


def cut(rows: QuerySet[Any], paging: Paging) -> tuple[list[Any], str]:
    """Return the rows of one page, and the cursor of the next one, empty for none."""
    start = place_of(paging.cursor)
    end = start + paging.limit
    found = list(rows[start : end + 1])
    return found[: paging.limit], str(end) if len(found) > paging.limit else ""
