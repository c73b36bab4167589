"""Times for people: words that grow older, exact on hover, in the reader's language and zone."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from integrations.times import local

register = template.Library()


@register.filter
def ago(moment: datetime | None) -> str:
    """Return `<time>` with "3 minutes ago" or "in 3 minutes"; live.js keeps it true."""
    if moment is None:
        return ""
    return _element(moment, _in_words(moment), " data-ago")


@register.filter
def until(moment: datetime) -> str:
    """Return `<time>` with "in 3 minutes", and "now" for what is due already."""
    now = timezone.now() if timezone.is_aware(moment) else datetime.now()
    return ago(max(moment, now))


@register.filter
def at(moment: datetime | None) -> str:
    """Return `<time>` with "1 May 2026, 14:03"."""
    return "" if moment is None else _element(moment, _written(moment, "H:i"))


@register.filter
def clock(moment: datetime | None) -> str:
    """Return `<time>` with "14:03", and the day before it if that is not today."""
    if moment is None:
        return ""
    is_today = local(moment).date() == local(timezone.now()).date()
    words = date_format(local(moment), "H:i")
    day = "" if is_today else f"{date_format(local(moment), 'MONTH_DAY_FORMAT')}, "
    return _element(moment, f"{day}{words}")


@register.filter
def exactly(moment: datetime) -> str:
    """Return "1 May 2026, 14:03:09 UTC", which names the zone it is in."""
    return _written(moment, "H:i:s e")


def _element(moment: datetime, words: str, attributes: str = "") -> str:
    return format_html(
        f'<time datetime="{{}}" title="{{}}"{attributes}>{{}}</time>',
        moment.isoformat(timespec="seconds"),
        exactly(moment),
        words,
    )


def _written(moment: datetime, time_format: str) -> str:
    there = local(moment)
    return f"{date_format(there, 'DATE_FORMAT')}, {date_format(there, time_format)}"


def _in_words(moment: datetime) -> str:
    """Return Django's words, with those for the future as live.js has them, too."""
    words = naturaltime(moment)
    ahead = words.removesuffix(" from now")  # in English only
    return words if ahead == words else f"in {ahead}"
