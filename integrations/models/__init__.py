"""The rows that guarantee the work. Each module holds one idea; `claims` is what they share."""

from integrations.models.inbox import Delivery
from integrations.models.outbox import Attempt, Circuit, Message, MessageGroup
from integrations.models.snapshots import IntegrationsSnapshot
from integrations.models.tenancy import AlloyUser

__all__ = [
    "AlloyUser",
    "Attempt",
    "Circuit",
    "Delivery",
    "IntegrationsSnapshot",
    "Message",
    "MessageGroup",
]
