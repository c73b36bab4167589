"""The dashboard's pages and the targets of its forms. No pattern ends in a slash."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from alloy_sandbox.dashboard.views import overview, services, settings, stores, traffic, users

app_name = "dashboard"

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("_sandbox", RedirectView.as_view(pattern_name="dashboard:overview")),
    path("dashboard/release", overview.release_version, name="release"),
    path("dashboard/release-with-field", overview.release_with_field, name="release-with-field"),
    path("dashboard/users", users.users, name="users"),
    path("dashboard/users/<str:user_id>", users.user, name="user"),
    path("dashboard/users/<str:user_id>/install", users.install, name="install"),
    path("dashboard/users/<str:user_id>/uninstall", users.uninstall, name="uninstall"),
    path("dashboard/users/<str:user_id>/fail", users.fail, name="fail"),
    path("dashboard/users/<str:user_id>/pause", users.pause, name="pause"),
    path("dashboard/users/<str:user_id>/resume", users.resume, name="resume"),
    path("dashboard/stores", stores.stores, name="stores"),
    path("dashboard/stores/<str:user_id>", stores.store, name="store"),
    path("dashboard/stores/<str:user_id>/orders", stores.place_order, name="place-order"),
    path("dashboard/services", services.services, name="services"),
    path("dashboard/services/answers", services.choose, name="choose"),
    path("dashboard/services/<str:account_id>", services.service, name="service"),
    path("dashboard/services/<str:account_id>/revoke", services.revoke, name="revoke"),
    path("dashboard/services/<str:account_id>/trash", services.move_to_trash, name="trash"),
    path("dashboard/services/<str:account_id>/restore", services.restore, name="restore"),
    path("dashboard/services/<str:account_id>/delete", services.delete_for_good, name="delete"),
    path("dashboard/services/notion/<uuid:page_id>", services.notion_page, name="notion-page"),
    path("dashboard/requests", traffic.requests, name="requests"),
    path("dashboard/requests/<int:pk>", traffic.call, name="request"),
    path("dashboard/webhooks", traffic.webhooks, name="webhooks"),
    path("dashboard/webhooks/<int:pk>", traffic.webhook, name="webhook"),
    path("dashboard/webhooks/<int:pk>/send-again", traffic.send_again, name="send-again"),
    path("dashboard/faults", settings.faults, name="faults"),
    path("dashboard/faults/add", settings.add_fault, name="add-fault"),
    path("dashboard/faults/remove", settings.remove_fault, name="remove-fault"),
    path("dashboard/faults/clear", settings.clear_faults, name="clear-faults"),
    path("dashboard/destinations", settings.destinations, name="destinations"),
    path("dashboard/destinations/save", settings.save_destinations, name="save-destinations"),
    path("dashboard/reset", settings.reset, name="reset"),
    path("dashboard/reset/confirm", settings.confirm_reset, name="confirm-reset"),
]
