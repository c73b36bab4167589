"""Rate limits are counted by all processes together, and still counted while Redis is away."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from acmeco.cache import SharedCache


@pytest.fixture(autouse=True)
def _redis_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SharedCache, "retry_at", 0.0)


@pytest.fixture
def cache(redis_url: str) -> Iterator[SharedCache]:
    cache = SharedCache(redis_url, {"KEY_PREFIX": "together"})
    yield cache
    cache._cache.get_client().connection_pool.disconnect()


def test_processes_count_together(cache: SharedCache, redis_url: str) -> None:
    assert cache.add("tries", 1)
    script = (
        "from django.conf import settings; settings.configure();"
        "from acmeco.cache import SharedCache;"
        f"print(SharedCache({redis_url!r}, {{'KEY_PREFIX': 'together'}}).incr('tries'))"
    )
    seen = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert seen.stdout == b"2\n"
    assert cache.incr("tries") == 3


def test_what_allauth_keeps_comes_back_as_it_was(cache: SharedCache) -> None:
    cache.set("history", [3.5, 2.25])
    assert cache.get("history") == [3.5, 2.25]
    assert cache.get("nothing", []) == []


def test_nothing_in_redis_is_unpickled(cache: SharedCache) -> None:
    cache._cache.get_client().set(cache.make_key("planted"), b"cposix\nsystem\n.")
    with pytest.raises(ValueError, match="Expecting value"):
        cache.get("planted")


def test_clearing_leaves_the_queues_that_share_the_redis(cache: SharedCache) -> None:
    cache._cache.get_client().set("celery", b"a task")
    cache.clear()
    assert cache._cache.get_client().get("celery") == b"a task"


def test_without_a_redis_every_process_counts_for_itself() -> None:
    cache = SharedCache("redis://127.0.0.1:1/0", {"KEY_PREFIX": "alone"})
    cache.clear()
    assert cache.add("tries", 1)
    assert [cache.incr("tries"), cache.incr("tries")] == [2, 3]
    assert not cache.add("tries", 1)
