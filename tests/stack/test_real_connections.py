"""The servers stand where they stand in production: behind a pooler, behind TLS."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from acmeco.launcher.parts import free_port
from acmeco.launcher.processes import Part
from tests.services.sandbox import Sandbox
from tests.services.stack import Stack
from tests.stack.conftest import BIGCOMMERCE, user_id_of
from tests.stack.merchant import Merchant
from tests.stack.waiting import wait_for


def _has_tls() -> bool:
    server = shutil.which("redis-server")
    if not server:
        return False
    tried = subprocess.run([server, "--tls-port", "-1", "--port", "0"], capture_output=True)
    return b"Bad directive" not in tried.stdout + tried.stderr


IS_POOLED, IS_ENCRYPTED = bool(shutil.which("pgbouncer")), _has_tls()


class GuardedStack(Stack):
    """Reaches PostgreSQL through PgBouncer, which lends a connection for a transaction; and Redis
    by TLS only, whose certificate it checks. Either is left out where it is not installed.
    """

    migrates = True  # past the pooler

    def __init__(self) -> None:
        super().__init__(postgres=IS_POOLED)
        self._pooler_port = free_port()

    @property
    def database_url(self) -> str:
        flags = "DISABLE_SERVER_SIDE_CURSORS=true"
        pooled = f"postgres://postgres@127.0.0.1:{self._pooler_port}/postgres?{flags}"
        return pooled if IS_POOLED else super().database_url

    @property
    def environment(self) -> dict[str, str]:
        found = super().environment
        if IS_POOLED:
            found["DATABASE_DIRECT_URL"] = super().database_url
        if IS_ENCRYPTED:
            url = f"rediss://localhost:{self._redis_port}/0?ssl_ca_certs={self._certificate}"
            found["REDIS_URL"] = url
        return found

    @property
    def _certificate(self) -> Path:
        return self.directory / "certificate.pem"

    def _part(self, name: str) -> Part:
        if name == "pooler":
            return self._pooler()
        return self._redis() if name == "redis" and IS_ENCRYPTED else super()._part(name)

    def _pooler(self) -> Part:
        settings = self.directory / "pgbouncer.ini"
        settings.write_text(
            f"""[databases]
* = host=127.0.0.1 port={self._postgres_port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self._pooler_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 200
"""
        )
        return Part("pooler", ["pgbouncer", str(settings)], user="nobody")

    def _redis(self) -> Part:
        key = self.directory / "key.pem"
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
                *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
                *("-keyout", str(key), "-out", str(self._certificate)),
            ],
            check=True,
            capture_output=True,
        )
        command = [
            *("redis-server", "--port", "0", "--tls-port", str(self._redis_port), "--save", ""),
            *("--tls-cert-file", str(self._certificate), "--tls-key-file", str(key)),
            *("--tls-auth-clients", "no"),
        ]
        return Part("redis", command)


@pytest.fixture(scope="module")
def guarded() -> Iterator[Stack]:
    with GuardedStack() as stack:
        stack.start("redis", *(["postgres"] if IS_POOLED else []))
        stack.start(*(["pooler"] if IS_POOLED else []))
        stack.manage("migrate")
        stack.start("sandbox", "web", "worker-1", "beat")
        yield stack


@pytest.mark.skipif(not IS_POOLED, reason="needs pgbouncer")
def test_all_roles_work_through_a_pooler_that_keeps_no_session(guarded: Stack) -> None:
    play_the_loop(guarded, "pooled@shop.example")


@pytest.mark.skipif(not IS_ENCRYPTED, reason="needs a redis-server with TLS")
def test_all_roles_reach_redis_by_tls_and_say_no_word_of_warning(guarded: Stack) -> None:
    play_the_loop(guarded, "encrypted@shop.example")

    for log in ("worker-1", "beat", "web"):
        assert "certificate" not in (guarded.logs / f"{log}.log").read_text().lower()


def play_the_loop(stack: Stack, email: str) -> None:
    """An order comes in, its status goes out."""
    alloy = Sandbox(stack.sandbox_url)
    merchant = Merchant.who_signs_up(stack.url, email)
    user_id = wait_for(lambda: user_id_of(alloy, merchant))
    alloy.install(user_id, BIGCOMMERCE)
    placed = alloy.place_order(user_id)["id"]
    path = wait_for(merchant.orders)[0]
    assert merchant.post(path, status="SHIPPED").status_code == 302
    wait_for(lambda: (placed, "SHIPPED") in {(o["id"], o["status"]) for o in alloy.orders(user_id)})
    alloy.close()
