"""Plays Alloy's part: has a webhook signed by the sandbox and posts it, as Alloy would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

from integrations import conf
from integrations.inbox.destinations import destinations

_SECONDS = 15.0


class CannotRehearse(Exception):
    """Nothing could be signed or posted; the message says why."""


@dataclass(frozen=True)
class Answered:
    """What our own webhook answered: its HTTP status and its body."""

    status: int
    body: str


def url_for(kind: str, *, user_id: str) -> str:
    """Return the URL that Alloy was told to post deliveries of a kind to."""
    url = next(each.url for each in destinations() if each.kind == kind)
    return url.replace("{userId}", quote(user_id, safe=""))


def as_javascript_writes(body: Any) -> str:
    """Return JSON as Alloy sends and signs it: no spaces, non-ASCII as it is."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


def post(*, url: str, body: str, headers: Mapping[str, str]) -> Answered:
    """Sign and post a body; return what was answered. Raises `CannotRehearse`."""
    content_type = {"Content-Type": "application/json"}
    signed = {**headers, **content_type, **_signature(url, body)}
    with _session() as session:
        try:
            answer = session.post(
                url, data=body.encode(), headers=signed, timeout=_SECONDS, allow_redirects=False
            )
        except (requests.RequestException, ValueError) as error:
            raise CannotRehearse(
                f"Nobody took it: {type(error).__name__}. Is the site up?"
            ) from None
    return Answered(answer.status_code, answer.text)


def sandbox() -> str:
    """Return the origin of the sandbox that stands in for Alloy. Raises `CannotRehearse`."""
    origin = conf.account().stand_in
    if not origin:
        raise CannotRehearse(
            "This is live: only Alloy has the key that signs its webhooks, so nobody here can"
            " make one up. Take the key out of ALLOY_API_KEY to rehearse with the sandbox."
        )
    return origin


def _signature(url: str, body: str) -> dict[str, str]:
    """Have the sandbox sign: it holds the private half of the key that we check with."""
    origin = sandbox()
    with _session() as session:
        try:
            answer = session.post(
                f"{origin}/_sandbox/signatures", json={"url": url, "body": body}, timeout=_SECONDS
            )
            answer.raise_for_status()
            signed = answer.json()
            return {str(signed["header"]): str(signed["signature"])}
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            raise CannotRehearse(
                f"The sandbox at {origin} did not sign it ({type(error).__name__}). Is it up?"
            ) from None


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # both are on this machine or near: no proxy in between
    return session
