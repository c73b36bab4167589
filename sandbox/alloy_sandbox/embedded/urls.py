"""Alloy's Embedded API; where its documents and clients spell a path in two ways, both."""

from __future__ import annotations

from django.urls import path

from alloy_sandbox.core.http import by_method
from alloy_sandbox.embedded.views import (
    credentials,
    events,
    headless,
    integrations,
    logs,
    users,
    workflows,
)

app_name = "embedded"
urlpatterns = [
    path("users", by_method(GET=users.listing, POST=users.create)),
    path("users/batch", by_method(POST=users.create_batch)),
    path(
        "users/<user_id>",
        by_method(GET=users.detail, PUT=users.update, DELETE=users.delete),
    ),
    path("one/users", by_method(GET=users.listing, POST=users.create)),
    path(
        "one/users/<user_id>",
        by_method(GET=users.detail, PUT=users.update, DELETE=users.delete),
    ),
    path("users/<user_id>/token", by_method(GET=users.token)),
    path("user/<user_id>/token", by_method(GET=users.token)),
    path("users/<user_id>/logs", by_method(DELETE=users.delete_logs)),
    path("users/<user_id>/deactivate-workflows", by_method(PUT=users.deactivate_workflows)),
    path(
        "users/<user_id>/integrations/<integration_id>/install-url",
        by_method(GET=users.install_url),
    ),
    path(
        "users/<user_id>/credentials",
        by_method(GET=credentials.listing, POST=credentials.create),
    ),
    path(
        "users/<user_id>/credentials/<name>",
        by_method(GET=credentials.oauth_url, DELETE=credentials.delete),
    ),
    path("credentials/users/<user_id>", by_method(GET=credentials.listing)),
    path("credentials", by_method(GET=credentials.metadata_listing)),
    path("credentials/<name>", by_method(GET=credentials.credential_or_metadata)),
    path("metadata/credentials", by_method(GET=credentials.metadata_listing)),
    path("metadata/credentials/<name>", by_method(GET=credentials.metadata)),
    path("apps", by_method(GET=credentials.apps)),
    path("metadata/apps", by_method(GET=credentials.apps)),
    path("headless/credentials", by_method(POST=credentials.create)),
    path("headless/oauthUrl", by_method(GET=credentials.headless_oauth_url)),
    path("headless/startInstallation", by_method(POST=headless.start)),
    path("headless/completeInstallation", by_method(POST=headless.complete)),
    path("headless/editInstallation", by_method(POST=headless.edit)),
    path("installations", by_method(GET=headless.listing)),
    path("integrations", by_method(GET=integrations.listing)),
    path("integrations/<integration_id>", by_method(GET=integrations.detail)),
    path("workflows", by_method(GET=workflows.listing)),
    path("workflows/activate", by_method(PUT=workflows.activate)),
    path("workflows/deactivate", by_method(PUT=workflows.deactivate)),
    path("workflows/<workflow_id>", by_method(GET=workflows.detail, DELETE=workflows.delete)),
    path("workflows/<workflow_id>/versions", by_method(GET=workflows.versions)),
    path("workflows/<workflow_id>/upgrade", by_method(PUT=workflows.upgrade)),
    path("workflows/<workflow_id>/users", by_method(GET=workflows.users)),
    path("workflows/<workflow_id>/analytics", by_method(GET=workflows.analytics)),
    path("workflows/<workflow_id>/logs", by_method(GET=logs.workflow_logs)),
    path("workflow/<workflow_id>/logs", by_method(GET=logs.workflow_logs)),
    path("workflows/<workflow_id>/errors", by_method(GET=logs.workflow_errors)),
    path("workflows/<workflow_id>/rerun/<execution_id>", by_method(POST=logs.rerun)),
    path("logs", by_method(GET=logs.account_logs)),
    path("logs/<object_id>", by_method(GET=logs.account_log)),
    path("events", by_method(GET=events.listing)),
    path("run/event", by_method(POST=events.run_event)),
    path("run/workflow", by_method(POST=events.run_workflow)),
]
