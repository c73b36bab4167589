"""The relay: sends what is due to Alloy, many message groups at a time, each in order.

One loop owns the database connection and works in sets: whatever answers have come are settled in
one transaction, which also begins the next messages of their groups, and those of groups that have
become due. Threads only make the calls. So fifty events cost two dozen queries, and the senders
find the next call written down already when they finish one.

The same relay runs in `manage.py relay`, in the Celery task that is told of new messages, and in
the sweep.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from functools import lru_cache
from queue import Empty, SimpleQueue

import structlog
from django.db import close_old_connections, connections
from django.utils import timezone

from integrations import conf, database
from integrations.models import MessageGroup
from integrations.outbox import ledger, one_trip
from integrations.outbox.circuit import Breaker, State
from integrations.outbox.handlers import Health, Outcome, deliver
from integrations.outbox.ledger import Try
from integrations.outbox.pace import Pace

log = structlog.get_logger(__name__)

SENDERS = 8
RENEW_EVERY = 0.35
"""Seconds. A lease outlasts a call by two renewals, so that a call which begins on a fresh one is
over before anybody else may take the group; others take over within ten when we are killed."""
GATHER = 0.003
"""Seconds for which answers are gathered while there are calls under way."""
LOOK_EVERY = 0.02
"""Seconds between two looks for due groups while something is under way."""
AHEAD = 0.1
"""Seconds for which calls are begun ahead of the senders that will make them."""
MORE_PLACES = 0.2
"""Places for each sender, beside its own, while calls take long: for answers not settled yet."""
IDLE = 1.0
"""Seconds between two looks while nothing is, unless somebody says that there is work."""


class Relay:
    """Sends with so many calls at a time. One `run` or `drain` at a time, in any one thread."""

    def __init__(self, senders: int = SENDERS) -> None:
        self._senders = senders
        # With one call at a time no thread is needed: the loop makes it, on a longer lease.
        self._pool = ThreadPoolExecutor(senders, "sender") if senders > 1 else None
        self._deadline = conf.read().CALL_DEADLINE
        longest_call = self._deadline if self._pool else conf.lease().total_seconds()
        self._lease = timedelta(seconds=longest_call + 2 * RENEW_EVERY)
        self._breaker, self._pace = Breaker(), Pace()
        self._events = SimpleQueue[Try | None]()
        self._held: dict[int, Try] = {}
        self._answered: list[Try] = []
        self._futures: dict[Try, Future[None]] = {}
        self._is_finishing = self._must_look = False
        self._looked_at = self._renewed_at = self._acquired_at = -math.inf
        self._call_takes = 0.0
        self._more_places = int(MORE_PLACES * senders)
        self._places = threading.Semaphore(senders + self._more_places)

    def look(self) -> None:
        """Have the loop look for due groups at once. May be called from any thread."""
        self._events.put(None)

    @property
    def is_wanted(self) -> bool:
        """Whether somebody has said that there is work since the loop heard last."""
        return not self._events.empty()

    def run(self, stop: threading.Event, *, interval: float = IDLE) -> None:
        """Send what is due, and what becomes due, until told to stop.

        When idle, it looks every so many seconds, and whenever `look` is called.
        """
        while not stop.is_set():
            self._run_once(idle=interval)
        self._finish()

    def drain(self, *, seconds: float) -> None:
        """Send until nothing is due any more, for so many seconds at most."""
        ends = time.monotonic() + seconds
        while self._run_once(idle=0) and time.monotonic() < ends:
            pass
        self._finish()

    def _finish(self) -> None:
        """Wait for the calls under way, and give everything back."""
        self._is_finishing, ends = True, time.monotonic() + 2 * self._lease.total_seconds()
        self._take_back_unsent()
        while self._held and time.monotonic() < ends:
            self._run_once(idle=0)
        for each in self._held.values():  # the database is away: so long, no lease is ours
            each.is_lost = True
        self._is_finishing = False

    def _run_once(self, *, idle: float) -> bool:
        """Settle what was answered, begin what may follow; return whether anything was to do."""
        self._gather(RENEW_EVERY / 2 if self._held else idle)
        try:
            self._renew()
            return self._settle_and_claim() or bool(self._held)
        except database.AWAY as error:
            # What was answered is kept, and settled when the database is back.
            log.warning("database_unreachable", error=str(error))
            close_old_connections()
            time.sleep(idle or RENEW_EVERY)
            return bool(self._held)

    def _gather(self, seconds: float) -> None:
        """Wait for an answer or a hint; take whatever else has come."""
        ends = time.monotonic() + (GATHER if self._answered else seconds)
        while True:
            try:
                event = self._events.get(timeout=max(ends - time.monotonic(), 0))
            except Empty:
                return
            if event is None:
                self._must_look = True
            elif event.result.outcome == Outcome.STARTED:
                self._forget(event)  # lost before its call left
            else:
                self._answered.append(event)
            # Nothing is worth waiting for while no call is under way, nor with a hint and a sender
            # that is free for it.
            is_alone = len(self._held) <= len(self._answered)
            is_urgent = event is None and len(self._held) < self._senders
            ends = 0 if is_alone or is_urgent else min(ends, time.monotonic() + GATHER)

    def _settle_and_claim(self) -> bool:
        """Settle what was answered and begin what follows; then see what has become due."""
        is_busy = bool(self._answered)
        if self._answered:
            self._note_how_long_calls_take()
            self._fit_places()
            self._settle_in_one_trip()
        if self._answered:
            self._settle_rest()
        if self._is_anything_due():
            is_busy |= self._claim()
        if self._breaker.state is State.OPEN:
            self._take_back_unsent()
        return is_busy

    def _note_how_long_calls_take(self) -> None:
        """Keep an average of late, in seconds; an answer weighs a hundredth, but the first all."""
        for each in self._answered:
            weight = 0.01 if self._call_takes else 1.0
            self._call_takes += weight * ((each.result.seconds or 0.0) - self._call_takes)

    def _fit_places(self) -> None:
        """Have as many places as a kill may repeat events: those under way or not settled yet.

        While calls are quick there is one for each sender. While they take 0.1 s and more, the
        senders must not wait until we settle: there are `MORE_PLACES`.
        """
        more = int(MORE_PLACES * self._senders * min(10 * self._call_takes, 1.0) ** 2)
        while self._more_places < more:
            self._more_places += 1
            self._places.release()
        while self._more_places > more and self._places.acquire(blocking=False):
            self._more_places -= 1

    def _settle_in_one_trip(self) -> None:
        """Settle what was accepted and begin what follows, in one statement: the usual way."""
        if self._is_finishing or self._breaker.state is State.OPEN or not one_trip.is_possible():
            return
        now = time.monotonic()
        settled, begun = one_trip.move_on(self._answered, lease=self._lease)
        for each in begun:
            each.leased_at = now
        self._after_commit(settled, begun)
        self._judge(settled)

    def _settle_rest(self) -> None:
        """Settle what was not accepted, or all, where it cannot be done in one statement."""
        with database.atomic():
            settled, groups = ledger.settle(self._answered)
            self._judge(settled)
            ledger.record(settled)
            begun = self._begin_next(groups, settled)
            ledger.start(begun)
        self._after_commit(settled, begun)

    def _after_commit(self, settled: Collection[Try], begun: Iterable[Try]) -> None:
        """Once that is committed, forget what is settled and make the calls that begin."""
        done = {*settled}
        self._answered = [each for each in self._answered if each not in done]
        for each in done:
            self._forget(each)
        self._send(begun)

    def _forget(self, each: Try) -> None:
        self._held.pop(each.group.pk, None)
        self._futures.pop(each, None)
        if each.has_place:
            self._places.release()

    def _begin_next(self, groups: Collection[MessageGroup], settled: Iterable[Try]) -> list[Try]:
        """Begin the next messages of groups that we hold, or give the groups back."""
        if self._is_finishing or self._breaker.state is State.OPEN:
            ledger.release(groups, due_at=timezone.now())
            return []
        last = {each.group.pk: each for each in settled}
        tries = ledger.begin(groups)
        for each in tries:
            each.in_a_row = last[each.group.pk].in_a_row + 1
            each.leased_at = last[each.group.pk].leased_at
        return tries

    def _claim(self) -> bool:
        """Begin messages of groups that have become due; return whether there were any.

        Some more than there are free senders, so that none is idle while we settle.
        """
        self._looked_at, self._must_look = time.monotonic(), False
        state = self._acquire()
        if state is State.OPEN:
            return False
        room = 1 if state is State.HALF_OPEN else self._room()
        tries = self._begin_due(room)
        for each in tries:
            each.leased_at, each.probing = self._looked_at, state is State.HALF_OPEN
        if state is State.HALF_OPEN and not tries:
            self._breaker.return_probe()
        self._must_look = len(tries) == room and state is State.CLOSED
        self._after_commit([], tries)
        return bool(tries)

    def _begin_due(self, limit: int) -> list[Try]:
        # Not what we hold: should its lease have run out, it is renewed or somebody else's.
        if one_trip.is_possible():
            return one_trip.claim(beside=self._held, limit=limit, lease=self._lease)
        groups = MessageGroup.objects.filter(environment=conf.environment())
        with database.atomic():
            return ledger.claim(groups.exclude(pk__in=self._held), limit=limit, lease=self._lease)

    def _room(self) -> int:
        """Return how many calls more to begin: fewer while Alloy sets the pace."""
        if self._is_finishing or self._pace.pause > 1:
            return 0
        window = self._pace.window(self._senders)
        ahead = 0
        if self._pool and window == self._senders:
            # As many as end within `AHEAD`. Where calls are slow those are few: another relay may
            # have senders idle.
            ahead = int(window * AHEAD / max(self._call_takes, AHEAD))
        room = window + ahead - len(self._held)
        # By the handful: to claim one takes nearly as long as to claim twenty.
        return room if room >= max(ahead // 2, 1) else 0

    def _is_anything_due(self) -> bool:
        """Look outside a transaction: on SQLite, each would be the only one that writes."""
        if not self._room():
            return False
        if self._must_look:
            return True
        if self._held and time.monotonic() < self._looked_at + LOOK_EVERY:
            return False
        groups = MessageGroup.objects.filter(environment=conf.environment())
        if not groups.any_due():
            self._looked_at, self._must_look = time.monotonic(), False
            return False
        return True

    def _acquire(self) -> State:
        """Read the circuit, seldom while it is closed; begin slowly where it is closed again."""
        before, now = self._breaker.state, time.monotonic()
        if before is State.CLOSED and now < self._acquired_at + RENEW_EVERY:
            return before
        state, self._acquired_at = self._breaker.acquire(), now
        if before is not State.CLOSED and state is State.CLOSED:
            self._pace.slow_down()
        return state

    def _judge(self, settled: Sequence[Try]) -> None:
        """Tell the circuit breaker how calls went. When it closes, what waited for Alloy is due."""
        before = self._breaker.state
        for each in settled:
            if each.probing:
                self._breaker.record_probe(each.result)
        # What a sender without network saw of groups that others took over is about its network.
        self._breaker.record(
            (each.result, not (each.failed_before or each.is_lost))
            for each in settled
            if not each.probing
        )
        if before is not State.CLOSED and self._breaker.state is State.CLOSED:
            ledger.resume()
            self._pace.slow_down()

    def _renew(self) -> None:
        now = time.monotonic()
        if now < self._renewed_at + RENEW_EVERY:
            return
        self._renewed_at = now
        old = [each for each in self._held.values() if now >= each.leased_at + RENEW_EVERY]
        if not old:
            return
        with database.atomic():
            ours, lost = ledger.renew(old, lease=self._lease)
        for each in ours:
            each.leased_at = now
        for each in lost:
            each.is_lost = True

    def _send(self, begun: Iterable[Try]) -> None:
        for each in begun:
            self._held[each.group.pk] = each
            if self._pool:
                self._futures[each] = self._pool.submit(self._call_in_thread, each)
            else:
                self._call(each)

    def _take_back_unsent(self) -> None:
        unsent = [each for each, future in self._futures.items() if future.cancel()]
        if unsent:
            with database.atomic():
                ledger.give_back(unsent)
        for each in unsent:
            self._forget(each)

    def _call_in_thread(self, each: Try) -> None:
        try:
            self._call(each)
        finally:
            connections.close_all()

    def _call(self, each: Try) -> None:
        """Make the call, unless the group is, or may be by its end, in another sender's hands."""
        while self._pool and not (each.is_lost or each.has_place):
            each.has_place = self._places.acquire(timeout=RENEW_EVERY)
        if wait := self._pace.reserve():
            time.sleep(wait)
        while self._pool and not (each.is_lost or self._lasts(each)):
            time.sleep(GATHER)  # the loop renews the lease, or finds that it is lost
        if self._lasts(each):
            began = time.monotonic()
            each.result = deliver(each.message, number=each.number)
            if each.result.health is Health.BUSY:
                self._pace.refused(began=began, retry_after=each.result.retry_after or 0.0)
            elif each.result.health is Health.UP:
                self._pace.taken()
        self._events.put(each)

    def _lasts(self, each: Try) -> bool:
        """Say whether a call that begins now is over before our lease, by our own clock."""
        ends = each.leased_at + self._lease.total_seconds()
        return not each.is_lost and time.monotonic() + self._deadline <= ends


def drain(*, seconds: float) -> None:
    """Send what is due, for so many seconds at most, as the one relay of this process.

    While another thread is at it, that one is told to look again instead.
    """
    relay = _relay_of_this_process()
    relay.look()
    while relay.is_wanted and _is_sending.acquire(blocking=False):
        try:
            relay.drain(seconds=seconds)
        finally:
            _is_sending.release()


_is_sending = threading.Lock()


@lru_cache(maxsize=1)
def _relay_of_this_process() -> Relay:
    return Relay()
