"""What the sandbox answers, package by package.

No pattern ends in a slash: the middleware takes one off the path, and the dated version before it
too, so that every spelling of Alloy's paths arrives here alike.
"""

from __future__ import annotations

from django.urls import include, path

from alloy_sandbox.connectivity import consent
from alloy_sandbox.connectivity import urls as connectivity
from alloy_sandbox.control import urls as control
from alloy_sandbox.dashboard import pages
from alloy_sandbox.embedded import urls as embedded
from alloy_sandbox.hosted import views as hosted
from alloy_sandbox.webhooks import keys

urlpatterns = [
    path("", include(embedded.urls)),
    path("", include(connectivity.urls)),
    path("", include(consent.urls)),
    path("", include(keys.api.urls)),
    path("", include(hosted.urls)),
    path("", include(pages.urls)),
    path("", include(control.urls)),
    path("", include("alloy_sandbox.core.assets")),
]

handler400 = "alloy_sandbox.core.middleware.bad_request"
handler404 = "alloy_sandbox.core.middleware.not_found"
handler500 = "alloy_sandbox.core.middleware.server_error"
