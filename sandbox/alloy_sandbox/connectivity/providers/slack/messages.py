"""Messages: posting, changing and reading them."""

from __future__ import annotations

import time

from alloy_sandbox.connectivity.errors import Json
from alloy_sandbox.connectivity.providers.slack.bodies import (
    Blocks,
    History,
    MessageChanges,
    NewMessage,
)
from alloy_sandbox.connectivity.providers.slack.channels import (
    channel_json,
    cut,
    find_joined_channel,
)
from alloy_sandbox.connectivity.providers.slack.errors import Refusal, says_whether_ok
from alloy_sandbox.core.models import Account, SlackChannel, SlackMessage

LONGEST_TEXT = 40_000
LONGEST_CHANGE = 4_000
MICROSECONDS = 1_000_000


@says_whether_ok
def history(account: Account, *, query: History) -> Json:
    """List the messages of a channel, the newest first."""
    channel = find_joined_channel(account, query.channel)
    messages, cursor = cut(channel.messages.order_by("-pk"), query)
    return {
        "messages": [message_json(each) for each in messages],
        "has_more": bool(cursor),
        "response_metadata": {"next_cursor": cursor},
    }


@says_whether_ok
def post_message(account: Account, *, body: NewMessage) -> Json:
    channel = find_joined_channel(account, body.channel)
    _check_text(body.text, body.blocks)
    message = SlackMessage.objects.create(
        channel=channel,
        ts=_next_ts(channel),
        text=body.text,
        blocks=body.blocks,
        thread_ts=body.thread_ts,
    )
    return {
        "channel": channel.channel_id,
        "ts": message.ts,
        "message": message_json(message),
    }


@says_whether_ok
def update_message(account: Account, *, body: MessageChanges) -> Json:
    channel = find_joined_channel(account, body.channel)
    message = channel.messages.filter(ts=body.ts).first()
    if message is None:
        raise Refusal("message_not_found")
    _check_text(body.text, body.blocks, LONGEST_CHANGE)
    message.text, message.blocks, message.edited = body.text, body.blocks, True
    message.save()
    return {"channel": channel.channel_id, "ts": message.ts, "text": message.text}


def contents(account: Account) -> Json:
    channels = account.slack_channels.prefetch_related("messages")
    return {
        "channels": [
            {**channel_json(each), "messages": [message_json(one) for one in each.messages.all()]}
            for each in channels
        ]
    }


def message_json(message: SlackMessage) -> Json:
    described: Json = {
        "type": "message",
        "subtype": "bot_message",
        "username": "Alloy Automation",
        "ts": message.ts,
        "text": message.text,
    }
    if message.blocks:
        described["blocks"] = message.blocks
    if message.thread_ts:
        described["thread_ts"] = message.thread_ts
    return described


def _check_text(text: str, blocks: Blocks, longest: int = LONGEST_TEXT) -> None:
    if not text and not blocks:
        raise Refusal("no_text")
    if len(text) > longest:
        raise Refusal("msg_too_long")


def _next_ts(channel: SlackChannel) -> str:
    """Return the time now, or a microsecond after the last message if that is later."""
    now = int(time.time() * MICROSECONDS)
    last = channel.messages.last()
    if last is not None:
        now = max(now, int(last.ts.replace(".", "")) + 1)
    return f"{now // MICROSECONDS}.{now % MICROSECONDS:06d}"
