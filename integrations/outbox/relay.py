"""The relay: takes leased groups and sends their messages to Alloy, oldest first, one at a time.

Each message is recorded before the next one leaves, so a worker killed in mid-call repeats at most
the one message whose answer was lost, and never sends an older message after a newer one.
"""

from __future__ import annotations

import time

import structlog

from integrations import conf, correlation
from integrations.alloy import AlloyError
from integrations.metrics import ATTEMPTS
from integrations.models import Attempt, MessageGroup
from integrations.models.claims import ClaimableQuerySet
from integrations.outbox import circuit, ledger
from integrations.outbox.circuit import State
from integrations.outbox.handlers import handler_for
from integrations.outbox.result import Result

log = structlog.get_logger(__name__)

MESSAGES_PER_TURN = 50
SECONDS_PER_TURN = 10.0


def drain_group(group_id: int) -> None:
    """Send what waits in one group, unless it is backing off or in another worker's hands."""
    _drain_next(MessageGroup.objects.filter(pk=group_id), ends=time.monotonic() + SECONDS_PER_TURN)


def sweep(*, seconds: float) -> None:
    """Drain due groups, one after the other, until none is left or the time is used up."""
    ends = time.monotonic() + seconds
    while _drain_next(MessageGroup.objects.all(), ends=ends):
        if time.monotonic() >= ends:
            break


def _drain_next(groups: ClaimableQuerySet[MessageGroup], *, ends: float) -> bool:
    """Drain the group that has been due for the longest; say whether there was one."""
    state = circuit.acquire()
    if state is State.OPEN:
        return False
    group, attempt = ledger.take(groups.filter(environment=conf.environment()))
    probing = state is State.HALF_OPEN
    if probing and attempt is None:
        circuit.return_probe()
    if group and attempt:
        _drain(group, attempt, ends=ends, probing=probing)
    return group is not None


def _drain(group: MessageGroup, attempt: Attempt | None, *, ends: float, probing: bool) -> None:
    """Send the messages of a group we hold the lease of, until it is empty, fails or is lost.

    At `ends` (in `time.monotonic`'s seconds), or when it had its turn, the group is given back.
    """
    turn = 0
    while attempt is not None:
        turn += 1
        failed_before = group.failures > 0
        result = _deliver(attempt)
        is_last = turn == MESSAGES_PER_TURN or time.monotonic() >= ends
        attempt = ledger.settle(group, attempt, result, probing=probing, is_last=is_last)
        circuit.record(result, probing=probing, repeated=failed_before)
        probing = False


def _deliver(attempt: Attempt) -> Result:
    message = attempt.message
    started = time.monotonic()
    with correlation.continued(message.correlation_id):
        try:
            handler_for(message.kind)(message)
            result = Result.accepted()
        except AlloyError as error:
            result = Result.from_alloy(error)
        except Exception as error:
            log.exception("handler_failed", message=message.pk, kind=message.kind)
            result = Result.from_bug(error)
        result.seconds = time.monotonic() - started
        _log(attempt, result)
    return result


def _log(attempt: Attempt, result: Result) -> None:
    ATTEMPTS.labels(attempt.message.kind, result.outcome).inc()
    log.info(
        "delivery_attempt",
        message=attempt.message_id,
        name=attempt.message.name or attempt.message.kind,
        number=attempt.number,
        outcome=result.outcome,
        status=result.status,
        seconds=round(result.seconds, 3),
    )
