from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from acmeco import csp_reports

pytestmark = pytest.mark.django_db

OLD = {
    "csp-report": {
        "document-uri": "https://acme.example/accounts/confirm-email/S3cret/?q=mine",
        "violated-directive": "script-src",
        "blocked-uri": "https://evil.example/x.js?id=1",
    }
}
NEW = [{"type": "csp-violation", "body": {"documentURL": "https://a/", "blockedURL": "inline"}}]


def report(client: Client, body: Any, kind: str = "application/csp-report") -> int:
    return client.generic("POST", "/csp-report", body, kind).status_code


@pytest.mark.parametrize("body", [OLD, NEW])
def test_a_report_is_logged_without_what_somebody_searched_for(
    body: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert report(Client(enforce_csrf_checks=True), json.dumps(body)) == 204
    [said] = [each.msg for each in caplog.records if "csp_violation" in str(each.msg)]
    assert "?" not in str(said)


@pytest.mark.parametrize("body", [b"", b"\xff", b"[1]", b"{}", b'{"csp-report": []}', b"[" * 9000])
def test_what_is_no_report_is_refused(client: Client, body: bytes) -> None:
    assert report(client, body) == 400


def test_a_report_is_small_and_no_page(client: Client) -> None:
    assert report(client, b" " * (csp_reports.MOST_BYTES + 1)) == 413
    assert client.get("/csp-report").status_code == 405


def test_a_flood_of_reports_is_not_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    statuses = [report(client, json.dumps(OLD)) for _ in range(csp_reports.FROM_ONE.times + 1)]
    assert statuses[-1] == 429
    logged = sum("csp_violation" in str(each.msg) for each in caplog.records)
    assert logged == csp_reports.FROM_ONE.times
