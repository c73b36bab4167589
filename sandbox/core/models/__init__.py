"""Everything the sandbox remembers."""

from __future__ import annotations

from sandbox.core.models.catalogue import CustomEvent, Integration, Release, Workflow
from sandbox.core.models.executions import AcceptedEvent, Execution
from sandbox.core.models.installations import (
    Credential,
    Installation,
    InstallLink,
    IntegrationInstallation,
)
from sandbox.core.models.people import User
from sandbox.core.models.stores import Store, StoreOrder
from sandbox.core.models.traffic import ApiRequest, Destination, Fault
from sandbox.core.models.webhooks import SigningKey, WebhookAttempt, WebhookDelivery

__all__ = [
    "AcceptedEvent",
    "ApiRequest",
    "Credential",
    "CustomEvent",
    "Destination",
    "Execution",
    "Fault",
    "InstallLink",
    "Installation",
    "Integration",
    "IntegrationInstallation",
    "Release",
    "SigningKey",
    "Store",
    "StoreOrder",
    "User",
    "WebhookAttempt",
    "WebhookDelivery",
    "Workflow",
]
