"""Who may see a page here: somebody who is logged in, on behalf of a tenant."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from integrations.tenants import NoTenant

log = structlog.get_logger(__name__)

View = Callable[..., HttpResponse]


def tenant_required(view: View) -> View:
    """Decorate a view: who is not logged in is led to the login, who has no tenant is told so."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NoTenant as error:
            log.warning("no_tenant", user=request.user.pk, reason=str(error))
            return render(request, "integrations/no_tenant.html", {"reason": error}, status=403)

    return login_required(guarded)
