from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pytest_django import Settings

from integrations.contrib.doctor import webhooks
from integrations.contrib.doctor.result import State
from tests.integrations.fake_alloy import FakeAlloy, Reply


@pytest.mark.parametrize(
    ("origin", "state"),
    [
        ("https://acme.example", State.OK),
        ("https://acme.example/behind/a/prefix", State.OK),
        ("http://acme.example", State.FAILED),
        ("https://localhost:8000", State.FAILED),
        ("https://shop.localhost", State.FAILED),
        ("https://127.0.0.1", State.FAILED),
        ("https://192.168.1.5", State.FAILED),
        ("https://[::1]:8000", State.FAILED),
        ("https://printer.local", State.FAILED),
    ],
)
def test_alloy_needs_an_origin_that_is_public_and_encrypted(
    settings: Settings, origin: str, state: State
) -> None:
    settings.ALLOY = {**settings.ALLOY, "SANDBOX_URL": "", "WEBHOOK_BASE_URL": origin}
    assert webhooks.origin_is_public().state == state


def test_a_sandbox_reaches_this_machine_in_the_open() -> None:
    assert webhooks.origin_is_public().state == State.OK


@pytest.mark.parametrize(
    ("status", "state"),
    [(405, State.OK), (404, State.FAILED), (301, State.FAILED), (502, State.FAILED)],
)
def test_our_own_webhook_must_know_its_url(alloy: FakeAlloy, status: int, state: State) -> None:
    alloy.fail("/installations/", Reply(status))
    assert webhooks.origin_answers().state == state


def test_an_origin_that_does_not_answer_is_said_without_the_token(settings: Settings) -> None:
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_BASE_URL": "http://localhost:1"}
    found = webhooks.origin_answers()
    assert found.state == State.FAILED
    assert "http://localhost:1 could not be reached" in found.detail
    assert settings.ALLOY["WEBHOOK_TOKENS"][0] not in f"{found}"


def pem(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_a_public_key_that_is_there_is_fine(alloy: FakeAlloy) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    alloy.fail("alloy_public_key.pem", Reply(body=pem(key)))
    assert webhooks.public_key_is_there().detail == "Alloy's public key is there: RSA, 2048 bits."


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404),
        Reply(body="<html>"),
        Reply(body=pem(ec.generate_private_key(ec.SECP256R1()).public_key())),
        Reply(drop=True),
    ],
)
def test_anything_else_in_its_place_failed(alloy: FakeAlloy, reply: Reply) -> None:
    alloy.fail_always("alloy_public_key.pem", reply)
    assert webhooks.public_key_is_there().state == State.FAILED
