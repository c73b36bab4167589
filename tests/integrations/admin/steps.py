"""What an operator does in the admin, as requests."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.test import Client
from django.urls import reverse


def page_of(row: Model) -> str:
    """The address of a row's page."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def list_of(model: type[Model]) -> str:
    """The address of a model's list."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def look_at(client: Client, address: str, **query: Any) -> str:
    """Open a page, and return its HTML."""
    response = client.get(address, query)
    assert response.status_code == 200, response
    return response.content.decode()


def act(client: Client, action: str, *rows: Model, **more: str) -> str:
    """Take an action on rows, follow the redirect, and return the HTML that comes of it."""
    chosen = {"action": action, "index": "0", "_selected_action": [row.pk for row in rows]}
    response = client.post(list_of(type(rows[0])), {**chosen, **more}, follow=True)
    assert response.status_code == 200, response
    return response.content.decode()


def assert_lists(client: Client, *rows: Model, but: Model | None = None, **query: Any) -> str:
    """Check that a list, so narrowed, holds the rows `but` not another; return its HTML."""
    found = look_at(client, list_of(type(rows[0])), **query)
    assert [each for each in rows if page_of(each) not in found] == []
    assert but is None or page_of(but) not in found
    return found
