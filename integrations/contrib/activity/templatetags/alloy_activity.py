"""Shows on the pages of the core what failed and what ran."""

from __future__ import annotations

from django import template
from django.template import Context

from integrations import conf
from integrations.contrib.activity.models import WorkflowFailure
from integrations.contrib.activity.runs import Activity, LogQuery, activity_of
from integrations.pages.cards import Card, Page
from integrations.pages.views import alloy_user_for

register = template.Library()


@register.simple_tag(takes_context=True)
def activity_for(context: Context, page: Page, card: Card) -> Activity | None:
    """Return the runs that the address of the page asks for; None where nothing ever ran."""
    request = context["request"]
    query = LogQuery.of(request, card)
    if query is None:
        return None
    return activity_of(alloy_user_for(request), query, is_down=bool(page.problem))


@register.simple_tag
def open_failures_here() -> int:
    """Return how many kinds of error are open, of all tenants."""
    return WorkflowFailure.objects.filter(resolved_at=None, environment=conf.environment()).count()
