"""All checks together: in order, within their time, and never one at the cost of another."""

from __future__ import annotations

import json
import threading

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.test import Client
from pytest_django import Settings

from integrations.contrib.doctor import checks
from integrations.contrib.doctor.checks import all_is_well, run_checks
from integrations.contrib.doctor.result import Result, State, failed, ok, skipped, warning

DOCTOR = "/admin/alloy_doctor/setupcheck/"


def fine() -> Result:
    return ok("All is fine.")


def broken() -> Result:
    raise KeyError("oops")


def test_findings_come_in_order_with_their_names_and_one_that_breaks_stops_no_other() -> None:
    checks = {"broken": broken, "first": fine, "second": lambda: warning("Hm.", "Mend it.")}
    failure, *found = run_checks(checks)
    assert (failure.state, "KeyError" in failure.detail) == (State.FAILED, True)
    assert found == [
        Result(State.OK, "All is fine.", name="first"),
        Result(State.WARNING, "Hm.", "Mend it.", name="second"),
    ]


def test_a_check_that_hangs_stops_no_other() -> None:
    hanging = threading.Event()

    def hang() -> Result:
        hanging.wait(30)
        return fine()

    first, second = run_checks({"hangs": hang, "fine": fine}, limit=0.2)
    hanging.set()
    assert (first.name, first.state, second.state) == ("hangs", State.FAILED, State.OK)
    assert "in time" in first.detail


def test_without_a_database_only_its_own_check_failed() -> None:
    def ask() -> Result:
        raise DatabaseError("gone")

    assert run_checks({"asks": ask})[0].state == State.SKIPPED


def test_nothing_secret_is_told(settings: Settings) -> None:
    settings.ALLOY = {**settings.ALLOY, "API_KEY": "sandbox_nobody_may_see"}
    token = settings.ALLOY["WEBHOOK_TOKENS"][0]
    (found,) = run_checks({"tells": lambda: failed(f"sandbox_nobody_may_see {token}", "")})
    assert found.detail == "[masked] [masked]"


@pytest.mark.parametrize(
    ("results", "well"),
    [([ok(""), warning("", ""), skipped("")], True), ([ok(""), failed("", "")], False)],
)
def test_only_what_failed_is_a_failure(results: list[Result], well: bool) -> None:
    assert all_is_well(results) == well


def use(monkeypatch: pytest.MonkeyPatch, **found: Result) -> None:
    """Let the doctor have only these checks, which find this."""
    these = {name: lambda result=result: result for name, result in found.items()}
    monkeypatch.setattr(checks, "CHECKS", these)


def test_the_command_prints_each_result_and_its_hint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, Clock=ok("Fine."), Key=warning("Hm. " * 30, "Mend it."))
    call_command("alloy_doctor")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"OK       {'Clock':<19}Fine."
    assert lines[1].startswith(f"WARNING  {'Key':<19}Hm. Hm.")
    assert lines[-1].strip() == "-> Mend it."
    assert max(map(len, lines)) <= 100


def test_the_command_ends_with_1_when_something_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Key=failed("No.", "Mend it."))
    with pytest.raises(SystemExit, match="1"):
        call_command("alloy_doctor")


def test_the_command_prints_json_for_scripts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, Clock=ok("Fine."))
    call_command("alloy_doctor", "--json")
    assert json.loads(capsys.readouterr().out) == {
        "ok": True,
        "results": [{"state": "ok", "detail": "Fine.", "hint": "", "name": "Clock"}],
    }


def test_the_page_runs_the_checks_once_the_button_is_pressed(
    operator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, Key=failed("<b>No.</b>", "Mend it."), Clock=ok("Fine."))
    assert f'href="{DOCTOR}"' in operator_client.get("/admin/").content.decode()
    page = operator_client.get(DOCTOR).content.decode()
    assert ("Run the checks" in page, "Mend it." in page) == (True, False)
    page = operator_client.post(DOCTOR).content.decode()
    for said in ("Mend it.", "&lt;b&gt;No.", "Something failed"):
        assert said in page
    assert operator_client.delete(DOCTOR).status_code == 405


def test_the_page_is_for_staff_only(merchant_client: Client) -> None:
    for response in (merchant_client.get(DOCTOR), merchant_client.post(DOCTOR)):
        assert response.status_code in (302, 403)
