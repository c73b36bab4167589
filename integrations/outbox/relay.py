"""The relay: takes leased lanes and sends their messages to Alloy, oldest first, one at a time.

Each message is recorded before the next one leaves, so a worker killed in mid-call repeats at most
the one message whose answer was lost, and never sends an older message after a newer one.
"""

from __future__ import annotations

import time

import structlog

from integrations import conf, correlation
from integrations.alloy import AlloyError
from integrations.metrics import ATTEMPTS
from integrations.models import Attempt, Lane
from integrations.models.claims import ClaimableQuerySet
from integrations.outbox import circuit, ledger
from integrations.outbox.circuit import Permit
from integrations.outbox.handlers import handler_for
from integrations.outbox.result import Result

log = structlog.get_logger(__name__)

LANES_PER_CLAIM = 10
MESSAGES_PER_TURN = 50
SECONDS_PER_TURN = 10.0


def drain_lane(lane_id: int) -> None:
    """Send what waits in one lane, unless it is backing off or in another worker's hands."""
    ends = time.monotonic() + SECONDS_PER_TURN
    _drain_due(Lane.objects.filter(pk=lane_id), limit=1, ends=ends)


def sweep(*, seconds: float) -> int:
    """Drain due lanes until none is left or the time is used up; return how many were claimed."""
    ends, total = time.monotonic() + seconds, 0
    while count := _drain_due(Lane.objects.all(), limit=LANES_PER_CLAIM, ends=ends):
        total += count
        if time.monotonic() >= ends:
            break
    return total


def _drain_due(lanes: ClaimableQuerySet[Lane], *, limit: int, ends: float) -> int:
    lanes = lanes.filter(environment=conf.environment())
    permit = circuit.ask() if lanes.due().exists() else Permit.NOTHING
    if permit is Permit.NOTHING:
        return 0
    probing = permit is Permit.PROBE
    claimed = lanes.claim(limit=1 if probing else limit, lease=conf.lease())
    if probing and not claimed:
        circuit.give_the_probe_back()
    for lane in claimed:
        if probing or not circuit.is_open():
            drain(lane, ends=ends, probing=probing)
        else:
            ledger.release(lane)
    return len(claimed)


def drain(lane: Lane, *, ends: float, probing: bool = False) -> None:
    """Send the messages of a lane we hold the lease of, until it is empty, fails or is lost.

    At `ends` (in `time.monotonic`'s seconds), or when it had its turn, the lane is given back.
    """
    for _ in range(MESSAGES_PER_TURN):
        if time.monotonic() >= ends:
            break
        attempt = ledger.begin(lane)
        if attempt is None:
            return
        failed_before = lane.failures > 0
        result = _deliver(attempt)
        goes_on = ledger.settle(lane, attempt, result, probing=probing)
        circuit.record(result, probing=probing, repeated=failed_before)
        if not goes_on:
            return
    ledger.release(lane)


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
