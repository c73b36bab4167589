from __future__ import annotations

from django.urls import path

from integrations.contrib.links import views

app_name = "alloy_links"
urlpatterns = [
    path("integrations/<str:integration_id>/links/", views.make_link, name="make"),
    path("integrations/<str:integration_id>/links/<int:pk>/", views.link_state, name="state"),
]
