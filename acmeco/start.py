"""Where a merchant stands and what to do next, from what is really there."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from integrations.snapshots import setup_status_of
from orders import selectors
from orders.deliveries import orders_the_store_was_not_told_of
from orders.models import Order, Status

PROBLEMS_SHOWN = 5


@dataclass(frozen=True)
class Step:
    """One thing to do. `link` leads there and `action` says what it does; both may be empty."""

    title: str
    text: str
    done: bool
    link: str = ""
    action: str = ""


@dataclass(frozen=True)
class Start:
    """What the home page shows a merchant."""

    steps: list[Step]
    counts: list[tuple[Status, int]]
    problems: list[Order]

    @property
    def next_step(self) -> Step | None:
        """The first step that is not done; None when all are."""
        return next((step for step in self.steps if not step.done), None)


def start_of(merchant: User, *, ask_alloy: bool) -> Start:
    """Return what the merchant's home page shows."""
    return Start(
        steps=_steps(merchant, ask_alloy=ask_alloy),
        counts=list(selectors.count_by_status(merchant).items()),
        problems=orders_the_store_was_not_told_of(merchant, limit=PROBLEMS_SHOWN),
    )


def _steps(merchant: User, *, ask_alloy: bool) -> list[Step]:
    setup = setup_status_of(merchant, ask_alloy=ask_alloy)
    newest = selectors.orders_of(merchant).first()
    return [
        Step(
            "Your account is set up" if setup.ready else "Your account is being set up",
            "We tell our integration partner about you, which usually takes seconds.",
            done=setup.ready,
        ),
        Step(
            "Connect your BigCommerce store",
            "Then its orders arrive here, and it hears of every status you set.",
            done=bool(setup.connected),
            link=reverse("integrations:list"),
            action="Connect",
        ),
        Step(
            "Place a test order in your store",
            "It shows up under Orders within seconds, without a reload.",
            done=newest is not None,
            **_where_orders_are_placed(),
        ),
        Step(
            "Set its fulfillment status",
            "Your store is told, and the order's timeline shows when.",
            done=selectors.has_changed_a_status(merchant),
            link=reverse("orders:detail", args=[newest.pk]) if newest else reverse("orders:list"),
            action="Open the order" if newest else "See orders",
        ),
    ]


def _where_orders_are_placed() -> dict[str, str]:
    if settings.ALLOY_LIVE:
        return {}
    return {"link": settings.ALLOY["SANDBOX_URL"], "action": "Open the sandbox"}
