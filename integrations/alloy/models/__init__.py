"""Typed models of Alloy's answers: what comes from outside is checked here, once, at the door.

They accept the shapes that Alloy's versions and documents disagree on, and insist on what the
callers rely on.
"""

from integrations.alloy.models.activity import (
    Analytics,
    BlockInput,
    BlockResult,
    Event,
    Execution,
    ExecutionState,
    Rerun,
    WorkflowError,
)
from integrations.alloy.models.credentials import Credential, InstallLink
from integrations.alloy.models.fields import Answered
from integrations.alloy.models.integrations import (
    Block,
    Integration,
    State,
    Workflow,
    WorkflowVersion,
)
from integrations.alloy.models.outcomes import Acknowledgement, Activated, Deleted, Upgrade
from integrations.alloy.models.users import (
    BatchResult,
    ListedUser,
    RejectedUser,
    User,
    UserId,
    UserToken,
)

__all__ = [
    "Acknowledgement",
    "Activated",
    "Analytics",
    "Answered",
    "BatchResult",
    "Block",
    "BlockInput",
    "BlockResult",
    "Credential",
    "Deleted",
    "Event",
    "Execution",
    "ExecutionState",
    "InstallLink",
    "Integration",
    "ListedUser",
    "RejectedUser",
    "Rerun",
    "State",
    "Upgrade",
    "User",
    "UserId",
    "UserToken",
    "Workflow",
    "WorkflowError",
    "WorkflowVersion",
]
