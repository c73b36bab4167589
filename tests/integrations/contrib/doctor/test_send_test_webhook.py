"""`manage.py send_test_webhook`: signed by a real sandbox, taken by a real server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from integrations import inbox, webhooks
from integrations.contrib.doctor.management.commands.send_test_webhook import _url_for
from integrations.models import AlloyUser, Delivery
from tests.documents import blocks_of
from tests.integrations.conftest import make_ready
from tests.services.sandbox import Sandbox

Send = Callable[..., str]


@pytest.fixture
def user(woken: object, merchant: User, settings: Settings, sandbox: Sandbox) -> AlloyUser:
    """The Alloy user of `merchant`; the sandbox is Alloy."""
    settings.ALLOY = {**settings.ALLOY, "SANDBOX_URL": sandbox.url}
    webhooks.public_key_source.cache_clear()
    return make_ready(merchant)


@pytest.fixture
def send(
    live_server: LiveServer, user: AlloyUser, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> Send:
    """Send a test webhook, and return what is printed."""
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_BASE_URL": live_server.url}

    def send(kind: str, *, who: str = user.username, **options: object) -> str:
        call_command("send_test_webhook", kind, user=who, **options)
        return capsys.readouterr().out

    return send


@pytest.mark.parametrize("kind", Delivery.Kind.values)
def test_each_of_the_webhooks_is_taken_and_processed(
    send: Send, user: AlloyUser, kind: str
) -> None:
    assert '202 {"message": "Accepted."}' in send(kind)
    inbox.sweep(seconds=600)
    delivery = Delivery.objects.get()
    assert (delivery.kind, delivery.tenant) == (kind, user.tenant)
    assert (delivery.state, delivery.error) == (Delivery.State.PROCESSED, "")


@pytest.mark.usefixtures("send")
def test_the_lines_of_the_document_are_taken(user: AlloyUser, tmp_path: Path) -> None:
    (block,) = blocks_of("docs/operator-commands.md")
    (tmp_path / "error.json").write_text("{}")
    here = {
        "demo@acme.example": "merchant@acme.example",
        "6749ddb3c68f4d9bbed27c4d": user.user_id,
        "error.json": str(tmp_path / "error.json"),
        "http://localhost:8000/webhooks/alloy/...": _url_for("installations", user.user_id),
    }
    for line in block.text.splitlines():
        call_command(*[here.get(word, word) for word in line.split()[1:]])
    assert {each.kind for each in Delivery.objects.all()} == {*Delivery.Kind.values}


def test_a_body_from_a_file_is_sent(send: Send, tmp_path: Path) -> None:
    file = tmp_path / "order.json"
    file.write_text('{ "id": 7, "status": "Björn ☎" }')
    send("orders", body=file)
    assert json.loads(Delivery.objects.get().content) == {"id": 7, "status": "Björn ☎"}


def test_what_our_webhook_refuses_is_printed_and_fails(send: Send, tmp_path: Path) -> None:
    file = tmp_path / "installation.json"
    file.write_text('{"userId": "nobody-of-ours"}')
    with pytest.raises(CommandError, match="refused"):
        send("installations", body=file)


def test_another_url_may_be_given_and_is_what_is_signed_and_no_token_is_printed(
    send: Send, user: AlloyUser, settings: Settings
) -> None:
    url, tokens = _url_for("orders", user.user_id), settings.ALLOY["WEBHOOK_TOKENS"]
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_TOKENS": ["another-token-of-ours", *tokens]}
    printed = send("orders", url=url)
    assert "202" in printed
    assert tokens[0] not in printed


@pytest.mark.parametrize("content", ["", "[1]", "{'id': 7}", "\xff"])
def test_a_file_that_holds_no_json_object_is_refused(
    user: AlloyUser, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "order.json"
    file.write_text(content, encoding="latin-1")
    with pytest.raises(CommandError, match=r"order\.json"):
        call_command("send_test_webhook", "orders", user=user.username, body=file)


DOWN = "http://localhost:1"


@pytest.mark.parametrize(
    ("changes", "who", "said"),
    [
        ({}, "nobody@acme.example", r"nobody@acme\.example"),
        ({"WEBHOOK_BASE_URL": DOWN}, "merchant@acme.example", "Is the site up"),
        ({"SANDBOX_URL": DOWN}, "merchant@acme.example", f"sandbox at {DOWN} did not sign"),
        ({"SANDBOX_URL": ""}, "merchant@acme.example", "only Alloy has the key"),
    ],
    ids=["an unknown user", "the site is down", "the sandbox is down", "a real key"],
)
def test_what_stands_in_the_way_is_said(
    user: AlloyUser, settings: Settings, changes: dict[str, str], who: str, said: str
) -> None:
    settings.ALLOY = {**settings.ALLOY, "ENVIRONMENT": user.environment, **changes}
    with pytest.raises(CommandError, match=said):
        call_command("send_test_webhook", "orders", user=who)
