"""Checks the signature that Alloy puts on every webhook: pure functions over bytes.

Alloy signs method, URL and body, joined without separators, with RSASSA-PKCS1-v1_5 over SHA-256,
and sends the signature as hex in X-Alloy-Signature (docs.runalloy.com, "RSA header signature").
Three things its documents leave open, and what is accepted here:

- the case of the method: upper, then lower;
- the URL: the absolute one that Alloy was told to post to. Its path alone only on request;
- an empty body: nothing, or what JavaScript makes of it, ``undefined`` or ``{}``.

Nothing in the signed text says when, so an old delivery stays valid: receivers must be idempotent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from integrations.alloy.errors import SignatureError, SignatureFault

_HEX = re.compile(r"[0-9a-fA-F]+")
# With no separators, a signature over "/orders/" + "{...}" would also fit the URL "/orders/{" and
# the body "...}". No JSON body can be cut so that its head consists of these characters only.
_URL = re.compile(r"https?://[A-Za-z0-9\-._~:/?@!$&'()*+,;=%]+")


def verify(
    *,
    public_key: RSAPublicKey,
    signature_hex: str,
    method: str,
    url: str,
    body: bytes,
    accept_path_only: bool = False,
) -> None:
    """Return if Alloy signed this request, else raise ``SignatureError`` with its reason.

    ``url`` is the public URL as Alloy has it, query included: build it from a configured origin,
    never from the Host header. ``body`` is the raw body as it came, before any parsing.
    """
    signature = _decoded(signature_hex, length=public_key.key_size // 8)
    if not (method.isascii() and _URL.fullmatch(url)):
        raise _fault(SignatureFault.UNSIGNABLE, "Alloy signs no such method or URL.")
    for text in _candidates(method, url, body, accept_path_only=accept_path_only):
        try:
            public_key.verify(signature, text, PKCS1v15(), SHA256())
        except InvalidSignature:
            continue
        return
    raise _fault(SignatureFault.MISMATCH, "The signature does not fit this method, URL and body.")


def _decoded(signature_hex: str, *, length: int) -> bytes:
    """Return the signature's bytes. What is not hex of the right length never gets near RSA."""
    if not signature_hex:
        raise _fault(SignatureFault.MISSING, "The request carries no signature.")
    if len(signature_hex) != length * 2:
        raise _fault(SignatureFault.WRONG_LENGTH, f"A signature is {length * 2} hex digits long.")
    if not _HEX.fullmatch(signature_hex):
        raise _fault(SignatureFault.MALFORMED, "A signature consists of hex digits only.")
    return bytes.fromhex(signature_hex)


def _candidates(method: str, url: str, body: bytes, *, accept_path_only: bool) -> Iterator[bytes]:
    """Yield every text that Alloy may have signed for this request, the likeliest first."""
    urls = [url, _path_of(url)] if accept_path_only else [url]
    bodies = [body] if body else [b"", b"undefined", b"{}"]
    for verb in (method.upper(), method.lower()):
        for address in urls:
            for content in bodies:
                yield verb.encode() + address.encode() + content


def _path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def _fault(reason: SignatureFault, message: str) -> SignatureError:
    return SignatureError(message, reason=reason)
