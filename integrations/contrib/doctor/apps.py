from __future__ import annotations

from django.apps import AppConfig


class DoctorConfig(AppConfig):
    name = "integrations.contrib.doctor"
    label = "alloy_doctor"
    verbose_name = "Alloy: doctor"
    default_auto_field = "django.db.models.BigAutoField"
