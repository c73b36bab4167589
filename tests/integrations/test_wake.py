"""Waking a worker never fails nor delays what was committed, whatever became of the broker."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from threading import Event
from unittest.mock import Mock

import pytest
from celery import current_app
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.test.utils import CaptureQueriesContext
from kombu import pools
from redis import Redis

from acmeco.launcher.processes import Process
from integrations import wake
from integrations.wake import Hint
from tests.needs import need_redis
from tests.services.stack import Stack
from tests.stack.waiting import wait_for


@pytest.fixture(scope="module")
def broker() -> Iterator[Stack]:
    """A Redis of these tests' own, to freeze and to kill."""
    need_redis()
    with Stack() as stack:
        stack.start("redis")
        yield stack


@pytest.fixture(autouse=True)
def _app_at_broker(broker: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(current_app.conf, "broker_url", broker.redis_url)
    monkeypatch.setattr(current_app.conf, "broker_write_url", broker.redis_url)
    monkeypatch.setattr(wake, "_leave_alone_until", 0.0)
    monkeypatch.setattr(wake, "SECONDS_BETWEEN_HINTS", 0.0)
    monkeypatch.setattr(wake, "_next", {})
    monkeypatch.setattr(wake, "_SECONDS_TO_LEAVE_A_DEAD_BROKER_ALONE", 0.0)
    yield
    pools.reset()


@pytest.fixture
def redis(broker: Stack) -> Iterator[Redis]:
    """An empty queue to look into."""
    with Redis.from_url(broker.redis_url) as redis:
        redis.flushall()
        yield redis


@pytest.fixture
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that answers is waited for, however busy the machine is."""
    monkeypatch.setattr(wake, "_SHORT_TIMEOUTS", {"socket_timeout": 60.0, "max_retries": 0})


@pytest.fixture
def frozen(broker: Stack) -> Iterator[Process]:
    """A broker that takes connections and then says nothing; thawed at the end."""
    process = broker.process("redis")
    process.signal(signal.SIGSTOP)
    yield process
    process.signal(signal.SIGCONT)


@pytest.mark.django_db  # loading tasks checks the tables
@pytest.mark.parametrize("hint", Hint)
def test_every_hint_is_the_name_of_a_task(hint: Hint) -> None:
    current_app.loader.import_default_modules()
    assert hint.value in current_app.tasks


def test_without_a_broker_nobody_is_woken_and_nothing_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("broker_url", "broker_write_url"):
        monkeypatch.setattr(current_app.conf, name, None)
    wake.wake(Hint.SEND)
    assert not caplog.records


def test_no_thread_is_held_up_by_a_frozen_broker(frozen: Process) -> None:
    with ThreadPoolExecutor(30) as pool:  # returns while the broker is still frozen
        list(pool.map(lambda _: wake.wake(Hint.PROCESS_DELIVERIES), range(30)))


def test_after_a_frozen_broker_thawed_tasks_reach_it_again(broker: Stack, redis: Redis) -> None:
    process = broker.process("redis")
    process.signal(signal.SIGSTOP)
    wake.wake(Hint.PROCESS_DELIVERIES)
    process.signal(signal.SIGCONT)
    redis.ping()
    wait_for(lambda: reaches_the_broker(redis))


def reaches_the_broker(redis: Redis) -> bool:
    """Wake a worker, and say whether a task for it, of now or of before, is there."""
    wake.wake(Hint.PROCESS_DELIVERIES)
    return redis.llen("celery") > 0


@pytest.mark.usefixtures("_patience")
def test_a_dead_broker_is_left_alone_for_a_while(
    broker: Stack, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wake, "_SECONDS_TO_LEAVE_A_DEAD_BROKER_ALONE", 3600.0)
    broker.kill("redis")
    wake.wake(Hint.PROCESS_DELIVERIES)
    broker.start("redis")
    before = redis.llen("celery")
    wake.wake(Hint.PROCESS_DELIVERIES)
    assert redis.llen("celery") == before, "it was asked again at once"
    monkeypatch.setattr(wake, "_leave_alone_until", 0.0)
    wake.wake(Hint.PROCESS_DELIVERIES)
    assert redis.llen("celery") == before + 1


@pytest.mark.usefixtures("_patience")
def test_threads_share_the_broker(redis: Redis) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: wake.wake(Hint.PROCESS_DELIVERIES), range(100)))
    assert redis.llen("celery") == 100


@pytest.mark.usefixtures("_patience")
def test_hints_that_come_thick_and_fast_are_few_and_the_last_is_sent(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wake, "SECONDS_BETWEEN_HINTS", 60.0)
    monkeypatch.setattr(wake, "_next", {})
    timer = Mock()
    monkeypatch.setattr("threading.Timer", timer)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: wake.wake(Hint.SEND), range(100)))
    assert redis.llen("celery") == 1
    assert timer.call_count == 1, "one more leaves later, for all that came after the first"
    assert 0 < timer.call_args.args[0] <= 60


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by", [transaction.atomic, nullcontext], ids=["in one", "without"])
def test_who_listens_is_told_of_what_was_committed_in_a_transaction_or_without(
    by: Callable[[], AbstractContextManager[None]],
) -> None:
    if connection.vendor != "postgresql":
        wake.listen({}, stop=Event(), using="default")  # returns at once
        return
    heard, stop = Event(), Event()
    with ThreadPoolExecutor(1) as pool:
        listening = pool.submit(
            wake.listen, {Hint.SEND: heard.set}, stop=stop, using=DEFAULT_DB_ALIAS
        )
        while not heard.wait(0.1):  # until it listens
            with by():
                wake.after_commit(Hint.SEND)
        stop.set()
        listening.result()


@pytest.mark.django_db(transaction=True)
def test_no_transaction_that_gives_a_hint_has_to_commit_alone() -> None:
    """As PostgreSQL would have it, were the notification a part of it."""
    everything, inside = CaptureQueriesContext(connection), CaptureQueriesContext(connection)
    with everything, transaction.atomic(), inside:
        wake.after_commit(Hint.SEND)
    assert len(inside) == 0
    is_postgres = connection.vendor == "postgresql"
    assert sum("NOTIFY" in each["sql"] for each in everything.captured_queries) == int(is_postgres)


@pytest.mark.usefixtures("_patience")
@pytest.mark.django_db(transaction=True)
def test_the_task_leaves_after_the_commit_and_not_before(redis: Redis) -> None:
    with transaction.atomic():
        wake.after_commit(Hint.PROCESS_DELIVERIES)
        assert redis.llen("celery") == 0
    assert redis.llen("celery") == 1


@pytest.mark.django_db(transaction=True)
def test_whatever_goes_wrong_after_the_commit_stays_there(monkeypatch: pytest.MonkeyPatch) -> None:
    explode = Mock(side_effect=AttributeError("of a library"))
    monkeypatch.setattr(wake, "wake", explode)
    with transaction.atomic():
        wake.after_commit(Hint.PROCESS_DELIVERIES)
        wake.after_commit(Hint.PROCESS_DELIVERIES)
    assert explode.call_count == 2
