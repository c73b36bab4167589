"""Times for people: words that grow older, exact on hover, in the reader's language and zone."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext_lazy

from integrations.times import local

register = template.Library()

# In seconds, with the words for what was and for what will be.
_UNITS = (
    (
        86_400,
        ngettext_lazy("%(count)d\xa0day ago", "%(count)d\xa0days ago", "count"),
        ngettext_lazy("in %(count)d\xa0day", "in %(count)d\xa0days", "count"),
    ),
    (
        3_600,
        ngettext_lazy("%(count)d\xa0hour ago", "%(count)d\xa0hours ago", "count"),
        ngettext_lazy("in %(count)d\xa0hour", "in %(count)d\xa0hours", "count"),
    ),
    (
        60,
        ngettext_lazy("%(count)d\xa0minute ago", "%(count)d\xa0minutes ago", "count"),
        ngettext_lazy("in %(count)d\xa0minute", "in %(count)d\xa0minutes", "count"),
    ),
    (
        1,
        ngettext_lazy("%(count)d\xa0second ago", "%(count)d\xa0seconds ago", "count"),
        ngettext_lazy("in %(count)d\xa0second", "in %(count)d\xa0seconds", "count"),
    ),
)


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
def exact(moment: datetime) -> str:
    """Return `<time>` with what `exactly` returns: for a deadline, say, where the zone matters."""
    return _element(moment, exactly(moment))


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
    """Return the largest unit that fits, in words that are those of `Intl.RelativeTimeFormat`."""
    now = timezone.now() if timezone.is_aware(moment) else datetime.now()
    seconds = round((moment - now).total_seconds())
    for length, ago, ahead in _UNITS:
        if count := abs(seconds) // length:
            return (ahead if seconds > 0 else ago) % {"count": count}
    return gettext("now")
