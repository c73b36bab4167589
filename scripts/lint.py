"""Every check that needs no test: format, lint, types, imports, migrations, settings, packages.

All of them run, also after one has failed.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

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
MIGRATIONS = ("makemigrations", "--check", "--dry-run")


def main() -> int:
    """Run all checks; return 1 if one found something."""
    results = [
        check("format", "ruff", "format", "--check", "."),
        check("lint", "ruff", "check", "."),
        # As a module: then `tests` is ours, and not the sandbox's.
        check("types of AcmeCo", "python", "-m", "mypy", *acmeco_files(), environment=ACMECO),
        check("types of the sandbox", "mypy", "alloy_sandbox", "tests", directory="sandbox"),
        check("imports between packages", "lint-imports", "--no-cache"),
        check("migrations of AcmeCo", "python", "manage.py", *MIGRATIONS, environment=ACMECO),
        check(
            "settings for production",
            *("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"),
            environment=PRODUCTION,
        ),
        audit(
            *("requirements.txt", "requirements-dev.txt", "requirements-redis.txt"),
            *("requirements-sandbox.txt", "requirements-docs.txt"),
        ),
    ]
    return int(not all(results))


def acmeco_files() -> list[str]:
    """Return what is checked with AcmeCo's settings."""
    packages = ["acmeco", "accounts", "integrations", "meetings", "orders", "scripts", "bench"]
    tests = (PROJECT / "tests").iterdir()
    python = [path for path in tests if path.suffix == ".py" or any(path.rglob("*.py"))]
    return [*packages, *sorted(str(path.relative_to(PROJECT)) for path in python)]


def check(
    name: str,
    tool: str,
    *arguments: str,
    environment: dict[str, str] | None = None,
    directory: str = ".",
) -> bool:
    """Run one tool, print what it says if it complains, and return whether it was content."""
    done = subprocess.run(
        [BIN / tool, *arguments],
        cwd=PROJECT / directory,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return report(name, passed=done.returncode == 0, said=done.stdout)


def audit(*locks: str) -> bool:
    """Ask for known vulnerabilities; say so where nobody answers, for then nothing was checked."""
    files = [argument for lock in locks for argument in ("-r", lock)]
    done = subprocess.run(
        [BIN / "pip-audit", "--disable-pip", "--require-hashes", "--format", "json", *files],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        print("  not checked  known vulnerabilities: pip-audit's service does not answer from here")
        return True
    found = [
        f"{package['name']} {package['version']}: {vulnerability['id']}"
        for package in packages
        for vulnerability in package.get("vulns", [])
    ]
    if found:
        return report("known vulnerabilities", passed=False, said="\n".join(found))
    unknown = sum("skip_reason" in package for package in packages)
    if unknown:
        print(
            f"  not checked  known vulnerabilities of {unknown} of {len(packages)} packages:"
            " pip-audit's service does not know them from here"
        )
        return True
    return report("known vulnerabilities", passed=True, said="")


def report(name: str, *, passed: bool, said: str) -> bool:
    """Print one line for a check, and what it said if it did not pass."""
    print(f"  {'ok' if passed else 'FAILED':<11}  {name}", flush=True)
    if not passed:
        print(said)
    return passed


if __name__ == "__main__":
    sys.exit(main())
