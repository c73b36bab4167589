"""The settings page. Every view is about nobody but the one who is logged in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.preferences import PreferencesForm
from acmeco.privacy.export import export
from acmeco.privacy.forms import DELETE_LOGS, TypedConfirmation
from integrations.contrib.privacy.selectors import progress_of
from integrations.contrib.privacy.services import Requester, account_erase, logs_erase
from integrations.pages import live
from integrations.pages.live import is_htmx

if TYPE_CHECKING:
    from accounts.models import User


class UserRequest(HttpRequest):
    """A request of somebody who is logged in."""

    user: User


View = Callable[..., HttpResponseBase]


def password_again(view: View) -> View:
    """Decorate a view: the password is asked for, unless it was typed within five minutes.

    For what would hurt most in a browser that was left open. A form is kept meanwhile.
    """
    guarded: View = reauthentication_required(view)  # allauth has no types
    return guarded


@login_required
@require_GET
@never_cache
def settings_page(request: UserRequest) -> HttpResponse:
    """Show the settings; to a poll, how far erasing is, if that has changed."""
    if is_htmx(request):
        return live.answer(request, "settings/_progress.html", _progress(request), also="")
    return _page(request)


@login_required
@require_POST
def preferences(request: UserRequest) -> HttpResponse:
    """Keep the language and the time zone that the merchant reads AcmeCo in."""
    form = PreferencesForm(request.POST, instance=request.user)
    if not form.is_valid():
        return _page(request, status=422, preferences_form=form)
    language = form.save().language
    if language:
        translation.activate(language)
    messages.success(request, _("Your language and your time zone are saved."))
    response = redirect("settings")
    # So that the pages without a login speak it, too.
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE if language else 0,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )
    return response


@login_required
@require_GET
@never_cache
@password_again
def export_data(request: UserRequest) -> HttpResponseBase:
    """Send all data of the merchant as a file."""
    return StreamingHttpResponse(
        export(request.user),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="acmeco-data.json"'},
    )


@login_required
@require_POST
@password_again
def erase_logs(request: UserRequest) -> HttpResponse:
    """Have the merchant's logs deleted at Alloy."""
    form = _logs_form(request)
    if not form.is_valid():
        return _page(request, status=422, logs_form=form)
    logs_erase(tenant=request.user, requested_by=Requester.MERCHANT)
    messages.success(request, _("Your logs are being deleted. You see below when it is done."))
    return redirect("settings")


@login_required
@require_POST
@password_again
def erase_account(request: UserRequest) -> HttpResponse:
    """Delete the merchant's account, here at once and at Alloy as soon as it answers."""
    if request.user.is_staff:
        messages.error(request, _("Operators cannot delete themselves. Ask another one."))
        return redirect("settings")
    form = _account_form(request)
    if not form.is_valid():
        return _page(request, status=422, account_form=form)
    merchant = request.user
    logout(request)
    account_erase(tenant=merchant, requested_by=Requester.MERCHANT)
    messages.success(
        request,
        _(
            "Your account is deleted. What our integration partner holds of it is deleted, too,"
            " usually within seconds."
        ),
    )
    return redirect("home")


def _page(request: UserRequest, *, status: int = 200, **forms: BaseForm) -> HttpResponse:
    context = {
        **_progress(request),
        "preferences_form": PreferencesForm(instance=request.user),
        "logs_form": _logs_form(request),
        "account_form": _account_form(request),
        **forms,
    }
    return render(request, "settings/settings.html", context, status=status)


def _progress(request: UserRequest) -> dict[str, Any]:
    progress = progress_of(request.user)
    under_way = any(each.finished_at is None for each in progress)
    return {"progress": progress, "is_under_way": under_way}


def _logs_form(request: UserRequest) -> TypedConfirmation:
    return TypedConfirmation(
        _posted(request, "erase-logs"), expected=str(DELETE_LOGS), auto_id="logs-%s"
    )


def _account_form(request: UserRequest) -> TypedConfirmation:
    return TypedConfirmation(
        _posted(request, "erase-account"), expected=request.user.email, auto_id="account-%s"
    )


def _posted(request: UserRequest, url_name: str) -> Any:
    """Return what was posted to this form; None for the other form on the page."""
    # Not by resolver_match: a form that waited for the password has that of the password page.
    return request.POST if request.path == reverse(url_name) else None
