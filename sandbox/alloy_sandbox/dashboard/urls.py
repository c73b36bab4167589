"""The dashboard's pages and the targets of its forms. No pattern ends in a slash."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from alloy_sandbox.dashboard import actions, pages

app_name = "dashboard"

urlpatterns = [
    path("", pages.overview, name="overview"),
    path("_sandbox", RedirectView.as_view(pattern_name="dashboard:overview")),
    path("dashboard/release", actions.release_version, name="release"),
    path("dashboard/release-with-field", actions.release_with_field, name="release-with-field"),
    path("dashboard/users", pages.users, name="users"),
    path("dashboard/users/<str:user_id>", pages.user, name="user"),
    path("dashboard/users/<str:user_id>/install", actions.install, name="install"),
    path("dashboard/users/<str:user_id>/uninstall", actions.uninstall, name="uninstall"),
    path("dashboard/users/<str:user_id>/fail", actions.fail, name="fail"),
    path("dashboard/users/<str:user_id>/pause", actions.pause, name="pause"),
    path("dashboard/users/<str:user_id>/resume", actions.resume, name="resume"),
    path("dashboard/stores", pages.stores, name="stores"),
    path("dashboard/stores/<str:user_id>", pages.store, name="store"),
    path("dashboard/stores/<str:user_id>/orders", actions.place_order, name="place-order"),
    path("dashboard/services", pages.services, name="services"),
    path("dashboard/services/answers", actions.choose, name="choose"),
    path("dashboard/services/<str:account_id>", pages.service, name="service"),
    path("dashboard/services/<str:account_id>/revoke", actions.revoke, name="revoke"),
    path("dashboard/services/<str:account_id>/trash", actions.move_to_trash, name="trash"),
    path("dashboard/services/<str:account_id>/restore", actions.restore, name="restore"),
    path("dashboard/services/<str:account_id>/delete", actions.delete_for_good, name="delete"),
    path("dashboard/services/notion/<uuid:page_id>", pages.notion_page, name="notion-page"),
    path("dashboard/requests", pages.requests, name="requests"),
    path("dashboard/requests/<int:pk>", pages.call, name="request"),
    path("dashboard/webhooks", pages.webhooks, name="webhooks"),
    path("dashboard/webhooks/<int:pk>", pages.webhook, name="webhook"),
    path("dashboard/webhooks/<int:pk>/send-again", actions.send_again, name="send-again"),
    path("dashboard/faults", pages.faults, name="faults"),
    path("dashboard/faults/add", actions.add_fault, name="add-fault"),
    path("dashboard/faults/remove", actions.remove_fault, name="remove-fault"),
    path("dashboard/faults/clear", actions.clear_faults, name="clear-faults"),
    path("dashboard/destinations", pages.destinations, name="destinations"),
    path("dashboard/destinations/save", actions.save_destinations, name="save-destinations"),
    path("dashboard/reset", pages.reset, name="reset"),
    path("dashboard/reset/confirm", actions.reset, name="confirm-reset"),
]
