"""The load: shoppers place orders in the stores, merchants change the status of what arrived.

Merchants sign up at AcmeCo as people do; then their stores are connected.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter, deque
from contextlib import closing, suppress
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy

import psycopg
import requests

from bench.beside import Beside, wait_until
from bench.chaos.audit import OrderKey
from bench.chaos.plan import Plan
from bench.chaos.reading import Database
from tests.services.sandbox import Sandbox
from tests.services.stack import Stack
from tests.stack.merchant import Merchant as Visitor

BIGCOMMERCE = "63ea758e82c3074141968bb9"
PROVISIONED = "SELECT full_name, user_id FROM integrations_alloyuser WHERE user_id <> ''"
ARRIVED = """
    SELECT o.id, u.user_id, o.external_id
    FROM orders_order o JOIN integrations_alloyuser u ON u.tenant_id = o.merchant_id
    WHERE o.id > {after}
"""
OVERLAP = 500
"""How many ids are looked at again: a smaller one may become visible after a larger one."""
SHOPPERS = 2
WRITERS = 6
ORDERS_AHEAD = 100
"""How many orders are placed before the changes of the first: both go on side by side."""
PATIENCE = 180.0
"""Seconds for which a merchant tries again after an error, or waits for an Alloy user."""


@dataclass(frozen=True)
class Merchant:
    """Somebody with a store: their userId at Alloy, and the cookies of their session here."""

    user_id: str
    session_id: str
    csrf_token: str

    @property
    def headers(self) -> dict[str, str]:
        """What a browser that is logged in sends along with a form."""
        return {
            "Cookie": f"sessionid={self.session_id}; csrftoken={self.csrf_token}",
            "X-CSRFToken": self.csrf_token,
        }


def open_session() -> requests.Session:
    """Return a session that keeps connections and forgets cookies."""
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    return session


def welcome(count: int, *, url: str, database: Database, sandbox: Sandbox) -> list[Merchant]:
    """Sign merchants up at AcmeCo (at `url`), wait for their Alloy users, connect their stores."""
    emails = [f"merchant-{number}@shop.example" for number in range(count)]
    cookies = [Visitor.who_signs_up(url, email).session.cookies for email in emails]
    if not wait_until(lambda: len(database.rows(PROVISIONED)) >= count, seconds=PATIENCE):
        raise RuntimeError(f"Not all of {count} merchants got an Alloy user.")
    user_ids = dict(database.rows(PROVISIONED))
    for user_id in user_ids.values():
        sandbox.install(user_id, BIGCOMMERCE)
    return [
        Merchant(user_ids[email], each["sessionid"], each["csrftoken"])
        for email, each in zip(emails, cookies, strict=True)
    ]


@dataclass(frozen=True)
class Change:
    """One change of status to be made on AcmeCo's order page."""

    merchant: Merchant
    primary_key: int
    order: OrderKey
    status: str


class Load(Beside):
    """Places the plan's orders and makes its changes, until all are made.

    After an error or no answer it is not known whether a change was committed: the merchant simply
    presses the button again, and the truth is what AcmeCo's database says.
    """

    def __init__(self, plan: Plan, merchants: list[Merchant], stack: Stack) -> None:
        clients = [self._place] * SHOPPERS + [self._change] * WRITERS
        super().__init__(self._watch, *clients * plan.rate_factor)
        self._plan, self._stack = plan, stack
        self._changes: queue.Queue[Change] = queue.Queue()
        self._by_user_id = {merchant.user_id: merchant for merchant in merchants}
        self._orders = deque(merchants[n % len(merchants)] for n in range(plan.orders))
        self._lock = threading.Lock()
        self.confirmed: list[tuple[OrderKey, str]] = []
        self.errors: Counter[str] = Counter()

    @property
    def made(self) -> int:
        """How many changes were confirmed so far."""
        return len(self.confirmed)

    @property
    def is_over(self) -> bool:
        """Whether all is placed and made."""
        return self.made >= self._plan.changes

    def _place(self) -> None:
        with closing(Sandbox(self._stack.sandbox_url)) as sandbox:
            while self._orders and not self.stop.is_set():
                if self._is_far_ahead():
                    time.sleep(0.05)
                else:
                    self._place_one(sandbox)

    def _is_far_ahead(self) -> bool:
        placed = self._plan.orders - len(self._orders)
        ahead = ORDERS_AHEAD * self._plan.rate_factor
        return placed > self._plan.orders * self.made / self._plan.changes + ahead

    def _place_one(self, sandbox: Sandbox) -> None:
        with suppress(IndexError):  # the other shopper took the last one
            merchant = self._orders.popleft()
            try:
                sandbox.place_order(merchant.user_id)
            except requests.RequestException as error:
                self._note(f"{type(error).__name__} of the store")
                self._orders.append(merchant)

    def _watch(self) -> None:
        """Hand out the changes of every order that arrives, all of one order at once: they race."""
        seen: set[int] = set()
        statuses = iter(self._plan.statuses())
        with Database(self._stack.database_url) as database:
            while not self.stop.wait(0.25):
                for primary_key, user_id, number in _arrived(database, max(seen, default=0)):
                    if primary_key not in seen:
                        seen.add(primary_key)
                        for status in next(statuses, []):
                            merchant = self._by_user_id[user_id]
                            self._changes.put(
                                Change(merchant, primary_key, (user_id, number), status)
                            )

    def _change(self) -> None:
        with open_session() as session:
            while not self.stop.is_set():
                try:
                    change = self._changes.get(timeout=0.2)
                except queue.Empty:
                    continue
                self._press_until_confirmed(session, change)

    def _press_until_confirmed(self, session: requests.Session, change: Change) -> None:
        ends = time.monotonic() + PATIENCE
        while (problem := self._press(session, change)) and not self.stop.is_set():
            self._note(problem)
            if time.monotonic() > ends:
                raise RuntimeError(f"A change of status was never confirmed: {problem}.")
            time.sleep(0.3)
        if not problem:
            self.confirmed.append((change.order, change.status))

    def _note(self, problem: str) -> None:
        with self._lock:
            self.errors[problem] += 1

    def _press(self, session: requests.Session, change: Change) -> str:
        """Send the order page's form; return what went wrong, "" where the change is confirmed."""
        try:
            answer = session.post(
                f"{self._stack.url}/orders/{change.primary_key}/",
                data={"status": change.status},
                headers=change.merchant.headers,
                timeout=(3, 20),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            return type(error).__name__
        return "" if answer.status_code == 302 else str(answer.status_code)


def _arrived(database: Database, newest: int) -> list[tuple[int, str, str]]:
    try:
        return database.rows(ARRIVED.format(after=newest - OVERLAP))
    except psycopg.OperationalError:
        return []
