from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from integrations.handlers import delivers


def test_a_second_function_for_one_kind_is_an_error_at_start() -> None:
    def mine(_: object) -> None: ...

    with pytest.raises(ImproperlyConfigured, match=r"run_event delivers 'event' already"):
        delivers("event")(mine)
