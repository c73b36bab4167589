from __future__ import annotations

from unittest.mock import Mock

import pytest
from celery.fixups.django import DjangoFixup
from celery.signals import task_postrun, task_prerun
from celery.utils.dispatch import Signal
from django.db import connection

from acmeco.celery import app

TASK = Mock(**{"request.is_eager": False})


@pytest.mark.django_db
def test_celery_closes_no_database_connection_around_a_task(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    close = Mock()
    monkeypatch.setattr(connection, "close", close)
    celery = DjangoFixup(app).worker_fixup

    for _ in range(3):
        celery.on_task_prerun(TASK)
        celery.on_task_postrun(TASK)

    assert not close.called


@pytest.mark.django_db
@pytest.mark.parametrize("around", [task_prerun, task_postrun])
def test_a_connection_that_broke_or_is_old_is_closed_around_each_task(
    around: Signal, monkeypatch: pytest.MonkeyPatch
) -> None:
    close = Mock()
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", close)

    around.send(TASK)

    assert close.called
