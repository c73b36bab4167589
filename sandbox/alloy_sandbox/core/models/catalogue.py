"""What the ISV has built in Alloy: integrations, workflows, releases, events."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from alloy_sandbox.core import ids

UTILITIES = {"customEvent", "streamData"}


def object_id() -> models.CharField[str, str]:
    """Return a field for a primary key that looks like Alloy's."""
    return models.CharField(primary_key=True, max_length=24, default=ids.object_id)


class Integration(models.Model):
    """A group of workflows around one third-party app.

    `connector` is the app's name in lower case ("bigcommerce"): the type of its credentials, the
    name of its trigger blocks, and the file name of its icon. `credential_fields` are the inputs
    of the modal's authentication step: a list of {"name", "displayName", "description"?}.
    """

    integration_id = object_id()
    app = models.CharField(max_length=100, unique=True)
    connector = models.CharField(max_length=100)
    description = models.TextField(blank=True, default="")
    category = models.CharField(max_length=100)
    is_oauth = models.BooleanField(default=False)
    credential_fields = models.JSONField(default=list)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position",)

    @property
    def icon(self) -> str:
        return self.connector.lower()

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


class DeclaredConnector(models.Model):
    """A connector that the ISV declared, as it was declared."""

    connector_id = models.CharField(primary_key=True, max_length=100)
    declaration = models.JSONField()

    class Meta:
        ordering = ("connector_id",)


class Workflow(models.Model):
    """A parent workflow: the template of which each user installs a copy.

    `does` is what a run really does in the sandbox, beside succeeding: see `embedded.running`.
    """

    workflow_id = object_id()
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="workflows")
    name = models.CharField(max_length=255)
    event = models.ForeignKey(CustomEvent, models.PROTECT, null=True, related_name="workflows")
    does = models.CharField(max_length=40, blank=True, default="")
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("integration__position", "position")

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
    name = models.CharField(max_length=255, blank=True, default="")
    configurable_fields = models.JSONField(default=list)
    blocks = models.JSONField(default=list)
    released_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("workflow", "number")
        constraints = (
            models.UniqueConstraint(fields=("workflow", "number"), name="one_release_per_number"),
        )

    @property
    def field_names(self) -> set[str]:
        return {field["name"] for field in self.configurable_fields}

    @property
    def app_block(self) -> dict[str, Any]:
        """The block that the configurable fields belong to: the first one of a third-party app."""
        return next((each for each in self.blocks if each["type"] not in UTILITIES), self.blocks[0])
