"""After mints, installs, links, orders and errors, no secret is found where it does not belong.

With a remote that says every secret it knows in its errors, and with a crash of our own.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import psycopg
import pytest
import requests

from tests.full_size import size
from tests.services.sandbox import Sandbox
from tests.services.stack import WEBHOOK_TOKEN, Stack
from tests.stack.conftest import BIGCOMMERCE, user_id_of
from tests.stack.hunt.settings import API_KEY, METRICS_TOKEN
from tests.stack.hunt.traces import database_of, logs_of, redis_commands
from tests.stack.merchant import Merchant
from tests.stack.production import Production
from tests.stack.waiting import wait_for

pytestmark = pytest.mark.scenario(17)

MERCHANTS = size(10, usual=1)
MINTS = 20
"""For each merchant; more are refused within a minute."""
LINKS = 3
OPERATOR = "operator@acme.example"
APPOINT = "UPDATE accounts_user SET is_staff = true, is_superuser = true WHERE email = %s"
PASS_PHRASE = "a long pass phrase"
JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
CARD = f"/integrations/{BIGCOMMERCE}/"
PAGES = ("/", "/orders/", "/integrations/", CARD, "/meetings/", "/settings/", "/settings/export/")
FAILING = {
    "/run/event": 422,
    "/users/*/token": 500,
    "/integrations": 400,
    "/users/*/integrations/*/install-url": 400,
    "/workflows/*": 403,
    "/users": 422,
}


@dataclass
class Hunt:
    """Answers as they came, and the secrets that are out: by name, with their texts."""

    answers: list[requests.Response] = field(default_factory=list)
    secrets: dict[str, set[str]] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)

    def follow(self, session: requests.Session) -> None:
        """Look at every answer that the session gets."""
        session.hooks["response"].append(lambda answer, **_: self.answers.append(answer))

    def learn(self, name: str, *texts: str) -> None:
        assert all(texts), f"{name} was not given out at all"
        self.secrets.setdefault(name, set()).update(texts)

    def found_in(self, places: dict[str, str]) -> list[str]:
        """Return where which kind of secret was found."""
        return [
            f"{name} in {place}"
            for place, text in places.items()
            for name, texts in self.secrets.items()
            if any(secret in text for secret in texts)
        ]

    def pages(self, *, that_hand_tokens_out: bool = False) -> dict[str, str]:
        """Return every answer, either those whose very purpose it is to hand a token out or not."""
        return {
            f"{answer.request.method} {answer.url} ({number})": _everything_of(answer)
            for number, answer in enumerate(self.answers)
            if (answer.url in self.shown) == that_hand_tokens_out
        }


def _everything_of(answer: requests.Response) -> str:
    return f"{answer.url}\n{answer.headers}\n{unescape(answer.text)}"


def test_no_secret_is_found_anywhere(
    acmeco: Production, alloy: Sandbox, record_property: Callable[[str, object], None]
) -> None:
    hunt = Hunt()
    hunt.learn("the API key", API_KEY)
    hunt.learn("the webhook token", WEBHOOK_TOKEN)
    with redis_commands(acmeco.redis_url) as commands:
        merchants = [sign_up(hunt, acmeco, alloy, number) for number in range(MERCHANTS)]
        for merchant in merchants:
            mint(hunt, acmeco, merchant)
            make_links(hunt, acmeco, merchant)
            sell(hunt, alloy, merchant)
        for merchant in merchants:
            break_everything(hunt, alloy, merchant)
        look_as_an_operator(hunt, acmeco)
    metrics = requests.get(
        f"{acmeco.url}/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}, timeout=30
    )
    assert "alloy_call_seconds" in metrics.text
    places = {
        **logs_of(acmeco),
        **database_of(acmeco),
        **hunt.pages(),
        "the metrics": metrics.text,
        "what Redis was told": "\n".join(commands),
    }
    record_property("secrets", {name: len(texts) for name, texts in hunt.secrets.items()})
    record_property("places looked at", len(places))
    assert "process_deliveries" in places["what Redis was told"]
    assert "[masked]" in places["the log of web"]
    assert hunt.found_in(hunt.pages(that_hand_tokens_out=True)), "or nothing could be found"
    assert hunt.found_in(places) == []


def sign_up(hunt: Hunt, stack: Stack, alloy: Sandbox, number: int) -> Merchant:
    """Sign up, connect the store, and let an order come in."""
    merchant = Merchant.who_signs_up(stack.url, f"hunted-{number}@shop.example")
    hunt.follow(merchant.session)
    user_id = wait_for(lambda: user_id_of(alloy, merchant))
    alloy.install(user_id, BIGCOMMERCE)
    alloy.place_order(user_id)
    wait_for(merchant.orders)
    wait_for(lambda: merchant.get(CARD).status_code == 200)
    return merchant


def mint(hunt: Hunt, stack: Stack, merchant: Merchant) -> None:
    """Open the modal again and again: a token for each time, which lives for an hour at most."""
    path = f"{CARD}connect/"
    hunt.shown.append(f"{stack.url}{path}")
    assert "data-alloy-token" not in merchant.get(path).text  # a GET leads to the page above
    for _ in range(MINTS):
        answer = click(merchant, path)
        assert "no-store" in answer.headers["Cache-Control"]
        tokens = set(JWT.findall(answer.text))
        assert len(tokens) == 1, answer.text
        (token,) = tokens
        claims = claims_of(token)
        assert 0 < claims["exp"] - claims["iat"] <= 3600
        hunt.learn("a modal's token", token)
    without_csrf = merchant.session.post(f"{stack.url}{path}", timeout=30)
    assert without_csrf.status_code == 403


def click(merchant: Merchant, path: str) -> requests.Response:
    """Send a form as the page's own script does."""
    headers = {"X-CSRFToken": merchant.session.cookies["csrftoken"], "HX-Request": "true"}
    return merchant.session.post(f"{merchant.url}{path}", headers=headers, timeout=30)


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(f"{token.split('.')[1]}==="))
    return claims


def make_links(hunt: Hunt, stack: Stack, merchant: Merchant) -> None:
    path = f"{CARD}links/"
    hunt.shown.append(f"{stack.url}{path}")
    for _ in range(LINKS):
        answer = merchant.post(path)
        (url,) = set(re.findall(r"https?://[^\"<\s]+token=[^\"<\s]+", unescape(answer.text)))
        hunt.learn("a link's token", re.findall(r"token=([^&]+)", url)[0])
        hunt.learn("a link", url)


def sell(hunt: Hunt, alloy: Sandbox, merchant: Merchant) -> None:
    """Take an order in, refuse a forged one, and tell the store that one is under way."""
    user_id = user_id_of(alloy, merchant)
    url = f"{merchant.url}/webhooks/alloy/{WEBHOOK_TOKEN}/orders/?userId={user_id}"
    signature = alloy.sign(url, '{"id": 1}')
    hunt.learn("a signature", signature)
    for body, expected in (('{"id": 1}', 202), ('{"id": 2}', 401)):
        headers = {"X-Alloy-Signature": signature}
        answer = requests.post(url, data=body, headers=headers, timeout=30)
        assert answer.status_code == expected
    assert merchant.post(merchant.orders()[0], status="PICKING").status_code == 302
    wait_for(lambda: any(event["userId"] == user_id for event in alloy.events()))


def break_everything(hunt: Hunt, alloy: Sandbox, merchant: Merchant) -> None:
    """Let Alloy answer with its own secrets, do what can be done, and crash."""
    known = {name: min(texts) for name, texts in hunt.secrets.items()}
    known["the webhook token"] = f"{merchant.url}/webhooks/alloy/{WEBHOOK_TOKEN}/orders/"
    told = " ".join(f"{name} {text}" for name, text in known.items())
    message = json.dumps({"message": f"Bad request with {told} Bearer {API_KEY}"})
    alloy.behave()
    for path, status in FAILING.items():
        alloy.misbehave(path, status=status, body=message)
    order = merchant.orders()[0]
    assert merchant.post(order, status="PACKED").status_code == 302
    click(merchant, f"{CARD}connect/")
    merchant.post(f"{CARD}links/")
    for action in ("check/", "update/", "pause/", "uninstall/", "rerun/"):
        merchant.post(f"{CARD}{action}", workflow="632531cf3beb6c98611abd09", execution="e")
    crash = merchant.session.get(f"{merchant.url}/crash/", timeout=30)
    assert crash.status_code == 500
    merchant.post("/accounts/reauthenticate/", password=PASS_PHRASE)  # which the export asks for
    for path in (*PAGES, *merchant.orders()):
        assert merchant.get(path).status_code == 200
    wait_for(lambda: "Alloy refused it" in merchant.get(order).text)
    alloy.behave()


def look_as_an_operator(hunt: Hunt, stack: Production) -> None:
    """Open every list of the admin, and every row in it."""
    operator = Merchant.who_signs_up(stack.url, OPERATOR)
    with psycopg.connect(stack.direct_url) as database:
        database.execute(APPOINT, [OPERATOR])
    hunt.follow(operator.session)
    seen = set[str]()
    lists = set(re.findall(r'href="(/admin/\w+/\w+/)"', operator.get("/admin/").text))
    for page in sorted(lists):
        rows = re.findall(rf'href="({page}\d+/change/)', operator.get(page).text)
        for row in list(dict.fromkeys(rows))[:20]:
            assert operator.get(row).status_code == 200
            seen.add(page)
    assert {"/admin/integrations/message/", "/admin/integrations/delivery/"} <= seen
