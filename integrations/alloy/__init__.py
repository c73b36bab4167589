"""A client for Alloy Automation's API: a plain Python package, configured by arguments.

    hosts = Hosts.for_region("us")           # or Hosts.at("http://localhost:8001"): the sandbox
    client = AlloyClient(api_key="...", hosts=hosts)
    user_id = client.create_user(username="jane@example.com")
    for integration in client.list_integrations(user_id=user_id):
        print(integration.app, integration.state)

Read in this order:

- ``client``: a method for each endpoint.
- ``call``: one request and its answer, with no network in sight.
- ``http`` and ``deadline``: how calls travel, within a time that is kept.
- ``models`` and ``errors``: the answers, checked once; and what can go wrong.
- ``webhooks``: the check that a webhook is really from Alloy.

When you need it: ``hosts`` (Alloy's addresses), ``text`` (Alloy's words made fit to show).
The client for the Connectivity API is in ``contrib/connectivity``.

Facts about Alloy's API come from its public documentation and SDKs; where those disagree, the
docstring at that place says what is accepted.
"""

from integrations.alloy.client import AlloyClient
from integrations.alloy.deadline import Timeouts
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
    TemporaryError,
    Unauthorized,
    Unreachable,
    UpgradeRefused,
    UsernameTaken,
)
from integrations.alloy.hosts import Hosts
from integrations.alloy.http import Transport
from integrations.alloy.models import (
    Block,
    Credential,
    Execution,
    ExecutionState,
    Integration,
    Workflow,
    WorkflowError,
    WorkflowVersion,
)
from integrations.alloy.webhooks import PublicKeySource, SignatureError, SignatureFault, verify

__all__ = [
    "AlloyClient",
    "AlloyError",
    "BadAnswer",
    "Block",
    "Credential",
    "CredentialGone",
    "Execution",
    "ExecutionState",
    "Hosts",
    "Integration",
    "InvalidRequest",
    "KeyUnavailable",
    "NotFound",
    "PermanentError",
    "ProviderBusy",
    "ProviderDenied",
    "ProviderError",
    "PublicKeySource",
    "RateLimited",
    "Refused",
    "ServerFault",
    "SignatureError",
    "SignatureFault",
    "TemporaryError",
    "Timeouts",
    "Transport",
    "Unauthorized",
    "Unreachable",
    "UpgradeRefused",
    "UsernameTaken",
    "Workflow",
    "WorkflowError",
    "WorkflowVersion",
    "verify",
]
