"""The pages about services and accounts. Every view starts from the request's own tenant."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from integrations.alloy import AlloyError
from integrations.contrib.connectivity import services
from integrations.contrib.connectivity.client import Authentication, Connector
from integrations.contrib.connectivity.connectors import connectors_listed
from integrations.contrib.connectivity.forms import Questions
from integrations.contrib.connectivity.selectors import connections_of
from integrations.pages.access import tenant_of, tenant_required
from integrations.pages.catalogue import catalogue_of
from integrations.pages.live import failed
from integrations.pages.rate_limits import ACTIONS, CONNECTS, limited
from integrations.pages.views import page_for

SESSION_KEY = "connecting"


@tenant_required
@require_GET
def connections_page(request: HttpRequest) -> HttpResponse:
    """Lead to the catalogue, which lists accounts beside integrations."""
    query = {"q": request.GET["q"]} if "q" in request.GET else None
    return redirect(reverse("integrations:list", query=query))


@tenant_required
@require_GET
def service_page(request: HttpRequest, connector_id: str) -> HttpResponse:
    """Show one service: what is done with it, and the accounts there."""
    cards = page_for(request).cards
    found = catalogue_of(tenant_of(request), cards, latest=True).find(connector_id)
    if found is None:
        raise Http404("No such service.")
    if found.card is not None:
        return redirect("integrations:detail", found.card.integration_id)
    return render(
        request, "alloy_connectivity/service.html", {"entry": found, "service": found.service}
    )


@tenant_required
@require_http_methods(["GET", "POST"])
@never_cache
@limited(CONNECTS)
def connect(request: HttpRequest, connector_id: str) -> HttpResponse:
    """Send the browser to where the merchant consents; first ask what has to be known for that."""
    if request.method == "GET":  # somebody who had to log in first, or reloads the questions
        return redirect("alloy_connectivity:service", connector_id)
    connector = connectors_listed().find(connector_id)
    if connector is None:
        raise Http404("No such service.")
    try:
        return _connect(request, connector)
    except AlloyError as error:
        return failed(
            request, _("%(name)s could not be connected.") % {"name": connector.name}, error
        )


@tenant_required
@require_http_methods(["GET", "POST"])
@limited(ACTIONS)
def disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then disconnect the account."""
    connection = get_object_or_404(connections_of(tenant_of(request)), pk=pk)
    if request.method == "GET":
        context = {"connection": connection}
        return render(request, "alloy_connectivity/disconnect.html", context)
    try:
        services.connection_remove(connection=connection)
    except AlloyError as error:
        return failed(
            request, _("%(name)s could not be disconnected.") % {"name": connection.name}, error
        )
    messages.success(request, _("%(name)s is disconnected.") % {"name": connection.name})
    return redirect("integrations:list")


def session_of(request: HttpRequest) -> str:
    """Return what names the browser's session: random, and never sent to anybody."""
    if SESSION_KEY not in request.session:
        request.session[SESSION_KEY] = secrets.token_urlsafe(32)
    return str(request.session[SESSION_KEY])


def _connect(request: HttpRequest, connector: Connector) -> HttpResponse:
    authentication = services.authentication_of(connector)
    if authentication.auth_config_required:
        messages.error(
            request,
            _("%(name)s is not set up here yet. Please tell our support team.")
            % {"name": connector.name},
        )
        return redirect("integrations:list")
    answers: Mapping[str, str] = {}
    if authentication.questions:
        form = _questions(request, authentication)
        if not form.is_valid():
            context = {"form": form, "connector": connector}
            status = 422 if form.is_bound else 200
            return render(request, "alloy_connectivity/questions.html", context, status=status)
        answers = form.cleaned_data
    page = services.connect_begin(
        tenant=tenant_of(request),
        session=session_of(request),
        connector=connector,
        authentication=authentication,
        answers=answers,
        address_of=lambda token: request.build_absolute_uri(
            reverse("alloy_connectivity:callback", args=[token])
        ),
    )
    return redirect(page)


def _questions(request: HttpRequest, authentication: Authentication) -> Questions:
    answered = any(name.startswith("answer-") for name in request.POST)
    return Questions(authentication.questions, request.POST if answered else None)
