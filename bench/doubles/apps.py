from __future__ import annotations

from django.apps import AppConfig


class DoublesConfig(AppConfig):
    name = "bench.doubles"

    def ready(self) -> None:
        from bench.doubles import plain, sabotage
        from bench.doubles.settings import DOUBLE

        {"plain": plain.install, **sabotage.INSTALL}[DOUBLE]()
