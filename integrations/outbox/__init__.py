"""The outbox: calls to Alloy, stored in the transaction that causes them, then made in order.

Other apps `enqueue` messages, and register by `delivers` how those of a kind are sent. `messages`
has what is done to a message; `handlers` makes the call of one; `relay` sends what is due. It
claims groups and settles their messages by `transitions` (on PostgreSQL mostly by `fast_path`), and
keeps to the `circuit` and the `pace`. `backlog` counts what waits.
"""

from integrations.outbox.handlers import NotYet, delivers
from integrations.outbox.messages import enqueue, messages_by_uid

__all__ = ["NotYet", "delivers", "enqueue", "messages_by_uid"]
