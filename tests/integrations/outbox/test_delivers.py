from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from integrations.alloy import AlloyError, Refused, TemporaryError, Unauthorized
from integrations.outbox import NotYet, delivers
from integrations.outbox.handlers import Result


def test_a_second_function_for_one_kind_is_an_error_at_start() -> None:
    def mine(_: object) -> None: ...

    with pytest.raises(ImproperlyConfigured, match=r"run_event delivers 'event' already"):
        delivers("event")(mine)


@pytest.mark.parametrize("kind", [TemporaryError, Unauthorized, Refused, NotYet])
def test_no_secret_that_alloy_echoes_is_kept(settings: Settings, kind: type[AlloyError]) -> None:
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_TOKENS": ["a-token-that-nobody-guesses"]}
    result = Result.from_alloy(kind("There is no a-token-that-nobody-guesses here."))
    assert result.error == "There is no [masked] here."
