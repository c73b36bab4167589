"""No text of a merchant's page is forgotten: every one goes through gettext.

The pages are read in a language that does not exist: each translation comes back between ⟦ and ⟧.
Whatever has letters outside of them is either somebody's data or was forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from accounts.models import User
from integrations import apps as integrations_apps
from orders.models import Order, Status
from orders.services import order_change_status
from tests.acmeco.crossing import INTEGRATION, ROUTES, content_of, fill_in, give_one_of_each
from tests.integrations.conftest import make_ready
from tests.integrations.fake_alloy import Call, FakeAlloy, Reply
from tests.pages import HTMX

FOLDERS = [
    Path(settings.BASE_DIR, "templates"),
    *Path(integrations_apps.__file__).parent.rglob("templates"),
]
SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-title", "data-failed", "data-close")
# Names are the same in every language, and so is data: Ada and the order's marks, addresses.
NAMES = re.compile(
    r"AcmeCo|Alloy|BigCommerce|[Nn]otion|Slack|Google Drive|HubSpot|UTC|HTTP|JSON|Ada"
    r"|a-mark-that\S+|\S+@\S+|\bs\b"
)
ACCOUNTS = ("login/", "signup/", "logout/", "password/reset/", "password/reset/done/", "inactive/")
OWN_ACCOUNT = ("password/change/", "email/", "2fa/", "2fa/totp/activate/", "sessions/", "logout/")
FAULTS = ("400", "403", "403_csrf", "404", "413", "429", "500", "account/erased")


class Page(HTMLParser):
    """What is said on a page outside of ⟦ and ⟧; `forgotten` has it in the page's order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.depth = 0
        self.silent = 0
        self.forgotten: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Pass over code and what is in a language of its own."""
        told = dict(attrs)
        is_named = told.get("id") in ("id_time_zone", "id_language")
        is_letter = "icon" in (told.get("class") or "").split()  # the first of a name
        is_own = tag in ("code", "pre", "script", "style") or ("lang" in told and tag != "html")
        if self.silent or is_named or is_own or is_letter:
            self.silent += tag not in ("input", "img", "br", "meta", "link", "hr", "path", "rect")
        for name in SPOKEN if not self.silent else ():
            self._note(re.sub(r"⟦[^⟧]*⟧", "", told.get(name) or ""))

    def handle_endtag(self, tag: str) -> None:
        self.silent = max(0, self.silent - 1)

    def handle_data(self, data: str) -> None:
        said = ""
        for letter in data:
            self.depth += (letter == "⟦") - (letter == "⟧")
            said += "" if self.depth or letter == "⟧" else letter
        if not self.silent:
            self._note(said)

    def _note(self, text: str) -> None:
        text = " ".join(NAMES.sub("", text).split())
        if re.search(r"[^\W\d_]", text):
            self.forgotten.append(text)


@pytest.fixture
def _marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put whatever is translated between ⟦ and ⟧."""
    translation.gettext("")  # before that there is nothing to replace
    functions = vars(translation)["_trans"]
    for name in ("gettext", "ngettext", "pgettext", "npgettext"):
        monkeypatch.setattr(functions, name, _marking(getattr(functions, name)))


def _marking(function: Callable[..., str]) -> Callable[..., str]:
    return lambda *arguments: f"⟦{function(*arguments)}⟧"


def integrations_of(call: Call) -> Reply:
    """Answer with integrations in every state."""
    states = {
        INTEGRATION: {"installed": True, "active": True, "updateAvailable": True},
        "63ea758e82c3074141968bba": {"installed": True, "active": False},
        "63ea758e82c3074141968bbb": {"installed": False},
    }
    return Reply(
        body={
            "data": [
                {
                    "integrationId": integration_id,
                    "app": "BigCommerce",
                    "installed": state["installed"],
                    "workflows": [
                        {"workflowId": f"w-{integration_id}", "name": "Ada", "version": 2, **state}
                    ],
                }
                for integration_id, state in states.items()
            ]
        }
    )


@pytest.fixture
def furnished(alloy: FakeAlloy, woken: object, merchant: User) -> User:
    """A merchant with one of everything, whose name and whose things are data."""
    alloy.fail_always("/integrations", integrations_of)
    make_ready(merchant)
    give_one_of_each(merchant)
    User.objects.filter(pk=merchant.pk).update(name="Ada")
    for order in Order.objects.all():
        for status in (Status.PICKING, Status.FULFILLED):
            order_change_status(order=order, status=status, changed_by=merchant)
    return merchant


@pytest.mark.usefixtures("_marked")
def test_every_text_of_a_page_is_translated(furnished: User, merchant_client: Client) -> None:
    forgotten: dict[str, list[str]] = {}
    for name, html in _pages(furnished, merchant_client):
        if found := Page(html).forgotten:
            forgotten[name] = found
    assert forgotten == {}


def _pages(merchant: User, client: Client) -> Iterator[tuple[str, str]]:
    """Yield every page there is, and what its forms answer when nothing is filled in."""
    stranger = Client()
    for path in ("/", *(f"/accounts/{each}" for each in ACCOUNTS)):
        yield f"GET {path} by nobody", _html(stranger.get(path))
        yield f"POST {path} by nobody", _html(stranger.post(path))
    for name in FAULTS:
        yield name, render_to_string(f"{name}.html")
    client.raise_request_exception = False
    for path in (
        *(fill_in(route, merchant) for route in ROUTES),
        *(f"/accounts/{each}" for each in OWN_ACCOUNT),
    ):
        cache.clear()  # or most would be refused for their number
        yield f"GET {path}", _html(client.get(path))
        yield f"poll {path}", _html(client.get(path, headers=HTMX))
        if "erase" not in path and "logout" not in path and "delete" not in path:
            answer = client.post(path, follow=True)
            yield f"POST {path}", _html(answer)
            yield f"click {path}", _html(client.post(path, headers=HTMX))


def _html(answer: Any) -> str:
    content = content_of(answer).decode()
    return content if answer.get("Content-Type", "").startswith("text/html") else ""


def test_a_template_has_no_text_of_its_own() -> None:
    forgotten = {
        path.relative_to(settings.BASE_DIR).as_posix(): found
        for folder in FOLDERS
        for path in sorted(folder.rglob("*.*"))
        if "admin" not in path.parts and (found := Page(_marked_source(path)).forgotten)
    }
    assert forgotten == {}


def _marked_source(path: Path) -> str:
    """Return a template with its translations between the marks, and without all other tags."""
    source = re.sub(r"{#.*?#}|{% comment.*?endcomment %}", "", path.read_text(), flags=re.S)
    source = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}", "⟦⟧", source, flags=re.S)
    return re.sub(r"{%.*?%}|{{.*?}}", "", source, flags=re.S)
