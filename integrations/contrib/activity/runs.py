"""Reads the latest runs of a workflow. What their steps were given is in `payloads`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import structlog
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from integrations.alloy import AlloyError, Execution, ExecutionState, Workflow
from integrations.alloy.client import LOGS_PAGE_LIMIT
from integrations.charts import Chart
from integrations.client import alloy
from integrations.contrib.activity.chart import chart_of
from integrations.contrib.activity.models import Rerun
from integrations.contrib.activity.record import subject_of
from integrations.contrib.activity.recovery import resolve_by
from integrations.contrib.activity.reruns import signed
from integrations.contrib.activity.selectors import run_key
from integrations.contrib.activity.unstreamed import record_unstreamed
from integrations.contrib.activity.words import in_plain_words
from integrations.models import AlloyUser
from integrations.pages.cards import Card
from integrations.pages.rate_limits import ACTIVITY, exceeded
from integrations.signals import answers, subjects_shown

log = structlog.get_logger(__name__)

SECONDS_TO_WAIT = 3.0
RUNS_PER_PAGE = 10
PAGES_PER_CALL = LOGS_PAGE_LIMIT // RUNS_PER_PAGE
LAST_PAGE = 10_000
TOO_OFTEN = gettext_lazy("That was asked too often in a row. It is shown again in a minute.")
NOT_READ = gettext_lazy("What ran lately can't be read right now. We keep trying.")


@dataclass(frozen=True)
class LogQuery:
    """The runs to show: of which workflow, only those that failed, which page (from 0)."""

    card: Card
    workflow: Workflow
    failures_only: bool = False
    page: int = 0

    @classmethod
    def of(cls, request: HttpRequest, card: Card) -> Self | None:
        """Return what the request asks for, what makes no sense left out; None if nothing ran.

        Unless another is asked for, the workflow that fails. One that is not installed
        any more may still be asked for: its runs are kept.
        """
        page = request.GET.get("page", "")
        known = {each.workflow_id: each for each in card.integration.workflows}
        wanted = known.get(request.GET.get("workflow", ""))
        failing = known.get(card.health.workflow_id) if card.health.failures else None
        chosen = wanted or failing or next(iter(card.integration.installed_workflows), None)
        if chosen is None:
            return None
        return cls(
            card=card,
            workflow=chosen,
            failures_only=request.GET.get("show") == "failures",
            page=min(int(page), LAST_PAGE) if page.isdecimal() and len(page) < 9 else 0,
        )


@dataclass(frozen=True)
class Run:
    """One execution; `words` say in a merchant's language why it failed.

    Its `signed_id` is what the page sends back to have it run again. `about`: what it was about,
    such as an order, and its page.
    """

    execution: Execution
    signed_id: str
    words: str = ""
    about: str = ""
    about_url: str = ""
    was_run_again: bool = False

    @property
    def has_failed(self) -> bool:
        return self.execution.state is ExecutionState.FAILED

    @property
    def step_count(self) -> int:
        """How many blocks were given something, or gave something back."""
        given = {each.block_id for each in self.execution.inputs}
        return len(given | {each.block_id for each in self.execution.results})

    @property
    def key(self) -> str:
        """A name for the run that can stand in an HTML id."""
        return run_key(self.execution.execution_id)


@dataclass(frozen=True)
class Activity:
    """A page of runs, newest first. With `problem` they could not be read."""

    query: LogQuery
    runs: list[Run] = field(default_factory=list)
    chart: Chart | None = None
    has_more: bool = False
    problem: str = ""

    @property
    def is_too_often(self) -> bool:
        return self.problem == str(TOO_OFTEN)


def activity_of(alloy_user: AlloyUser, query: LogQuery, *, is_down: bool = False) -> Activity:
    """Read a page of runs; never raises because of Alloy. `is_down`: Alloy is.

    One call reads what three pages show, and the chart of them.
    """
    if is_down:
        return Activity(query, problem=str(NOT_READ))
    if exceeded(ACTIVITY, alloy_user.tenant_id):
        return Activity(query, problem=str(TOO_OFTEN))
    call, place = divmod(query.page, PAGES_PER_CALL)
    try:
        executions = executions_of(alloy_user, query, call=call)
    except AlloyError as error:
        log.warning("activity_not_read", error=str(error))
        return Activity(query, problem=str(NOT_READ))
    resolve_by(alloy_user.tenant, query.workflow.workflow_id, executions)
    if not (query.page or query.failures_only):
        record_unstreamed(alloy_user.tenant, query.workflow.workflow_id, executions)
    shown = executions[place * RUNS_PER_PAGE : (place + 1) * RUNS_PER_PAGE]
    return Activity(
        query,
        runs=_runs(alloy_user, query, shown),
        chart=chart_of(executions, are_all=call == 0 and len(executions) < LOGS_PAGE_LIMIT),
        has_more=len(executions) > (place + 1) * RUNS_PER_PAGE
        or (place + 1 == PAGES_PER_CALL and len(executions) == LOGS_PAGE_LIMIT),
    )


def executions_of(alloy_user: AlloyUser, query: LogQuery, *, call: int) -> list[Execution]:
    """Read what `PAGES_PER_CALL` pages show, newest first; raises `AlloyError`."""
    return (
        alloy()
        .within(SECONDS_TO_WAIT)
        .workflow_logs(
            workflow_id=query.workflow.workflow_id,
            user_id=alloy_user.user_id,
            page=call,
            limit=LOGS_PAGE_LIMIT,
            errors_only=query.failures_only,
        )
    )


def _runs(alloy_user: AlloyUser, query: LogQuery, executions: list[Execution]) -> list[Run]:
    again = set(
        Rerun.objects.that_count()
        .filter(
            tenant=alloy_user.tenant,
            environment=alloy_user.environment,
            execution_id__in=[each.execution_id for each in executions],
        )
        .values_list("execution_id", flat=True)
    )
    subjects = {each.execution_id: subject_of(each) for each in executions}
    pages = _pages_of(alloy_user.tenant, {*subjects.values()} - {""})
    return [
        Run(
            execution=each,
            signed_id=signed(each.execution_id, alloy_user=alloy_user),
            words=in_plain_words(each.error, app=query.card.name),
            about=pages.get(subjects[each.execution_id], ("", ""))[0],
            about_url=pages.get(subjects[each.execution_id], ("", ""))[1],
            was_run_again=each.execution_id in again,
        )
        for each in executions
    ]


def _pages_of(tenant: Any, subjects: set[str]) -> dict[str, tuple[str, str]]:
    """Return name and address of the page of each subject that has one."""
    found = answers(subjects_shown, tenant=tenant, subjects=subjects)
    return {subject: page for each in found for subject, page in each.items()}
