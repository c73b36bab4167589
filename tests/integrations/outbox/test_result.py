from __future__ import annotations

import pytest
from pytest_django import Settings

from integrations.alloy import AlloyError, Refused, TemporaryError, Unauthorized
from integrations.handlers import NotYet
from integrations.result import Result


@pytest.mark.parametrize("kind", [TemporaryError, Unauthorized, Refused, NotYet])
def test_no_secret_that_alloy_echoes_is_kept(settings: Settings, kind: type[AlloyError]) -> None:
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_TOKENS": ["a-token-that-nobody-guesses"]}
    result = Result.from_alloy(kind("There is no a-token-that-nobody-guesses here."))
    assert result.error == "There is no [masked] here."
