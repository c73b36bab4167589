"""Backfill against one POST per user: time and peak memory. `python -m bench.backfill --help`.

Each measurement has a sandbox and a database of its own, and a process of its own, whose peak
memory is that of nothing else.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.inside import inside
from bench.options import options as parse
from bench.report import circumstances, finish, grid
from tests.services.stack import Stack

WAYS = {"single": "one POST per user", "batch": "provision_alloy_users"}


def main() -> int:
    """Measure what the arguments ask for and print it, with the ratio of the rates."""
    options = parse(
        small={"users": [200], "single": 20},
        quick={"users": [1_000], "single": 300},
        users=[1_000, 100_000],
        single=1_000,
    )
    runs = [("single", options.single), *(("batch", users) for users in options.users)]
    rates, rows = [], []
    for way, users in runs:
        print(f"{WAYS[way]}: {users:,} users ...", flush=True)
        seconds, peak = measure(way, users)
        rates.append(users / seconds)
        rows.append((WAYS[way], f"{users:,}", f"{seconds:.1f}", f"{rates[-1]:,.0f}", f"{peak:.1f}"))
    table = grid(("", "users", "seconds", "users/s", "peak MiB"), rows, numbers={1, 2, 3, 4})
    ratio = f"{rates[-1] / rates[0]:.1f} times as fast as one POST per user."
    finish("backfill", options, table, f"{ratio} {circumstances()}.")
    return 0


def measure(way: str, users: int) -> tuple[float, float]:
    """Make the users, then send them to Alloy; return the seconds, and the peak memory in MiB."""
    with Stack() as stack:
        file = stack.directory / "measured"
        stack.start_sandbox()
        stack.manage("migrate")
        inside(stack, "bench.backfill:make", str(users))
        inside(stack, f"bench.backfill:{way}", str(file))
        seconds, peak = json.loads(file.read_text())
    return seconds, peak


def make(count: str) -> None:
    """Add users as they were before Alloy: no signal announces them."""
    from accounts.models import User

    for start in range(0, int(count), 5000):
        numbers = range(start, min(start + 5000, int(count)))
        User.objects.bulk_create(
            User(email=f"user{number}@old.example", name=f"User {number}", password="!")  # noqa: S106
            for number in numbers
        )


def batch(file: str) -> None:
    """Do it as AcmeCo does."""
    from django.core.management import call_command

    _measured(file, lambda: call_command("provision_alloy_users"))


def single(file: str) -> None:
    """Do it as one would at first: create each user at Alloy, write down its id."""
    _measured(file, _one_by_one)


def _one_by_one() -> None:
    from integrations import conf
    from integrations.client import alloy
    from integrations.contrib.backfill.run import tenants_in_want
    from integrations.models import AlloyUser

    for tenant in list(tenants_in_want()):
        user_id = alloy().create_user(username=tenant.email, full_name=tenant.name)
        AlloyUser.objects.create(
            tenant=tenant,
            environment=conf.environment(),
            username=tenant.email,
            full_name=tenant.name,
            user_id=user_id,
        )


def _measured(file: str, work: Callable[[], object]) -> None:
    began = time.perf_counter()
    work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    Path(file).write_text(json.dumps([time.perf_counter() - began, peak]))


if __name__ == "__main__":
    sys.exit(main())
