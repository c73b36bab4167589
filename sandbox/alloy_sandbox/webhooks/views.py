from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from alloy_sandbox.webhooks.keys import public_pem, signing_key


def public_key(request: HttpRequest) -> HttpResponse:
    """Serve the key that checks X-Alloy-Signature, where Alloy's CDN serves Alloy's."""
    return HttpResponse(public_pem(signing_key()), content_type="application/x-pem-file")
