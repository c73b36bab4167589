"""TLS under Alloy's own host names, for clients that have them built in.

With `HTTPS_PROXY` set to the sandbox's origin such a client asks for a tunnel to Alloy, and finds
the sandbox at its end. It must trust the certificate at /_sandbox/certificate.pem.
"""

from __future__ import annotations

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache

HOSTS = ("runalloy.com", "*.runalloy.com")
A_YEAR = timedelta(days=365)


def leads_to_alloy(host: str) -> bool:
    return host == HOSTS[0] or host.endswith(f".{HOSTS[0]}")


@cache
def certificate() -> tuple[bytes, bytes]:
    """Return a new key and its self-signed certificate, as PEM; the same until the process ends."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "alloy-sandbox")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(each) for each in HOSTS])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + A_YEAR)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private, made.public_bytes(serialization.Encoding.PEM)


@cache
def context() -> ssl.SSLContext:
    """Return what stands in for Alloy's end of a TLS connection."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"".join(certificate()))
        file.flush()
        made.load_cert_chain(file.name)
    return made
