"""The runs of an integration, small enough for its card: read when the card is seen, then kept."""

from __future__ import annotations

import structlog
from django.core.cache import cache

from integrations import conf
from integrations.alloy import AlloyError, Execution
from integrations.alloy.client import LOGS_PAGE_LIMIT
from integrations.charts import Chart
from integrations.contrib.activity.chart import chart_of
from integrations.contrib.activity.runs import LogQuery, executions_of
from integrations.models import AlloyUser
from integrations.pages.cards import Card
from integrations.pages.rate_limits import ACTIVITY, exceeded

log = structlog.get_logger(__name__)

WORKFLOWS = 3
KEPT_SECONDS = 300


def sparkline_of(alloy_user: AlloyUser, card: Card) -> Chart | None:
    """Return the chart of the integration's latest runs; None where nothing ran, or can be read.

    No more than when runs began and how they ended is kept, for five minutes.
    """
    key = f"sparkline:{conf.environment()}:{alloy_user.pk}:{card.integration_id}"
    if (kept := cache.get(key)) is not None:
        runs, are_all = kept
        return chart_of([Execution.model_validate(each) for each in runs], are_all=are_all)
    if exceeded(ACTIVITY, alloy_user.tenant_id):
        return None
    try:
        executions, are_all = _read(alloy_user, card)
    except AlloyError as error:
        log.warning("sparkline_not_read", error=str(error))
        return None
    runs = [
        {
            "executionId": "-",
            "startedAt": each.started_at.isoformat(),  # caches may take JSON only
            "error": "-" if each.error else "",
        }
        for each in executions
    ]
    cache.set(key, (runs, are_all), KEPT_SECONDS)
    return chart_of(executions, are_all=are_all)


def _read(alloy_user: AlloyUser, card: Card) -> tuple[list[Execution], bool]:
    """Return runs of all workflows since the moment from which all are known, and if it is all."""
    logs = [
        executions_of(alloy_user, LogQuery(card, workflow), call=0)
        for workflow in card.integration.installed_workflows[:WORKFLOWS]
    ]
    cut = [each[-1].started_at for each in logs if len(each) == LOGS_PAGE_LIMIT]
    runs = [run for each in logs for run in each if not cut or run.started_at >= max(cut)]
    return runs, not cut
