"""Decides whether a request to a webhook URL came from Alloy, and from our account there."""

from __future__ import annotations

import hmac
from functools import lru_cache
from urllib.parse import quote

from django.http import HttpRequest

from integrations import conf
from integrations.alloy import PublicKeySource, Transport

_LEGAL_IN_A_PATH = "/:@!$&'()*+,;="  # RFC 3986, section 3.3


def token_is_ours(token: str) -> bool:
    """Compare the token in the URL with each accepted one, in constant time.

    The signature says "from Alloy", but Alloy signs for all its customers with one key: only the
    token, which nobody else knows, says "from our account".
    """
    matches = [hmac.compare_digest(token.encode(), good.encode()) for good in conf.webhook_tokens()]
    return any(matches)


def verify(request: HttpRequest) -> None:
    """Check the signature over method, public URL and raw body.

    Raises `SignatureError`, or `KeyUnavailable` when Alloy's public key cannot be had.
    """
    public_key_source(conf.account()).verify(
        signature_hex=request.headers.get("X-Alloy-Signature", ""),
        method=request.method or "",
        url=public_url(request),
        body=request.body,
    )


def public_url(request: HttpRequest) -> str:
    """Return the URL that Alloy signed: our configured origin, with path and query as they came.

    Never the Host header: behind a proxy it is another one, and a client may forge it. A path
    prefix that a proxy adds or cuts off is part of what is configured, hence `path_info`.
    """
    query = request.META.get("QUERY_STRING", "")
    path = quote(request.path_info, safe=_LEGAL_IN_A_PATH)
    return conf.webhook_base_url() + path + (f"?{query}" if query else "")


@lru_cache(maxsize=4)
def public_key_source(account: conf.Account) -> PublicKeySource:
    """Return this process's cached copy of Alloy's public key."""
    return PublicKeySource(url=account.hosts.public_key_url, transport=Transport())
