"""What the sandbox answers.

No pattern ends in a slash: the middleware takes one off the path, and the dated version before it
too, so that every spelling of Alloy's paths arrives here alike.
"""

from __future__ import annotations

from django.contrib.staticfiles.views import serve
from django.urls import include, path

from alloy_sandbox.core import icons

urlpatterns = [
    path("", include("alloy_sandbox.embedded.urls")),
    path("", include("alloy_sandbox.connectivity.urls")),
    path("", include("alloy_sandbox.connectivity.consent.urls")),
    path("", include("alloy_sandbox.webhooks.urls")),
    path("", include("alloy_sandbox.hosted.urls")),
    path("", include("alloy_sandbox.dashboard.urls")),
    path("_sandbox/", include("alloy_sandbox.control.urls")),
    path("icons/<slug:name>.svg", icons.icon),
    path("static/<path:path>", serve, {"insecure": True}),
    path("favicon.ico", icons.icon, {"name": "sandbox"}),
]

handler400 = "alloy_sandbox.core.middleware.bad_request"
handler404 = "alloy_sandbox.core.middleware.not_found"
handler500 = "alloy_sandbox.core.middleware.server_error"
