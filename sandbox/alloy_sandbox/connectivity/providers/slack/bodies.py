"""What Slack's actions take."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

Blocks = list[dict[str, Any]]


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
