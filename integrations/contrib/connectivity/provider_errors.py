"""The error codes of each service, and whether trying again can help.

Services say more in their body than in their status: Google Drive answers 403 to calls that come
too fast, Slack 200 to calls without access. So the first word that the table knows
decides; where it knows none, the status does, for services that are not in the table as well.

Sources: developers.notion.com/reference/status-codes, api.slack.com/methods/chat.postMessage#errors
and chat.update, developers.google.com/workspace/drive/api/guides/handle-errors,
developers.hubspot.com/docs/api-reference/error-handling.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from enum import Enum, auto
from typing import Any

from pydantic_core import from_json


class Verdict(Enum):
    """The remedy for an error."""

    PASSES = auto()  # trying again
    PERMISSION = auto()  # connecting the account again, or being granted more
    FINAL = auto()  # another request only


_TABLE: dict[str, dict[Verdict, str]] = {
    "notion": {
        Verdict.PASSES: """conflict_error rate_limited internal_server_error bad_gateway
            service_unavailable service_overload database_connection_unavailable gateway_timeout""",
        Verdict.PERMISSION: """unauthorized restricted_resource invalid_grant
            insufficient_permissions""",
        Verdict.FINAL: """invalid_json invalid_request_url invalid_request validation_error
            missing_version object_not_found""",
    },
    "slack": {
        Verdict.PASSES: """ratelimited internal_error fatal_error service_unavailable
            request_timeout message_limit_exceeded team_quota_exceeded update_failed
            team_added_to_org org_login_required""",
        Verdict.PERMISSION: """invalid_auth not_authed token_revoked token_expired account_inactive
            missing_scope no_permission not_allowed_token_type access_denied ekm_access_denied
            team_access_not_granted two_factor_setup_required invalid_grant accesslimited""",
        Verdict.FINAL: """channel_not_found not_in_channel is_archived message_not_found
            cant_update_message edit_window_closed msg_too_long no_text invalid_arguments
            restricted_action""",
    },
    "googleDrive": {
        Verdict.PASSES: """userRateLimitExceeded rateLimitExceeded sharingRateLimitExceeded
            dailyLimitExceeded quotaExceeded limitExceeded backendError internalError
            transientError resourceExhausted unavailable aborted deadlineExceeded internal""",
        Verdict.PERMISSION: """authError insufficientPermissions insufficientFilePermissions
            appNotAuthorizedToFile accessTokenScopeInsufficient forbidden unauthenticated
            permissionDenied invalid_grant""",
        Verdict.FINAL: """badRequest invalid notFound storageQuotaExceeded domainPolicy
            accessNotConfigured numChildrenInNonRootLimitExceeded teamDriveFileLimitExceeded
            invalidArgument""",
    },
    "hubspot": {
        # CONFLICT: two changes met. It is said of a contact that exists as well: see the caller.
        Verdict.PASSES: """RATE_LIMITS RATE_LIMIT CONFLICT LOCKED MIGRATION_IN_PROGRESS
            INTERNAL_ERROR TIMEOUT""",
        Verdict.PERMISSION: """INVALID_AUTHENTICATION EXPIRED_AUTHENTICATION MISSING_SCOPES
            USER_DOES_NOT_HAVE_PERMISSIONS invalid_grant""",
        Verdict.FINAL: "VALIDATION_ERROR OBJECT_NOT_FOUND OBJECT_ALREADY_EXISTS",
    },
}

# What services that are not in the table say of calls that come too fast: Shopify, Salesforce, ...
_TOO_FAST = re.compile("ratelimit|requestlimit|throttl|toomanyrequests|serverbusy")

_MAY_HAVE_ACTED = "internal_error fatal_error request_timeout gateway_timeout deadlineExceeded"


def _spelt_alike(word: str) -> str:
    """Fold spellings: Google writes rateLimitExceeded, RATE_LIMIT_EXCEEDED, Rate Limit Exceeded."""
    return word.replace("_", "").replace(" ", "").lower()


_VERDICTS = {
    service: {_spelt_alike(word): v for v, words in table.items() for word in words.split()}
    for service, table in _TABLE.items()
}
_AMBIGUOUS = {_spelt_alike(word) for word in _MAY_HAVE_ACTED.split()}

_NAMES = ("reason", "code", "errorCode", "errorType", "category", "error", "status", "message")
"""The fields that hold the codes, the most exact first."""

_DEEPEST = 8
_MOST = 20


def verdict_on(connector: str, status: int, data: Any) -> Verdict:
    """Return what a service's error means; `data` is the body that it came with."""
    known, words = _VERDICTS.get(connector, {}), words_in(data)
    if verdict := next(filter(None, (known.get(_spelt_alike(word)) for word in words)), None):
        return verdict
    if any(_TOO_FAST.search(_spelt_alike(word)) for word in words if " " not in word):
        return Verdict.PASSES
    return _by_status(_own_status(data) or status)


def may_have_acted(status: int, data: Any) -> bool:
    """Say whether the service may have done what it was asked, although it reports an error."""
    return (status >= 500 and status != 503) or any(
        _spelt_alike(word) in _AMBIGUOUS for word in words_in(data)
    )


def words_in(data: Any) -> list[str]:
    """Return the service's words for what went wrong, the most exact first; at most twenty."""
    found = [(name, word) for name, word in _named(data, _DEEPEST) if isinstance(word, str)]
    return [word for _, word in sorted(found[:_MOST], key=lambda each: _NAMES.index(each[0]))]


def _own_status(data: Any) -> int | None:
    """Return the HTTP status that the service names in its body, which may not be Alloy's."""
    numbers = (number for _, number in _named(data, _DEEPEST) if isinstance(number, int))
    return next((number for number in numbers if 400 <= number < 600), None)


def _named(data: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """Yield the names and values in an error's body and in what it holds: Google nests them.

    A body may be passed on as the text that it came as.
    """
    if isinstance(data, str) and data.startswith(("{", "[")):
        with suppress(ValueError):
            data = from_json(data)
    if isinstance(data, dict) and depth:
        yield from ((name, data[name]) for name in _NAMES if name in data)
        for name in ("error", "errors", "extensions", "details", "message"):
            yield from _named(data.get(name), depth - 1)
    elif isinstance(data, list) and depth:
        for each in data[:_MOST]:
            yield from _named(each, depth - 1)


def _by_status(status: int) -> Verdict:
    if status in (408, 423, 425, 429, 477) or status >= 500:
        return Verdict.PASSES
    return Verdict.PERMISSION if status in (401, 403) else Verdict.FINAL
