"""The cached public key: rotation is followed, outages are survived, nobody is hammered."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import responses
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from integrations.alloy import KeyUnavailable, PublicKeySource, SignatureError
from tests.integrations.alloy.servers import Server, serving, whole

PEM_URL = "http://alloy.test/security/alloy_public_key.pem"
URL = "https://acme.example/webhooks/alloy/t0ken/orders/"


def pem(key: RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    public = key.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class Webhook:
    """A webhook that checks signatures with a cached key, at a time that moves when told to."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.source = PublicKeySource(url=PEM_URL, clock=lambda: self.now)

    def takes(self, key: RSAPrivateKey) -> None:
        """Verify a delivery signed with the key."""
        text = b"POST" + URL.encode() + b"{}"
        self.takes_signature(key.sign(text, PKCS1v15(), SHA256()).hex())

    def takes_signature(self, signature: str) -> None:
        self.source.verify(signature_hex=signature, method="POST", url=URL, body=b"{}")

    def refuses(self, key: RSAPrivateKey) -> None:
        with pytest.raises(SignatureError):
            self.takes(key)


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with responses.mock:
        yield Webhook()


def alloy_serves(body: bytes = b"", status: int = 200) -> None:
    """Have Alloy answer like this from now on to whoever asks for the key."""
    responses.upsert(responses.GET, PEM_URL, body=body, status=status)


def test_the_key_is_fetched_once_and_without_the_api_key(
    webhook: Webhook, private_key: RSAPrivateKey
) -> None:
    alloy_serves(pem(private_key))
    for _ in range(10):
        webhook.takes(private_key)
    assert len(responses.calls) == 1
    assert "Authorization" not in responses.calls[0].request.headers


@pytest.mark.parametrize("bits", [2048, 3072])
def test_a_new_key_of_any_size_is_found_when_a_signature_no_longer_fits(
    webhook: Webhook, private_key: RSAPrivateKey, bits: int
) -> None:
    new_key = generate_private_key(public_exponent=65537, key_size=bits)
    alloy_serves(pem(private_key))
    webhook.takes(private_key)
    alloy_serves(pem(new_key))
    webhook.now += 61
    webhook.takes(new_key)
    webhook.refuses(private_key)


def test_forgeries_cause_one_fetch_a_minute_at_most_and_none_if_they_are_no_hex(
    webhook: Webhook, private_key: RSAPrivateKey, other_private_key: RSAPrivateKey
) -> None:
    alloy_serves(pem(private_key))
    for minute in (1, 2):
        for _ in range(100):
            webhook.refuses(other_private_key)
        assert len(responses.calls) == minute
        webhook.now += 61
    for signature in ("", "x" * 512):
        with pytest.raises(SignatureError):
            webhook.takes_signature(signature)
    assert len(responses.calls) == 2


def test_the_old_key_stays_in_use_while_a_new_one_cannot_be_had(
    webhook: Webhook, private_key: RSAPrivateKey, other_private_key: RSAPrivateKey
) -> None:
    alloy_serves(pem(private_key))
    webhook.takes(private_key)
    alloy_serves(status=500)
    webhook.now += 61
    webhook.refuses(other_private_key)
    webhook.takes(private_key)


WEAK = generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505
NO_KEYS = {
    "nothing": b"",
    "a page": b"<h1>Sorry</h1>",
    "a broken key": b"-----BEGIN PUBLIC KEY-----\nAAAA\n",
    "a weak key": pem(WEAK),
    "a key of another kind": pem(ec.generate_private_key(ec.SECP256R1())),
}


@pytest.mark.parametrize("body", NO_KEYS.values(), ids=NO_KEYS)
def test_what_is_no_strong_rsa_key_is_not_taken_for_one(webhook: Webhook, body: bytes) -> None:
    alloy_serves(body)
    with pytest.raises(KeyUnavailable):
        webhook.source.key()
    assert len(responses.calls) == 1


def test_without_a_key_nothing_is_accepted_and_the_fetch_is_tried_again_soon(
    webhook: Webhook, private_key: RSAPrivateKey
) -> None:
    alloy_serves(status=503)
    for _ in range(10):
        with pytest.raises(KeyUnavailable) as unavailable:
            webhook.takes(private_key)
    assert (unavailable.value.can_retry, unavailable.value.retry_after) == (True, 5.0)
    assert len(responses.calls) == 1
    alloy_serves(pem(private_key))
    webhook.now += 5
    webhook.takes(private_key)


def test_threads_that_need_the_first_key_fetch_it_once(private_key: RSAPrivateKey) -> None:
    arrived = threading.Barrier(8)

    def behaviour(server: Server, connection: socket.socket) -> None:
        server.receive(connection)
        connection.sendall(whole(pem(private_key)))

    with serving(behaviour) as server, ThreadPoolExecutor(8) as pool:
        source = PublicKeySource(url=f"{server.origin}/key.pem")

        def key() -> int:
            arrived.wait()
            return source.key().key_size

        assert list(pool.map(lambda _: key(), range(8))) == [2048] * 8
        assert len(server.requests) == 1
