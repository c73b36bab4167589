"""What came in and went out, the faults that meet it, and how the sandbox is to behave."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from pydantic import Field

from alloy_sandbox import tunnel
from alloy_sandbox.control import api
from alloy_sandbox.core import faults, openapi, signing_key
from alloy_sandbox.core.api import Body, Json, Positive, Strict, Whole, moment
from alloy_sandbox.core.faults import FaultBody
from alloy_sandbox.core.models import AcceptedEvent, ApiRequest, Fault, WebhookDelivery
from alloy_sandbox.core.preferences import (
    Destinations,
    Preferences,
    Url,
    destinations,
    prefer,
    preferences,
)
from alloy_sandbox.core.selectors import find
from alloy_sandbox.webhooks import keys, queue


class Page(Body):
    """Rows, oldest first: the first `limit` after an id, or without one the newest `limit`."""

    after: Whole | None = None
    limit: Positive = 100_000
    path: str = ""
    kind: str = ""


class DestinationsBody(Destinations, extra="forbid"):
    """The addresses to change."""


class PreferencesBody(Preferences, extra="forbid"):
    """The choices to change."""


class SignBody(Strict):
    """A request as Alloy would send it; `body` as text, byte for byte."""

    method: str = "POST"
    url: Url = Field(min_length=1)
    body: str = ""


@api.get("certificate.pem")
def show_certificate() -> HttpResponse:
    """What a client has to trust that finds the sandbox under Alloy's name, by HTTPS_PROXY."""
    return HttpResponse(tunnel.certificate()[1], content_type="application/x-pem-file")


@api.get("openapi.json")
def show_openapi() -> Json:
    """Everything that is served, as OpenAPI 3.1."""
    return openapi.document()


@api.get("requests")
def list_requests(query: Page) -> Json:
    """The API calls received; `?path=` keeps those whose path contains it."""
    found = _page(ApiRequest.objects.filter(path__contains=query.path), query)
    data = [
        {
            "id": each.pk,
            "method": each.method,
            "path": each.path,
            "query": each.query,
            "status": each.status,
            "milliseconds": round(each.milliseconds, 1),
            "body": readable(each.body),
            "idempotencyKey": each.idempotency_key,
            "fault": each.fault,
            "receivedAt": moment(each.received_at),
        }
        for each in found
    ]
    return {"data": data}


@api.get("events")
def list_events(query: Page) -> Json:
    """The custom events taken, in the order in which they were."""
    data = [
        {
            "id": each.pk,
            "userId": each.user_id,
            "event": each.event,
            "data": each.data,
            "idempotencyKey": each.idempotency_key,
            "acceptedAt": moment(each.accepted_at),
        }
        for each in _page(AcceptedEvent.objects.all(), query)
    ]
    return {"data": data}


@api.get("webhooks")
def list_webhooks(query: Page) -> Json:
    """The webhooks made, with their attempts; `?kind=` keeps one kind."""
    kinds = WebhookDelivery.objects.prefetch_related("attempts")
    found = _page(kinds.filter(kind=query.kind) if query.kind else kinds, query)
    return {"data": [_delivery_json(each) for each in found]}


@api.post("webhooks/<int:delivery_id>/redeliver")
def redeliver(delivery_id: int) -> Json:
    """Send a webhook once more, with the same body."""
    delivery = queue.redeliver(find("Webhook", WebhookDelivery.objects.all(), pk=delivery_id))
    said = "The webhook is on its way again, with the same body and signature."
    return {**_delivery_json(delivery), "message": said}


@api.get("faults")
def list_faults() -> Json:
    return {"data": [fault_json(fault) for fault in Fault.objects.all()]}


@api.post("faults")
def create_fault(body: FaultBody) -> Json:
    fault = body.as_fault()
    fault.save()
    return fault_json(fault)


@api.delete("faults")
def delete_faults() -> Json:
    """Switch every fault off, and begin their dice anew."""
    deleted, _ = Fault.objects.all().delete()
    faults.forget_dice()
    return {"deleted": deleted, "message": "All faults are off."}


@api.delete("faults/<int:fault_id>")
def delete_fault(fault_id: int) -> Json:
    find("Fault", Fault.objects.all(), pk=fault_id).delete()
    return {"deleted": 1, "message": "The fault is off."}


@api.get("destinations")
def show_destinations() -> Json:
    """Where webhooks go."""
    return destinations().model_dump()


@api.put("destinations")
def change_destinations(body: DestinationsBody) -> Json:
    prefer(**body.model_dump(exclude_unset=True))
    return {**destinations().model_dump(), "message": "The destinations are saved."}


@api.get("preferences")
def show_preferences() -> Json:
    """What was chosen where Alloy's sources disagree."""
    return preferences().model_dump(by_alias=True)


@api.put("preferences")
def change_preferences(body: PreferencesBody) -> Json:
    prefer(**body.model_dump(by_alias=True, exclude_unset=True))
    said = "The sandbox behaves like this from now on."
    return {**preferences().model_dump(by_alias=True), "message": said}


@api.post("signing-key")
def rotate_key() -> Json:
    """Sign with a new key pair from now on, as Alloy might one day."""
    return {"publicKey": keys.public_pem(signing_key.rotate())}


@api.post("signatures")
def sign_request(body: SignBody) -> Json:
    """Sign a webhook that somebody else is going to post, as if the sandbox did."""
    pem = signing_key.signing_key().private_pem
    signed = keys.sign(pem, method=body.method, url=body.url, body=body.body)
    return {"header": keys.HEADER, "signature": signed}


def readable(body: str) -> Any:
    """Return a JSON body as JSON, anything else as the text it is."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body


def fault_json(fault: Fault) -> Json:
    return {
        "id": fault.pk,
        "path": fault.path,
        "method": fault.method,
        "does": fault.describe(),
        "acts": fault.acts,
        "times": fault.times,
        "rate": fault.rate,
        "hits": fault.hits,
        "message": f"Switched on for {fault.path}: {fault.describe()}.",
    }


def _delivery_json(delivery: WebhookDelivery) -> Json:
    attempts = [
        {
            "startedAt": moment(each.started_at),
            "milliseconds": round(each.milliseconds, 1),
            "responseStatus": each.response_status,
            "responseBody": each.response_body,
            "error": each.error,
        }
        for each in delivery.attempts.all()
    ]
    return {
        "id": delivery.pk,
        "kind": delivery.kind,
        "userId": delivery.user_id,
        "url": delivery.url,
        "headers": delivery.headers,
        "body": readable(delivery.body),
        "status": delivery.status,
        "createdAt": moment(delivery.created_at),
        "attempts": attempts,
    }


def _page(rows: QuerySet[Any], page: Page) -> list[Any]:
    if page.after is None:
        return list(rows.order_by("-pk")[: page.limit])[::-1]
    return list(rows.filter(pk__gt=page.after).order_by("pk")[: page.limit])
