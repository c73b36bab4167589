"""Runs the tests of "Twenty ways to break it" (docs/reliability.md) at their full size.

Prints for each scenario how many of its tests passed, and the figures that they wrote down. What
runs for longer still is `make chaos` and `python -m bench.outage`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from acmeco.launcher.parts import free_port  # noqa: E402 -- found through the line above
from acmeco.launcher.processes import LaunchError, Processes  # noqa: E402
from tests.services.postgres import postgres_part, postgres_url  # noqa: E402

ON_EVERY_CORE = ("-n", str(os.cpu_count() or 1))


@dataclass(frozen=True)
class Room:
    """The tests that one pytest process runs: those that the selection of marks fits."""

    name: str
    selection: str
    environment: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()


@dataclass
class Scenario:
    """What came of the tests of one scenario."""

    passed: int = 0
    missed: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)


def main() -> int:
    """Run the rooms one after the other, so that none disturbs the next; return the exit code."""
    began = time.monotonic()
    scenarios: dict[int, Scenario] = defaultdict(Scenario)
    with tempfile.TemporaryDirectory(prefix="acmeco-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o755)  # PostgreSQL may have to run as another user
        with _postgres(Path(directory)) as url:
            for room in (
                Room("processes", "scenario and not browser and not postgresql"),
                Room("browser", "scenario and browser"),
                Room("postgresql", "scenario and postgresql", {"DATABASE_URL": url}, ON_EVERY_CORE),
            ):
                report = Path(directory) / f"{room.name}.xml"
                _run(room, report)
                _read(report, scenarios, room=room.name)
    _print(scenarios, minutes=(time.monotonic() - began) / 60)
    return int(not scenarios or any(scenario.missed for scenario in scenarios.values()))


@contextmanager
def _postgres(directory: Path) -> Iterator[str]:
    with Processes(logs=directory / "logs") as processes:
        port = free_port()
        try:
            processes.start(postgres_part(port=port, directory=directory / "postgres"))
            processes.wait_until_ready()
        except LaunchError as error:
            sys.exit(f"The scenarios need PostgreSQL: {error}")
        yield postgres_url(port)


def _run(room: Room, report: Path) -> None:
    subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--color=no", "--verbose", "--ds", "tests.settings"),
            *("-o", "junit_family=xunit1"),  # the one in which a test may write figures down
            *("-m", room.selection, f"--junit-xml={report}", *room.options, *sys.argv[1:]),
        ],
        cwd=PROJECT,
        env={**os.environ, **room.environment, "FULL_SIZE": "1"},
        check=False,
    )


def _read(report: Path, scenarios: dict[int, Scenario], *, room: str) -> None:
    if not report.exists():
        scenarios[0].missed.append(f"nothing was run ({room})")
        return
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 -- pytest wrote it
        properties = {each.get("name", ""): each.get("value", "") for each in case.iter("property")}
        scenario = scenarios[int(properties.pop("scenario", "0"))]
        match _outcome(case):
            case "passed":
                scenario.passed += 1
            case "for the other database":
                continue
            case outcome:
                scenario.missed.append(f"{outcome}: {case.get('name')} ({room})")
        scenario.figures += [f"{what}: {value} ({room})" for what, value in properties.items()]


def _outcome(case: ElementTree.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    if (skipped := case.find("skipped")) is not None:
        reason = skipped.get("message", "")
        return reason if "could not set up" in reason else "for the other database"
    return "passed"


def _print(scenarios: dict[int, Scenario], *, minutes: float) -> None:
    print("\n######## scenarios, at full size")
    for number, scenario in sorted(scenarios.items()):
        verdict = "MISSED" if scenario.missed else "passed"
        print(f"{number:>4}  {verdict}  {scenario.passed} tests passed")
        for line in (*scenario.missed, *scenario.figures):
            print(f"              {line}")
    print(f"{minutes:.0f} minutes")


if __name__ == "__main__":
    sys.exit(main())
