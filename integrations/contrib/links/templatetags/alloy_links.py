"""The tenant's links, for the page of an integration."""

from __future__ import annotations

from django import template
from django.template import Context

from integrations.contrib.links.models import InstallLink
from integrations.pages.cards import Card
from integrations.pages.views import alloy_user_for

register = template.Library()

LINKS_SHOWN = 5


@register.simple_tag(takes_context=True)
def links_to(context: Context, card: Card) -> list[InstallLink]:
    """Return the tenant's latest links to the integration, newest first."""
    alloy_user = alloy_user_for(context["request"])
    links = InstallLink.objects.filter(
        tenant=alloy_user.tenant,
        environment=alloy_user.environment,
        integration_id=card.integration_id,
    )
    return list(links.order_by("-pk")[:LINKS_SHOWN])
