"""Nothing secret survives, wherever in a line it stands."""

from __future__ import annotations

import logging
from logging.config import dictConfig

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from acmeco.logs import logging_config
from integrations.redaction import redact, redact_event

URLSAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
part = st.text(URLSAFE, min_size=8, max_size=60)
jwt = st.builds("eyJ{}.{}.{}".format, part, part, part)
signature = st.text("0123456789abcdefABCDEF", min_size=512, max_size=512)
around = st.text(max_size=30)


@given(before=around, token=jwt, after=around)
def test_no_jwt_survives(before: str, token: str, after: str) -> None:
    shown = redact(before + token + after)
    assert token not in shown
    assert token.split(".")[2] not in shown or token.split(".")[2] in before + after


@given(before=around, secret=signature, after=around)
def test_no_signature_survives(before: str, secret: str, after: str) -> None:
    assert secret not in redact(before + secret + after)
    assert secret not in redact(f"sig_{secret}_")


@given(before=around, token=part, after=st.sampled_from(["/orders/", "/x", "", '" 404', " done"]))
def test_no_webhook_token_survives(before: str, token: str, after: str) -> None:
    shown = redact(f"{before} /webhooks/alloy/{token}{after}")
    assert f"alloy/{token}" not in shown


@given(before=around, key=part, after=st.sampled_from(["", "'", '"', " and more", "}"]))
def test_no_key_in_a_header_survives(before: str, key: str, after: str) -> None:
    for form in ("Bearer {}", "bearer {}", "Authorization: {}", "'x-alloy-user-token': '{}'"):
        assert form.format(key) not in redact(before + " " + form.format(key) + after)


@given(before=around, after=around)
def test_the_key_and_the_tokens_in_use_never_survive(before: str, after: str) -> None:
    from django.conf import settings

    for secret in (settings.ALLOY["API_KEY"], *settings.ALLOY["WEBHOOK_TOKENS"]):
        assert secret not in redact(before + secret + after)


@given(st.text())
def test_redacted_text_can_be_stored_anywhere(text: str) -> None:
    shown = redact(text)
    assert "\0" not in shown
    assert shown.encode().decode() == shown


def test_what_is_not_secret_stays() -> None:
    line = "Alloy answered 422 to POST /run/event: No such event (order 118, Jané)"
    assert redact(line) == line


def test_every_value_of_a_log_line_is_masked_however_deep() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyIjoxfQ.c2VjcmV0"
    line = {"event": token, "a": {"b": [token, (token, 1)]}, "error": ValueError(token), "n": 1.5}
    shown = redact_event(None, "info", line)
    assert token not in str(shown)
    assert shown["n"] == 1.5


def test_a_real_keys_every_form_is_masked(settings: Settings) -> None:
    key = "Zm9vYmFy_live-key-0123456789"
    settings.ALLOY = {**settings.ALLOY, "SANDBOX_URL": "", "API_KEY": key}
    assert "live-key" not in redact("api_key=Zm9vYmFy_live-key-0123456789;")


@pytest.mark.parametrize("tail", ["orders/", "x", "orders/x/y", ""])
def test_no_handler_prints_the_token_of_a_url_that_is_not_found(
    client: Client, tail: str, db: None, capfd: pytest.CaptureFixture[str]
) -> None:
    dictConfig(logging_config(json=True))
    client.post(f"/webhooks/alloy/some-secret-token/{tail}")
    for logger in (logging.getLogger("django"), logging.getLogger("django.request")):
        assert logger.handlers == [], "a handler that masks nothing"
    printed = "".join(capfd.readouterr())
    assert "some-secret-token" not in printed
