"""The sandbox's own key pair. Alloy's private key is Alloy's, so the PEM served here differs."""

from __future__ import annotations

import secrets
from functools import lru_cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import transaction

from alloy_sandbox.core.models import SigningKey


def signing_key() -> SigningKey:
    """Return the current key pair, made at the first call and kept in the database."""
    return SigningKey.objects.last() or _make_first()


def rotate() -> SigningKey:
    """Replace the key pair, as Alloy might; JWTs handed out before stay valid."""
    with transaction.atomic():
        kept = signing_key().token_secret
        SigningKey.objects.all().delete()
        return SigningKey.objects.create(private_pem=_new_private_pem(), token_secret=kept)


@lru_cache(maxsize=4)
def private_key(pem: str) -> rsa.RSAPrivateKey:
    """Parse a private key once: parsing costs far more than a signature."""
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101 - we made it ourselves
    return key


def public_pem(key: SigningKey) -> str:
    """Return the PEM text that receivers check signatures with."""
    public = private_key(key.private_pem).public_key()
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


@transaction.atomic
def _make_first() -> SigningKey:
    # Looked for again inside the transaction: two threads may have found none.
    return SigningKey.objects.last() or SigningKey.objects.create(
        private_pem=_new_private_pem(), token_secret=secrets.token_hex(32)
    )


def _new_private_pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
