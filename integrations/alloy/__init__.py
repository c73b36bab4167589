"""A client for Alloy Automation's API: a plain Python package, configured by arguments.

    hosts = Hosts.for_region("us")           # or Hosts.at("http://localhost:8001"): the sandbox
    client = AlloyClient(api_key="...", hosts=hosts)
    user_id = client.create_user(username="jane@example.com")
    for integration in client.list_integrations(user_id=user_id):
        print(integration.app, integration.state)

Read in this order:

- ``errors``: what can go wrong, and whether trying again helps.
- ``hosts``: where Alloy lives.
- ``call`` and ``answer``: one request and one answer, with no network in sight.
- ``deadline`` and ``transport``: how calls travel, within a time that is kept.
- ``models``, ``parsing`` and ``listing``: answers turned into typed objects, checked at the door.
- ``embedded``: the client, a method per endpoint.
- ``connectivity``: the client of the Connectivity API, one method for every service's actions.
- ``signature`` and ``public_key``: is this webhook really from Alloy?
- ``text``: how Alloy's words are made fit to show.

Facts about Alloy's API come from its public documentation and SDKs; where those disagree, the
docstring at that place says what is accepted.
"""

from integrations.alloy.connectivity import ConnectivityClient
from integrations.alloy.deadline import Timeouts
from integrations.alloy.embedded import AlloyClient
from integrations.alloy.errors import (
    AlloyError,
    BadAnswer,
    CredentialGone,
    InvalidRequest,
    KeyUnavailable,
    NotFound,
    PermanentError,
    ProviderBusy,
    ProviderDenied,
    ProviderError,
    RateLimited,
    Refused,
    ServerFault,
    SignatureError,
    SignatureFault,
    TemporaryError,
    Unauthorized,
    Unreachable,
    UpgradeRefused,
    UsernameTaken,
)
from integrations.alloy.hosts import Hosts
from integrations.alloy.models import (
    Analytics,
    BatchResult,
    Block,
    Credential,
    Event,
    Execution,
    ExecutionState,
    InstallLink,
    Integration,
    ListedUser,
    Rerun,
    State,
    Upgrade,
    User,
    UserToken,
    Workflow,
    WorkflowError,
    WorkflowVersion,
)
from integrations.alloy.models.connectivity import Authentication, Connector
from integrations.alloy.public_key import PublicKeySource
from integrations.alloy.signature import verify
from integrations.alloy.transport import Transport

__all__ = [
    "AlloyClient",
    "AlloyError",
    "Analytics",
    "Authentication",
    "BadAnswer",
    "BatchResult",
    "Block",
    "ConnectivityClient",
    "Connector",
    "Credential",
    "CredentialGone",
    "Event",
    "Execution",
    "ExecutionState",
    "Hosts",
    "InstallLink",
    "Integration",
    "InvalidRequest",
    "KeyUnavailable",
    "ListedUser",
    "NotFound",
    "PermanentError",
    "ProviderBusy",
    "ProviderDenied",
    "ProviderError",
    "PublicKeySource",
    "RateLimited",
    "Refused",
    "Rerun",
    "ServerFault",
    "SignatureError",
    "SignatureFault",
    "State",
    "TemporaryError",
    "Timeouts",
    "Transport",
    "Unauthorized",
    "Unreachable",
    "Upgrade",
    "UpgradeRefused",
    "User",
    "UserToken",
    "UsernameTaken",
    "Workflow",
    "WorkflowError",
    "WorkflowVersion",
    "verify",
]
