"""Runs over time: how many succeeded and how many failed.

It counts the tenant's own latest runs: Alloy's totals are over all of its customers' users, so
they are nothing to show to one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.alloy import Execution, ExecutionState
from integrations.charts import DAY, HOUR, Chart, Series, columns, tally

HOURS, LEAST_DAYS, MOST_DAYS = 24, 14, 60


def chart_of(executions: Sequence[Execution], *, are_all: bool) -> Chart | None:
    """Return the chart of these runs, an hour or a day a column; None when there are none.

    Unless they `are_all`, it begins with the oldest of them: nothing is known of the time before.
    """
    if not executions:
        return None
    began = [each.started_at for each in executions]
    begins, length = _columns(min(began), max([*began, timezone.now()]))
    if not are_all:
        begins = [each for each in begins if each + length > min(began)]
    failed = [each.started_at for each in executions if each.state is ExecutionState.FAILED]
    failures = tally(failed, begins)
    succeeded = [all_ - bad for all_, bad in zip(tally(began, begins), failures, strict=True)]
    return Chart(
        key="runs",
        title=_("Runs per day") if length == DAY else _("Runs per hour"),
        note=_note(len(executions), are_all=are_all),
        begins=begins,
        length=length,
        series=[Series(_("Succeeded or running"), succeeded), Series(_("Failed"), failures, "bad")],
    )


def _columns(oldest: datetime, until: datetime) -> tuple[list[datetime], timedelta]:
    if until - oldest < HOUR * HOURS:
        return columns(until, length=HOUR, count=HOURS), HOUR
    days = min(max((until - oldest) // DAY + 2, LEAST_DAYS), MOST_DAYS)
    return columns(until, length=DAY, count=days), DAY


def _note(count: int, *, are_all: bool) -> str:
    if are_all:
        return ngettext("%(count)d run in all", "%(count)d runs in all", count) % {"count": count}
    return _("the last %(count)d runs") % {"count": count}
