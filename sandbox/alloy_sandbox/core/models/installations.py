"""What users have installed, and with which credentials."""

from __future__ import annotations

from django.db import models

from alloy_sandbox.core import ids
from alloy_sandbox.core.models.catalogue import Integration, Workflow
from alloy_sandbox.core.models.people import User


class Installation(models.Model):
    """A child workflow: one user's copy of a workflow, at the version that was installed."""

    child_workflow_id = models.CharField(primary_key=True, max_length=24, default=ids.object_id)
    user = models.ForeignKey(User, models.CASCADE, related_name="installations")
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="installations")
    installed_version = models.PositiveIntegerField()
    active = models.BooleanField(default=True)
    field_values = models.JSONField(default=dict)
    installed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("installed_at",)
        constraints = (
            models.UniqueConstraint(fields=("user", "workflow"), name="one_copy_per_user"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} runs {self.workflow_id}"


class IntegrationInstallation(models.Model):
    """One user's set-up of a whole integration, begun by the headless API or by the modal."""

    installation_id = models.CharField(primary_key=True, max_length=24, default=ids.object_id)
    user = models.ForeignKey(User, models.CASCADE, related_name="integration_installations")
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="installations")
    workflow_ids = models.JSONField(default=list)
    credential = models.ForeignKey("core.Credential", models.SET_NULL, null=True)
    completed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "integration"), name="one_set_up_per_user"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} sets up {self.integration_id}"


class Credential(models.Model):
    """How a user's account at a third-party app is reached. `data` is never shown again.

    `account` is what the Connectivity API's actions act on; the workflows' credentials have none.
    """

    credential_id = models.CharField(primary_key=True, max_length=24, default=ids.object_id)
    user = models.ForeignKey(User, models.CASCADE, related_name="credentials")
    type = models.CharField(max_length=100)
    name = models.CharField(max_length=255)
    data = models.JSONField(default=dict)
    account = models.ForeignKey(
        "core.Account", models.CASCADE, null=True, related_name="credentials"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("created_at",)

    def __str__(self) -> str:
        return self.name


class InstallLink(models.Model):
    """An Alloy Link: lives seven days, and dies when the integration has been installed by it."""

    token = models.TextField(unique=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="install_links")
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="install_links")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"link for {self.user_id} to {self.integration_id}"
