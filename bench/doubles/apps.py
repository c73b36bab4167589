from __future__ import annotations

from django.apps import AppConfig


class DoublesConfig(AppConfig):
    name = "bench.doubles"

    def ready(self) -> None:
        from bench.doubles import faults, plain
        from bench.doubles.settings import DOUBLE

        {"plain": plain.install, **faults.INSTALL}[DOUBLE]()
