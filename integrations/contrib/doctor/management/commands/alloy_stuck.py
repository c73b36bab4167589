"""Say whose work is stuck: what Alloy refused, what we could not process, and who waits for what.

Reads only. What to do about each is decided in the admin, whose pages it names by their ids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from integrations import conf
from integrations.models import AlloyUser, Delivery, Message, MessageGroup

Line = tuple[str, str]
"""Whose it is, and what is stuck."""


class Command(BaseCommand):
    """Print a line for each thing that is stuck, tenant by tenant; exit code 0 in any case."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=100, help="Lines of each sort at most.")

    def handle(self, *args: Any, **options: Any) -> None:
        sorts = (_refused(), _unprocessed(), _waiting(), _without_a_user())
        lines = [line for sort in sorts for line in islice(sort, max(options["limit"], 1))]
        for whose, what in sorted(lines, key=lambda line: line[0]):
            self.stdout.write(f"{whose}: {what}")
        tenants = Counter(whose for whose, _ in lines)
        self.stdout.write(
            f"{len(lines)} stuck, of {len(tenants)} tenants." if lines else "Nothing."
        )


def _refused() -> Iterable[Line]:
    """Yield the messages that are dead letters, the newest first."""
    dead = Message.objects.filter(
        state=Message.State.DEAD, group__environment=conf.environment()
    ).select_related("group", "tenant")
    for each in dead.order_by("-pk").iterator(chunk_size=100):
        yield (
            _name(each.tenant),
            f"message {each.pk} of {each.group.key} is a dead letter. {_cut(each.last_error)}",
        )


def _unprocessed() -> Iterable[Line]:
    """Yield the deliveries that are dead letters, the newest first."""
    dead = Delivery.objects.filter(
        state=Delivery.State.DEAD, environment=conf.environment()
    ).select_related("tenant")
    for each in dead.order_by("-pk").defer("body").iterator(chunk_size=100):
        yield _name(each.tenant), f"delivery {each.pk} is a dead letter. {_cut(each.error)}"


def _waiting() -> Iterable[Line]:
    """Yield the message groups whose head has failed, the most often failed first."""
    failed = MessageGroup.objects.filter(environment=conf.environment(), failures__gt=0)
    for each in failed.order_by("-failures", "pk").iterator(chunk_size=100):
        head = each.messages.filter(state=Message.State.WAITING).order_by("sequence")
        if message := head.select_related("tenant").first():
            then = f"tried again at {each.due_at:%Y-%m-%d %H:%M:%S %Z}" if each.due_at else "idle"
            what = f"group {each.pk}, {each.key}, failed {each.failures} times, {then}."
            yield _name(message.tenant), f"{what} {_cut(message.last_error)}"


def _without_a_user() -> Iterable[Line]:
    """Yield the tenants whose Alloy user is still being made."""
    users = AlloyUser.objects.filter(
        environment=conf.environment(), user_id="", tenant__isnull=False
    )
    for each in users.select_related("tenant").order_by("pk").iterator(chunk_size=100):
        yield _name(each.tenant), "has no Alloy user yet."


def _name(tenant: Any) -> str:
    return f"tenant {tenant.pk}" if tenant else "nobody we know"


def _cut(error: str) -> str:
    return " ".join(error.split())[:200]
