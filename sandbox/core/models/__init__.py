"""Everything the sandbox remembers."""

from __future__ import annotations

from sandbox.core.models.accounts import Account, ConsentRequest, Preference
from sandbox.core.models.catalogue import CustomEvent, Integration, Release, Workflow
from sandbox.core.models.executions import AcceptedEvent, Execution
from sandbox.core.models.google_drive import DriveFile
from sandbox.core.models.hubspot import HubspotContact
from sandbox.core.models.installations import (
    Credential,
    Installation,
    InstallLink,
    IntegrationInstallation,
)
from sandbox.core.models.notion import NotionBlock, NotionDatabase, NotionPage
from sandbox.core.models.people import User
from sandbox.core.models.slack import SlackChannel, SlackMessage
from sandbox.core.models.stores import Store, StoreOrder
from sandbox.core.models.traffic import ApiRequest, Destination, Fault
from sandbox.core.models.webhooks import SigningKey, WebhookAttempt, WebhookDelivery

__all__ = [
    "AcceptedEvent",
    "Account",
    "ApiRequest",
    "ConsentRequest",
    "Credential",
    "CustomEvent",
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
    "User",
    "WebhookAttempt",
    "WebhookDelivery",
    "Workflow",
]
