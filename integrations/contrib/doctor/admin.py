"""The doctor's page: a button that runs the checks, and the table of what they found."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from integrations.admin.history import HistoryAdmin
from integrations.doctor.examination import all_is_well, examine


class DoctorPage(HistoryAdmin):
    """Adds the doctor's page beside a model's own, for who may see the model."""

    def get_urls(self) -> list[URLPattern]:
        """Add the doctor's page, for staff only."""
        page = self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self.doctor))
        return [path("doctor/", page, name="integrations_doctor"), *super().get_urls()]

    def doctor(self, request: HttpRequest) -> HttpResponse:
        """Show the button; a POST runs the checks, which takes seconds and asks Alloy."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        findings = examine() if request.method == "POST" else []
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": "Check the set-up",
            "findings": findings,
            "all_is_well": all_is_well(findings),
        }
        return TemplateResponse(request, "admin/integrations/doctor.html", context)
