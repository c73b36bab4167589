"""Lets pages be seen by somebody who is logged in, on behalf of a tenant."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.apps import apps
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from integrations import conf

log = structlog.get_logger(__name__)

View = Callable[..., HttpResponse]


class NoTenant(PermissionDenied):
    """Somebody who is logged in belongs to no tenant; the message says so, for people."""


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


def tenant_of(request: HttpRequest) -> Any:
    """Return the tenant a request acts for, by the function that the settings name.

    Raises `NoTenant`: the function found none, or what it found is none.
    """
    model = apps.get_model(conf.tenant_model())
    try:
        tenant = import_string(conf.read().TENANT_OF_REQUEST)(request)
    except ObjectDoesNotExist:
        tenant = None
    name = model._meta.verbose_name
    if tenant is None:
        raise NoTenant(
            _("Your account belongs to no %(tenant)s. Ask whoever manages yours to add you.")
            % {"tenant": name}
        )
    if not isinstance(getattr(tenant, "_wrapped", tenant), model):
        raise NoTenant(
            _("This site does not know which %(tenant)s your account belongs to.")
            % {"tenant": name}
        )
    return tenant


def user_of(request: HttpRequest) -> Any:
    """Return the logged-in user: right where every user is a tenant of their own."""
    return request.user
