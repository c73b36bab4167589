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
HEADERS = (" Bearer {}", " bearer {}", " Authorization: {}", " 'x-alloy-user-token': '{}'")
FORMS = [
    *(("{}", jwt), ("{}", signature), ("sig_{}_", signature)),
    *((form, part) for form in (*HEADERS, " /webhooks/alloy/{}/orders/", " /webhooks/alloy/{}")),
]


@pytest.mark.parametrize(("form", "secrets"), FORMS, ids=str)
@given(before=around, data=st.data(), after=st.just("") | around.map('"{}'.format))
def test_no_jwt_signature_header_or_token_in_a_url_survives(
    form: str, secrets: st.SearchStrategy[str], before: str, data: st.DataObject, after: str
) -> None:
    secret = data.draw(secrets)
    shown = redact(before + form.format(secret) + after)
    assert form.strip().format(secret) not in shown
    if secrets is jwt:
        end = secret.rpartition(".")[2]
        assert end not in shown or end in before + after


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
