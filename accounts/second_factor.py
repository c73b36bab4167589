"""The secrets of second factors, encrypted in the database."""

from __future__ import annotations

import secrets
from base64 import b32encode, urlsafe_b64encode

import structlog
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

log = structlog.get_logger(__name__)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # it comes without types
    """Encrypts with a key made from SECRET_KEY: who copies the database cannot make codes."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret, or a random one, so that no code fits, if the key was thrown away."""
        try:
            return _cipher().decrypt(encrypted_text).decode()
        except InvalidToken:
            log.error("second_factor_not_readable", hint="put the old key in SECRET_KEY_FALLBACKS")
            return b32encode(secrets.token_bytes(20)).decode()


def _cipher() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([_cipher_of(key) for key in keys])


def _cipher_of(secret_key: str) -> Fernet:
    derived = salted_hmac(__name__, "second factor", secret=secret_key, algorithm="sha256")
    return Fernet(urlsafe_b64encode(derived.digest()))
