"""Orders per day, for the merchant's home page."""

from __future__ import annotations

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.charts import DAY, Chart, Series, columns, tally
from orders.selectors import orders_to_fulfil

register = template.Library()

DAYS = 14
COUNTED = 5_000
"""The newest orders of a merchant, of which those of the last days are counted."""


@register.simple_tag(takes_context=True)
def orders_per_day(context: Context) -> Chart | None:
    """Return the chart of the reader's orders by the day they arrived; None without orders.

    Days before the oldest order that was counted are left out: their figures would be too low.
    """
    merchant = context["request"].user
    arrived = list(orders_to_fulfil(merchant).values_list("received_at", flat=True)[:COUNTED])
    if not arrived:
        return None
    days = columns(timezone.now(), length=DAY, count=DAYS)
    if len(arrived) == COUNTED:
        days = [each for each in days if each > arrived[-1]] or days[-1:]
    counts = tally(arrived, days)
    return Chart(
        key="orders-per-day",
        title=_("Orders per day"),
        note=_note(sum(counts), len(days)),
        begins=days,
        length=DAY,
        series=[Series(_("Orders"), counts)],
    )


def _note(count: int, days: int) -> str:
    words = ngettext("%(count)s order in %(days)s days", "%(count)s orders in %(days)s days", count)
    return words % {"count": count, "days": days}
