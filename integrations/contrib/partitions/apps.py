from __future__ import annotations

from django.apps import AppConfig


class PartitionsConfig(AppConfig):
    name = "integrations.contrib.partitions"
    label = "alloy_partitions"
    verbose_name = "Alloy: partitions"
