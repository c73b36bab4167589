"""Slack: channels, and messages posted into them.

Slack answers 200 to almost everything and says in `ok` whether it worked. Alloy passes that on: a
message to an unknown channel is a completed execution whose data say `"ok": false`.
"""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db.models import QuerySet
from pydantic import BaseModel, Field, ValidationError

from sandbox.connectivity.connector import Action, Connector
from sandbox.connectivity.errors import Json, ProviderError
from sandbox.connectivity.paging import place_of
from sandbox.core.models import Account, SlackChannel, SlackMessage

Run = Callable[..., Json]

LONGEST_TEXT = 40_000
ALPHABET = string.ascii_uppercase + string.digits
ERRORS = {401: "invalid_auth", 403: "access_denied", 404: "unknown_method", 429: "ratelimited"}
NEW_CHANNELS = (
    ("general", "Everything for everybody", True),
    ("meetings", "What was said and decided", True),
    ("random", "The app has not been invited here", False),
)


class Paging(BaseModel):
    """`cursor` is the place to go on from, as the answer before gave it."""

    cursor: str = ""
    limit: int = Field(100, ge=1, le=1000)


class History(Paging):
    channel: str


class ChannelName(BaseModel):
    channel: str


class NewMessage(BaseModel):
    channel: str
    text: str = ""
    blocks: list[Json] = Field(default_factory=list, max_length=50)
    thread_ts: str = ""


class MessageChanges(BaseModel):
    channel: str
    ts: str
    text: str = ""
    blocks: list[Json] = Field(default_factory=list, max_length=50)


class Refusal(Exception):
    """Slack's own word for what is wrong, such as "channel_not_found"."""


def says_whether_ok(run: Run) -> Run:
    """Answer as Slack does: `{"ok": true, ...}`, or `{"ok": false, "error": "..."}`."""

    @wraps(run)
    def answered(account: Account, **given: Any) -> Json:
        try:
            return {"ok": True, **run(account, **given)}
        except Refusal as refusal:
            return {"ok": False, "error": str(refusal)}

    return answered


@says_whether_ok
def list_channels(account: Account, *, query: Paging) -> Json:
    channels, cursor = _cut(account.slack_channels.all(), query)
    return {
        "channels": [_channel_json(each) for each in channels],
        "response_metadata": {"next_cursor": cursor},
    }


@says_whether_ok
def join(account: Account, *, body: ChannelName) -> Json:
    channel = _find(account, body.channel)
    channel.is_member = True
    channel.save(update_fields=["is_member"])
    return {"channel": _channel_json(channel)}


@says_whether_ok
def history(account: Account, *, query: History) -> Json:
    """List the messages of a channel, the newest first."""
    channel = _find_joined(account, query.channel)
    messages, cursor = _cut(channel.messages.order_by("-pk"), query)
    return {
        "messages": [message_json(each) for each in messages],
        "has_more": bool(cursor),
        "response_metadata": {"next_cursor": cursor},
    }


@says_whether_ok
def post_message(account: Account, *, body: NewMessage) -> Json:
    """Post into a channel, named by its id or by its name with or without the #."""
    channel = _find_joined(account, body.channel)
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
    channel = _find_joined(account, body.channel)
    message = channel.messages.filter(ts=body.ts).first()
    if message is None:
        raise Refusal("message_not_found")
    _check_text(body.text, body.blocks)
    message.text, message.blocks, message.edited = body.text, body.blocks, True
    message.save()
    return {"channel": channel.channel_id, "ts": message.ts, "text": message.text}


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


def contents(account: Account) -> Json:
    channels = account.slack_channels.prefetch_related("messages")
    return {
        "channels": [
            {**_channel_json(each), "messages": [message_json(one) for one in each.messages.all()]}
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


def refuse(error: ValidationError) -> ProviderError:
    """Word a call that Slack would not understand; by its nature this is no completed one."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    body = {
        "ok": False,
        "error": "invalid_arguments",
        "response_metadata": {"messages": [f"[ERROR] {first['msg']} [json-pointer:/{where}]"]},
    }
    return ProviderError(400, "invalid_arguments", body)


def failure(status: int) -> ProviderError:
    word = ERRORS.get(status, "internal_error")
    return ProviderError(status, word, {"ok": False, "error": word})


def _find(account: Account, named: str) -> SlackChannel:
    channels = account.slack_channels
    found = channels.filter(pk=named).first() or channels.filter(name=named.lstrip("#")).first()
    if found is None:
        raise Refusal("channel_not_found")
    if found.is_archived:
        raise Refusal("is_archived")
    return found


def _find_joined(account: Account, named: str) -> SlackChannel:
    found = _find(account, named)
    if not found.is_member:
        raise Refusal("not_in_channel")
    return found


def _check_text(text: str, blocks: list[Json]) -> None:
    if not text and not blocks:
        raise Refusal("no_text")
    if len(text) > LONGEST_TEXT:
        raise Refusal("msg_too_long")


def _next_ts(channel: SlackChannel) -> str:
    """Return a time that no message of the channel has: one microsecond after the last at least."""
    last = channel.messages.last()
    now = int(time.time() * 1_000_000)
    if last is not None:
        now = max(now, int(last.ts.replace(".", "")) + 1)
    return f"{now // 1_000_000}.{now % 1_000_000:06d}"


def _cut(rows: QuerySet[Any], paging: Paging) -> tuple[list[Any], str]:
    start = place_of(paging.cursor)
    end = start + paging.limit
    found = list(rows[start : end + 1])
    return found[: paging.limit], str(end) if len(found) > paging.limit else ""


def _channel_json(channel: SlackChannel) -> Json:
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


CONNECTOR = Connector(
    id="slack",
    name="Slack",
    categories=("communication",),
    icon="slack",
    permissions=(
        "See the public channels of the workspace",
        "Post messages into channels that it is a member of",
        "Join public channels",
    ),
    accounts=("Acme", "Acme Warehouse", "Friends of Acme"),
    refuse=refuse,
    failure=failure,
    furnish=furnish,
    contents=contents,
    actions=(
        Action(
            *("conversations_list", "List channels", "Conversations", "GET", "/conversations.list"),
            run=list_channels,
            query=Paging,
        ),
        Action(
            *("conversations_join", "Join a channel", "Conversations"),
            *("POST", "/conversations.join"),
            run=join,
            body=ChannelName,
        ),
        Action(
            *("conversations_history", "List messages", "Conversations"),
            *("GET", "/conversations.history"),
            run=history,
            query=History,
        ),
        Action(
            *("chat_postMessage", "Send a message", "Chat", "POST", "/chat.postMessage"),
            run=post_message,
            body=NewMessage,
        ),
        Action(
            *("chat_update", "Change a message", "Chat", "POST", "/chat.update"),
            run=update_message,
            body=MessageChanges,
        ),
    ),
)
