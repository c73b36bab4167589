"""What the merchant's templates need: times for people, and fragments that stay up to date."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from integrations.live import rendered

register = template.Library()


@register.filter
def ago(moment: datetime | None) -> str:
    """Return `<time>` with "3 minutes ago" or "in 3 minutes", the exact one on hover."""
    if moment is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        moment.isoformat(timespec="seconds"),
        exactly(moment),
        _in_words(moment),
    )


@register.filter
def clock(moment: datetime | None) -> str:
    """Return `<time>` with "14:03", and the day before it if that is not today."""
    if moment is None:
        return ""
    there, now = _in_zone(moment), _in_zone(timezone.now())
    words = date_format(there, "H:i" if there.date() == now.date() else "j M, H:i")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(timespec="seconds"),
        exactly(moment),
        words,
    )


@register.filter
def exactly(moment: datetime) -> str:
    """Return "1 May 2026, 14:03:09 UTC", in the zone the site is shown in."""
    return date_format(_in_zone(moment), "j F Y, H:i:s e")


def _in_zone(moment: datetime) -> datetime:
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def _in_words(moment: datetime) -> str:
    """Return Django's words, but "in 3 minutes" for its "3 minutes from now"."""
    words = naturaltime(moment)
    ahead = words.removesuffix(" from now")
    return words if ahead == words else f"in {ahead}"


@register.simple_tag(takes_context=True)
def live(context: Context, template_name: str) -> str:
    """Render a fragment that asks for itself again, with the version it has now."""
    values = {str(key): value for key, value in context.flatten().items() if key != "block"}
    html, _ = rendered(template_name, values, context["request"])
    return mark_safe(html)  # noqa: S308 -- a template's own output
