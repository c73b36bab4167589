"""Holds Alloy's public key: fetched when first needed, and again when Alloy may have changed it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from threading import Lock
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from integrations.alloy.call import Call
from integrations.alloy.deadline import Timeouts
from integrations.alloy.errors import AlloyError, KeyUnavailable, SignatureError, SignatureFault
from integrations.alloy.signature import verify
from integrations.alloy.transport import Transport

logger = logging.getLogger(__name__)

REFETCH_INTERVAL = 60.0
"""Seconds between two fetches while a key is held: forged webhooks must not make us hammer."""

FIRST_FETCH_INTERVAL = 5.0
"""Seconds between two fetches while none is held: until then every webhook has to be put off."""

_SMALLEST_KEY = 2048  # bits
_SIGNED_BY_ANOTHER_KEY = (SignatureFault.MISMATCH, SignatureFault.WRONG_LENGTH)  # perhaps


class PublicKeySource:
    """Verifies webhooks with the key found at a URL. Safe to share between threads.

    A signature that does not fit makes it look once, at most every ``REFETCH_INTERVAL``, whether
    Alloy has a new key. While that fails, the old key stays in use.
    """

    def __init__(
        self,
        *,
        url: str,
        transport: Transport,
        timeouts: Timeouts | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._transport = transport
        self._timeouts = timeouts or Timeouts(connect=2, read=3, total=5)
        self._clock = clock
        self._lock = Lock()
        self._key: RSAPublicKey | None = None
        self._next_fetch_at = clock()

    def verify(
        self,
        *,
        signature_hex: str,
        method: str,
        url: str,
        body: bytes,
        accept_path_only: bool = False,
    ) -> None:
        """Return if Alloy signed this request; the arguments are those of ``signature.verify``.

        Raises ``SignatureError`` if it did not, ``KeyUnavailable`` while there is no key to tell.
        """
        check = partial(
            verify,
            signature_hex=signature_hex,
            method=method,
            url=url,
            body=body,
            accept_path_only=accept_path_only,
        )
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
                raise KeyUnavailable("Alloy's public key cannot be had now.", retry_after=wait)
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
        answer = self._transport.send(call, timeouts=self._timeouts)
        if not answer.ok:
            raise answer.error()
        try:
            key = load_pem_public_key(answer.body)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise answer.bad("without a public key in PEM") from error
        if not isinstance(key, RSAPublicKey) or key.key_size < _SMALLEST_KEY:
            raise answer.bad(f"without an RSA key of {_SMALLEST_KEY} bits or more")
        return key
