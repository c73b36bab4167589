"""What most projects begin with: a page that calls Alloy each time, a webhook that writes a row.

Their URLs stand before all of AcmeCo's.
"""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from acmeco import urls
from integrations.client import alloy
from integrations.models import Delivery
from integrations.pages.cards import Card, Page
from integrations.pages.catalogue import catalogue_of
from integrations.pages.health import health_of
from integrations.pages.listing import Wanted, listing_of
from integrations.pages.views import alloy_user_for


@login_required
def integrations_asked_for_each_time(request: HttpRequest) -> HttpResponse:
    """Show the same page as AcmeCo, through the same client and templates, but keep no copy."""
    alloy_user = alloy_user_for(request)
    found = alloy().list_integrations(user_id=alloy_user.user_id)
    cards = [Card(each, health_of(each, failures=[], paused_since={})) for each in found]
    page = Page(ready=True, cards=cards, fetched_at=timezone.now())
    listing = listing_of(catalogue_of(alloy_user.tenant, cards), Wanted.of(request))
    return render(request, "integrations/list.html", {"page": page, "listing": listing})


@csrf_exempt
def webhook_written_down(request: HttpRequest) -> HttpResponse:
    """Do one INSERT into the same table as AcmeCo, and nothing else: anybody may post anything."""
    Delivery.objects.create(
        kind=Delivery.Kind.ORDER,
        environment="plain",
        tenant_id=request.GET["tenant"],
        digest=uuid.uuid4().hex,
        body=request.body,
        due_at=timezone.now(),
    )
    return HttpResponse(status=202)


handler500 = urls.handler500
urlpatterns = [
    path("plain/integrations/", integrations_asked_for_each_time),
    path("plain/webhook/", webhook_written_down),
    *urls.urlpatterns,
]
