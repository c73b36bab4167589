"""Backfill against one POST per user: time and peak memory. `python -m bench.backfill --help`.

Each measurement has a sandbox and a database of its own, and a process of its own, whose peak
memory is that of nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.services.stack import Stack

PROJECT = Path(__file__).resolve().parents[1]
WAYS = {"batch": "provision_alloy_users", "single": "one POST per user"}


@dataclass(frozen=True)
class Measured:
    """One run: how many users, in how many seconds, with how many MiB at its peak."""

    way: str
    users: int
    seconds: float
    peak: float

    @property
    def rate(self) -> float:
        return self.users / self.seconds


def main() -> int:
    """Measure what the arguments ask for and print it, with the ratio of the rates."""
    options = _options()
    if options.inside:
        print(json.dumps(_work(options.inside)))
        return 0
    measured = [measure("single", options.single)]
    measured += [measure("batch", users) for users in options.users]
    print(f"\n{'':<22}{'users':>9}{'seconds':>10}{'users/s':>10}{'peak MiB':>10}")
    for each in measured:
        figures = f"{each.users:>9,}{each.seconds:>10.1f}{each.rate:>10,.0f}{each.peak:>10.1f}"
        print(f"{WAYS[each.way]:<22}{figures}")
    print(f"\n{measured[-1].rate / measured[0].rate:.1f} times as fast as one POST per user.")
    return 0


def measure(way: str, users: int) -> Measured:
    """Make the users, then send them to Alloy in one of the ways."""
    print(f"{WAYS[way]}: {users:,} users ...", flush=True)
    with Stack() as stack:
        stack.start_sandbox()
        stack.manage("migrate")
        _inside(stack, f"make:{users}")
        seconds, peak = _inside(stack, way)
    return Measured(way, users, seconds, peak)


def _inside(stack: Stack, what: str) -> tuple[float, float]:
    """Do it in a process of AcmeCo's; return its seconds and its peak memory in MiB."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.backfill", "--inside", what],
        cwd=PROJECT,
        env={**os.environ, **stack.environment},
        stdout=subprocess.PIPE,
        check=True,
    )
    seconds, peak = json.loads(done.stdout.splitlines()[-1])
    return seconds, peak


def _work(what: str) -> tuple[float, float]:
    import django

    django.setup()
    started = time.perf_counter()
    way, _, count = what.partition(":")
    {"make": lambda: _make(int(count)), "batch": _batch, "single": _single}[way]()
    seconds = time.perf_counter() - started
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _make(count: int) -> None:
    """Add users as they were before Alloy: no signal announces them."""
    from accounts.models import User

    for start in range(0, count, 5000):
        numbers = range(start, min(start + 5000, count))
        User.objects.bulk_create(
            User(email=f"user{number}@old.example", name=f"User {number}", password="!")  # noqa: S106
            for number in numbers
        )


def _batch() -> None:
    from django.core.management import call_command

    call_command("provision_alloy_users")


def _single() -> None:
    """Do it as one would at first: create each user at Alloy, write down its id."""
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


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.backfill", description=__doc__)
    parser.add_argument("--users", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--single", type=int, default=1_000, help="users with one POST each")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
