from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from alloy_sandbox.core.models import SigningKey
from alloy_sandbox.core.signing_key import new_private_pem, rotate, signing_key
from alloy_sandbox.webhooks import keys
from alloy_sandbox.webhooks.keys import sign, signed_text
from alloy_sandbox.webhooks.queue import javascript_json
from tests.conftest import Sandbox

PRIVATE_PEM = new_private_pem()
URL = "https://acme.example/webhooks/orders/?userId=1"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def verify(public_pem: str, signature: str, text: str) -> None:
    key = serialization.load_pem_public_key(public_pem.encode())
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(bytes.fromhex(signature), text.encode(), padding.PKCS1v15(), hashes.SHA256())


@given(body=TEXT.filter(bool))
def test_the_signature_is_hex_over_method_url_and_body(body: str) -> None:
    signature = sign(PRIVATE_PEM, method="POST", url=URL, body=body)
    assert len(signature) == 512
    verify(keys.public_pem(SigningKey(private_pem=PRIVATE_PEM)), signature, f"POST{URL}{body}")


@given(body=TEXT, other=TEXT)
def test_another_body_does_not_fit(body: str, other: str) -> None:
    if signed_text("POST", URL, body) == signed_text("POST", URL, other):
        return
    signature = sign(PRIVATE_PEM, method="POST", url=URL, body=body)
    with pytest.raises(InvalidSignature):
        verify(keys.public_pem(SigningKey(private_pem=PRIVATE_PEM)), signature, f"POST{URL}{other}")


def test_an_absent_body_is_signed_as_javascripts_undefined() -> None:
    assert signed_text("get", URL, "") == f"GET{URL}undefined"


def test_json_is_written_as_javascript_does() -> None:
    assert javascript_json({"b": [1, "ä☎"], "a": None}) == '{"b":[1,"ä☎"],"a":null}'


@pytest.mark.django_db
def test_the_key_pair_is_made_once_and_kept() -> None:
    assert signing_key() == signing_key()
    key = keys.private_key(signing_key().private_pem)
    assert key.key_size == 2048


@pytest.mark.django_db
def test_a_rotated_key_keeps_the_users_tokens_valid() -> None:
    before = signing_key()
    after = rotate()
    assert after.private_pem != before.private_pem
    assert after.token_secret == before.token_secret
    assert signing_key() == after


def test_a_webhook_can_be_signed_for_somebody_else_to_post(sandbox: Sandbox) -> None:
    body = '{"name":"Björn"}'
    signed = sandbox.control("POST", "signatures", {"url": URL, "body": body})
    pem = sandbox.call("GET", "/security/alloy_public_key.pem").text
    assert signed["header"] == "X-Alloy-Signature"
    verify(pem, signed["signature"], f"POST{URL}{body}")
