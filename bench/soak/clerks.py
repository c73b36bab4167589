"""Merchants at work on the pages: they look at their integrations and orders, and set statuses."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.connection import Connection

import requests

from bench.chaos.ledgers import OrderKey
from bench.chaos.merchants import Merchant, open_session
from bench.chaos.plan import STATUSES

PAUSE = (2.0, 6.0)
"""Seconds between two rounds of a merchant."""
MARK = "reach our integration partner right now"
"""What the integrations page says while what it shows may be stale."""


@dataclass(frozen=True)
class Clerk:
    """A merchant, and the orders whose status they change: primary key here, number there."""

    merchant: Merchant
    orders: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Visit:
    """One request: when it was made (`time.monotonic`), of what, and what came of it."""

    at: float
    page: str
    answer: str
    milliseconds: float
    is_marked: bool = False


@dataclass
class Visits:
    """Everything that the merchants did; `confirmed` are the changes that AcmeCo confirmed."""

    made: list[Visit] = field(default_factory=list)
    confirmed: list[tuple[OrderKey, str]] = field(default_factory=list)


def work(pipe: Connection, url: str, clerks: Sequence[Clerk]) -> None:
    """Keep them all busy until anything is sent, then answer with the `Visits`."""
    stop, visits = threading.Event(), Visits()
    threads = [
        threading.Thread(target=_Day(url, clerk, visits).work, args=(stop,)) for clerk in clerks
    ]
    for thread in threads:
        thread.start()
    pipe.recv()
    stop.set()
    for thread in threads:
        thread.join()
    pipe.send(visits)


class _Day:
    def __init__(self, url: str, clerk: Clerk, visits: Visits) -> None:
        self._url, self._clerk, self._visits = url, clerk, visits

    def work(self, stop: threading.Event) -> None:
        dice = random.Random(self._clerk.merchant.user_id)  # noqa: S311 -- repeatable on purpose
        for turn in count():
            if stop.wait(dice.uniform(*PAUSE)):
                break
            # A connection is not kept over the pause, in which the server may close it.
            with open_session() as session:
                self._round(session, turn)

    def _round(self, session: requests.Session, turn: int) -> None:
        """Every order goes through the statuses one after the other, so each is a change."""
        again, place = divmod(turn, len(self._clerk.orders))
        primary_key, number = self._clerk.orders[place]
        status = STATUSES[again % len(STATUSES)]
        order = f"/orders/{primary_key}/"
        self._visit(session, "integrations", "/integrations/")
        self._visit(session, "orders", "/orders/")
        if self._visit(session, "change of status", order, status=status) == "302":
            self._visits.confirmed.append(((self._clerk.merchant.user_id, number), status))
        self._visit(session, "order", order)

    def _visit(self, session: requests.Session, page: str, path: str, **form: str) -> str:
        began = time.monotonic()
        try:
            response = session.request(
                "POST" if form else "GET",
                f"{self._url}{path}",
                data=form or None,
                headers=self._clerk.merchant.headers,
                timeout=30,
                allow_redirects=False,
            )
            answer, is_marked = str(response.status_code), MARK in response.text
        except requests.RequestException as error:
            answer, is_marked = type(error).__name__, False
        took = (time.monotonic() - began) * 1000
        self._visits.made.append(Visit(began, page, answer, took, is_marked))
        return answer
