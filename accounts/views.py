"""django-allauth's views, where two visitors want the same address, or one wants a stranger's."""

from __future__ import annotations

from typing import Any

from allauth.account import views
from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


class SignupView(views.SignupView):  # type: ignore[misc]  # allauth comes without types
    """Sign-up: of several who ask for one address at once, one gets it and the others hear so."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().form_valid(form)
        except IntegrityError:
            form.full_clean()  # now it sees who was faster
            response = super().form_valid(form) if form.is_valid() else self.form_invalid(form)
        return response


class EmailView(views.EmailView):  # type: ignore[misc]
    """The page to change one's address: a new one takes the old one's place when it is proved."""

    def _action_primary(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        get_adapter().add_message(
            request,
            messages.ERROR,
            message=_("An address becomes yours by the link we send to it, and in no other way."),
        )


def too_many_tries(request: HttpRequest) -> HttpResponse:
    """Answer what was tried too often from one address: allauth counts by the minute."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "60"
    return response
