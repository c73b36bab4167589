"""Slack: what it refuses it refuses with status 200, and says so in `ok`."""

from __future__ import annotations

import pytest

from tests.conftest import Sandbox
from tests.connectivity.conftest import Connection, connect


@pytest.fixture
def slack(sandbox: Sandbox, user_id: str) -> Connection:
    return connect(sandbox, user_id, "slack", "Acme")


def channel_id(slack: Connection, name: str) -> str:
    channels = slack.do("conversations_list")["channels"]
    (found,) = [each["id"] for each in channels if each["name"] == name]
    return str(found)


def test_the_channels_of_a_new_workspace_are_listed(slack: Connection) -> None:
    channels = slack.do("conversations_list")["channels"]
    members = {each["name"]: each["is_member"] for each in channels}
    assert members == {"general": True, "meetings": True, "random": False}


def test_channels_come_in_pages(slack: Connection) -> None:
    first = slack.do("conversations_list", query={"limit": 2})
    cursor = first["response_metadata"]["next_cursor"]
    second = slack.do("conversations_list", query={"limit": "2", "cursor": cursor})
    assert [len(each["channels"]) for each in (first, second)] == [2, 1]
    assert second["response_metadata"]["next_cursor"] == ""


@pytest.mark.parametrize("named", ["meetings", "#meetings", None])
def test_a_message_is_posted_and_read_back(slack: Connection, named: str | None) -> None:
    channel = channel_id(slack, "meetings")
    posted = slack.do("chat_postMessage", {"channel": named or channel, "text": "Notes are in"})
    assert (posted["ok"], posted["channel"]) == (True, channel)
    (message,) = slack.do("conversations_history", query={"channel": channel})["messages"]
    assert (message["text"], message["ts"]) == ("Notes are in", posted["ts"])


def test_two_messages_never_have_the_same_ts_and_the_newest_comes_first(slack: Connection) -> None:
    posted = [
        slack.do("chat_postMessage", {"channel": "general", "text": str(n)})["ts"] for n in range(3)
    ]
    channel = channel_id(slack, "general")
    found = slack.do("conversations_history", query={"channel": channel})["messages"]
    assert [each["ts"] for each in found] == posted[::-1] == sorted(posted, reverse=True)


def test_a_message_is_changed(slack: Connection) -> None:
    posted = slack.do("chat_postMessage", {"channel": "general", "text": "Draft"})
    changes = {"channel": posted["channel"], "ts": posted["ts"], "text": "Final"}
    assert slack.do("chat_update", changes)["ok"] is True
    (message,) = slack.do("conversations_history", query={"channel": posted["channel"]})["messages"]
    assert message["text"] == "Final"
    assert slack.do("chat_update", {**changes, "ts": "1.000000"})["error"] == "message_not_found"


@pytest.mark.parametrize(
    ("channel", "text", "error"),
    [
        ("C0NOTHING", "Hello", "channel_not_found"),
        ("random", "Hello", "not_in_channel"),
        ("general", "", "no_text"),
    ],
)
def test_a_refused_message_is_a_completed_execution(
    slack: Connection, channel: str, text: str, error: str
) -> None:
    answer = slack.do("chat_postMessage", {"channel": channel, "text": text})
    assert answer == {"ok": False, "error": error}


def test_once_joined_a_channel_can_be_posted_to(slack: Connection) -> None:
    assert slack.do("conversations_join", {"channel": "random"})["channel"]["is_member"] is True
    assert slack.do("chat_postMessage", {"channel": "random", "text": "Hello"})["ok"] is True
