"""Slack: channels, and messages posted into them.

Slack answers 200 to almost everything and says in `ok` whether it worked. Alloy passes that on: a
message to an unknown channel is a completed execution whose data say `"ok": false`.
"""

from __future__ import annotations

from alloy_sandbox.connectivity.connector import Action, Connector
from alloy_sandbox.connectivity.providers.slack import bodies, channels, messages
from alloy_sandbox.connectivity.providers.slack.errors import failure, refuse

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
    furnish=channels.furnish,
    contents=messages.contents,
    actions=(
        Action(
            *("conversations_list", "List channels", "Conversations", "GET", "/conversations.list"),
            run=channels.list_channels,
            query=bodies.Paging,
        ),
        Action(
            *("conversations_join", "Join a channel", "Conversations"),
            *("POST", "/conversations.join"),
            run=channels.join,
            body=bodies.ChannelName,
        ),
        Action(
            *("conversations_history", "List messages", "Conversations"),
            *("GET", "/conversations.history"),
            run=messages.history,
            query=bodies.History,
        ),
        Action(
            *("chat_postMessage", "Send a message", "Chat", "POST", "/chat.postMessage"),
            run=messages.post_message,
            body=bodies.NewMessage,
        ),
        Action(
            *("chat_update", "Change a message", "Chat", "POST", "/chat.update"),
            run=messages.update_message,
            body=bodies.MessageChanges,
        ),
    ),
)
