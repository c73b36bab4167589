"""Every check that needs no test. All of them run, also after one has failed."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
ACMECO = {"DJANGO_SETTINGS_MODULE": "tests.settings"}
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "acmeco.settings",
    "DEBUG": "false",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "ALLOWED_HOSTS": "acme.example",
    "ALLOY_API_KEY": "not-a-real-key",
    "ALLOY_SANDBOX_URL": "",
    "ALLOY_WEBHOOK_BASE_URL": "https://acme.example",
    "ALLOY_WEBHOOK_TOKEN": secrets.token_hex(32),
    "EMAIL_URL": "smtp://localhost",
}
PACKAGES = ("acmeco", "accounts", "integrations", "meetings", "orders", "scripts", "bench", "tests")
LOCKS = ("", "-dev", "-redis", "-sandbox", "-docs")


def main() -> int:
    """Run all checks; return 1 if one found something."""
    results = [
        check("format", "ruff", "format", "--check", "."),
        check("lint", "ruff", "check", "."),
        # As a module: then `tests` is ours, and not the sandbox's.
        check("types of AcmeCo", "python", "-m", "mypy", *PACKAGES, environment=ACMECO),
        check("types of the sandbox", "mypy", "alloy_sandbox", "tests", directory="sandbox"),
        check("imports between packages", "lint-imports", "--no-cache"),
        check(
            "migrations of AcmeCo",
            *("python", "manage.py", "makemigrations", "--check", "--dry-run"),
            environment=ACMECO,
        ),
        check(
            "settings for production",
            *("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"),
            environment=PRODUCTION,
        ),
        audit(),
    ]
    return int(not all(results))


def check(name: str, *command: str, **options: Any) -> bool:
    """Run one tool, print what it says if it complains, and return whether it was content."""
    done = run(*command, **options)
    return report(name, passed=done.returncode == 0, said=done.stdout + done.stderr)


def run(
    tool: str, *arguments: str, directory: str = ".", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one tool of `.venv` to its end."""
    return subprocess.run(
        [BIN / tool, *arguments],
        cwd=PROJECT / directory,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def audit() -> bool:
    """Ask for known vulnerabilities; say so where nobody answers, for then nothing was checked."""
    files = [word for name in LOCKS for word in ("-r", f"requirements{name}.txt")]
    done = run("pip-audit", "--disable-pip", "--require-hashes", "--format", "json", *files)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        packages = []
    found = [
        f"{package['name']} {package['version']}: {vulnerability['id']}"
        for package in packages
        for vulnerability in package.get("vulns", [])
    ]
    unknown = sum("skip_reason" in package for package in packages)
    if not found and (unknown or not packages):
        what = f"{unknown} of {len(packages)}" if packages else "all"
        print(f"  not checked  known vulnerabilities of {what} packages: pip-audit cannot ask here")
        return True
    return report("known vulnerabilities", passed=not found, said="\n".join(found))


def report(name: str, *, passed: bool, said: str) -> bool:
    """Print one line for a check, and what it said if it did not pass."""
    print(f"  {'ok' if passed else 'FAILED':<11}  {name}", flush=True)
    if not passed:
        print(said)
    return passed


if __name__ == "__main__":
    sys.exit(main())
