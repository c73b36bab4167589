"""The rows that guarantee the work. Each module holds one idea; `claims` is what they share."""

from integrations.models.circuit import Circuit
from integrations.models.connections import ConnectAttempt, Connection
from integrations.models.erasures import Erasure
from integrations.models.failures import FailureSubject, Rerun, WorkflowFailure
from integrations.models.inbox import Delivery
from integrations.models.install_links import InstallLink
from integrations.models.outbox import Attempt, Message, MessageGroup
from integrations.models.snapshots import IntegrationsSnapshot
from integrations.models.tenancy import AlloyUser

__all__ = [
    "AlloyUser",
    "Attempt",
    "Circuit",
    "ConnectAttempt",
    "Connection",
    "Delivery",
    "Erasure",
    "FailureSubject",
    "InstallLink",
    "IntegrationsSnapshot",
    "Message",
    "MessageGroup",
    "Rerun",
    "WorkflowFailure",
]
