"""JSON under /_sandbox/: everything the dashboard does, for tests and scripts."""

from __future__ import annotations

from django.urls import path

from alloy_sandbox.control import connections, views
from alloy_sandbox.core import openapi
from alloy_sandbox.core.http import by_method

app_name = "control"
urlpatterns = [
    path(
        "catalogue",
        by_method(
            GET=views.show_catalogue, POST=views.add_to_catalogue, PUT=views.replace_catalogue
        ),
    ),
    path("openapi.json", by_method(GET=openapi.show)),
    path("reset", by_method(POST=views.reset)),
    path("installations", by_method(POST=views.install)),
    path("links", by_method(POST=views.create_link)),
    path(
        "stores/<user_id>/orders",
        by_method(GET=views.list_orders, POST=views.create_order),
    ),
    path("workflows/<workflow_id>/releases", by_method(POST=views.create_release)),
    path("workflows/<workflow_id>/executions", by_method(POST=views.create_execution)),
    path(
        "faults",
        by_method(GET=views.list_faults, POST=views.create_fault, DELETE=views.delete_faults),
    ),
    path("faults/<int:fault_id>", by_method(DELETE=views.delete_fault)),
    path(
        "destinations",
        by_method(GET=views.show_destinations, PUT=views.change_destinations),
    ),
    path("requests", by_method(GET=views.list_requests)),
    path("events", by_method(GET=views.list_events)),
    path("webhooks", by_method(GET=views.list_webhooks)),
    path("webhooks/<int:delivery_id>/redeliver", by_method(POST=views.redeliver)),
    path(
        "connections/<user_id>",
        by_method(GET=connections.list_connections, POST=connections.connect),
    ),
    path(
        "connections/<user_id>/<name>",
        by_method(GET=connections.show_contents, DELETE=connections.revoke),
    ),
    path(
        "notion/pages/<uuid:page_id>",
        by_method(PUT=connections.change_page, DELETE=connections.delete_page),
    ),
    path("connectors/<connector_id>/failures", by_method(POST=connections.create_failure)),
    path(
        "preferences",
        by_method(GET=connections.show_preferences, PUT=connections.change_preferences),
    ),
    path("signing-key", by_method(POST=views.rotate_key)),
    path("signatures", by_method(POST=views.sign_request)),
]
