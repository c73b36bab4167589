"""The home page of a merchant: what to do next, what needs attention, what happened last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from integrations.pages.cards import Card
from integrations.pages.setup_status import SetupStatus, setup_status_of
from orders import selectors
from orders.models import Order, Status
from orders.sync_status import SyncStatus, latest_sync_statuses, orders_not_in_sync

PROBLEMS_SHOWN = 5
EVENTS_SHOWN = 6


@dataclass(frozen=True)
class Step:
    """One thing to do. `link` leads there and `action` says what it does; both may be empty."""

    title: str
    text: str
    done: bool
    link: str = ""
    action: str = ""


@dataclass(frozen=True)
class Event:
    """Something that happened to an order: it arrived, or was set to `status`; `sync` how far."""

    order: Order
    at: datetime
    status: str = ""
    sync: SyncStatus | None = None


@dataclass(frozen=True)
class Home:
    """What the home page shows a merchant. Once all `steps` are done, they are no longer shown."""

    steps: list[Step]
    counts: list[tuple[Status, int]]
    unwell: list[Card]
    problems: list[Order]
    connected: list[str]
    events: list[Event]

    @property
    def next_step(self) -> Step | None:
        """Return the first step that is not done; None when all are."""
        return next((step for step in self.steps if not step.done), None)


def home_of(merchant: User, *, ask_alloy: bool) -> Home:
    """Return the merchant's home page; without `ask_alloy` as far as the stored copy tells."""
    setup = setup_status_of(merchant, ask_alloy=ask_alloy)
    failures = [failure for card in setup.unwell for failure in card.health.failures]
    failed = [number for failure in failures for number in failure.subjects]
    return Home(
        steps=_steps(merchant, setup),
        counts=list(selectors.count_by_status(merchant).items()),
        unwell=setup.unwell,
        problems=orders_not_in_sync(merchant, failed=failed, limit=PROBLEMS_SHOWN),
        connected=[card.name for card in setup.connected],
        events=_latest_events(merchant),
    )


def _steps(merchant: User, setup: SetupStatus) -> list[Step]:
    newest = selectors.orders_of(merchant).first()
    return [
        Step(
            _("Your account is set up") if setup.ready else _("Your account is being set up"),
            _(
                "We tell Alloy, our integration partner, about you: within seconds, once it can be"
                " reached."
            ),
            done=setup.ready,
        ),
        Step(
            _("Connect your BigCommerce store"),
            _("Then its orders arrive here, and it hears of every status you set."),
            done=bool(setup.connected),
            link=reverse("integrations:list"),
            action=_("Connect"),
        ),
        Step(
            _("Place a test order in your store"),
            _("It shows up under Orders within seconds, without a reload."),
            done=newest is not None,
            **_where_orders_are_placed(setup),
        ),
        Step(
            _("Set its fulfillment status"),
            _("Your store is updated, and the order's timeline shows when."),
            done=selectors.has_changed_a_status(merchant),
            link=reverse("orders:detail", args=[newest.pk]) if newest else reverse("orders:list"),
            action=_("Open the order") if newest else _("See orders"),
        ),
    ]


def _where_orders_are_placed(setup: SetupStatus) -> dict[str, str]:
    """Return the way to the sandbox's store, where it stands in for a real one."""
    if settings.ALLOY_LIVE:
        return {}
    store = f"{settings.ALLOY['SANDBOX_URL']}/dashboard/stores/{setup.user_id}"
    return {"link": store, "action": _("Open the store")}


def _latest_events(merchant: User) -> list[Event]:
    """Return what happened last, the latest first: orders that arrived, statuses that were set."""
    arrived = selectors.orders_to_fulfil(merchant)[:EVENTS_SHOWN]
    events = [Event(order, order.received_at) for order in arrived]
    changes = selectors.latest_changes(merchant, limit=EVENTS_SHOWN)
    found = latest_sync_statuses([change.order for change in changes])
    for change in changes:
        # Only of an order's latest status: how far older ones came, its own page tells.
        sync = found.pop(change.order_id, None)
        status = change.get_new_status_display()
        events.append(Event(change.order, change.changed_at, status, sync))
    return nlargest(EVENTS_SHOWN, events, key=lambda event: event.at)
