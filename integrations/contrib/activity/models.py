"""Errors and runs of a tenant's workflows; equal errors are counted in one row."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.utils import timezone

from integrations import conf
from integrations.alloy import ExecutionState

# After a lost answer nobody knows whether the run began; so long it may take to show up.
UNTIL_AN_ANSWER_IS_LOST = timedelta(minutes=1)


class WorkflowFailure(models.Model):
    """A kind of error of one workflow of one tenant: a thousand equal ones are a count of 1,000.

    Errors are equal when they differ in ids and numbers only. A row is open until a run that
    started after the last of its errors has succeeded; the same error again opens it again.
    """

    tenant = models.ForeignKey(conf.tenant_model(), on_delete=models.CASCADE, related_name="+")
    environment = models.CharField(max_length=64)
    workflow_id = models.CharField("workflow", max_length=64)
    block = models.CharField(max_length=120, blank=True, help_text="The step that failed.")
    digest = models.CharField(max_length=64, editable=False)
    message = models.TextField(help_text="The latest error, as Alloy told it.")
    count = models.PositiveIntegerField(default=1)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    last_execution_id = models.CharField("last execution", max_length=64, blank=True)
    checked_at = models.DateTimeField(
        null=True, blank=True, help_text="When somebody last looked for a run that succeeded."
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("tenant", "environment", "digest"), name="one_failure_per_kind_of_error"
            ),
        )
        indexes = (
            models.Index(
                fields=("environment", "tenant"),
                condition=models.Q(resolved_at__isnull=True),
                name="failures_open",
            ),
            models.Index(
                fields=("resolved_at",),
                condition=models.Q(resolved_at__isnull=False),
                name="failures_to_prune",
            ),
        )

    def __str__(self) -> str:
        times = f" {self.count} times" if self.count > 1 else ""
        return f"{self.block or 'A step'} failed{times}"


class FailureSubject(models.Model):
    """A subject of a failed run, such as an order's number; known once its log has been read."""

    failure = models.ForeignKey(WorkflowFailure, on_delete=models.CASCADE, related_name="subjects")
    subject = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("failure", "subject"), name="each_subject_of_a_failure_once"
            ),
        )
        indexes = (models.Index(fields=("subject",), name="failures_by_subject"),)

    def __str__(self) -> str:
        return self.subject


class EventRun(models.Model):
    """A run of a workflow that one of our events started, as Alloy's log tells it.

    The names of integration and workflow are those that they had then.
    """

    tenant = models.ForeignKey(conf.tenant_model(), on_delete=models.CASCADE, related_name="+")
    environment = models.CharField(max_length=64)
    message_uid = models.UUIDField(db_index=True, help_text="The outbox message of the event.")
    execution_id = models.CharField("execution", max_length=128)
    integration_id = models.CharField("integration", max_length=128)
    app = models.CharField(max_length=200)
    workflow_id = models.CharField(max_length=128)
    workflow = models.CharField(max_length=200, blank=True)
    state = models.CharField(
        max_length=12, choices=[(each.value, each.value.capitalize()) for each in ExecutionState]
    )
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(db_index=True)
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("environment", "execution_id"), name="each_run_of_an_event_once"
            ),
        )

    def __str__(self) -> str:
        return f"Run {self.execution_id}"


class RerunQuerySet(models.QuerySet["Rerun"]):
    """Separates reruns that happened from those whose answer was lost."""

    def lost(self) -> Self:
        """Return those whose answer never came, long enough ago to ask again."""
        return self.filter(_lost())

    def that_count(self) -> Self:
        """Return the others: they ran, or may still show up."""
        return self.exclude(_lost())


def _lost() -> models.Q:
    return models.Q(new_execution_id="", asked_at__lt=timezone.now() - UNTIL_AN_ANSWER_IS_LOST)


class Rerun(models.Model):
    """An execution that was run again: written before the call, so that two clicks run it once."""

    tenant = models.ForeignKey(conf.tenant_model(), on_delete=models.CASCADE, related_name="+")
    environment = models.CharField(max_length=64)
    execution_id = models.CharField(max_length=128)
    new_execution_id = models.CharField(max_length=128, blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[RerunQuerySet] = RerunQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("tenant", "environment", "execution_id"), name="one_rerun_per_execution"
            ),
        )

    def __str__(self) -> str:
        return f"Rerun of {self.execution_id}"
