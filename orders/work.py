"""Answers signals of `integrations`: what is done with a store, and the pages of orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations import signals
from integrations.alloy import ExecutionState, Integration
from integrations.event_results import event_results
from integrations.pages.catalogue import Work
from orders.models import Order, StatusChange
from orders.selectors import COUNT_LIMIT, orders_of

CHANGES_LOOKED_AT = 20
SUCCEEDED = ExecutionState.SUCCEEDED


@receiver(signals.work_wanted)
def work_with_stores(
    tenant: Any, integrations: Sequence[Integration], latest: bool, **_kwargs: Any
) -> list[Work]:
    """Return what each integration does with orders, and when, where only one can have."""
    works = [work for each in integrations if (work := _work_with(each))]
    if not latest:
        return works
    installed = {each.integration_id for each in integrations if each.installed_workflows}
    reads = [each for each in works if each.reads and each.of in installed]
    writes = [each for each in works if each.writes and each.of in installed]
    return [
        replace(
            each,
            last_read_at=_last_received_at(tenant) if reads == [each] else None,
            last_written_at=_last_written_at(tenant) if writes == [each] else None,
        )
        for each in works
    ]


def _work_with(integration: Integration) -> Work | None:
    """Return what the blocks of its workflows do: stream something here, or wait for our events."""
    kinds = {block.kind.casefold() for each in integration.workflows for block in each.blocks}
    reads = _("What its workflows bring here, such as new orders with name and address")
    writes = _("What its workflows make of your orders, such as a new status")
    work = Work(
        of=integration.integration_id,
        kind=_("Orders"),
        reads=(reads,) if "streamdata" in kinds else (),
        writes=(writes,) if "customevent" in kinds else (),
        url=reverse("orders:list"),
    )
    return work if work.reads or work.writes else None


def _last_received_at(merchant: Any) -> datetime | None:
    return orders_of(merchant).values_list("received_at", flat=True).first()


def _last_written_at(merchant: Any) -> datetime | None:
    """Return when a run wrote one of the newest status changes, as far as runs are known of."""
    newest = orders_of(merchant).values("pk")[:COUNT_LIMIT]
    changes = StatusChange.objects.filter(order__in=newest, message_uid__isnull=False)
    uids = changes.order_by("-pk").values_list("message_uid", flat=True)[:CHANGES_LOOKED_AT]
    results = event_results([uid for uid in uids if uid])
    return max(
        (run.at for runs in results.values() for run in runs if run.state is SUCCEEDED),
        default=None,
    )


@receiver(signals.subjects_shown)
def pages_of_orders(tenant: Any, subjects: set[str], **_kwargs: Any) -> dict[str, tuple[str, str]]:
    """Return the pages of the merchant's orders with these numbers."""
    found = Order.objects.filter(merchant=tenant, external_id__in=subjects)
    return {
        order.external_id: (
            _("Order %(number)s") % {"number": order.external_id},
            reverse("orders:detail", args=[order.pk]),
        )
        for order in (found if subjects else ())
    }
