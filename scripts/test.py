"""Runs all tests, sets up what they need, and tells what it could not set up.

The tests are run in rooms: processes that need different settings or databases, two at a time. With
CI=true something that could not be set up is a failure.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from acmeco.launcher.parts import free_port  # noqa: E402 -- found through the line above
from acmeco.launcher.processes import LaunchError, Part, Processes  # noqa: E402
from tests.services.postgres import postgres_part, postgres_url  # noqa: E402

SANDBOX = "sandbox/pyproject.toml"
LOGS = PROJECT / "var" / "test-logs"
AT_ONCE = 2
ON_EVERY_CORE = ("-n", str(os.cpu_count() or 1), "--dist", "loadfile")
OUTCOMES = ("failed", "passed", "skipped", "xfailed", "xpassed", "warning", "error")


@dataclass
class Room:
    """One process that tests something, and what came of it."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    exit_code: int | None = None
    output: str = ""

    @property
    def passed(self) -> bool:
        """Whether there were tests, and all of them passed."""
        return self.exit_code == 0

    @property
    def outcomes(self) -> Counter[str]:
        """How many tests had which outcome; a program that is no pytest counts as one."""
        if "pytest" not in self.command:
            return Counter({"passed" if self.passed else "failed": 1})
        counted = re.findall(rf"(\d+) ({'|'.join(OUTCOMES)})", self.closing_line)
        return Counter({outcome: int(number) for number, outcome in counted})

    @property
    def closing_line(self) -> str:
        """The room's own last word."""
        lines = self.output.strip().splitlines()
        return lines[-1] if lines else f"nothing was printed; exit code {self.exit_code}"

    @property
    def not_set_up(self) -> list[str]:
        """What this room's tests went without, with the number of tests that were skipped."""
        found = re.findall(r"^SKIPPED \[(\d+)\] .*?: could not set up (.*)$", self.output, re.M)
        return [f"{what} ({number} tests skipped)" for number, what in found]


def main() -> int:
    """Run every room; return the exit code."""
    began = time.monotonic()
    missing: list[str] = []
    with tempfile.TemporaryDirectory(prefix="acmeco-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o755)  # PostgreSQL may have to run as another user
        with Processes(logs=LOGS) as processes:
            rooms = [
                Room("sqlite", _pytest("tests.settings", "-m", "not browser", *ON_EVERY_CORE)),
                Room("browser", _pytest("tests.settings", "-m", "browser")),
                Room("sandbox", _pytest("alloy_sandbox.settings", "-c", SANDBOX, "sandbox/tests")),
            ]
            try:
                url = _start_postgres(processes, Path(directory))
            except LaunchError as error:
                missing.append(f"PostgreSQL: {error}")
            else:
                marked = ("-m", "postgresql and not browser")
                command = _pytest("tests.settings", *marked, *ON_EVERY_CORE)
                rooms.append(Room("postgresql", command, {"DATABASE_URL": url}))
                rooms.append(Room("chaos", [sys.executable, "-m", "bench.chaos", "--small"]))
            _run(rooms, processes)
    for room in rooms:
        missing += room.not_set_up
    _report(rooms, missing, seconds=time.monotonic() - began)
    return int(
        not all(room.passed for room in rooms) or (bool(missing) and os.environ.get("CI") == "true")
    )


def _pytest(settings: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "--color=no", "--ds", settings, *arguments]


def _start_postgres(processes: Processes, directory: Path) -> str:
    port = free_port()
    processes.start(postgres_part(port=port, directory=directory / "postgres"))
    processes.wait_until_ready()
    return postgres_url(port)


def _run(rooms: list[Room], processes: Processes) -> None:
    waiting, running = list(rooms), list[Room]()
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            room = waiting.pop(0)
            processes.start(Part(room.name, room.command, room.environment))
            running.append(room)
        for room in [
            room for room in running if processes.running[room.name].exit_code is not None
        ]:
            _finish(room, processes)
            running.remove(room)
        time.sleep(0.2)


def _finish(room: Room, processes: Processes) -> None:
    process = processes.running[room.name]
    room.exit_code = process.exit_code
    process.last_lines()
    processes.stop(room.name)
    room.output = process.log.read_text()
    print(f"\n######## {room.name}\n{room.output}", flush=True)


def _report(rooms: list[Room], missing: list[str], *, seconds: float) -> None:
    print("\n######## summary")
    for room in rooms:
        print(f"{room.name:>10}  {room.closing_line.strip('= ')}")
    print(f"\nCould not be set up: {len(missing)}")
    for what in missing:
        print(f"  - {what}")
    total = sum((room.outcomes for room in rooms), Counter[str]())
    counts = ", ".join(f"{total[outcome]} {outcome}" for outcome in OUTCOMES if total[outcome])
    closing_line = f" {counts or 'no tests ran'} in {seconds:.2f}s "
    print(f"\n{closing_line:=^80}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
