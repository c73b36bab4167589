"""TLS: only certificates that fit are accepted, whatever the environment says."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from integrations.alloy import Timeouts, Transport, Unreachable
from integrations.alloy.call import Answer, Call
from tests.integrations.alloy.servers import Server, always, serving, whole


def certificate(key: RSAPrivateKey, folder: Path, *, host: str, days: int) -> Path:
    """Write a self-signed certificate with its key for a host; expired where days is negative."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    path = folder / f"{host}{days}.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(signed.public_bytes(Encoding.PEM) + secret)
    return path


def context(path: Path) -> ssl.SSLContext:
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(path)
    return server_side


@pytest.fixture
def path(private_key: RSAPrivateKey, tmp_path: Path) -> Path:
    """Where a certificate that fits lies."""
    return certificate(private_key, tmp_path, host="localhost", days=30)


def get(origin: str, transport: Transport, **seconds: float) -> Answer:
    call = Call(method="POST", base=origin, route="/x", body={})
    return transport.send(call, timeouts=Timeouts(**seconds))


def test_a_certificate_of_the_given_authority_is_accepted(path: Path) -> None:
    with serving(always(whole()), tls=context(path)) as server:
        transport = Transport(ca_bundle=str(path))
        assert get(server.origin, transport).ok
        assert get(server.origin, transport).ok
        assert server.connections == 1


@pytest.mark.parametrize(("host", "days"), [("localhost", -1), ("alloy.test", 30)])
def test_an_expired_or_a_foreign_certificate_is_refused_before_anything_is_sent(
    private_key: RSAPrivateKey, tmp_path: Path, host: str, days: int
) -> None:
    path = certificate(private_key, tmp_path, host=host, days=days)
    with serving(always(whole()), tls=context(path)) as server:
        with pytest.raises(Unreachable, match="TLS") as refused:
            get(server.origin, Transport(ca_bundle=str(path)))
        assert not refused.value.ambiguous
        assert server.requests == []


def test_authorities_named_by_the_environment_are_not_trusted(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(path))
    with serving(always(whole()), tls=context(path)) as server:
        with pytest.raises(Unreachable, match="TLS"):
            get(server.origin, Transport())
        assert server.requests == []


def test_a_handshake_that_never_ends_does_so_at_the_deadline() -> None:
    def behaviour(server: Server, connection: socket.socket) -> None:
        server.stopping.wait()

    with serving(behaviour) as server, pytest.raises(Unreachable, match="in time") as slow:
        get(f"https://localhost:{server.port}", Transport(), read=60, total=0.3)
    assert not slow.value.ambiguous


def test_a_trickle_over_tls_ends_at_the_deadline(path: Path) -> None:
    def behaviour(server: Server, connection: socket.socket) -> None:
        server.receive(connection)
        server.drip(connection, whole(extra=b"X-Slow: " + b"." * 200 + b"\r\n"))

    with serving(behaviour, tls=context(path)) as server, pytest.raises(Unreachable) as slow:
        get(server.origin, Transport(ca_bundle=str(path)), total=2)
    assert slow.value.ambiguous
