"""The home page: for strangers what AcmeCo is, for merchants what to do next."""

from __future__ import annotations

from zlib import crc32

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import User
from acmeco.start import start_of


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Say what AcmeCo is, or what to do next; a poll is answered only when that changed."""
    if not isinstance(request.user, User):
        return render(request, "home/welcome.html")
    is_poll = request.headers.get("HX-Request") == "true"
    start = start_of(request.user, ask_alloy=not is_poll)
    version = f"{crc32(repr(start).encode()):x}"
    if is_poll and request.GET.get("version") == version:
        return HttpResponse(status=204)
    template = "home/_start.html" if is_poll else "home/start.html"
    return render(request, template, {"start": start, "version": version})
