from __future__ import annotations

from django.apps import AppConfig


class AcmeCoConfig(AppConfig):
    name = "acmeco"
