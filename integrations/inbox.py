"""Order in, the second half: kept deliveries are parsed and processed, each exactly once.

A function decorated with `receives` processes one kind of delivery. Its writes and the mark that
the delivery is processed are one transaction. What cannot be parsed, or fails too often, becomes a
dead letter: an operator sees it with the reason, and replays it once code or body are mended.
"""

from __future__ import annotations

import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog
from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from django.utils import timezone
from pydantic import BaseModel, ValidationError

from integrations import conf, correlation, database
from integrations.backoff import full_jitter
from integrations.models import Delivery
from integrations.models.inbox import Unreadable, read_json
from integrations.redaction import redact
from integrations.tenants.erasure import keep_tenants
from integrations.wake import Hint, after_commit

log = structlog.get_logger(__name__)

DELIVERIES_PER_BATCH = 50
MAX_ATTEMPTS = 8
"""After so many failed attempts a delivery is a dead letter."""

Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True)
class Received(Generic[Body]):
    """A delivery with its body, parsed."""

    delivery: Delivery
    body: Body


Process = Callable[[Sequence[Received[Body]]], None]


@dataclass(frozen=True)
class Receiver:
    """The model that parses one kind of delivery, and the function that processes it."""

    model: type[BaseModel]
    process: Process[Any]
    hinted: bool = False


_receivers: dict[str, Receiver] = {}


def receives(
    kind: str, model: type[Body], *, hinted: bool = False
) -> Callable[[Process[Body]], Process[Body]]:
    """Register the decorated function to process deliveries of a kind, parsed into `model`.

    It is given several deliveries at a time. It runs in the transaction that marks them as
    processed, so its writes happen once; calls to the network it must leave to the outbox. If it
    fails, it is called again for each delivery alone.

    `hinted`: it also takes deliveries whose tenant only an unsigned header names.
    """

    def register(process: Process[Body]) -> Process[Body]:
        if kind not in Delivery.Kind.values:
            raise ImproperlyConfigured(
                f"{_name(process)} receives {kind!r}, and there is no such kind of delivery: it is"
                f" one of {', '.join(Delivery.Kind.values)}."
            )
        if kind in _receivers:
            raise ImproperlyConfigured(
                f"Both {_name(_receivers[kind].process)} and {_name(process)} receive {kind}."
                " Let one of them do it, and call the other."
            )
        _receivers[kind] = Receiver(model, process, hinted=hinted)
        return process

    return register


@database.atomic()
def replay(*, delivery: Delivery) -> None:
    """Process a delivery again, whether it is a dead letter or was processed."""
    Delivery.objects.filter(pk=delivery.pk).process_again()
    after_commit(Hint.PROCESS_DELIVERIES)


def sweep(*, seconds: float) -> int:
    """Process due deliveries until none is left or the time is used up; return how many."""
    ends, total = time.monotonic() + seconds, 0
    while Delivery.objects.any_due():
        claimed = Delivery.objects.claim(limit=DELIVERIES_PER_BATCH, lease=conf.lease())
        _process(claimed)
        total += len(claimed)
        if time.monotonic() >= ends:
            break
    return total


def _process(claimed: Sequence[Delivery]) -> None:
    """Process new deliveries together; each that was tried before alone: it may be poison."""
    new = [each for each in claimed if each.attempts_made == 0]
    alone = [each for each in claimed if each.attempts_made]
    if len(new) < 2 or not _process_together(new):
        alone += new
    for delivery in alone:
        with _trace_of(delivery):
            _process_alone(delivery)


def _process_together(deliveries: Sequence[Delivery]) -> bool:
    """Process them in one transaction; return False, with nothing done, if any of them fails."""
    mine = Delivery.objects.filter(
        pk__in=[each.pk for each in deliveries], lease=deliveries[0].lease
    )
    mine.update(attempts_made=1, due_at=timezone.now() + conf.lease())
    try:
        _apply(deliveries, mine)
    except Exception as error:
        log.info("deliveries_tried_one_by_one", count=len(deliveries), error=type(error).__name__)
        return False
    for delivery in deliveries:
        with _trace_of(delivery):
            pass  # each gets its span, though all were processed at once
    return True


def _trace_of(delivery: Delivery) -> AbstractContextManager[None]:
    return correlation.continued(
        delivery.correlation_id, name=f"{delivery.kind} webhook", since=delivery.received_at
    )


def _process_alone(delivery: Delivery) -> None:
    mine = Delivery.objects.filter(pk=delivery.pk, lease=delivery.lease)
    if delivery.attempts_made >= MAX_ATTEMPTS:  # the last attempt ended with its worker
        error = delivery.error or "Every worker that tried this one died."
        _make_dead_letter(delivery, mine, error=error)
        return
    # Counted first: one that kills its worker would otherwise be tried without end.
    delivery.attempts_made += 1
    until = timezone.now() + conf.lease()
    if not mine.update(attempts_made=delivery.attempts_made, due_at=until):
        return
    try:
        _apply([delivery], mine)
    except Unreadable as error:
        _make_dead_letter(delivery, mine, error=redact(str(error)))
    except Exception:
        log.exception("delivery_failed", delivery=delivery.pk, kind=delivery.kind)
        _postpone(delivery, mine, error=redact(traceback.format_exc()))


@database.atomic()
def _apply(deliveries: Sequence[Delivery], mine: QuerySet[Delivery]) -> None:
    """Process those deliveries whose lease is still ours, and mark them as processed."""
    keep_tenants({each.tenant_id for each in deliveries if each.tenant_id is not None})
    locked = set(mine.select_for_update().values_list("pk", flat=True))
    if not locked:
        return
    by_kind: defaultdict[str, list[Received[Any]]] = defaultdict(list)
    for delivery in deliveries:
        if delivery.pk in locked:
            by_kind[delivery.kind].append(Received(delivery, _parse(delivery)))
    for kind, received in by_kind.items():
        _receivers[kind].process(received)
    Delivery.objects.filter(pk__in=locked).update(
        state=Delivery.State.PROCESSED,
        processed_at=timezone.now(),
        due_at=None,
        lease=None,
        error="",
    )
    log.info("deliveries_processed", deliveries=sorted(locked))


def _parse(delivery: Delivery) -> BaseModel:
    """Return the parsed body; raises `Unreadable`."""
    receiver = _receivers.get(delivery.kind)
    if receiver is None:
        raise Unreadable(f"No app here takes {delivery.kind}. Register one with `receives`.")
    try:
        body = receiver.model.model_validate(read_json(delivery.content))
    except ValidationError as error:
        raise Unreadable(_explain(error)) from error
    if delivery.tenant_id is None and not receiver.hinted:
        raise Unreadable(
            "Nothing that is signed says whose this is. Put ?userId={userId} into the URL at Alloy."
        )
    return body


def _explain(error: ValidationError) -> str:
    """Return what is wrong, and where, without repeating the input."""
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])


def _postpone(delivery: Delivery, mine: QuerySet[Delivery], *, error: str) -> None:
    if delivery.attempts_made >= MAX_ATTEMPTS:
        _make_dead_letter(delivery, mine, error=error)
        return
    wait = full_jitter(delivery.attempts_made)
    mine.update(due_at=timezone.now() + wait, lease=None, error=error)


def _make_dead_letter(delivery: Delivery, mine: QuerySet[Delivery], *, error: str) -> None:
    mine.update(state=Delivery.State.DEAD, due_at=None, lease=None, error=error)
    log.error("delivery_is_a_dead_letter", delivery=delivery.pk, kind=delivery.kind)


def _name(function: Callable[..., object]) -> str:
    return f"{function.__module__}.{function.__qualname__}"
