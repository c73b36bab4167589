"""What is tried: more hosts, and a host that loses its network while it sends."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from bench.beside import wait_until
from bench.chaos.audit import strays
from bench.hosts.site import PATIENCE, Site
from bench.outbox.system import Call, fill

EACH = 5
"""How many events of an order wait: enough to see them come out of order."""
EDGE = 0.1
"""The share of the calls at either end that does not count: there not every sender is at it."""
ARRIVING = 1.0
"""Seconds after a cut in which Alloy answers, into the void, what had come before."""
MARGIN = 15
"""Seconds for which an order's events last beyond the cut."""

Places = dict[str, tuple[int, int]]
"""The order that the event of an Idempotency-Key is of, and which of its events it is."""


@dataclass(frozen=True, kw_only=True)
class Faults:
    """What must not be; `unexplained`: calls of which our own record of attempts knows nothing."""

    lost: int
    out_of_order: int
    unexplained: int

    @property
    def total(self) -> int:
        return self.lost + self.out_of_order + self.unexplained

    def __str__(self) -> str:
        on_record = f"calls that are not on record {self.unexplained:,}"
        return f"Lost {self.lost:,}, out of order {self.out_of_order:,}, {on_record}."


@dataclass(frozen=True, kw_only=True)
class Growth:
    """What came of a run; `rate` is in events a second, `shares` in calls."""

    hosts: int
    at_once: int
    alloy_seconds: float
    events: int
    rate: float
    shares: dict[str, int]
    twice: int
    faults: Faults
    cpu_ms_per_event: float


@dataclass(frozen=True, kw_only=True)
class Cut:
    """What came of a cut; times are in seconds after it, `back` after the network was.

    `by_both`: events that the host sent after its lease had ended, and another host, too.
    """

    lease: float
    down: float
    events: int
    orders_taken_over: int
    taken_over: float
    back: float
    twice: int
    by_both: int
    faults: Faults


def grow(
    site: Site, hosts: Sequence[str], *, at_once: int, alloy_seconds: float, events: int
) -> Growth:
    """Have the hosts send so many events, so many at a time each."""
    before = _prepare(site, hosts, at_once=at_once, alloy_seconds=alloy_seconds)
    used = sum(map(site.cpu_seconds, hosts))
    fill(groups=events // EACH, each=EACH)
    site.wait_until_sent()
    used = sum(map(site.cpu_seconds, hosts)) - used
    site.stop_senders(hosts)
    calls, places = site.calls(), _places(before)
    first, last = int(EDGE * len(calls)), int((1 - EDGE) * len(calls)) - 1
    return Growth(
        hosts=len(hosts),
        at_once=at_once,
        alloy_seconds=alloy_seconds,
        events=len(places),
        rate=(last - first) / (calls[last].at - calls[first].at),
        shares=dict(sorted(Counter(call.host for call in calls).items())),
        twice=_twice(calls),
        faults=_faults(calls, places, before),
        cpu_ms_per_event=1000 * used / len(places),
    )


def cut_off(
    site: Site, hosts: Sequence[str], *, at_once: int, alloy_seconds: float, down: int
) -> Cut:
    """Cut the last of two hosts off for so many seconds, while both have long orders in hand."""
    *_, victim = hosts
    before = _prepare(site, hosts, at_once=at_once, alloy_seconds=alloy_seconds)
    # Two in three orders are in hand at a time.
    fill(groups=3 * at_once, each=int((down + MARGIN) / alloy_seconds * 2 / 3))
    _wait(lambda: all(site.taken(host) > 3 * at_once for host in hosts))
    site.cut(victim)
    cut = time.time()
    time.sleep(down)
    healed = time.time()
    site.heal(victim)
    site.wait_until_sent()
    site.stop_senders(hosts)
    calls, places = site.calls(), _places(before)
    lease = _lease(at_once)
    others = {call.key for call in calls if call.host != victim}
    mine_late = {call.key for call in calls if call.host == victim and call.at > cut + lease}
    taken_over = _taken_over(calls, places, victim, cut)
    back = [call.at - healed for call in calls if call.host == victim and call.at > healed]
    return Cut(
        lease=lease,
        down=healed - cut,
        events=len(places),
        orders_taken_over=len(taken_over),
        taken_over=max(taken_over, default=0.0),
        back=min(back, default=float("inf")),
        twice=_twice(calls),
        by_both=len(mine_late & others),
        faults=_faults(calls, places, before),
    )


def _prepare(site: Site, hosts: Sequence[str], *, at_once: int, alloy_seconds: float) -> int:
    """Start the senders and wait until each has sent; return the id of the newest message."""
    from integrations.models import Message

    site.have_alloy(delay=alloy_seconds)
    site.start_senders(hosts, at_once=at_once)
    fill(groups=20 * at_once)
    _wait(lambda: all(map(site.taken, hosts)))
    site.wait_until_sent()
    site.forget_calls()
    return Message.objects.latest("pk").pk


def _wait(until: Callable[[], bool]) -> None:
    if not wait_until(until, seconds=PATIENCE, every=0.5):
        raise RuntimeError("A host never sent anything.")


def _places(before: int) -> Places:
    from integrations.models import Message

    # Beside the events wait looks at what became of them, which do not count here.
    events = Message.objects.filter(pk__gt=before, kind="event")
    rows = events.values_list("uid", "group", "sequence")
    return {str(uid): (group, sequence) for uid, group, sequence in rows}


def _faults(calls: Sequence[Call], places: Places, before: int) -> Faults:
    from integrations.models import Attempt

    made = Counter(call.key for call in calls)
    on_record = Attempt.objects.filter(message__pk__gt=before, message__kind="event")
    made.subtract(str(uid) for uid in on_record.values_list("message__uid", flat=True))
    return Faults(
        lost=len(places.keys() - {call.key for call in calls}),
        out_of_order=strays(places[call.key] for call in calls),
        unexplained=(+made).total(),
    )


def _twice(calls: Collection[Call]) -> int:
    return len(calls) - len({call.key for call in calls})


def _taken_over(calls: Sequence[Call], places: Places, victim: str, cut: float) -> list[float]:
    """Return after how many seconds others went on with each order the host had in its hands."""
    last = {places[call.key][0]: call for call in calls if call.at <= cut + ARRIVING}
    following = {places[call.key][0]: call for call in reversed(calls) if call.at > cut + ARRIVING}
    return [
        following[order].at - cut
        for order, call in last.items()
        if call.host == victim and order in following and following[order].host != victim
    ]


def _lease(at_once: int) -> float:
    from integrations.outbox.relay import Relay

    return Relay(at_once)._lease.total_seconds()
