"""Backfill against one POST per user: time and peak memory. `python -m bench.backfill --help`.

Each measurement has a sandbox and a database of its own, and a process of its own, whose peak
memory is that of nothing else.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable

from bench.inside import inside, settings_of_bench
from bench.options import options as parse
from bench.report import circumstances, finish, grid
from bench.timing import timed
from tests.services.stack import Stack

WAYS = {"single": "one POST per user", "batch": "provision_alloy_users"}
HEAD = ("", "users", "seconds", "users/s", "peak MiB")


def main() -> int:
    """Measure what the arguments ask for and print it, with the ratio of the rates."""
    small, quick = {"users": [200], "single": 20}, {"users": [1_000], "single": 300}
    options = parse(small, quick, users=[1_000, 100_000], single=1_000)
    rates, rows = [], []
    for way, users in [("single", options.single), *(("batch", each) for each in options.users)]:
        print(f"{WAYS[way]}: {users:,} users ...", flush=True)
        with Stack(environment=settings_of_bench()) as stack:
            stack.start_sandbox()
            stack.manage("migrate")
            inside(stack, "bench.backfill:make", users)
            seconds, peak = inside(stack, f"bench.backfill:{way}")
        rates.append(users / seconds)
        rows.append((WAYS[way], f"{users:,}", f"{seconds:.1f}", f"{rates[-1]:,.0f}", f"{peak:.1f}"))
    ratio = f"{rates[-1] / rates[0]:.1f} times as fast as one POST per user."
    table = grid(HEAD, rows, numbers={1, 2, 3, 4})
    finish("backfill", options, table, f"{ratio} {circumstances()}.")
    return 0


def make(count: str) -> None:
    """Add users as they were before Alloy: no signal announces them."""
    from accounts.models import User

    for start in range(0, int(count), 5000):
        numbers = range(start, min(start + 5000, int(count)))
        User.objects.bulk_create(
            User(email=f"user{number}@old.example", name=f"User {number}", password="!")  # noqa: S106
            for number in numbers
        )


def batch() -> tuple[float, float]:
    """Do it as AcmeCo does; return the seconds, and the peak memory in MiB."""
    from django.core.management import call_command

    return _measured(lambda: call_command("provision_alloy_users"))


def single() -> tuple[float, float]:
    """Do it as one would at first: create each user at Alloy, write down its id."""
    return _measured(_one_by_one)


def _one_by_one() -> None:
    from integrations import conf
    from integrations.client import alloy
    from integrations.contrib.backfill.run import tenants_without_user
    from integrations.models import AlloyUser

    for tenant in list(tenants_without_user()):
        names = {"username": tenant.email, "full_name": tenant.name}
        user_id = alloy().create_user(**names)
        environment = conf.environment()
        AlloyUser.objects.create(tenant=tenant, environment=environment, user_id=user_id, **names)


def _measured(work: Callable[[], object]) -> tuple[float, float]:
    seconds = timed(work)
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
