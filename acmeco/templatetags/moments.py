"""Times for people: relative in the text, exact on hover."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """Return `<time>` with "3 minutes ago" or "in 3 minutes"; acmeco.js keeps it true."""
    if moment is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        moment.isoformat(timespec="seconds"),
        exactly(moment),
        _in_words(moment),
    )


@register.filter
def until(moment: datetime) -> SafeString | str:
    """Return `<time>` with "in 3 minutes", and "now" for what is due already."""
    return ago(max(moment, timezone.now()))


@register.filter
def exactly(moment: datetime) -> str:
    """Return "1 May 2026, 14:03:09 UTC", in the zone the site is shown in."""
    return date_format(timezone.localtime(moment), "j F Y, H:i:s e")


def _in_words(moment: datetime) -> str:
    """Return Django's words, with those for the future as acmeco.js has them, too."""
    words = naturaltime(moment)
    ahead = words.removesuffix(" from now")
    return words if ahead == words else f"in {ahead}"
