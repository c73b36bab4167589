"""The cached public key: rotation is followed, outages are survived, nobody is hammered."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import responses
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from integrations.alloy import KeyUnavailable, PublicKeySource, SignatureError, Transport
from tests.integrations.alloy.servers import Server, serving, whole

PEM_URL = "http://alloy.test/security/alloy_public_key.pem"
URL = "https://acme.example/webhooks/alloy/t0ken/orders/"


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    public = key.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class Clock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def source(clock: Clock) -> PublicKeySource:
    return PublicKeySource(url=PEM_URL, transport=Transport(), clock=clock)


@pytest.fixture
def deliver(source: PublicKeySource) -> Callable[[rsa.RSAPrivateKey], None]:
    """Verify a delivery signed with the given key."""

    def verified(key: rsa.RSAPrivateKey) -> None:
        signature = key.sign(b"POST" + URL.encode() + b"{}", PKCS1v15(), SHA256()).hex()
        source.verify(signature_hex=signature, method="POST", url=URL, body=b"{}")

    return verified


Deliver = Callable[[rsa.RSAPrivateKey], None]


@responses.activate
def test_the_key_is_fetched_once_and_without_the_api_key(
    deliver: Deliver, private_key: rsa.RSAPrivateKey
) -> None:
    responses.get(PEM_URL, body=pem(private_key))
    for _ in range(10):
        deliver(private_key)
    assert len(responses.calls) == 1
    assert "Authorization" not in responses.calls[0].request.headers


@responses.activate
def test_a_new_key_is_found_when_a_signature_no_longer_fits(
    deliver: Deliver,
    clock: Clock,
    private_key: rsa.RSAPrivateKey,
    other_private_key: rsa.RSAPrivateKey,
) -> None:
    responses.get(PEM_URL, body=pem(private_key))
    deliver(private_key)
    responses.replace(responses.GET, PEM_URL, body=pem(other_private_key))
    clock.now += 61
    deliver(other_private_key)
    with pytest.raises(SignatureError):
        deliver(private_key)


@responses.activate
def test_a_new_key_of_another_size_is_found_too(
    deliver: Deliver, clock: Clock, private_key: rsa.RSAPrivateKey
) -> None:
    larger = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    responses.get(PEM_URL, body=pem(private_key))
    deliver(private_key)
    responses.replace(responses.GET, PEM_URL, body=pem(larger))
    clock.now += 61
    deliver(larger)


@responses.activate
def test_forgeries_cause_one_fetch_a_minute_at_most(
    deliver: Deliver,
    clock: Clock,
    private_key: rsa.RSAPrivateKey,
    other_private_key: rsa.RSAPrivateKey,
) -> None:
    responses.get(PEM_URL, body=pem(private_key))
    for _ in range(100):
        with pytest.raises(SignatureError):
            deliver(other_private_key)
    assert len(responses.calls) == 1
    clock.now += 61
    for _ in range(100):
        with pytest.raises(SignatureError):
            deliver(other_private_key)
    assert len(responses.calls) == 2


@responses.activate
def test_a_signature_that_is_not_even_hex_causes_no_fetch(
    source: PublicKeySource, clock: Clock, private_key: rsa.RSAPrivateKey
) -> None:
    responses.get(PEM_URL, body=pem(private_key))
    source.key()
    clock.now += 61
    for signature in ("", "x" * 512):
        with pytest.raises(SignatureError):
            source.verify(signature_hex=signature, method="POST", url=URL, body=b"{}")
    assert len(responses.calls) == 1


@responses.activate
def test_the_old_key_stays_in_use_while_a_new_one_cannot_be_had(
    deliver: Deliver,
    clock: Clock,
    private_key: rsa.RSAPrivateKey,
    other_private_key: rsa.RSAPrivateKey,
) -> None:
    responses.get(PEM_URL, body=pem(private_key))
    deliver(private_key)
    responses.replace(responses.GET, PEM_URL, status=500)
    clock.now += 61
    with pytest.raises(SignatureError):
        deliver(other_private_key)
    deliver(private_key)


@responses.activate
@pytest.mark.parametrize("body", [b"", b"<h1>Sorry</h1>", b"-----BEGIN PUBLIC KEY-----\nAAAA\n"])
def test_what_is_no_key_is_not_taken_for_one(source: PublicKeySource, body: bytes) -> None:
    responses.get(PEM_URL, body=body)
    with pytest.raises(KeyUnavailable):
        source.key()


@responses.activate
def test_weak_keys_and_keys_of_another_kind_are_not_accepted(
    source: PublicKeySource, clock: Clock
) -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505
    for key in (weak, ec.generate_private_key(ec.SECP256R1())):
        responses.upsert(responses.GET, PEM_URL, body=pem(key))
        clock.now += 61
        with pytest.raises(KeyUnavailable):
            source.key()
    assert len(responses.calls) == 2


@responses.activate
def test_without_a_key_nothing_is_accepted_and_the_fetch_is_tried_again_soon(
    deliver: Deliver, clock: Clock, private_key: rsa.RSAPrivateKey
) -> None:
    responses.get(PEM_URL, status=503)
    for _ in range(10):
        with pytest.raises(KeyUnavailable) as unavailable:
            deliver(private_key)
    assert unavailable.value.can_retry
    assert unavailable.value.retry_after == 5.0
    assert len(responses.calls) == 1
    responses.replace(responses.GET, PEM_URL, body=pem(private_key))
    clock.now += 5
    deliver(private_key)


def test_threads_that_need_the_first_key_fetch_it_once(private_key: rsa.RSAPrivateKey) -> None:
    arrived = threading.Barrier(8)

    def behaviour(server: Server, connection: object) -> None:
        server.receive(connection)  # type: ignore[arg-type]
        connection.sendall(whole(pem(private_key)))  # type: ignore[attr-defined]

    with serving(behaviour) as server, ThreadPoolExecutor(8) as pool:
        source = PublicKeySource(url=f"{server.origin}/key.pem", transport=Transport())

        def key() -> int:
            arrived.wait()
            return source.key().key_size

        assert list(pool.map(lambda _: key(), range(8))) == [2048] * 8
        assert len(server.requests) == 1
