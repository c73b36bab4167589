"""Whether to try again is decided by the service's own word, not by the status alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.contrib.connectivity.provider_errors import Verdict, verdict_on, words_in

PASSES, PERMISSION, FINAL = Verdict


def notion(code: str, status: int = 400) -> dict[str, Any]:
    return {"object": "error", "status": status, "code": code, "message": "x"}


def slack(word: str) -> dict[str, Any]:
    return {"ok": False, "error": word}


def drive(reason: str, **more: Any) -> dict[str, Any]:
    """An error as Google nests it."""
    return {"error": {"code": 403, "errors": [{"domain": "d", "reason": reason}], **more}}


def hubspot(category: str) -> dict[str, Any]:
    return {"status": "error", "message": "x", "category": category}


@pytest.mark.parametrize(
    ("connector", "status", "data", "verdict"),
    [
        ("notion", 409, notion("conflict_error"), PASSES),
        ("notion", 429, notion("rate_limited"), PASSES),
        ("notion", 529, notion("service_overload"), PASSES),
        ("notion", 400, notion("conflict_error"), PASSES),
        ("notion", 500, notion("validation_error"), FINAL),
        ("notion", 403, notion("restricted_resource"), PERMISSION),
        ("notion", 404, notion("object_not_found"), FINAL),
        ("notion", 502, notion("never_heard_of", status=403), PERMISSION),
        ("slack", 200, slack("ratelimited"), PASSES),
        ("slack", 200, slack("rate_limited"), PASSES),
        ("slack", 200, slack("internal_error"), PASSES),
        ("slack", 200, slack("fatal_error"), PASSES),
        ("slack", 200, slack("service_unavailable"), PASSES),
        ("slack", 200, slack("request_timeout"), PASSES),
        ("slack", 200, slack("token_revoked"), PERMISSION),
        ("slack", 200, slack("missing_scope"), PERMISSION),
        ("slack", 200, slack("not_in_channel"), FINAL),
        ("slack", 200, slack("never_heard_of"), FINAL),
        ("googleDrive", 403, drive("userRateLimitExceeded"), PASSES),
        ("googleDrive", 403, drive("rateLimitExceeded", status="PERMISSION_DENIED"), PASSES),
        ("googleDrive", 403, drive("quotaExceeded"), PASSES),
        ("googleDrive", 403, drive("storageQuotaExceeded"), FINAL),
        ("googleDrive", 403, drive("insufficientPermissions"), PERMISSION),
        ("googleDrive", 403, {"error": {"status": "RESOURCE_EXHAUSTED"}}, PASSES),
        ("googleDrive", 403, {"error": {"details": [{"reason": "RATE_LIMIT_EXCEEDED"}]}}, PASSES),
        ("googleDrive", 403, {"error": {"code": 403, "message": "Rate Limit Exceeded"}}, PASSES),
        ("googleDrive", 403, [drive("userRateLimitExceeded")], PASSES),
        ("googleDrive", 403, json.dumps(drive("userRateLimitExceeded")), PASSES),
        ("googleDrive", 400, {"error": "invalid_grant"}, PERMISSION),
        ("notion", 400, {"message": json.dumps(notion("conflict_error"))}, PASSES),
        ("notion", 400, "{", FINAL),
        ("hubspot", 429, hubspot("RATE_LIMITS"), PASSES),
        ("hubspot", 423, hubspot("SOMETHING"), PASSES),
        ("hubspot", 477, hubspot("MIGRATION_IN_PROGRESS"), PASSES),
        ("hubspot", 409, hubspot("CONFLICT"), PASSES),
        ("hubspot", 400, hubspot("VALIDATION_ERROR"), FINAL),
        ("hubspot", 403, hubspot("MISSING_SCOPES"), PERMISSION),
        ("hubspot", 400, {"status": "error", "errorType": "RATE_LIMIT", "message": "x"}, PASSES),
        ("shopify", 200, {"errors": [{"extensions": {"code": "THROTTLED"}}]}, PASSES),
        ("salesforce", 403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "x"}], PASSES),
        ("airtable", 400, {"message": "There is no field rate_limit here"}, FINAL),
        ("airtable", 409, {}, FINAL),
        ("airtable", 503, {}, PASSES),
        ("airtable", 401, None, PERMISSION),
    ],
)
def test_the_services_own_word_decides(
    connector: str, status: int, data: Any, verdict: Verdict
) -> None:
    assert verdict_on(connector, status, data) is verdict


def test_the_most_exact_word_comes_first() -> None:
    assert words_in(drive("rateLimitExceeded", status="X")) == ["rateLimitExceeded", "X"]


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["error", "errors", "reason", "x"]), inner, max_size=4)
    ),
)


@given(JSON)
def test_no_body_is_too_strange(data: Any) -> None:
    assert verdict_on("notion", 400, data) in Verdict
    assert len(words_in(data)) <= 20
