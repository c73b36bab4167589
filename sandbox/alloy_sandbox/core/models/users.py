"""The ISV's users, what they have installed, and their accounts with what is in them."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from django.db import models
from django.utils import timezone

from alloy_sandbox.core import ids
from alloy_sandbox.core.models.catalogue import Integration, Workflow, object_id

CONSENT_LIFETIME = timedelta(minutes=30)


class User(models.Model):
    """An end user of the ISV: one tenant of theirs."""

    user_id = object_id()
    environment = models.CharField(max_length=20, default="development")
    username = models.CharField(max_length=255)
    full_name = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("created_at", "user_id")
        constraints = (
            models.UniqueConstraint(fields=("environment", "username"), name="one_user_per_name"),
        )


class Account(models.Model):
    """One user's account at a service: a Notion workspace, a Slack team. Holds what is in it.

    Credentials come and go; what was written with them stays in the account. `connector` is the
    connector's id as the API spells it ("googleDrive").
    """

    account_id = object_id()
    user = models.ForeignKey(User, models.CASCADE, related_name="accounts")
    connector = models.CharField(max_length=100)
    name = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("user", "connector", "name"), name="one_account_per_name"
            ),
        )


class Item(models.Model):
    """A thing in an account: a page or a block of one, a file, a contact, a channel, a message.

    `kind` and `data` are its service's; `title` is what it is found by. `archived`: in the trash.
    """

    item_id = models.CharField(primary_key=True, max_length=50, default=ids.uuid)
    account = models.ForeignKey(Account, models.CASCADE, related_name="items")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    kind = models.CharField(max_length=20)
    title = models.TextField(blank=True, default="")
    position = models.PositiveIntegerField(default=0)
    archived = models.BooleanField(default=False)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("position", "created_at")
        indexes = (models.Index(fields=("account", "kind"), name="items_of_a_kind"),)


class Credential(models.Model):
    """How a user's account at a third-party app is reached. `data` is never shown again.

    `account` is what the Connectivity API's actions act on; the workflows' credentials have none.
    """

    credential_id = object_id()
    user = models.ForeignKey(User, models.CASCADE, related_name="credentials")
    type = models.CharField(max_length=100)
    name = models.CharField(max_length=255)
    data = models.JSONField(default=dict)
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="credentials")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("created_at",)


class Installation(models.Model):
    """A child workflow: one user's copy of a workflow, at the version that was installed."""

    child_workflow_id = object_id()
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


class IntegrationInstallation(models.Model):
    """One user's set-up of a whole integration, begun by the headless API or by the modal."""

    installation_id = object_id()
    user = models.ForeignKey(User, models.CASCADE, related_name="integration_installations")
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="installations")
    workflow_ids = models.JSONField(default=list)
    credential = models.ForeignKey(Credential, models.SET_NULL, null=True)
    completed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "integration"), name="one_set_up_per_user"),
        )


class InstallLink(models.Model):
    """An Alloy Link: lives seven days, and dies when the integration has been installed by it."""

    token = models.TextField(unique=True)
    user = models.ForeignKey(User, models.CASCADE)
    integration = models.ForeignKey(Integration, models.CASCADE)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class ConsentRequest(models.Model):
    """A consent page that was asked for: whose, for which service, and where to return to."""

    class Outcome(models.TextChoices):
        OPEN = "", "Not answered"
        ALLOWED = "allowed", "Allowed"
        DENIED = "denied", "Denied"

    token = models.CharField(primary_key=True, max_length=64)
    user = models.ForeignKey(User, models.CASCADE)
    connector = models.CharField(max_length=100)
    redirect_uri = models.TextField()
    data = models.JSONField(default=dict)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)

    @property
    def return_host(self) -> str:
        return urlsplit(self.redirect_uri).netloc

    @property
    def has_expired(self) -> bool:
        return timezone.now() > self.created_at + CONSENT_LIFETIME


class UploadedFile(models.Model):
    """A file that the ISV announced; `size` is None until its content came. Only that is kept."""

    s3_key = models.CharField(primary_key=True, max_length=320)
    environment = models.CharField(max_length=20)
    filename = models.CharField(max_length=255)
    mime_type = models.CharField(max_length=255)
    md5 = models.CharField(max_length=64)
    signature = models.CharField(max_length=32)
    size = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)


class StoreOrder(models.Model):
    """An order in a user's store: the JSON that BigCommerce's API would answer."""

    user = models.ForeignKey(User, models.CASCADE, related_name="orders")
    number = models.PositiveBigIntegerField()
    payload = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("user", "number"), name="one_order_per_number"),
        )
