"""What failed and what ran, for the pages of the core."""

from __future__ import annotations

from django import template
from django.http import HttpRequest
from django.template import Context

from integrations import conf
from integrations.contrib.activity.models import WorkflowFailure
from integrations.contrib.activity.runs import Activity, LogQuery, activity_of
from integrations.contrib.activity.selectors import Problem, open_failures, problems_of
from integrations.snapshots import Card, Page
from integrations.views import alloy_user_for

register = template.Library()

FAILURES_SHOWN = 100
_KEPT = "_alloy_open_failures"


@register.simple_tag(takes_context=True)
def problems_with(context: Context, card: Card) -> list[Problem]:
    """Return what is wrong with the integration; one query for all of a page's."""
    return problems_of(card.integration, _open_failures(context["request"]))


@register.simple_tag(takes_context=True)
def activity_for(context: Context, page: Page, card: Card) -> Activity | None:
    """Return the runs that the address of the page asks for; None where nothing ever ran."""
    request = context["request"]
    query = LogQuery.of(request, card)
    if query is None:
        return None
    return activity_of(alloy_user_for(request), query, leave_alone=bool(page.trouble))


@register.simple_tag
def open_failures_here() -> int:
    """Return how many kinds of error are open, of all tenants."""
    return WorkflowFailure.objects.filter(resolved_at=None, environment=conf.environment()).count()


def _open_failures(request: HttpRequest) -> list[WorkflowFailure]:
    kept: list[WorkflowFailure] | None = getattr(request, _KEPT, None)
    if kept is None:
        kept = list(open_failures(alloy_user_for(request).tenant)[:FAILURES_SHOWN])
        setattr(request, _KEPT, kept)
    return kept


@register.filter
def unlocalised(number: float) -> str:
    """Return a number as SVG reads it, with a point whatever the language."""
    return f"{number:g}"
