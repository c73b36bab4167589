"""An AcmeCo whose servers stand where they stand in production: behind a pooler, behind TLS."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from acmeco.launcher.parts import free_port, management_part, redis_answers
from acmeco.launcher.processes import Part
from tests.services.postgres import postgres_url
from tests.services.stack import Stack


def _has_tls() -> bool:
    server = shutil.which("redis-server")
    if not server:
        return False
    tried = subprocess.run([server, "--tls-port", "-1", "--port", "0"], capture_output=True)
    return b"Bad directive" not in tried.stdout + tried.stderr


IS_POOLED, IS_ENCRYPTED = bool(shutil.which("pgbouncer")), _has_tls()


class Production(Stack):
    """Every process that production has, a relay included, with settings as in production.

    It reaches PostgreSQL through PgBouncer, which lends a connection for a transaction; and Redis
    by TLS only, whose certificate it checks. Either is left out where it is not installed.
    """

    migrates = True  # through the pooler

    def __init__(self) -> None:
        settings = {"DJANGO_SETTINGS_MODULE": "tests.stack.hunt.settings", "LOG_JSON": "true"}
        super().__init__(postgres=True, environment=settings)
        self._pooler_port = free_port()

    def start_all(self, *, workers: int = 1) -> None:
        """Start everything, what the others need first."""
        self.start("redis", "postgres")
        self.start(*(["pooler"] if IS_POOLED else []))
        self.manage("migrate")
        names = [f"worker-{number}" for number in range(1, workers + 1)]
        self.start("sandbox", "web", "beat", "relay", *names)

    @property
    def database_url(self) -> str:
        flags = "DISABLE_SERVER_SIDE_CURSORS=true"
        pooled = f"postgres://postgres@127.0.0.1:{self._pooler_port}/postgres?{flags}"
        return pooled if IS_POOLED else self.direct_url

    @property
    def direct_url(self) -> str:
        """Where PostgreSQL itself is."""
        return postgres_url(self._postgres_port)

    @property
    def redis_url(self) -> str:
        if not IS_ENCRYPTED:
            return super().redis_url
        return f"rediss://localhost:{self._redis_port}/0?ssl_ca_certs={self._certificate}"

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "DATABASE_DIRECT_URL": self.direct_url}

    @property
    def _certificate(self) -> Path:
        return self.directory / "certificate.pem"

    def _part(self, name: str) -> Part:
        if name == "pooler":
            return self._pooler()
        if name == "relay":
            return management_part("relay --listen-on=direct", self.environment, name="relay")
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
        return Part("redis", command, is_ready=lambda: redis_answers(self.redis_url))
