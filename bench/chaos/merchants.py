"""Merchants who sign up at AcmeCo as people do, and whose stores are then connected."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy

import requests

from bench.chaos.reading import Database
from tests.services.sandbox import Sandbox

BIGCOMMERCE = "63ea758e82c3074141968bb9"
PROVISIONED = "SELECT full_name, user_id FROM integrations_alloyuser WHERE user_id <> ''"
PATIENCE = 180.0
"""Seconds within which every merchant has to have an Alloy user."""


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
    cookies = {f"merchant-{n}@shop.example": _sign_up(url, n) for n in range(count)}
    user_ids = _wait_until_provisioned(count, database)
    for user_id in user_ids.values():
        sandbox.install(user_id, BIGCOMMERCE)
    return [Merchant(user_ids[email], *cookies[email]) for email in cookies]


def _sign_up(url: str, number: int) -> tuple[str, str]:
    with requests.Session() as session:
        session.trust_env = False
        form = session.get(f"{url}/accounts/signup/", timeout=30)
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text)
        if found is None:
            raise RuntimeError(f"The sign-up page holds no form: {form.status_code}.")
        body = {
            "csrfmiddlewaretoken": found[1],
            "email": f"merchant-{number}@shop.example",
            "password1": "a long pass phrase",
        }
        answer = session.post(
            f"{url}/accounts/signup/", data=body, timeout=30, allow_redirects=False
        )
        if answer.status_code != 302:
            raise RuntimeError(f"Signing up was answered with {answer.status_code}.")
        return session.cookies["sessionid"], session.cookies["csrftoken"]


def _wait_until_provisioned(count: int, database: Database) -> dict[str, str]:
    ends = time.monotonic() + PATIENCE
    while len(found := dict(database.rows(PROVISIONED))) < count:
        if time.monotonic() > ends:
            raise RuntimeError(f"Only {len(found)} of {count} merchants got an Alloy user.")
        time.sleep(0.2)
    return found
