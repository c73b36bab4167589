from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from alloy_sandbox.core.operations import operation
from alloy_sandbox.webhooks.keys import public_pem, signing_key


@operation("anybody")
def public_key(request: HttpRequest) -> HttpResponse:
    """The key that checks X-Alloy-Signature, where Alloy's CDN has Alloy's."""
    return HttpResponse(public_pem(signing_key()), content_type="application/x-pem-file")
