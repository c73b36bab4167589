"""The operators' page: the last day in four charts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from integrations.admin.pages import HistoryAdmin
from integrations.contrib.traffic.charts import last_day
from integrations.contrib.traffic.models import Sample


@admin.register(Sample)
class SampleAdmin(HistoryAdmin):
    """One page, for operators who have the permission to view traffic."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the charts."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        template = "admin/alloy_traffic/traffic.html"
        return self.page(request, template, title="The last day", charts=last_day())

    def get_object(self, *_: Any, **__: Any) -> None:
        """Return None: a single minute has no page."""
