"""Checks what runs here: database, broker, workers, and whether they keep up."""

from __future__ import annotations

from datetime import timedelta

from django.db import DatabaseError
from django.db.migrations.executor import MigrationExecutor

from integrations import database
from integrations.contrib.doctor.result import Result, failed, ok, skipped
from integrations.outbox import circuit
from integrations.outbox.backlog import age_of_oldest_waiting
from integrations.wake import BROKER_ERRORS, celery, has_broker

LONGEST_WAIT = timedelta(minutes=15)
_SHORT = {"socket_timeout": 1.0, "socket_connect_timeout": 1.0, "max_retries": 0}


def database_is_migrated() -> Result:
    """Reach the database, and compare its tables with what the code expects."""
    connection = database.connection()
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        return failed(f"The database cannot be reached: {error}", "Start it; see DATABASES.")
    if plan:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in plan[:5])
        more = f" and {len(plan) - 5} more" if len(plan) > 5 else ""
        return failed(f"Not applied: {names}{more}.", "Run `manage.py migrate`.")
    return ok(f"The database ({connection.vendor}) has every migration applied.")


def broker_is_there() -> Result:
    """Reach Celery's broker."""
    if not has_broker():
        return skipped(
            "Celery is not installed, or has no broker: `manage.py relay` does the work."
        )
    try:
        with celery.connection_for_write(transport_options=_SHORT) as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except BROKER_ERRORS as error:
        return failed(
            f"The broker cannot be reached: {error}",
            "Start it; see CELERY_BROKER_URL. Until then `manage.py relay` does the work.",
        )
    return ok("The broker takes tasks.")


def workers_answer() -> Result:
    """Ping the workers."""
    if not has_broker():
        return skipped("There are none without a broker.")
    try:
        with celery.connection_for_write(transport_options=_SHORT) as broker:
            answers = celery.control.ping(timeout=1.5, connection=broker) or []
    except BROKER_ERRORS:
        return skipped("They cannot be asked while the broker is away.")
    names = sorted(name for answer in answers for name in answer)
    if names:
        return ok(f"{len(names)} answered: {', '.join(names)}.")
    return failed("No worker answers.", "Start one: `celery --app=<your project> worker`.")


def what_waits_is_sent() -> Result:
    """Look for how long the oldest message has waited: that nobody sends shows in its age."""
    age = age_of_oldest_waiting()
    seconds = f"{age.total_seconds():,.0f} s"
    if age > LONGEST_WAIT and not circuit.is_open():
        return failed(
            f"The oldest message has waited for {seconds}.",
            "Start workers with `celery beat`, one only, or run `manage.py relay`.",
        )
    return ok(f"Nothing has waited for longer than {seconds}.")
