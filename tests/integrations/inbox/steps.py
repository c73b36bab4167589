"""The steps that the inbox's tests are told in: Alloy signs and posts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from django.http import HttpResponse
from django.test import Client

BASE = "https://acme.example"
TOKEN = "token-of-these-tests"

BILLING_ADDRESS = {"first_name": "Jane", "last_name": "Doe", "email": "jane@shop.example"}
ORDER: dict[str, Any] = {
    "id": 118,
    "status": "Awaiting Fulfillment",
    "date_created": "Tue, 20 Nov 2026 10:00:00 +0000",
    "date_modified": "Tue, 20 Nov 2026 10:00:05 +0000",
    "total_inc_tax": "49.9900",
    "currency_code": "USD",
    "items_total": 2,
    "billing_address": BILLING_ADDRESS,
}


def url_of(kind: str, query: str = "", *, token: str = TOKEN) -> str:
    """Return the URL that Alloy posts deliveries of a kind to."""
    return f"{BASE}/webhooks/alloy/{token}/{kind}/" + (f"?{query}" if query else "")


Headers = dict[str, str]


@dataclass
class Sender:
    """Alloy as a sender of webhooks: it signs what it posts."""

    private_key: RSAPrivateKey
    client: Client

    def sign(self, method: str, url: str, body: bytes) -> str:
        """Return the hex signature over method, URL and body."""
        text = method.encode() + url.encode() + body
        return self.private_key.sign(text, PKCS1v15(), SHA256()).hex()

    def post(
        self, url: str, body: bytes | dict[str, Any], *, headers: Headers | None = None, **how: Any
    ) -> HttpResponse:
        """Post a signed delivery."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        signed = {"X-Alloy-Signature": self.sign("POST", url, content)}
        return self.send("POST", url, content, headers={**signed, **(headers or {})}, **how)

    def send(
        self,
        method: str,
        url: str,
        body: bytes,
        *,
        headers: Headers,
        prefix: str = "",
        **environ: Any,
    ) -> HttpResponse:
        """Send any request, unsigned. `prefix`: the part of the path that a proxy cuts off."""
        parts = urlsplit(url)
        path, query = parts.path.removeprefix(prefix), {"QUERY_STRING": parts.query, **environ}
        answer = self.client.generic(
            method, path, body, "application/json", headers=headers, **query
        )
        return cast(HttpResponse, answer)
