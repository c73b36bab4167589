from __future__ import annotations

import fcntl
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from acmeco.launcher.processes import (
    PROJECT,
    Part,
    PartDied,
    PartNotReady,
    Process,
    Processes,
    Stopped,
)

SLEEPS = [sys.executable, "-c", "import time; print('awake', flush=True); time.sleep(600)"]
HOLDS_A_LOCK = """
import fcntl, sys, time
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(600)
"""
HAS_A_CHILD = "import subprocess, sys; subprocess.run([sys.executable, '-c', *sys.argv[1:]])"
LAUNCHES = """
import sys
from pathlib import Path
from acmeco.launcher.processes import Part, Processes
with Processes(logs=Path(sys.argv[1])) as processes:
    processes.start(Part("parent", sys.argv[2:]))
    processes.watch()
"""


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    with Processes(logs=tmp_path) as processes:
        yield processes


@pytest.mark.parametrize("is_quiet", [False, True])
def test_what_a_part_prints_is_logged_and_echoed_unless_it_is_quiet(
    tmp_path: Path, is_quiet: bool
) -> None:
    echoed: list[tuple[str, str]] = []
    with Processes(logs=tmp_path, echo=lambda *line: echoed.append(line)) as processes:
        hello = [sys.executable, "-c", "print('hello')"]
        processes.run(Part("speaker", hello, is_quiet=is_quiet))
    assert echoed == [("speaker", "hello")] * (not is_quiet)
    assert (tmp_path / "speaker.log").read_text() == "hello\n"


def test_a_dead_part_is_named_with_its_exit_code_and_last_words(processes: Processes) -> None:
    failing = [sys.executable, "-c", "import sys; print('no such table'); sys.exit(3)"]
    processes.start(Part("worker", failing, is_ready=lambda: False))
    with pytest.raises(PartDied, match=r"worker ended with exit code 3(.|\n)*no such table"):
        processes.wait_until_ready()


def test_a_killed_part_is_named_with_its_signal(processes: Processes) -> None:
    processes.start(Part("worker", SLEEPS))
    processes.running["worker"].signal(signal.SIGKILL)
    with pytest.raises(PartDied, match="worker ended by SIGKILL"):
        processes.watch()


def test_a_part_that_never_gets_ready_is_named(processes: Processes) -> None:
    processes.start(Part("web", SLEEPS, is_ready=lambda: False))
    with pytest.raises(PartNotReady, match="web did not become ready"):
        processes.wait_until_ready(timeout=0)


def test_waiting_ends_when_somebody_asks_to_stop(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with Processes(logs=tmp_path, stop_asked=stop) as processes:
        processes.start(Part("web", SLEEPS))
        with pytest.raises(Stopped):
            processes.watch()


def test_leaving_ends_the_children_of_the_parts_too(tmp_path: Path) -> None:
    with Processes(logs=tmp_path) as processes:
        processes.start(Part("parent", parent_of_a_lock_holder(tmp_path / "lock")))
        wait_until(lambda: "held" in log_of_parent(tmp_path))
        assert not is_released(tmp_path / "lock")
    assert is_released(tmp_path / "lock")


def test_a_killed_launcher_leaves_nothing_behind(tmp_path: Path) -> None:
    command = parent_of_a_lock_holder(tmp_path / "lock")
    launcher = subprocess.Popen(
        [sys.executable, "-c", LAUNCHES, str(tmp_path), *command], cwd=PROJECT
    )
    wait_until(lambda: "held" in log_of_parent(tmp_path))
    launcher.kill()
    launcher.wait()
    wait_until(lambda: is_released(tmp_path / "lock"))


def parent_of_a_lock_holder(lock: Path) -> list[str]:
    return [sys.executable, "-c", HAS_A_CHILD, HOLDS_A_LOCK, str(lock)]


def log_of_parent(directory: Path) -> str:
    log = directory / "parent.log"
    return log.read_text() if log.exists() else ""


def is_released(lock: Path) -> bool:
    """Whether the process that held the lock is gone: the system takes it back at once."""
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def test_a_part_that_ends_between_two_looks_has_not_died(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = iter([None])
    monkeypatch.setattr(Process, "exit_code", property(lambda _: next(codes, 0)))
    processes.run(Part("migrate", ["true"]))
