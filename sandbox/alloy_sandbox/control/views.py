"""The handles of the sandbox: start over, install, place orders, release, break, look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse

from alloy_sandbox.control import bodies, shapes
from alloy_sandbox.core import faults, seed
from alloy_sandbox.core.errors import NotFound
from alloy_sandbox.core.http import moment, parse_body, parse_query, read_json
from alloy_sandbox.core.models import AcceptedEvent, ApiRequest, Fault, WebhookDelivery
from alloy_sandbox.core.selectors import (
    find_installation,
    find_integration,
    find_user,
    find_workflow,
)
from alloy_sandbox.embedded import executions, runs, services
from alloy_sandbox.embedded.fields import sample_values
from alloy_sandbox.stores.services import place_order, store_of
from alloy_sandbox.webhooks import keys, queue
from alloy_sandbox.webhooks.destinations import destinations, set_destinations
from alloy_sandbox.webhooks.signature import HEADER, sign


def reset(request: HttpRequest) -> HttpResponse:
    """Forget everything but the signing key, and seed again: the ids stay the same."""
    seed.reset()
    faults.forget_dice()
    return JsonResponse({"message": "The sandbox is as new"})


def install(request: HttpRequest) -> HttpResponse:
    """Do what finishing the modal does, webhook included; required fields are made up."""
    body = parse_body(request, bodies.InstallationBody)
    integration = find_integration(body.integration_id)
    values = {
        workflow.workflow_id: {
            **sample_values(workflow.latest_release),
            **body.field_values.get(workflow.workflow_id, {}),
        }
        for workflow in integration.workflows.prefetch_related("releases")
    }
    installations = services.install(
        user=find_user(body.user_id),
        integration=integration,
        workflow_ids=body.workflow_ids,
        field_values=values,
    )
    return JsonResponse(
        {
            "workflowIds": [each.workflow_id for each in installations],
            "childWorkflowIds": [each.child_workflow_id for each in installations],
        }
    )


def create_order(request: HttpRequest, user_id: str) -> HttpResponse:
    order = place_order(store=store_of(user=find_user(user_id)), fields=read_json(request))
    return JsonResponse(shapes.order_json(order))


def list_orders(request: HttpRequest, user_id: str) -> HttpResponse:
    orders = store_of(user=find_user(user_id)).orders.all()
    return JsonResponse({"data": [shapes.order_json(order) for order in orders]})


def create_release(request: HttpRequest, workflow_id: str) -> HttpResponse:
    body = parse_body(request, bodies.ReleaseBody)
    released = services.release(
        workflow=find_workflow(workflow_id), configurable_fields=body.configurable_fields
    )
    return JsonResponse(
        {
            "workflowId": released.workflow_id,
            "version": released.number,
            "configurableFields": released.configurable_fields,
        }
    )


@transaction.atomic
def create_execution(request: HttpRequest, workflow_id: str) -> HttpResponse:
    """Make a run up, failed when an `error` is given: its log, its error and its webhook."""
    body = parse_body(request, bodies.RunBody)
    installation = find_installation(find_user(body.user_id), find_workflow(workflow_id))
    if body.error:
        execution = executions.begin(installation, body.data, mode="trigger")
        executions.fail(execution=execution, error=body.error)
    else:
        execution = runs.run(installation=installation, data=body.data)
    return JsonResponse({"executionId": execution.execution_id})


def create_link(request: HttpRequest) -> HttpResponse:
    """Make an Alloy Link with a lifetime of one's own, which Alloy's API does not offer."""
    body = parse_body(request, bodies.LinkBody)
    link, url = services.make_link(
        user=find_user(body.user_id),
        integration=find_integration(body.integration_id),
        lifetime=None if body.expires_in is None else timedelta(seconds=body.expires_in),
    )
    return JsonResponse({"url": url, "expiresAt": moment(link.expires_at)})


def list_faults(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"data": [shapes.fault_json(fault) for fault in Fault.objects.all()]})


def create_fault(request: HttpRequest) -> HttpResponse:
    fault = parse_body(request, bodies.FaultBody).as_fault()
    fault.save()
    return JsonResponse(shapes.fault_json(fault))


def delete_faults(request: HttpRequest) -> HttpResponse:
    deleted, _ = Fault.objects.all().delete()
    faults.forget_dice()
    return JsonResponse({"deleted": deleted})


def delete_fault(request: HttpRequest, fault_id: int) -> HttpResponse:
    if not Fault.objects.filter(pk=fault_id).delete()[0]:
        raise NotFound("Fault")
    return JsonResponse({"deleted": 1})


def show_destinations(request: HttpRequest) -> HttpResponse:
    return JsonResponse(destinations())


def change_destinations(request: HttpRequest) -> HttpResponse:
    body = parse_body(request, bodies.DestinationsBody)
    return JsonResponse(set_destinations(urls=body.model_dump(exclude_none=True)))


def list_requests(request: HttpRequest) -> HttpResponse:
    """The API calls received; `?path=` keeps those whose path contains it."""
    page = parse_query(request, bodies.Page)
    found = _page(ApiRequest.objects.filter(path__contains=page.path), page)
    return JsonResponse({"data": [shapes.request_json(each) for each in found]})


def list_events(request: HttpRequest) -> HttpResponse:
    """The custom events taken, in the order in which they were."""
    page = parse_query(request, bodies.Page)
    found = _page(AcceptedEvent.objects.all(), page)
    return JsonResponse({"data": [shapes.event_json(each) for each in found]})


def list_webhooks(request: HttpRequest) -> HttpResponse:
    """The webhooks made, with their attempts; `?kind=` keeps one kind."""
    page = parse_query(request, bodies.Page)
    kinds = WebhookDelivery.objects.prefetch_related("attempts")
    found = _page(kinds.filter(kind=page.kind) if page.kind else kinds, page)
    return JsonResponse({"data": [shapes.delivery_json(each) for each in found]})


def redeliver(request: HttpRequest, delivery_id: int) -> HttpResponse:
    delivery = WebhookDelivery.objects.filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound("Webhook")
    return JsonResponse(shapes.delivery_json(queue.redeliver(delivery=delivery)))


def rotate_key(request: HttpRequest) -> HttpResponse:
    """Sign with a new key pair from now on, as Alloy might one day."""
    return JsonResponse({"publicKey": keys.public_pem(keys.rotate())})


def sign_request(request: HttpRequest) -> HttpResponse:
    """Sign a webhook that somebody else is going to post, as if the sandbox did."""
    body = parse_body(request, bodies.SignBody)
    signed = sign(keys.signing_key().private_pem, method=body.method, url=body.url, body=body.body)
    return JsonResponse({"header": HEADER, "signature": signed})


def _page(rows: QuerySet[Any], page: bodies.Page) -> list[Any]:
    if page.after is None:
        return list(rows.order_by("-pk")[: page.limit])[::-1]
    return list(rows.filter(pk__gt=page.after).order_by("pk")[: page.limit])
