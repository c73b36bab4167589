"""The X-Alloy-Signature header, exactly as Alloy documents it, and the key that checks it.

RSASSA-PKCS1-v1_5 with SHA-256 over method + URL + body, nothing between them, in UTF-8; hex.
Alloy's private key is Alloy's, so the PEM served here differs from Alloy's.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.http import HttpResponse

from alloy_sandbox.core.api import Api
from alloy_sandbox.core.models import SigningKey
from alloy_sandbox.core.signing_key import signing_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

HEADER = "X-Alloy-Signature"

api = Api("webhooks", who="anybody")


@api.get("security/alloy_public_key.pem")
def public_key() -> HttpResponse:
    """The key that checks X-Alloy-Signature, where Alloy's CDN has Alloy's."""
    return HttpResponse(public_pem(signing_key()), content_type="application/x-pem-file")


def signed_text(method: str, url: str, body: str) -> str:
    """Return what is signed. Alloy's template turns an absent body into the word `undefined`."""
    return f"{method.upper()}{url}{body or 'undefined'}"


def sign(private_pem: str, *, method: str, url: str, body: str) -> str:
    """Return the signature in hex: 512 digits for a 2048-bit key."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    text = signed_text(method, url, body).encode()
    return private_key(private_pem).sign(text, padding.PKCS1v15(), hashes.SHA256()).hex()


@lru_cache(maxsize=4)
def private_key(pem: str) -> rsa.RSAPrivateKey:
    """Parse a private key once: parsing costs far more than a signature."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = serialization.load_pem_private_key(pem.encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101 - we made it ourselves
    return key


def public_pem(key: SigningKey) -> str:
    """Return the PEM text that receivers check signatures with."""
    from cryptography.hazmat.primitives import serialization

    public = private_key(key.private_pem).public_key()
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()
