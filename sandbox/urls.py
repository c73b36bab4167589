"""What the sandbox answers.

No pattern ends in a slash: the middleware takes one off the path, and the dated version before it
too, so that every spelling of Alloy's paths arrives here alike.
"""

from __future__ import annotations

from django.urls import include, path

from sandbox.core import icons

urlpatterns = [
    path("", include("sandbox.embedded.urls")),
    path("", include("sandbox.connectivity.urls")),
    path("", include("sandbox.connectivity.consent.urls")),
    path("", include("sandbox.webhooks.urls")),
    path("", include("sandbox.hosted.urls")),
    path("", include("sandbox.dashboard.urls")),
    path("_sandbox/", include("sandbox.control.urls")),
    path("icons/<slug:name>.svg", icons.icon),
    path("favicon.ico", icons.icon, {"name": "sandbox"}),
]

handler400 = "sandbox.core.middleware.bad_request"
handler404 = "sandbox.core.middleware.not_found"
handler500 = "sandbox.core.middleware.server_error"
