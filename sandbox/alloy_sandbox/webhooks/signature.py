"""The X-Alloy-Signature header, exactly as Alloy's documentation has it.

RSASSA-PKCS1-v1_5 with SHA-256 over method + URL + body, nothing between them, in UTF-8; hex.
"""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from alloy_sandbox.webhooks.keys import private_key

HEADER = "X-Alloy-Signature"


def signed_text(method: str, url: str, body: str) -> str:
    """Return what is signed. Alloy's template turns an absent body into the word `undefined`."""
    return f"{method.upper()}{url}{body or 'undefined'}"


def sign(private_pem: str, *, method: str, url: str, body: str) -> str:
    """Return the signature in hex: 512 digits for a 2048-bit key."""
    text = signed_text(method, url, body).encode()
    return private_key(private_pem).sign(text, padding.PKCS1v15(), hashes.SHA256()).hex()
