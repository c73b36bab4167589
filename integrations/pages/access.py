"""Finds the tenant that a request acts for, and shows pages only to users of one."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from functools import wraps
from types import NoneType
from typing import Any

import structlog
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, ObjectDoesNotExist, PermissionDenied
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from integrations import conf, database

log = structlog.get_logger(__name__)

View = Callable[..., HttpResponse]


class NoTenant(PermissionDenied):
    """Somebody who is logged in belongs to no tenant; the message says so, for people."""


def tenant_required(view: View) -> View:
    """Decorate a view: visitors are sent to the login; users without a tenant get 403, and why."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        refuse_other_charsets(request)
        try:
            return view(request, *args, **kwargs)
        except NoTenant as error:
            log.warning("no_tenant", user=request.user.pk, reason=str(error))
            return render(request, "integrations/no_tenant.html", {"reason": error}, status=403)

    return database.outside_transactions(login_required(guarded))


def refuse_other_charsets(request: HttpRequest) -> None:
    """Raise `BadRequest` unless it is UTF-8: others bring what can be neither shown nor stored."""
    if codecs.lookup(request.encoding or "utf-8").name != "utf-8":
        raise BadRequest("What is said in another charset than UTF-8 is not read.")


def tenant_of(request: HttpRequest) -> Any:
    """Return the tenant a request acts for, by the function that the settings name.

    Raises `NoTenant` if the function fails, finds none, or finds something else than a tenant.
    """
    model = conf.tenant_class()
    try:
        tenant = import_string(conf.read().TENANT_OF_REQUEST)(request)
        is_none = isinstance(tenant, NoneType)  # this evaluates one that is lazy
    except ObjectDoesNotExist:
        is_none = True
    except (DatabaseError, Http404, PermissionDenied):
        raise
    except Exception as error:
        log.exception("tenant_of_request_failed", function=conf.read().TENANT_OF_REQUEST)
        tenant, is_none = error, False
    name = model._meta.verbose_name
    if is_none:
        raise NoTenant(
            _("Your account belongs to no %(tenant)s. Ask whoever manages yours to add you.")
            % {"tenant": name}
        )
    if not isinstance(tenant, model):
        raise NoTenant(
            _("This site does not know which %(tenant)s your account belongs to.")
            % {"tenant": name}
        )
    return tenant


def user_of(request: HttpRequest) -> Any:
    """Return the logged-in user: the default, for projects in which each user is a tenant."""
    return request.user
