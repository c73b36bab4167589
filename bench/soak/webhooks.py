"""The webhooks: orders as a store streams them, signed with the sandbox's own key.

The sandbox would take half a machine to place so many orders itself. These are in none of its
stores, so nobody changes their status.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bench.chaos.ledgers import OrderKey
from sandbox.stores.sample import sample_order

FIRST_ORDER = 1_000_000
"""Far above the numbers that the stores themselves give."""
PLACED_AT = datetime(2026, 11, 20, tzinfo=UTC)
"""Always the same, so that a body can be made again when its signature is sent."""


@dataclass(frozen=True)
class Webhooks:
    """Makes the n-th webhook; the merchants take turns. `url` is the destination, without query."""

    url: str
    user_ids: tuple[str, ...]
    private_pem: str

    def order(self, number: int) -> OrderKey:
        """Return which order the webhook brings."""
        return self._user_id(number), str(FIRST_ORDER + number)

    def sign(self, numbers: Iterable[int]) -> list[bytes]:
        """Return the signatures of these webhooks: about a millisecond each."""
        key = load_pem_private_key(self.private_pem.encode(), password=None)
        assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101 -- narrows the type
        return [self._signature(key, number) for number in numbers]

    def request(self, number: int, signature: bytes) -> bytes:
        """Return the whole HTTP request."""
        parts = urlsplit(self._url(number))
        body = self._body(number)
        head = (
            f"POST {parts.path}?{parts.query} HTTP/1.1\r\n"
            f"Host: {parts.netloc}\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"X-Alloy-Signature: {signature.hex()}\r\n\r\n"
        )
        return head.encode() + body

    def _signature(self, key: rsa.RSAPrivateKey, number: int) -> bytes:
        signed = f"POST{self._url(number)}".encode() + self._body(number)
        return key.sign(signed, padding.PKCS1v15(), hashes.SHA256())

    def _user_id(self, number: int) -> str:
        return self.user_ids[number % len(self.user_ids)]

    def _url(self, number: int) -> str:
        return f"{self.url}?userId={self._user_id(number)}"

    def _body(self, number: int) -> bytes:
        order = sample_order(FIRST_ORDER + number, PLACED_AT)
        return json.dumps(order, separators=(",", ":"), ensure_ascii=False).encode()


def private_pem(directory: Path) -> str:
    """Return the key that the sandbox signs with, out of its database."""
    with sqlite3.connect(directory / "sandbox.sqlite3") as database:
        return str(database.execute("SELECT private_pem FROM core_signingkey").fetchone()[0])
