"""Alloy's Connectivity API, at production.runalloy.com. Its users are those of the Embedded API."""

from __future__ import annotations

from django.urls import path

from alloy_sandbox.connectivity import files, passthrough, views
from alloy_sandbox.connectivity.errors import answers_errors
from alloy_sandbox.core.http import View, by_method

app_name = "connectivity"


def calls(**views: View) -> View:
    return answers_errors(by_method(**views))


CONNECTOR = "connectors/<connector_id>"

urlpatterns = [
    path("connectors", calls(GET=views.connectors)),
    path("connectors/files/upload/request", calls(POST=files.request_upload)),
    path("connectors/files/list", calls(GET=files.listing)),
    path("connectors/files/content/<path:s3_key>", calls(PUT=files.upload)),
    path("connectors/files/<path:s3_key>", calls(DELETE=files.delete)),
    path("passthrough", calls(POST=passthrough.passthrough)),
    path(f"{CONNECTOR}/resources", calls(GET=views.resources)),
    path(f"{CONNECTOR}/actions", calls(GET=views.actions)),
    path(f"{CONNECTOR}/actions/<action_id>", calls(GET=views.action)),
    path(f"{CONNECTOR}/actions/<action_id>/execute", calls(POST=views.run_action)),
    path(f"{CONNECTOR}/credentials/metadata", calls(GET=views.credential_metadata)),
    path(
        f"{CONNECTOR}/credentials",
        calls(GET=views.list_credentials, POST=views.create_credential),
    ),
    path(f"{CONNECTOR}/credentials/<credential_id>", calls(DELETE=views.delete_credential)),
]
