"""The icons of the integrations, drawn for the sandbox: no vendor's logo is copied."""

from __future__ import annotations

from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse

DRAWINGS = {
    path.stem: path.read_bytes() for path in (Path(__file__).parent / "drawings").glob("*.svg")
}


def icon(request: HttpRequest, name: str) -> HttpResponse:
    """Serve `/icons/<name>.svg`, where Alloy's CDN has its icons."""
    if name not in DRAWINGS:
        raise Http404
    return HttpResponse(
        DRAWINGS[name],
        content_type="image/svg+xml",
        headers={"Cache-Control": "public, max-age=3600"},
    )
