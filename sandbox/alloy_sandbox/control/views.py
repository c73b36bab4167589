"""The handles of the sandbox: start over, install, place orders, release, break, look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from alloy_sandbox.control import bodies, services, shapes
from alloy_sandbox.core import seed
from alloy_sandbox.core.catalogue import Catalogue
from alloy_sandbox.core.http import moment, read_json
from alloy_sandbox.core.models import AcceptedEvent, ApiRequest, Fault, WebhookDelivery
from alloy_sandbox.core.operations import Json, operation
from alloy_sandbox.core.selectors import find_integration, find_user
from alloy_sandbox.embedded.services import make_link
from alloy_sandbox.stores.services import store_of
from alloy_sandbox.webhooks import keys
from alloy_sandbox.webhooks.destinations import destinations, set_destinations
from alloy_sandbox.webhooks.signature import HEADER, sign


@operation("anybody")
def reset(request: HttpRequest) -> Json:
    """Forget everything but the signing key, and seed again: the ids stay the same."""
    services.reset()
    return {"message": "The sandbox is as new"}


@operation("anybody")
def show_catalogue(request: HttpRequest) -> Json:
    """What is declared: custom events, integrations with their workflows, connectors."""
    return seed.declared().model_dump(by_alias=True, exclude_none=True)


@operation("anybody")
def add_to_catalogue(request: HttpRequest, body: Catalogue) -> Json:
    """Declare more; what has the name or the id of something that is there changes it."""
    seed.declare(body)
    return {"message": "Declared"}


@operation("anybody")
def replace_catalogue(request: HttpRequest, body: Catalogue) -> Json:
    """Declare this and nothing else."""
    seed.replace(body)
    return {"message": "Declared"}


@operation("anybody")
def install(request: HttpRequest, body: bodies.InstallationBody) -> Json:
    """Do what finishing the modal does, webhook included; required fields are made up."""
    installations = services.install(
        user_id=body.user_id,
        integration_id=body.integration_id,
        workflow_ids=body.workflow_ids,
        field_values=body.field_values,
    )
    return {
        "workflowIds": [each.workflow_id for each in installations],
        "childWorkflowIds": [each.child_workflow_id for each in installations],
    }


@operation("anybody")
def create_order(request: HttpRequest, user_id: str) -> Json:
    order = services.place_order(user_id=user_id, fields=read_json(request))
    return shapes.order_json(order)


@operation("anybody")
def list_orders(request: HttpRequest, user_id: str) -> Json:
    orders = store_of(user=find_user(user_id)).orders.all()
    return {"data": [shapes.order_json(order) for order in orders]}


@operation("anybody")
def create_release(request: HttpRequest, workflow_id: str, body: bodies.ReleaseBody) -> Json:
    released = services.release(workflow_id=workflow_id, fields=body.configurable_fields)
    return {
        "workflowId": released.workflow_id,
        "version": released.number,
        "configurableFields": released.configurable_fields,
    }


@operation("anybody")
def create_execution(request: HttpRequest, workflow_id: str, body: bodies.RunBody) -> Json:
    """Make a run up, failed when an `error` is given: its log, its error and its webhook."""
    execution = services.make_run(
        user_id=body.user_id, workflow_id=workflow_id, data=body.data, error=body.error
    )
    return {"executionId": execution.execution_id}


@operation("anybody")
def create_link(request: HttpRequest, body: bodies.LinkBody) -> Json:
    """Make an Alloy Link with a lifetime of one's own, which Alloy's API does not offer."""
    link, url = make_link(
        user=find_user(body.user_id),
        integration=find_integration(body.integration_id),
        lifetime=None if body.expires_in is None else timedelta(seconds=body.expires_in),
    )
    return {"url": url, "expiresAt": moment(link.expires_at)}


@operation("anybody")
def list_faults(request: HttpRequest) -> Json:
    return {"data": [shapes.fault_json(fault) for fault in Fault.objects.all()]}


@operation("anybody")
def create_fault(request: HttpRequest, body: bodies.FaultBody) -> Json:
    return shapes.fault_json(services.add_fault(body))


@operation("anybody")
def delete_faults(request: HttpRequest) -> Json:
    return {"deleted": services.clear_faults()}


@operation("anybody")
def delete_fault(request: HttpRequest, fault_id: int) -> Json:
    services.remove_fault(fault_id)
    return {"deleted": 1}


@operation("anybody")
def show_destinations(request: HttpRequest) -> Json:
    return destinations()


@operation("anybody")
def change_destinations(request: HttpRequest, body: bodies.DestinationsBody) -> Json:
    return set_destinations(urls=body.model_dump(exclude_none=True))


@operation("anybody")
def list_requests(request: HttpRequest, query: bodies.Page) -> Json:
    """The API calls received; `?path=` keeps those whose path contains it."""
    found = _page(ApiRequest.objects.filter(path__contains=query.path), query)
    return {"data": [shapes.request_json(each) for each in found]}


@operation("anybody")
def list_events(request: HttpRequest, query: bodies.Page) -> Json:
    """The custom events taken, in the order in which they were."""
    found = _page(AcceptedEvent.objects.all(), query)
    return {"data": [shapes.event_json(each) for each in found]}


@operation("anybody")
def list_webhooks(request: HttpRequest, query: bodies.Page) -> Json:
    """The webhooks made, with their attempts; `?kind=` keeps one kind."""
    kinds = WebhookDelivery.objects.prefetch_related("attempts")
    found = _page(kinds.filter(kind=query.kind) if query.kind else kinds, query)
    return {"data": [shapes.delivery_json(each) for each in found]}


@operation("anybody")
def redeliver(request: HttpRequest, delivery_id: int) -> Json:
    return shapes.delivery_json(services.redeliver(delivery_id))


@operation("anybody")
def rotate_key(request: HttpRequest) -> Json:
    """Sign with a new key pair from now on, as Alloy might one day."""
    return {"publicKey": keys.public_pem(keys.rotate())}


@operation("anybody")
def sign_request(request: HttpRequest, body: bodies.SignBody) -> Json:
    """Sign a webhook that somebody else is going to post, as if the sandbox did."""
    signed = sign(keys.signing_key().private_pem, method=body.method, url=body.url, body=body.body)
    return {"header": HEADER, "signature": signed}


def _page(rows: QuerySet[Any], page: bodies.Page) -> list[Any]:
    if page.after is None:
        return list(rows.order_by("-pk")[: page.limit])[::-1]
    return list(rows.filter(pk__gt=page.after).order_by("pk")[: page.limit])
