"""What Alloy's CDN serves: the icons, drawn here after nobody's trademark, and the script."""

from __future__ import annotations

from pathlib import Path

from django.contrib.staticfiles.views import serve
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

DRAWINGS = Path(__file__).parent / "drawings"
STATIC = Path(__file__).parents[1] / "static" / "sandbox"
LETTER = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="7" fill="#49566b"/>'
    '<text x="16" y="22" font-family="sans-serif" font-size="17" fill="#fff"'
    ' text-anchor="middle">%s</text></svg>'
)


@require_safe
def icon(request: HttpRequest, name: str) -> HttpResponse:
    """Serve `/icons/<name>.svg`; what nobody has drawn is its first letter."""
    file = DRAWINGS / f"{name}.svg"
    drawn = file.read_bytes() if file.is_file() else LETTER % name[0].upper()
    return HttpResponse(
        drawn, content_type="image/svg+xml", headers={"Cache-Control": "public, max-age=3600"}
    )


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponse((STATIC / "favicon.png").read_bytes(), content_type="image/png")


@require_safe
def embedded_script(request: HttpRequest) -> HttpResponse:
    """Serve the script that opens the modal; it takes its origin from its own address."""
    return HttpResponse(
        (STATIC / "embedded.js").read_bytes(),
        content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )


app_name = "assets"

urlpatterns = [
    path("icons/<slug:name>.svg", icon),
    path("favicon.ico", icon, {"name": "sandbox"}),
    path("favicon.png", favicon),
    path("scripts/embedded.js", embedded_script),
    path("static/<path:path>", serve, {"insecure": True}),
]
