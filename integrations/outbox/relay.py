"""The relay: sends what is due to Alloy, many message groups at a time, each in order.

One loop owns the database connection and works in batches: one transaction settles the answers that
have come and begins the next message of each of their groups. Threads only make the calls. So fifty
events cost two dozen queries, and a sender that is free finds its next call begun already.

`manage.py relay` runs it, and so do the Celery tasks `send` and `sweep`.
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
from integrations.outbox import fast_path, transitions
from integrations.outbox.circuit import Breaker, State
from integrations.outbox.handlers import Health, Outcome, deliver
from integrations.outbox.pace import Pace
from integrations.outbox.transitions import OpenAttempt

log = structlog.get_logger(__name__)

SENDERS = 8
RENEW_EVERY = 0.35
"""Seconds. A lease outlasts a call by two renewals, so that a call which begins on a fresh one is
over before anybody else may take the group; others take over within ten when we are killed."""
BATCH_WINDOW = 0.003
"""Seconds to wait for more answers while calls are under way, so that they are settled together."""
POLL_EVERY = 0.02
"""Seconds between two looks for due groups while calls are under way."""
PREFETCH = 0.1
"""Seconds: so much work is begun before a sender is free for it."""
EXTRA_SLOTS = 0.2
"""Slots for each sender, beside its own, while calls take long: for answers not settled yet."""


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
        self._events = SimpleQueue[OpenAttempt | None]()
        self._held: dict[int, OpenAttempt] = {}
        self._answered: list[OpenAttempt] = []
        self._futures: dict[OpenAttempt, Future[None]] = {}
        self._is_finishing = self._must_poll = False
        self._polled_at = self._renewed_at = self._acquired_at = -math.inf
        self._call_takes = 0.0
        self._extra_slots = int(EXTRA_SLOTS * senders)
        self._slots = threading.Semaphore(senders + self._extra_slots)

    def wake(self) -> None:
        """Have the loop look for due groups at once. May be called from any thread."""
        self._events.put(None)

    @property
    def is_woken(self) -> bool:
        """Whether `wake` was called and the loop has not seen it yet."""
        return not self._events.empty()

    def run(self, stop: threading.Event, *, interval: float) -> None:
        """Send what is due until told to stop; when idle, look every so many seconds."""
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
        """Wait for the calls under way, and release every group."""
        self._is_finishing, ends = True, time.monotonic() + 2 * self._lease.total_seconds()
        self._cancel_unsent()
        while self._held and time.monotonic() < ends:
            self._run_once(idle=0)
        for each in self._held.values():  # the database was away for longer than a lease
            each.is_lost = True
        self._is_finishing = False

    def _run_once(self, *, idle: float) -> bool:
        """Settle answers and begin what may follow; return whether there was anything to do."""
        self._collect_answers(RENEW_EVERY / 2 if self._held else idle)
        try:
            self._renew()
            return self._settle_and_claim() or bool(self._held)
        except database.AWAY as error:
            # What was answered is kept, and settled when the database is back.
            log.warning("database_unreachable", error=str(error))
            close_old_connections()
            time.sleep(idle or RENEW_EVERY)
            return bool(self._held)

    def _collect_answers(self, seconds: float) -> None:
        """Wait so long for an answer, or for `wake`; then take whatever comes within the window."""
        ends = time.monotonic() + (BATCH_WINDOW if self._answered else seconds)
        while True:
            try:
                event = self._events.get(timeout=max(ends - time.monotonic(), 0))
            except Empty:
                return
            if event is None:
                self._must_poll = True
            elif event.result.outcome == Outcome.STARTED:
                self._drop(event)  # lost before its call left
            else:
                self._answered.append(event)
            # To wait helps only while calls are under way, and no sender is free for new work.
            all_answered = len(self._held) <= len(self._answered)
            is_urgent = event is None and len(self._held) < self._senders
            ends = 0 if all_answered or is_urgent else min(ends, time.monotonic() + BATCH_WINDOW)

    def _settle_and_claim(self) -> bool:
        """Settle answers and begin what follows; then see what has become due."""
        is_busy = bool(self._answered)
        if self._answered:
            self._fit_slots()
            self._settle_accepted()
        if self._answered:
            self._settle_rest()
        if self._is_anything_due():
            is_busy |= self._claim()
        if self._breaker.state is State.OPEN:
            self._cancel_unsent()
        return is_busy

    def _fit_slots(self) -> None:
        """Have as many slots as a kill may repeat events: for calls under way or not settled yet.

        While calls are quick there is one for each sender. While they take 0.1 s and more, the
        senders must not wait until we settle: there are `EXTRA_SLOTS`.
        """
        for each in self._answered:  # a moving average, in seconds
            weight = 0.01 if self._call_takes else 1.0
            self._call_takes += weight * ((each.result.seconds or 0.0) - self._call_takes)
        extra = int(EXTRA_SLOTS * self._senders * min(10 * self._call_takes, 1.0) ** 2)
        while self._extra_slots < extra:
            self._extra_slots += 1
            self._slots.release()
        while self._extra_slots > extra and self._slots.acquire(blocking=False):
            self._extra_slots -= 1

    def _settle_accepted(self) -> None:
        """Settle what was accepted and begin what follows, in one round trip."""
        if self._is_finishing or self._breaker.state is State.OPEN or not fast_path.is_possible():
            return
        now = time.monotonic()
        settled, begun = fast_path.move_on(self._answered, lease=self._lease)
        for each in begun:
            each.leased_at = now
        self._after_commit(settled, begun)
        self._tell_breaker(settled)

    def _settle_rest(self) -> None:
        """Settle what was not accepted; all of it where the fast path is not possible."""
        with database.atomic():
            settled, groups = transitions.settle(self._answered)
            self._tell_breaker(settled)
            begun = self._begin_next(groups, settled)
        self._after_commit(settled, begun)

    def _after_commit(self, settled: Collection[OpenAttempt], begun: Iterable[OpenAttempt]) -> None:
        """Drop what is settled and make the calls that begin: both are committed now."""
        done = {*settled}
        self._answered = [each for each in self._answered if each not in done]
        for each in done:
            self._drop(each)
        self._send(begun)

    def _drop(self, each: OpenAttempt) -> None:
        self._held.pop(each.group.pk, None)
        self._futures.pop(each, None)
        if each.has_slot:
            self._slots.release()

    def _begin_next(
        self, groups: Collection[MessageGroup], settled: Iterable[OpenAttempt]
    ) -> list[OpenAttempt]:
        """Begin the next messages of groups that we hold, or release the groups."""
        if self._is_finishing or self._breaker.state is State.OPEN:
            transitions.release(groups, due_at=timezone.now())
            return []
        last = {each.group.pk: each for each in settled}
        attempts = transitions.begin(groups)
        for each in attempts:
            each.in_a_row = last[each.group.pk].in_a_row + 1
            each.leased_at = last[each.group.pk].leased_at
        return attempts

    def _claim(self) -> bool:
        """Begin messages of groups that have become due; return whether there were any."""
        self._polled_at, self._must_poll = time.monotonic(), False
        state = self._acquire()
        if state is State.OPEN:
            return False
        room = 1 if state is State.HALF_OPEN else self._room()
        claim = fast_path.claim if fast_path.is_possible() else transitions.claim
        # Not what we hold: should its lease have run out, it is renewed or somebody else's.
        attempts = claim(beside=self._held, limit=room, lease=self._lease)
        for each in attempts:
            each.leased_at, each.probing = self._polled_at, state is State.HALF_OPEN
        if state is State.HALF_OPEN and not attempts:
            self._breaker.return_probe()
        self._must_poll = len(attempts) == room and state is State.CLOSED
        self._after_commit([], attempts)
        return bool(attempts)

    def _room(self) -> int:
        """Return how many more calls to begin: fewer while Alloy limits the rate."""
        if self._is_finishing or self._pace.pause > 1:
            return 0
        window = self._pace.window(self._senders)
        ahead = 0
        if self._pool and window == self._senders:
            # No sender is idle while we settle. Where calls are slow these are few: another relay
            # may have senders idle.
            ahead = int(window * PREFETCH / max(self._call_takes, PREFETCH))
        room = window + ahead - len(self._held)
        # Several at a time: to claim one takes nearly as long as to claim twenty.
        return room if room >= max(ahead // 2, 1) else 0

    def _is_anything_due(self) -> bool:
        """Look outside a transaction: on SQLite each of those would keep all others waiting."""
        if not self._room():
            return False
        if self._must_poll:
            return True
        if self._held and time.monotonic() < self._polled_at + POLL_EVERY:
            return False
        groups = MessageGroup.objects.filter(environment=conf.environment())
        if not groups.any_due():
            self._polled_at, self._must_poll = time.monotonic(), False
            return False
        return True

    def _acquire(self) -> State:
        """Read the circuit, seldom while it is closed; begin slowly once it has closed again."""
        before, now = self._breaker.state, time.monotonic()
        if before is State.CLOSED and now < self._acquired_at + RENEW_EVERY:
            return before
        state, self._acquired_at = self._breaker.acquire(), now
        if before is not State.CLOSED and state is State.CLOSED:
            self._pace.slow_down()
        return state

    def _tell_breaker(self, settled: Sequence[OpenAttempt]) -> None:
        """Tell the circuit breaker how calls went. When it closes, what waited for Alloy is due."""
        before = self._breaker.state
        for each in settled:
            if each.probing:
                self._breaker.record_probe(each.result)
        self._breaker.record(
            (each.result, not (each.failed_before or each.is_lost))
            for each in settled
            if not each.probing
        )
        if before is not State.CLOSED and self._breaker.state is State.CLOSED:
            transitions.resume()
            self._pace.slow_down()

    def _renew(self) -> None:
        now = time.monotonic()
        if now < self._renewed_at + RENEW_EVERY:
            return
        self._renewed_at = now
        old = [each for each in self._held.values() if now >= each.leased_at + RENEW_EVERY]
        if not old:
            return
        for each in transitions.renew(old, lease=self._lease):
            each.leased_at = now

    def _send(self, begun: Iterable[OpenAttempt]) -> None:
        for each in begun:
            self._held[each.group.pk] = each
            if self._pool:
                self._futures[each] = self._pool.submit(self._call_in_thread, each)
            else:
                self._call(each)

    def _cancel_unsent(self) -> None:
        unsent = [each for each, future in self._futures.items() if future.cancel()]
        if unsent:
            transitions.cancel(unsent)
        for each in unsent:
            self._drop(each)

    def _call_in_thread(self, each: OpenAttempt) -> None:
        try:
            self._call(each)
        finally:
            connections.close_all()

    def _call(self, each: OpenAttempt) -> None:
        """Make the call, unless another sender has the group, or may have it before the end."""
        while self._pool and not (each.is_lost or each.has_slot):
            each.has_slot = self._slots.acquire(timeout=RENEW_EVERY)
        if wait := self._pace.reserve():
            time.sleep(wait)
        while self._pool and not (each.is_lost or self._lasts(each)):
            time.sleep(BATCH_WINDOW)  # the loop renews the lease, or finds that it is lost
        if self._lasts(each):
            began = time.monotonic()
            each.result = deliver(each.message, number=each.number)
            if each.result.health is Health.BUSY:
                self._pace.refused(began=began, retry_after=each.result.retry_after or 0.0)
            elif each.result.health is Health.UP:
                self._pace.taken()
        self._events.put(each)

    def _lasts(self, each: OpenAttempt) -> bool:
        """Say whether a call that begins now is over before our lease, by our own clock."""
        ends = each.leased_at + self._lease.total_seconds()
        return not each.is_lost and time.monotonic() + self._deadline <= ends


def drain(*, seconds: float) -> None:
    """Send what is due, for so many seconds at most, as the one relay of this process.

    While another thread is sending, that one is told to look again instead.
    """
    relay = _relay_of_this_process()
    relay.wake()
    while relay.is_woken and _is_sending.acquire(blocking=False):
        try:
            relay.drain(seconds=seconds)
        finally:
            _is_sending.release()


_is_sending = threading.Lock()


@lru_cache(maxsize=1)
def _relay_of_this_process() -> Relay:
    return Relay()
