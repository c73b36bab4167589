"""The accounts that users have at the services behind the Connectivity API."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from django.db import models
from django.utils import timezone

from alloy_sandbox.core import ids
from alloy_sandbox.core.models.people import User

CONSENT_LIFETIME = timedelta(minutes=30)


class Account(models.Model):
    """One user's account at a service: a Notion workspace, a Slack team. Holds what is in it.

    Credentials come and go; what was written with them stays in the account. `connector` is the
    connector's id as the API spells it ("googleDrive").
    """

    account_id = models.CharField(primary_key=True, max_length=24, default=ids.object_id)
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

    def __str__(self) -> str:
        return f"{self.name} at {self.connector}"


class ConsentRequest(models.Model):
    """A consent page that was asked for: whose, for which service, and where to return to."""

    class Outcome(models.TextChoices):
        OPEN = "", "Not answered"
        ALLOWED = "allowed", "Allowed"
        DENIED = "denied", "Denied"

    token = models.CharField(primary_key=True, max_length=64)
    user = models.ForeignKey(User, models.CASCADE, related_name="consent_requests")
    connector = models.CharField(max_length=100)
    redirect_uri = models.TextField()
    data = models.JSONField(default=dict)
    outcome = models.CharField(
        max_length=10, choices=Outcome.choices, blank=True, default=Outcome.OPEN
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.user_id} is asked about {self.connector}"

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

    def __str__(self) -> str:
        return self.filename


class Preference(models.Model):
    """A choice between two behaviours that Alloy's sources disagree on; no row: the default."""

    name = models.CharField(primary_key=True, max_length=50)
    value = models.CharField(max_length=50)

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"
