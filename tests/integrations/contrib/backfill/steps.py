"""The steps that the backfill's tests are told in."""

from __future__ import annotations

from accounts.models import User
from integrations.client import alloy
from integrations.contrib.backfill import run
from integrations.contrib.backfill.run import Summary
from integrations.models import AlloyUser


def old_users(count: int, *, prefix: str = "old") -> list[User]:
    """Tenants from before Alloy: no signal has announced them."""
    emails = [f"{prefix}{number}@acme.example" for number in range(count)]
    return User.objects.bulk_create(User(email=email, password="!") for email in emails)


def backfill(*, batch: int = 1000) -> Summary:
    """Run it; return the summary."""
    return run.backfill(alloy(), batch=batch, say=lambda _: None)


def assigned() -> dict[str, str]:
    """Which username got which userId."""
    return dict(AlloyUser.objects.exclude(user_id="").values_list("username", "user_id"))
