"""The steps that the backfill's tests are told in."""

from __future__ import annotations

from accounts.models import User
from integrations.client import alloy
from integrations.contrib.backfill.candidates import Candidate
from integrations.contrib.backfill.run import Backfill, Summary, Watcher
from integrations.models import AlloyUser


def old_users(count: int, *, prefix: str = "old") -> list[User]:
    """Tenants from before Alloy: no signal has announced them."""
    emails = [f"{prefix}{number}@acme.example" for number in range(count)]
    return User.objects.bulk_create(User(email=email, password="!") for email in emails)


def backfill(*, batch: int = 1000, plan: bool = False) -> tuple[Summary, dict[str, str]]:
    """Run it; return the summary, and the reason for each username that was left."""
    left: dict[str, str] = {}

    def leave(candidate: Candidate, why: str) -> None:
        left[candidate.username] = why

    watcher = Watcher(step=lambda _: None, advance=lambda _: None, not_done=leave)
    run = Backfill(alloy(), batch, watcher)
    return (run.plan() if plan else run.run()), left


def assigned() -> dict[str, str]:
    """Which username got which userId."""
    return dict(AlloyUser.objects.exclude(user_id="").values_list("username", "user_id"))
