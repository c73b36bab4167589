"""Gives the merchant's templates times for people, and fragments that stay up to date."""

from __future__ import annotations

from django import template
from django.template import Context
from django.utils.safestring import mark_safe

from integrations import conf
from integrations.pages.live import rendered
from integrations.templatetags import moments

register = template.Library()

BETWEEN_PARTS = "<!-- sections -->"


for name, times in moments.register.filters.items():
    register.filter(name, times)


@register.filter
def unlocalised(number: float) -> str:
    """Return a number as SVG reads it, with a point whatever the language."""
    return f"{number:g}"


@register.simple_tag
def alloy_script_url() -> str:
    """Return the URL of Alloy's browser SDK."""
    return conf.account().hosts.script_url


@register.simple_tag(takes_context=True)
def live(context: Context, template_name: str) -> str:
    """Render a fragment that asks for itself again, with the version it has now."""
    return mark_safe(_rendered(context, template_name))  # noqa: S308 -- a template's own output


@register.simple_tag(takes_context=True)
def live_parts(context: Context, template_name: str) -> list[str]:
    """Render such a fragment whose parts stand apart on the page: one list item for each."""
    parts = _rendered(context, template_name).split(BETWEEN_PARTS)
    return [mark_safe(part) for part in parts]  # noqa: S308 -- a template's own output


def _rendered(context: Context, template_name: str) -> str:
    values = {str(key): value for key, value in context.flatten().items() if key != "block"}
    html, _ = rendered(template_name, values, context["request"])
    return html
