from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from alloy_sandbox.core import seed
from alloy_sandbox.core.models import Integration, User


@pytest.fixture
def merchant(db: None) -> User:
    """A user of the sandbox whose catalogue is as after the first start."""
    seed.seed()
    return User.objects.create(username="mia@acme.example", full_name="Mia")


@pytest.fixture
def bigcommerce(merchant: User) -> Integration:
    return Integration.objects.get(connector="bigcommerce")


@pytest.fixture
def visitor() -> Client:
    """Somebody who looks at the dashboard; it has no login."""
    return Client()


def read_page(visitor: Client, path: str) -> str:
    """Return a page that must be there, in which nothing is inline."""
    response = visitor.get(path)
    assert response.status_code == 200
    found = response.content.decode()
    assert not re.search(r"<style|style=|<script(?! src=)| on\w+=", found)
    return found


def find_call(visitor: Client, path: str, label: str) -> str:
    """Return the control call that a button on a page makes."""
    button = re.compile(rf'formaction="/dashboard/do/([^"]+)"[^>]* aria-label="{re.escape(label)}"')
    (call,) = button.findall(read_page(visitor, path))
    return html.unescape(call)


def press(visitor: Client, call: str, on: str = "/", /, **typed: Any) -> str:
    """Send a form of a page, follow back to it, and return what that page says was done."""
    path = f"/dashboard/do/{call}"
    response = visitor.post(path, typed, follow=True, headers={"referer": f"http://testserver{on}"})
    assert response.status_code == 200
    said = re.findall(r'<li class="message [^>]*>(.*?)</li>', response.content.decode())
    assert len(said) == 1
    return html.unescape(said[0])
