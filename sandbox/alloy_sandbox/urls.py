"""What the sandbox answers.

No pattern ends in a slash: the middleware takes one off the path, and the dated version before it
too, so that every spelling of Alloy's paths arrives here alike.
"""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("alloy_sandbox.embedded.urls")),
    path("", include("alloy_sandbox.connectivity.urls")),
    path("", include("alloy_sandbox.connectivity.consent.urls")),
    path("", include("alloy_sandbox.webhooks.urls")),
    path("", include("alloy_sandbox.hosted.urls")),
    path("", include("alloy_sandbox.dashboard.urls")),
    path("_sandbox/", include("alloy_sandbox.control.urls")),
    path("", include("alloy_sandbox.core.assets")),
]

handler400 = "alloy_sandbox.core.middleware.bad_request"
handler404 = "alloy_sandbox.core.middleware.not_found"
handler500 = "alloy_sandbox.core.middleware.server_error"
