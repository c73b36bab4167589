"""Checks the signature that Alloy puts on every webhook, and holds the key that checks it.

Alloy signs method, URL and body, joined without separators, with RSASSA-PKCS1-v1_5 over SHA-256,
and sends the signature as hex in X-Alloy-Signature
(docs.runalloy.com/embedded/rsa-header-signature). Three things that page leaves open, and what is
accepted here:

- the case of the method: upper, then lower;
- the URL: the absolute one that Alloy was told to post to;
- an empty body: nothing, or what JavaScript makes of it, ``undefined`` or ``{}``.

The signed text holds no time, so an old delivery stays valid: receivers must be idempotent.
"""

from __future__ import annotations

import hmac
import logging
import re
import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import partial
from hashlib import sha256
from threading import Lock
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from integrations.alloy.call import Call
from integrations.alloy.deadline import Timeouts
from integrations.alloy.errors import AlloyError, KeyUnavailable, PermanentError
from integrations.alloy.http import Transport

logger = logging.getLogger(__name__)

REFETCH_INTERVAL = 60.0
"""Seconds between two fetches while we have a key: forged webhooks must not cause many calls."""

FIRST_FETCH_INTERVAL = 5.0
"""Seconds between two fetches while we have none: until then no webhook can be accepted."""

_SMALLEST_KEY = 2048  # bits
_TIMEOUTS = Timeouts(connect=2, read=3, total=5)

_HEX = re.compile(r"[0-9a-fA-F]+")
# With no separators, a signature over "/orders/" + "{...}" would also fit the URL "/orders/{" and
# the body "...}". No JSON body can be cut so that its head consists of these characters only, nor
# of a variable's name in braces: JavaScript leaves those in a query as they are.
_URL = re.compile(r"https?://(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=%]|\{+[A-Za-z][A-Za-z0-9_.]*\}+)+")


class SignatureFault(StrEnum):
    """The reason that a webhook's signature was refused for, to count and to log."""

    MISSING = "missing"
    MALFORMED = "malformed"
    WRONG_LENGTH = "wrong_length"
    UNSIGNABLE = "unsignable"
    MISMATCH = "mismatch"


class SignatureError(PermanentError):
    """The request was not signed by Alloy, or not for this URL and body; ``reason`` says which."""

    def __init__(self, reason: SignatureFault, message: str) -> None:
        super().__init__(message)
        self.reason = reason


_SIGNED_BY_ANOTHER_KEY = (SignatureFault.MISMATCH, SignatureFault.WRONG_LENGTH)  # perhaps


def verify(
    *, public_key: RSAPublicKey, signature_hex: str, method: str, url: str, body: bytes
) -> None:
    """Return if Alloy signed this request, else raise ``SignatureError`` with its reason.

    ``url`` is the public URL as Alloy has it, query included: build it from a configured origin,
    never from the Host header. ``body`` is the raw body as it came, before any parsing.
    """
    signature = _decoded(signature_hex, length=public_key.key_size // 8)
    if not (method.isascii() and _URL.fullmatch(url)):
        raise SignatureError(SignatureFault.UNSIGNABLE, "Alloy signs no such method or URL.")
    signed = _digest_in(signature, public_key)
    for text in _candidates(method, url, body):
        if hmac.compare_digest(signed, sha256(text).digest()):
            return
    raise SignatureError(
        SignatureFault.MISMATCH, "The signature does not fit this method, URL and body."
    )


def _digest_in(signature: bytes, public_key: RSAPublicKey) -> bytes:
    """Return the digest that was signed: one RSA operation, however many texts it may be of."""
    try:
        return public_key.recover_data_from_signature(signature, PKCS1v15(), SHA256())
    except InvalidSignature as error:
        raise SignatureError(
            SignatureFault.MISMATCH, "The signature was made with another key."
        ) from error


def _decoded(signature_hex: str, *, length: int) -> bytes:
    """Return the signature's bytes. What is not hex of the right length never gets near RSA."""
    if not signature_hex:
        raise SignatureError(SignatureFault.MISSING, "The request carries no signature.")
    if len(signature_hex) != length * 2:
        raise SignatureError(
            SignatureFault.WRONG_LENGTH, f"A signature is {length * 2} hex digits long."
        )
    if not _HEX.fullmatch(signature_hex):
        raise SignatureError(SignatureFault.MALFORMED, "A signature consists of hex digits only.")
    return bytes.fromhex(signature_hex)


def _candidates(method: str, url: str, body: bytes) -> Iterator[bytes]:
    """Yield every text that Alloy may have signed for this request, the likeliest first."""
    bodies = [body] if body else [b"", b"undefined", b"{}"]
    for verb in (method.upper(), method.lower()):
        for content in bodies:
            yield verb.encode() + url.encode() + content


class PublicKeySource:
    """Verifies webhooks with the key found at a URL. Safe to share between threads.

    A signature that does not fit makes it look once, at most every ``REFETCH_INTERVAL``, whether
    Alloy has a new key. While that fails, the old key stays in use.
    """

    def __init__(self, *, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._transport = Transport()
        self._clock = clock
        self._lock = Lock()
        self._key: RSAPublicKey | None = None
        self._next_fetch_at = clock()

    def verify(self, *, signature_hex: str, method: str, url: str, body: bytes) -> None:
        """Return if Alloy signed this request; the arguments are those of ``verify``.

        Raises ``SignatureError`` if it did not, ``KeyUnavailable`` while there is no key.
        """
        check = partial(verify, signature_hex=signature_hex, method=method, url=url, body=body)
        key = self.key()
        try:
            check(public_key=key)
        except SignatureError as error:
            newer = self._newer_than(key) if error.reason in _SIGNED_BY_ANOTHER_KEY else None
            if newer is None:
                raise
            check(public_key=newer)

    def key(self) -> RSAPublicKey:
        """Return the key, fetched if none is held yet. Raises ``KeyUnavailable``."""
        if self._key is not None:
            return self._key
        with self._lock:
            if self._key is None:
                self._fetch_if_due()
            if self._key is None:
                wait = max(self._next_fetch_at - self._clock(), 0.0)
                raise KeyUnavailable("Alloy's public key cannot be fetched now.", retry_after=wait)
            return self._key

    def _newer_than(self, key: RSAPublicKey) -> RSAPublicKey | None:
        """Return the key that replaced the given one, if one did."""
        with self._lock:
            # While this thread waited for the lock, another may have fetched the new one.
            if self._key is key:
                self._fetch_if_due()
            return None if self._key is key else self._key

    def _fetch_if_due(self) -> None:
        """Fetch the key unless that was tried just now; on failure keep what there is."""
        if self._clock() < self._next_fetch_at:
            return
        try:
            fetched = self._fetched()
            if self._key is None or fetched.public_numbers() != self._key.public_numbers():
                self._key = fetched
        except AlloyError as error:
            logger.warning("Alloy's public key could not be fetched: %s", error)
        interval = FIRST_FETCH_INTERVAL if self._key is None else REFETCH_INTERVAL
        self._next_fetch_at = self._clock() + interval

    def _fetched(self) -> RSAPublicKey:
        parts = urlsplit(self._url)
        call = Call(method="GET", base=f"{parts.scheme}://{parts.netloc}", route=parts.path)
        answer = self._transport.send(call, timeouts=_TIMEOUTS)
        if not answer.ok:
            raise answer.error()
        try:
            key = load_pem_public_key(answer.body)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise answer.bad("without a public key in PEM") from error
        if not isinstance(key, RSAPublicKey) or key.key_size < _SMALLEST_KEY:
            raise answer.bad(f"without an RSA key of {_SMALLEST_KEY} bits or more")
        return key
