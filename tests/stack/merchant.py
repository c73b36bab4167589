"""A merchant who uses AcmeCo with nothing but a browser's requests."""

from __future__ import annotations

import re
from typing import Self

import requests

SECONDS = 60.0


class Merchant:
    """Somebody who is logged in at AcmeCo, at its origin."""

    def __init__(self, url: str, email: str) -> None:
        self.url, self.email = url, email
        self.session = requests.Session()
        self.session.trust_env = False

    @classmethod
    def who_signs_up(cls, url: str, email: str) -> Self:
        """Sign up and stay logged in."""
        merchant = cls(url, email)
        merchant.session.get(f"{url}/accounts/signup/", timeout=SECONDS).raise_for_status()
        answer = merchant.post("/accounts/signup/", email=email, password1="a long pass phrase")
        assert answer.status_code == 302, answer.text
        return merchant

    def get(self, path: str) -> requests.Response:
        """Open a page."""
        return self.session.get(f"{self.url}{path}", timeout=SECONDS)

    def post(self, path: str, **fields: str) -> requests.Response:
        """Send a form, without following where its answer leads."""
        return self.session.post(
            f"{self.url}{path}",
            data=fields,
            headers={"X-CSRFToken": self.session.cookies["csrftoken"]},
            timeout=SECONDS,
            allow_redirects=False,
        )

    def orders(self) -> list[str]:
        """Return the paths of the orders that the list shows, the newest first."""
        found = re.findall(r'href="(/orders/\d+/)"', self.get("/orders/").text)
        return list(dict.fromkeys(found))
