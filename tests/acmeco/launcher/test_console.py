from __future__ import annotations

import pytest

from acmeco.management.commands.run_all import echo


@pytest.mark.parametrize(
    ("line", "is_warning"),
    [
        ("2026-11-20T08:03:21Z [warning  ] stale                 [integrations.pages]", True),
        ('{"event": "refused", "level": "error"}', True),
        ("[2026-11-20 08:03:21 +0000] [17] [ERROR] Worker (pid:18) exited with code 1", True),
        ("[2026-11-20 08:03:21,384: CRITICAL/MainProcess] Unrecoverable error", True),
        ("2026-11-20T08:03:21Z [info     ] request_finished [django_structlog] code=200", False),
        ("GET /_sandbox/webhooks/errors/ 200", False),
    ],
)
def test_warnings_are_printed_under_their_part_s_name_and_chatter_only_if_it_is_wanted(
    line: str, is_warning: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    echo("worker", line)
    assert capsys.readouterr().out == f"  worker | {line}\n" * is_warning
    echo("worker", line, everything=True)
    assert capsys.readouterr().out == f"  worker | {line}\n"
