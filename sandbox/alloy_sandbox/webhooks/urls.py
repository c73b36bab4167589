from __future__ import annotations

from django.urls import path

from alloy_sandbox.core.http import by_method
from alloy_sandbox.webhooks import views

app_name = "webhooks"
urlpatterns = [
    path("security/alloy_public_key.pem", by_method(GET=views.public_key), name="public_key")
]
