"""Slack: channels, and messages posted into them.

Slack answers 200 to almost everything and says in `ok` whether it worked. Alloy passes that on: a
message to an unknown channel is a completed execution whose data say `"ok": false`.
"""

from __future__ import annotations

import secrets
import string
import time

from django.db.models import QuerySet
from pydantic import BaseModel, Field, ValidationError

from alloy_sandbox.connectivity.service import Action, Refusal, Service, action, of_kind, one_page
from alloy_sandbox.core.api import Json
from alloy_sandbox.core.models import Account, Item

LONGEST_TEXT = 40_000
LONGEST_CHANGE = 4_000
MICROSECONDS = 1_000_000
ALPHABET = string.ascii_uppercase + string.digits
NEW_CHANNELS = (
    ("general", "Everything for everybody", True),
    ("meetings", "What was said and decided", True),
    ("random", "The app has not been invited here", False),
)
ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))

Blocks = list[Json]


class Paging(BaseModel):
    """`cursor` is the place to go on from, as the answer before gave it."""

    cursor: str = ""
    limit: int = Field(100, ge=1, le=1000)


class History(Paging):
    channel: str


class ChannelName(BaseModel):
    """A channel's id, or its name with or without the #."""

    channel: str


class NewMessage(BaseModel):
    channel: str
    text: str = ""
    blocks: Blocks = Field(default_factory=list, max_length=50)
    thread_ts: str = ""


class MessageChanges(BaseModel):
    channel: str
    ts: str
    text: str = ""
    blocks: Blocks = Field(default_factory=list, max_length=50)


class Slack(Service):
    @action("conversations_list", "List channels", "Conversations", "GET /conversations.list")
    def list_channels(self, account: Account, *, query: Paging) -> Json:
        channels, cursor = one_page(channels_of(account), query.cursor, query.limit)
        return {
            "channels": [channel_json(each) for each in channels],
            "response_metadata": {"next_cursor": cursor},
        }

    @action("conversations_join", "Join a channel", "Conversations", "POST /conversations.join")
    def join(self, account: Account, *, body: ChannelName) -> Json:
        channel = find_channel(account, body.channel)
        channel.data["is_member"] = True
        channel.save()
        return {"channel": channel_json(channel)}

    @action("conversations_history", "List messages", "Conversations", "GET /conversations.history")
    def history(self, account: Account, *, query: History) -> Json:
        """List the messages of a channel, the newest first."""
        channel = find_channel(account, query.channel, joined=True)
        messages, cursor = one_page(channel.children.order_by("-title"), query.cursor, query.limit)
        return {
            "messages": [message_json(each) for each in messages],
            "has_more": bool(cursor),
            "response_metadata": {"next_cursor": cursor},
        }

    @action("chat_postMessage", "Send a message", "Chat", "POST /chat.postMessage")
    def post_message(self, account: Account, *, body: NewMessage) -> Json:
        channel = find_channel(account, body.channel, joined=True)
        check_text(body.text, body.blocks, LONGEST_TEXT)
        message = Item.objects.create(
            account=account,
            kind="message",
            parent=channel,
            title=next_ts(channel),
            data=body.model_dump(exclude={"channel"}),
        )
        told = {"ts": message.title, "message": message_json(message)}
        return {"channel": channel.pk, **told}

    @action("chat_update", "Change a message", "Chat", "POST /chat.update")
    def update_message(self, account: Account, *, body: MessageChanges) -> Json:
        channel = find_channel(account, body.channel, joined=True)
        message = channel.children.filter(title=body.ts).first()
        if message is None:
            raise Refusal(200, reason="message_not_found")
        check_text(body.text, body.blocks, LONGEST_CHANGE)
        message.data |= {"text": body.text, "blocks": body.blocks, "edited": True}
        message.save()
        return {"channel": channel.pk, "ts": message.title, "text": body.text}

    def answer(self, action: Action, account: Account, given: Json) -> Json:
        try:
            return {"ok": True, **super().answer(action, account, given)}
        except Refusal as refusal:
            return {"ok": False, "error": refusal.reason}

    def error_body(self, status: int, message: str, reason: str, **more: str) -> Json:
        told = {"response_metadata": {"messages": [more["told"]]}} if more else {}
        return {"ok": False, "error": reason, **told}

    def misunderstood(self, error: ValidationError) -> Refusal:
        first = error.errors()[0]
        where = "/".join(str(part) for part in first["loc"])
        return Refusal(400, told=f"[ERROR] {first['msg']} [json-pointer:/{where}]")

    def furnish(self, account: Account) -> None:
        """Open the channels of a new workspace; the app is a member of all but one."""
        for name, topic, is_member in NEW_CHANNELS:
            Item.objects.create(
                item_id="C" + "".join(secrets.choice(ALPHABET) for _ in range(10)),
                account=account,
                kind="channel",
                title=name,
                data={"topic": topic, "is_member": is_member},
            )

    def contents(self, account: Account) -> Json:
        channels = channels_of(account).prefetch_related("children")
        return {
            "channels": [
                {**channel_json(each), "messages": [message_json(m) for m in each.children.all()]}
                for each in channels
            ]
        }

    def shown(self, account: Account) -> list[Json]:
        messages = of_kind(account, "message").select_related("parent").order_by("-title")
        posted = [
            {
                "title": f"#{each.parent.title}",
                "details": "Edited" if "edited" in each.data else "Posted",
                "at": each.created_at,
                "text": words_of(each) or "(blocks only)",
            }
            for each in messages
        ]
        return posted + [
            {
                "title": f"#{each.title}",
                "details": each.data["topic"],
                "badge": "" if each.data["is_member"] else "The app is not a member",
            }
            for each in channels_of(account)
        ]


def channels_of(account: Account) -> QuerySet[Item]:
    return account.items.filter(kind="channel").order_by("title")


def find_channel(account: Account, named: str, *, joined: bool = False) -> Item:
    """Return the channel of that id or name; `joined`: if the app is a member there."""
    channels = channels_of(account)
    found = channels.filter(pk=named).first() or channels.filter(title=named.lstrip("#")).first()
    if found is None:
        raise Refusal(200, reason="channel_not_found")
    if joined and not found.data["is_member"]:
        raise Refusal(200, reason="not_in_channel")
    return found


def check_text(text: str, blocks: Blocks, longest: int) -> None:
    if not text and not blocks:
        raise Refusal(200, reason="no_text")
    if len(text) > longest:
        raise Refusal(200, reason="msg_too_long")


def next_ts(channel: Item) -> str:
    """Return the time now, or a microsecond after the last message if that is later."""
    now = int(time.time() * MICROSECONDS)
    last = channel.children.order_by("title").last()
    if last is not None:
        now = max(now, int(last.title.replace(".", "")) + 1)
    return f"{now // MICROSECONDS}.{now % MICROSECONDS:06d}"


def words_of(message: Item) -> str:
    """Return the text as people see it: Slack's senders write three characters as entities."""
    text: str = message.data["text"]
    for written, seen in ENTITIES:
        text = text.replace(written, seen)
    return text


def channel_json(channel: Item) -> Json:
    return {
        "id": channel.pk,
        "name": channel.title,
        "is_channel": True,
        "is_private": False,
        "is_archived": channel.archived,
        "is_member": channel.data["is_member"],
        "created": int(channel.created_at.timestamp()),
        "topic": {"value": channel.data["topic"]},
    }


def message_json(message: Item) -> Json:
    told = {name: message.data.get(name) for name in ("text", "blocks", "thread_ts")}
    return {
        "type": "message",
        "subtype": "bot_message",
        "username": "Alloy Automation",
        "ts": message.title,
        **{name: value for name, value in told.items() if value or name == "text"},
    }
