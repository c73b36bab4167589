from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User


@pytest.fixture(autouse=True)
def _no_broker(woken: object) -> None:
    """No test of the admin needs a worker."""


@pytest.fixture
def viewer_client(db: None) -> Client:
    """Somebody who may look at everything, and do nothing."""
    viewer = User.objects.create_user("viewer@acme.example", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client = Client()
    client.force_login(viewer)
    return client
