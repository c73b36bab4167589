"""Logs browsers' reports of what the Content-Security-Policy has blocked."""

from __future__ import annotations

from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from pydantic import AliasChoices, BaseModel, Field, TypeAdapter, ValidationError

from acmeco.middleware import size_of
from integrations.pages.rate_limits import Limit, exceeded, visitor

log = structlog.get_logger(__name__)

MOST_BYTES = 16 * 1024
FROM_ONE = Limit("csp-reports", 20)
FROM_ALL = Limit("all-csp-reports", 300)


def _called(*names: str) -> Any:
    return Field(default="", validation_alias=AliasChoices(*names))


class Violation(BaseModel):
    """A blocked request: the fields of `report-uri` and of the Reporting API."""

    document: str = _called("document-uri", "documentURL")
    directive: str = _called("effective-directive", "effectiveDirective", "violated-directive")
    blocked: str = _called("blocked-uri", "blockedURL")
    source: str = _called("source-file", "sourceFile")


class Report(BaseModel):
    """One report, in either format."""

    violation: Violation = Field(validation_alias=AliasChoices("csp-report", "body"))


_REPORTS = TypeAdapter(Report | list[Report])


@csrf_exempt
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Log what was blocked. Anybody may send anything here, so little is read and little logged."""
    if size_of(request) > MOST_BYTES:
        return HttpResponse(status=413)
    if exceeded(FROM_ONE, visitor(request)) or exceeded(FROM_ALL, "everybody"):
        return HttpResponse(status=429)
    try:
        read = _REPORTS.validate_json(request.body)
    except ValidationError:
        return HttpResponse(status=400)
    for report in (read if isinstance(read, list) else [read])[:10]:
        log.warning("csp_violation", **_short(report.violation))
    return HttpResponse(status=204)


def _short(violation: Violation) -> dict[str, str]:
    """Return the fields without queries, which may hold what somebody searched for."""
    return {name: value.partition("?")[0][:200] for name, value in violation}
