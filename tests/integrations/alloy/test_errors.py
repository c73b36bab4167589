"""The error tree: every class says whether trying again can help."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from integrations.alloy import errors
from integrations.alloy.errors import AlloyError, PermanentError, TemporaryError

CLASSES = [
    each
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, AlloyError)
]


@pytest.mark.parametrize("kind", CLASSES)
def test_temporary_errors_can_be_retried_and_all_others_cannot(kind: type[AlloyError]) -> None:
    assert kind.can_retry is issubclass(kind, TemporaryError)
    assert not issubclass(kind, TemporaryError) or not issubclass(kind, PermanentError)


@pytest.mark.parametrize("kind", CLASSES)
def test_errors_survive_a_trip_between_processes(kind: type[AlloyError]) -> None:
    error = kind("It failed.")
    error.status = 500
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (type(copy), str(copy), copy.status) == (kind, "It failed.", 500)


def test_the_package_needs_no_django() -> None:
    check = "import sys, integrations.alloy; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
