"""Orders being placed in the stores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from alloy_sandbox.core.errors import BadRequest, Refused
from alloy_sandbox.core.models import Store, StoreOrder, User, Workflow
from alloy_sandbox.embedded import runs
from alloy_sandbox.stores.sample import sample_order


def store_of(*, user: User) -> Store:
    """Return the user's store, opened at the first call."""
    return Store.objects.get_or_create(user=user)[0]


@transaction.atomic
def place_order(*, store: Store, fields: Mapping[str, Any] | None = None) -> StoreOrder:
    """Place an order, as a shopper would, and run the merchant's active order workflow.

    `fields` replace those of a made-up BigCommerce order. Raises `BadRequest` for an `id` or
    `status` of the wrong form, `Refused` for an `id` that the store has given away.
    """
    store.refresh_from_db()
    given = dict(fields or {})
    number = _number(store, given.pop("id", None))
    payload = {**sample_order(number, timezone.now()), **given}
    if not isinstance(payload["status"], str) or not payload["status"]:
        raise BadRequest("status must be a text")
    order = StoreOrder.objects.create(
        store=store, number=number, status=payload["status"], payload=payload
    )
    _run_order_workflow(store.user, payload)
    return order


def _number(store: Store, wanted: Any) -> int:
    """Return the order's number and keep the store's own numbers above it."""
    number = store.next_number if wanted is None else wanted
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**31:
        raise BadRequest("id must be a positive integer below 2^31")
    if store.orders.filter(number=number).exists():
        raise Refused(f"The store already has an order {number}")
    store.next_number = max(store.next_number, number + 1)
    store.save(update_fields=["next_number"])
    return number


def _run_order_workflow(user: User, payload: dict[str, Any]) -> None:
    listening = user.installations.filter(
        active=True, workflow__behaviour=Workflow.Behaviour.STREAM_ORDER
    )
    for installation in listening.select_related("workflow", "user"):
        runs.run(installation=installation, data=payload)
