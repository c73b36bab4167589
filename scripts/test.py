"""Runs all tests, several parts at a time, and tells what ran and what could not be set up.

The parts are processes that need different settings or databases. With CI=true something that
could not be set up is a failure.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from acmeco.launcher.processes import LaunchError  # noqa: E402 -- found through the line above
from tests.services import postgres  # noqa: E402
from tests.services.stack import migrating_once  # noqa: E402

LOGS = PROJECT / "var" / "test-logs"
SANDBOX = "alloy_sandbox.settings"
AT_ONCE = (os.cpu_count() or 1) + 3  # most parts wait for processes of their own now and then
PROCESSES = ("tests/stack", "tests/bench")
IN_PROCESS = [f"--ignore={folder}" for folder in ("tests/browser", *PROCESSES)]
CORE = "tests/integrations"
OUTCOMES = ("failed", "passed", "skipped", "xfailed", "xpassed", "warning", "error")


def main() -> int:
    """Run every part; return the exit code."""
    began = time.monotonic()
    # The longest come first, or one core would have nothing to do at the end.
    parts = {
        "integrations": _pytest(CORE),
        "processes": _pytest(*PROCESSES),
        "browser": _pytest("tests/browser"),
        "acmeco": _pytest("tests", f"--ignore={CORE}", *IN_PROCESS),
        "sandbox": _pytest("-c", "sandbox/pyproject.toml", "sandbox/tests", settings=SANDBOX),
        "chaos": [sys.executable, "-m", "bench.chaos", "--small"],
        "postgresql": _pytest("-m", "postgresql", "tests", *IN_PROCESS),
    }
    missing: list[str] = []
    with ExitStack() as running:
        running.enter_context(migrating_once())
        try:
            url = running.enter_context(postgres.running())
        except LaunchError as error:
            url = ""
            missing.append(f"PostgreSQL: {error}")
            del parts["chaos"], parts["postgresql"]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            outputs = pool.map(lambda name: _run(name, parts[name], url), parts)
            ran = dict(zip(parts, outputs, strict=True))
    for _, output in ran.values():
        skipped = re.findall(r"^SKIPPED \[(\d+)\] .*?: could not set up (.*)$", output, re.M)
        missing += [f"{what} ({number} tests skipped)" for number, what in skipped]
    _report(ran, missing, seconds=time.monotonic() - began)
    is_ci = os.environ.get("CI") == "true"
    return int(any(code for code, _ in ran.values()) or (is_ci and bool(missing)))


def _pytest(*arguments: str, settings: str = "tests.settings") -> list[str]:
    return [sys.executable, "-m", "pytest", "--color=no", "--ds", settings, *arguments]


def _run(name: str, command: list[str], url: str) -> tuple[int, str]:
    """Run a part to its end; return its exit code and what it printed, which is printed here."""
    # One web worker has each page to load once; two of them are `make run`'s, which is a test.
    environment = {**os.environ, "WEB_CONCURRENCY": "1"}
    if name == "postgresql":
        environment["DATABASE_URL"] = url
    log = LOGS / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as file:
        code = subprocess.call(
            command, cwd=PROJECT, env=environment, stdout=file, stderr=subprocess.STDOUT
        )
    print(f"\n######## {name}\n{log.read_text()}", flush=True)
    return code, log.read_text()


def _report(ran: dict[str, tuple[int, str]], missing: list[str], *, seconds: float) -> None:
    print("\n######## summary")
    total = Counter[str]()
    for name, (code, output) in ran.items():
        closing_line = (output.strip().splitlines() or [f"nothing; exit code {code}"])[-1]
        print(f"{name:>12}  {closing_line.strip('= ')}")
        counted = re.findall(rf"(\d+) ({'|'.join(OUTCOMES)})", closing_line)
        if name == "chaos":  # no pytest: counts as one test
            counted = [("1", "failed" if code else "passed")]
        total.update({outcome: int(number) for number, outcome in counted})
    print(f"\nCould not be set up: {len(missing)}")
    for what in missing:
        print(f"  - {what}")
    counts = ", ".join(f"{total[outcome]} {outcome}" for outcome in OUTCOMES if total[outcome])
    closing_line = f" {counts or 'no tests ran'} in {seconds:.2f}s "
    print(f"\n{closing_line:=^80}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
