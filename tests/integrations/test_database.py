"""What is asked of a database that only some drivers can do."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import connection

from integrations.outbox import fast_path


@pytest.mark.parametrize(
    ("vendor", "driver", "is_possible"),
    [
        ("postgresql", "psycopg", True),
        ("postgresql", "psycopg2", False),
        ("sqlite", "sqlite3.dbapi2", False),
    ],
)
def test_two_statements_at_once_are_sent_by_psycopg_3_only(
    monkeypatch: pytest.MonkeyPatch, vendor: str, driver: str, is_possible: bool
) -> None:
    monkeypatch.setattr(connection, "vendor", vendor)
    monkeypatch.setattr(connection, "Database", SimpleNamespace(__name__=driver))
    assert fast_path.is_possible() is is_possible
