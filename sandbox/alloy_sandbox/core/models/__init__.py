"""Everything the sandbox remembers."""

from __future__ import annotations

from alloy_sandbox.core.models.accounts import (
    Account,
    ConsentRequest,
    Preference,
    UploadedFile,
)
from alloy_sandbox.core.models.catalogue import (
    CustomEvent,
    DeclaredConnector,
    Integration,
    Release,
    Workflow,
)
from alloy_sandbox.core.models.executions import AcceptedEvent, Execution
from alloy_sandbox.core.models.google_drive import DriveFile
from alloy_sandbox.core.models.hubspot import HubspotContact
from alloy_sandbox.core.models.installations import (
    Credential,
    Installation,
    InstallLink,
    IntegrationInstallation,
)
from alloy_sandbox.core.models.notion import NotionBlock, NotionDatabase, NotionPage
from alloy_sandbox.core.models.people import User
from alloy_sandbox.core.models.slack import SlackChannel, SlackMessage
from alloy_sandbox.core.models.stores import Store, StoreOrder
from alloy_sandbox.core.models.traffic import ApiRequest, Destination, Fault
from alloy_sandbox.core.models.webhooks import SigningKey, WebhookAttempt, WebhookDelivery

__all__ = [
    "AcceptedEvent",
    "Account",
    "ApiRequest",
    "ConsentRequest",
    "Credential",
    "CustomEvent",
    "DeclaredConnector",
    "Destination",
    "DriveFile",
    "Execution",
    "Fault",
    "HubspotContact",
    "InstallLink",
    "Installation",
    "Integration",
    "IntegrationInstallation",
    "NotionBlock",
    "NotionDatabase",
    "NotionPage",
    "Preference",
    "Release",
    "SigningKey",
    "SlackChannel",
    "SlackMessage",
    "Store",
    "StoreOrder",
    "UploadedFile",
    "User",
    "WebhookAttempt",
    "WebhookDelivery",
    "Workflow",
]
