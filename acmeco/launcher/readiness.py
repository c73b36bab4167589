"""How to tell from outside that a process is ready."""

from __future__ import annotations

import celery
import redis
import requests


def http_answers(url: str) -> bool:
    """Whether a GET of this URL is answered with 200."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.get(url, timeout=5, allow_redirects=False).status_code == 200
    except requests.RequestException:
        return False


def redis_answers(url: str) -> bool:
    """Whether a Redis at this URL answers and has loaded its data."""
    try:
        with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def worker_answers(redis_url: str, name: str) -> bool:
    """Whether the Celery worker of this node name takes commands from the broker."""
    with celery.Celery(broker=redis_url, set_as_current=False) as app:
        return bool(app.control.ping(destination=[name], timeout=1.0, limit=1))
