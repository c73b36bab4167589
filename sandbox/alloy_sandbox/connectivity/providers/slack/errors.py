"""Slack's refusals: mostly with status 200, and a word for what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from pydantic import ValidationError

from alloy_sandbox.connectivity.errors import Json, ProviderError
from alloy_sandbox.core.models import Account

Run = Callable[..., Json]

WORDS = {401: "invalid_auth", 403: "access_denied", 404: "unknown_method", 429: "ratelimited"}


class Refusal(Exception):
    """Slack's own word for what is wrong, such as "channel_not_found"."""


def says_whether_ok(run: Run) -> Run:
    """Answer as Slack does: `{"ok": true, ...}`, or `{"ok": false, "error": "..."}`."""

    @wraps(run)
    def answered(account: Account, **given: Any) -> Json:
        try:
            return {"ok": True, **run(account, **given)}
        except Refusal as refusal:
            return {"ok": False, "error": str(refusal)}

    return answered


def refuse(error: ValidationError) -> ProviderError:
    """Word a call that Slack would not understand."""
    first = error.errors()[0]
    where = "/".join(str(part) for part in first["loc"])
    body = {
        "ok": False,
        "error": "invalid_arguments",
        "response_metadata": {"messages": [f"[ERROR] {first['msg']} [json-pointer:/{where}]"]},
    }
    return ProviderError(400, "invalid_arguments", body)


def failure(status: int, reason: str = "") -> ProviderError:
    """Return Slack's refusal; with the status 200 it is one that only `ok` tells."""
    word = reason or WORDS.get(status, "internal_error")
    return ProviderError(status, word, {"ok": False, "error": word})
