"""What the ISV built in Alloy's workflow builder: integrations, workflows, releases, events."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from alloy_sandbox.core import ids


class Integration(models.Model):
    """A group of workflows around one third-party app.

    `connector` is the app's name in lower case ("bigcommerce"): the type of its credentials, the
    name of its trigger blocks, and the file name of its icon. `credential_fields` are the inputs
    of the modal's authentication step: a list of {"name", "displayName", "description"?}.
    """

    integration_id = models.CharField(primary_key=True, max_length=24, default=ids.object_id)
    app = models.CharField(max_length=100, unique=True)
    connector = models.CharField(max_length=100)
    description = models.TextField(blank=True, default="")
    icon = models.CharField(max_length=100)
    category = models.CharField(max_length=100)
    is_oauth = models.BooleanField(default=False)
    credential_fields = models.JSONField(default=list)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        return self.app

    @property
    def icon_url(self) -> str:
        return f"{settings.SANDBOX_ORIGIN}/icons/{self.icon}.svg"


class CustomEvent(models.Model):
    """An event that the ISV sends; `body` is the sample of its data, as typed in the builder."""

    name = models.CharField(max_length=200, unique=True)
    description = models.TextField(blank=True, default="")
    body = models.JSONField(default=dict)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name


class DeclaredConnector(models.Model):
    """A connector that the ISV declared, as it was declared."""

    connector_id = models.CharField(primary_key=True, max_length=100)
    declaration = models.JSONField()

    class Meta:
        ordering = ("connector_id",)

    def __str__(self) -> str:
        return self.connector_id


class Behaviour(models.TextChoices):
    """What running a workflow really does inside the sandbox."""

    IMITATED = "", "Succeeds without doing anything"
    STREAM_ORDER = "stream_order", "Posts the store's new order to the orders destination"
    UPDATE_ORDER_STATUS = "update_order_status", "Sets the status of an order in the store"


class Workflow(models.Model):
    """A parent workflow: the template of which each user installs a copy."""

    Behaviour = Behaviour

    workflow_id = models.CharField(primary_key=True, max_length=24, default=ids.object_id)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="workflows")
    name = models.CharField(max_length=255)
    event = models.ForeignKey(CustomEvent, models.PROTECT, null=True, related_name="workflows")
    behaviour = models.CharField(
        max_length=40, choices=Behaviour.choices, blank=True, default=Behaviour.IMITATED
    )
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("integration__position", "position")

    def __str__(self) -> str:
        return self.name

    @property
    def latest_release(self) -> Release:
        """The released version that new installations get. Reads prefetched releases if any."""
        return max(self.releases.all(), key=lambda release: release.number)

    @property
    def version(self) -> int:
        return self.latest_release.number


class Release(models.Model):
    """One released version of a workflow.

    `configurable_fields`: a list of {"name", "displayName", "type", "required", "options"?}, where
    options are {"displayName", "value"}. `blocks`: a list of {"name", "id", "type", "icon"}, with
    the icon's file name.
    """

    release_id = models.CharField(max_length=24, unique=True, default=ids.object_id)
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="releases")
    number = models.PositiveIntegerField()
    configurable_fields = models.JSONField(default=list)
    blocks = models.JSONField(default=list)
    released_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("workflow", "number")
        constraints = (
            models.UniqueConstraint(fields=("workflow", "number"), name="one_release_per_number"),
        )

    def __str__(self) -> str:
        return f"{self.workflow_id} version {self.number}"

    @property
    def field_names(self) -> set[str]:
        return {field["name"] for field in self.configurable_fields}

    @property
    def app_block(self) -> dict[str, Any]:
        """The block that the configurable fields belong to: the first one of a third-party app."""
        utilities = {"customEvent", "streamData"}
        return next(
            (block for block in self.blocks if block["type"] not in utilities), self.blocks[0]
        )
