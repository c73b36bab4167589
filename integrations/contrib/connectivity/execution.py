"""Reads the answer to an execution: the service's data, its refusal, or Alloy's own."""

from __future__ import annotations

import re
from typing import Any

from pydantic_core import from_json

from integrations.alloy.call import Answer, retry_after
from integrations.alloy.errors import (
    AlloyError,
    CredentialGone,
    NotFound,
    ProviderBusy,
    ProviderDenied,
    ProviderError,
    Refused,
)
from integrations.alloy.text import clean, mask
from integrations.contrib.connectivity.provider_errors import (
    Verdict,
    may_have_acted,
    verdict_on,
    words_in,
)

LONGEST_MESSAGE = 300
LONGEST_CODE = 64

_GONE = re.compile(r"credential\b.{0,200}\b(not found|does not exist|deleted)", re.IGNORECASE)


def data_of(answer: Answer, *, connector: str, action: str) -> Any:
    """Return the service's JSON out of either envelope, or raise the error that fits.

    The live API answers ``{"executionId", "status", "responseData"}``, its documents say
    ``{"success", "result"}``; both are taken.
    """
    if not answer.ok:
        raise _refusal(answer, connector, action)
    envelope = answer.json()
    data = _unwrapped(envelope, answer)
    if _has_failed(envelope) or _says_no(data):
        raise _provider_error(answer, connector, action, data)
    return data


def _unwrapped(envelope: Any, answer: Answer) -> Any:
    if isinstance(envelope, dict):
        for name in ("responseData", "result"):
            if name in envelope:
                return envelope[name]
        if _has_failed(envelope):
            return envelope.get("error")
    raise answer.bad("with something that is no execution")


def _has_failed(envelope: dict[str, Any]) -> bool:
    return envelope.get("success") is False or envelope.get("status") in ("failed", "error")


def _says_no(data: Any) -> bool:
    """Say whether a service refused with status 200, as Slack (``ok``) or GraphQL (``errors``) do.

    Where Alloy hides the status of the others, their error bodies are known by their form: Notion's
    ``object``, HubSpot's ``status``, Google's ``error``.
    """
    if not isinstance(data, dict):
        return False
    is_error = "error" in (data.get("object"), data.get("status"))
    names_error = bool(data.get("error")) and isinstance(data["error"], dict)
    only_errors = bool(data.get("errors")) and not _has_content(data)
    return data.get("ok") is False or is_error or names_error or only_errors


def _has_content(data: dict[str, Any]) -> bool:
    content = data.get("data")
    return any(content.values()) if isinstance(content, dict) else bool(content)


def _refusal(answer: Answer, connector: str, action: str) -> AlloyError:
    """Tell the service's refusal, which has the service's body in its details, from Alloy's own."""
    error = _error_in(answer)
    if error.get("code") == "ACTION_FAILED" or isinstance(error.get("details"), dict):
        return _provider_error(answer, connector, action, error.get("details"))
    usual = answer.error()
    if isinstance(usual, (NotFound, Refused)) and _GONE.search(usual.detail):
        return CredentialGone(
            f"The {connector} account is no longer connected at Alloy.",
            status=answer.status,
            request_id=answer.request_id,
            detail=usual.detail,
        )
    return usual


def _provider_error(answer: Answer, connector: str, action: str, data: Any) -> AlloyError:
    detail = _shown(_message_in(data), answer) or answer.detail
    code = clean(next(iter(words_in(data)), ""), longest=LONGEST_CODE)
    verdict = verdict_on(connector, answer.status, data)
    if verdict is Verdict.PASSES:
        return ProviderBusy(
            f"{connector} asks to try again later" + (f": {detail}" if detail else "."),
            status=answer.status,
            request_id=answer.request_id,
            detail=detail,
            retry_after=retry_after(answer.headers.get("Retry-After")),
            ambiguous=may_have_acted(answer.status, data),
            connector=connector,
            code=code,
        )
    kind = ProviderDenied if verdict is Verdict.PERMISSION else ProviderError
    return kind(
        f"{connector} refused {action}" + (f": {detail}" if detail else "."),
        status=answer.status,
        request_id=answer.request_id,
        detail=detail,
        connector=connector,
        code=code,
    )


def _error_in(answer: Answer) -> dict[str, Any]:
    try:
        payload = from_json(answer.body)
    except ValueError:
        return {}
    error = payload.get("error") if isinstance(payload, dict) else None
    return error if isinstance(error, dict) else {}


def _message_in(data: Any) -> str:
    """Return the service's own words: ``message``, ``error``, or the first of ``errors``."""
    if isinstance(data, str):
        return data
    if isinstance(data, list):
        return _message_in(data[0]) if data else ""
    if not isinstance(data, dict):
        return ""
    candidates = (data.get(name) for name in ("message", "error", "errors"))
    return next((words for each in candidates if (words := _message_in(each))), "")


def _shown(text: str, answer: Answer) -> str:
    return clean(mask(text, answer.call.key, longest=4000), longest=LONGEST_MESSAGE)
