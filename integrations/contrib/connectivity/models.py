"""The accounts that tenants connected through the Connectivity API, and their attempts to do so."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from integrations import conf


class Connection(models.Model):
    """An account at a service, such as a Notion workspace. Alloy holds its secrets, we hold an id.

    The row of an account that is no longer connected at Alloy stays, with `gone_at` set, until the
    tenant takes it away: otherwise nobody would be told why things stopped.
    """

    tenant = models.ForeignKey(
        conf.tenant_model(), on_delete=models.CASCADE, related_name="alloy_connections"
    )
    environment = models.CharField(max_length=64)
    connector = models.CharField(max_length=128, help_text="Such as notion; case-sensitive.")
    credential_id = models.CharField(max_length=128)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    last_error = models.TextField(blank=True, help_text="Empty when it worked the last time.")
    gone_at = models.DateTimeField(
        null=True, blank=True, help_text="When Alloy was found to have it no longer."
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("environment", "credential_id"), name="one_connection_per_credential"
            ),
        )
        indexes = (
            models.Index(
                fields=("tenant", "environment", "connector"), name="connections_of_a_tenant"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_alive(self) -> bool:
        return self.gone_at is None


class ConnectAttempt(models.Model):
    """One attempt to connect an account: begun here, consented to at Alloy, finished here.

    Alloy adds nothing when it returns the browser, so only the address that it returns to tells
    one attempt from another: it holds a token that nobody can guess, of which only the digest is
    kept. `known` are the credentials there were before: the new one is not among them.
    """

    class Outcome(models.TextChoices):
        OPEN = "", "Open"
        CONNECTED = "connected", "Connected"
        DENIED = "denied", "Denied"

    tenant = models.ForeignKey(conf.tenant_model(), on_delete=models.CASCADE, related_name="+")
    environment = models.CharField(max_length=64)
    connector = models.CharField(max_length=128)
    connector_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    session_digest = models.CharField(max_length=64, editable=False)
    known = models.JSONField(default=list)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    connection = models.ForeignKey(
        Connection, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Connecting {self.connector_name}"

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()
