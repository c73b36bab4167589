"""The sandbox's own key pair, and the X-Alloy-Signature header, exactly as Alloy documents it.

RSASSA-PKCS1-v1_5 with SHA-256 over method + URL + body, nothing between them, in UTF-8; hex.
Alloy's private key is Alloy's, so the PEM served here differs from Alloy's.
"""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import TYPE_CHECKING

from django.db import transaction
from django.http import HttpResponse

from alloy_sandbox.core.api import Api
from alloy_sandbox.core.models import SigningKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

HEADER = "X-Alloy-Signature"

api = Api("webhooks", who="anybody")


@api.get("security/alloy_public_key.pem")
def public_key() -> HttpResponse:
    """The key that checks X-Alloy-Signature, where Alloy's CDN has Alloy's."""
    return HttpResponse(public_pem(signing_key()), content_type="application/x-pem-file")


def signing_key() -> SigningKey:
    """Return the current key pair, made at the first call and kept in the database."""
    return SigningKey.objects.last() or _make_first()


def rotate() -> SigningKey:
    """Replace the key pair, as Alloy might; JWTs handed out before stay valid."""
    with transaction.atomic():
        kept = signing_key().token_secret
        SigningKey.objects.all().delete()
        return SigningKey.objects.create(private_pem=new_private_pem(), token_secret=kept)


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


@transaction.atomic
def _make_first() -> SigningKey:
    # Looked for again inside the transaction: two threads may have found none.
    return SigningKey.objects.last() or SigningKey.objects.create(
        private_pem=new_private_pem(), token_secret=secrets.token_hex(32)
    )


def new_private_pem() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
