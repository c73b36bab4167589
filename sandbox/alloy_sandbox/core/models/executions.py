"""What has run. These rows outlive the user and the installation that they speak of."""

from __future__ import annotations

from django.db import models

from alloy_sandbox.core import ids
from alloy_sandbox.core.models.catalogue import Workflow
from alloy_sandbox.core.models.installations import Installation
from alloy_sandbox.core.models.people import User


class AcceptedEvent(models.Model):
    """A custom event that was taken; the primary key is the order in which they were taken."""

    user = models.ForeignKey(User, models.DO_NOTHING, db_constraint=False)
    event = models.CharField(max_length=200)
    data = models.JSONField()
    idempotency_key = models.CharField(max_length=255, blank=True, default="")
    accepted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.event} #{self.pk}"


class Execution(models.Model):
    """One run of one user's copy of a workflow.

    `stopped_at` is null while it runs (a Stream Data block is still trying to deliver). `failed`
    stays when a purge of the user's logs has emptied `inputs`, `results` and `error`, so that the
    analytics keep their counts.
    """

    execution_id = models.CharField(max_length=21, unique=True, default=ids.execution_id)
    object_id = models.CharField(max_length=24, unique=True, default=ids.object_id)
    user = models.ForeignKey(User, models.DO_NOTHING, db_constraint=False)
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="executions")
    installation = models.ForeignKey(Installation, models.DO_NOTHING, db_constraint=False)
    version = models.PositiveIntegerField()
    mode = models.CharField(max_length=20, default="trigger")
    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    failed = models.BooleanField(default=False)
    failed_block = models.CharField(max_length=36, blank=True, default="")
    error = models.TextField(blank=True, default="")
    inputs = models.JSONField(default=list)
    results = models.JSONField(default=list)
    actions = models.PositiveIntegerField(default=0)
    purged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("workflow", "user", "-id"), name="logs_of_a_workflow"),)

    def __str__(self) -> str:
        return self.execution_id
