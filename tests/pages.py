"""How the tests of all apps read a page, and ask for its live parts again."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from accounts.models import User

HTMX = {"HX-Request": "true"}


def logged_in(user: User, **client: Any) -> Client:
    """Return a browser in which the user is logged in."""
    browser = Client(**client)
    browser.force_login(user)
    return browser


def html_of(client: Client, path: str, **query: str) -> str:
    """Open a page that is there."""
    answer = client.get(path, query)
    assert answer.status_code == 200, path
    return answer.content.decode()


def poll_url(html: str) -> str:
    """Return the address by which a page asks for news."""
    found = re.search(r'hx-get="([^"]+)"', html)
    assert found
    return found[1].replace("&amp;", "&")


def poll(client: Client, html: str) -> Any:
    """Ask for news as a page does, and return the answer: 204 where there are none."""
    return client.get(poll_url(html), headers=HTMX)
