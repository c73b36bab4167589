from __future__ import annotations

import pytest

from acmeco.management.commands.run_all import Console


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-20T08:03:21Z [warning  ] stale                 [integrations.pages]",
        '{"event": "refused", "level": "error"}',
        "[2026-11-20 08:03:21 +0000] [17] [ERROR] Worker (pid:18) exited with code 1",
        "[2026-11-20 08:03:21,384: CRITICAL/MainProcess] Unrecoverable error",
    ],
)
def test_a_warning_is_printed_under_its_part_s_name(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Console().echo("worker", line)
    assert capsys.readouterr().out == f"  worker | {line}\n"


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-20T08:03:21Z [info     ] request_finished      [django_structlog] code=200",
        "GET /_sandbox/webhooks/errors/ 200",
    ],
)
def test_chatter_is_printed_only_if_everything_is_wanted(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Console().echo("web", line)
    assert capsys.readouterr().out == ""
    Console(everything=True).echo("web", line)
    assert line in capsys.readouterr().out
