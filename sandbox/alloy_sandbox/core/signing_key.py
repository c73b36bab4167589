"""The sandbox's own key pair, and the secret of its JWTs; both are kept in the database."""

from __future__ import annotations

import secrets

from django.db import transaction

from alloy_sandbox.core.models import SigningKey


def signing_key() -> SigningKey:
    """Return the current key pair, made at the first call."""
    return SigningKey.objects.last() or _make_first()


def rotate() -> SigningKey:
    """Replace the key pair, as Alloy might; JWTs handed out before stay valid."""
    with transaction.atomic():
        kept = signing_key().token_secret
        SigningKey.objects.all().delete()
        return SigningKey.objects.create(private_pem=new_private_pem(), token_secret=kept)


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
