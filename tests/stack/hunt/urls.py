"""AcmeCo's pages, and one that crashes with the key in its hands, since none of AcmeCo's does."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from acmeco.urls import handler400, handler429, handler500  # noqa: F401 -- Django looks here
from tests.stack.hunt.settings import API_KEY


def crash(request: HttpRequest) -> HttpResponse:
    """Fail like a careless page would: with secrets in the message and in the variables."""
    headers = {"Authorization": f"Bearer {API_KEY}"}
    raise RuntimeError(f"Alloy was asked with {headers}, for {request.headers}")


urlpatterns = [path("crash/", crash), path("", include("acmeco.urls"))]
