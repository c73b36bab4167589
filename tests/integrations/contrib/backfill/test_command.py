"""`manage.py provision_alloy_users`: what it prints, and against a real sandbox."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from integrations.models import AlloyUser
from tests.integrations.contrib.backfill.steps import assigned, old_users
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.services.sandbox import Sandbox

pytestmark = pytest.mark.django_db


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call_command("provision_alloy_users", *arguments)
    return capsys.readouterr().out


def test_it_says_how_far_it_has_come_and_what_it_did(
    alloy: FakeAlloy, capsys: pytest.CaptureFixture[str]
) -> None:
    old_users(3)
    steps = "  2 of 3 sent to Alloy\n  3 of 3 sent to Alloy\n"
    assert told(capsys, "--batch=2") == f"{steps}3 have an Alloy user now.\n"


def test_it_names_everybody_it_could_not_provide_for(
    alloy: FakeAlloy, capsys: pytest.CaptureFixture[str]
) -> None:
    alloy.fail("/users/batch", Reply(400, {"message": "No valid users provided"}))
    (user,) = old_users(1)
    said = told(capsys)
    assert f"  {user.pk} (old0@acme.example): Alloy did not take its user name\n" in said
    assert "1 have none yet. The outbox goes on with" in said


def test_a_dry_run_says_what_would_be(alloy: FakeAlloy, capsys: pytest.CaptureFixture[str]) -> None:
    old_users(3)
    assert "3 have no Alloy user." in told(capsys, "--dry-run")
    assert not alloy.calls
    assert not AlloyUser.objects.exists()


def test_a_failure_says_how_to_go_on(alloy: FakeAlloy) -> None:
    old_users(1)
    alloy.fail("/users", Reply(401))
    with pytest.raises(CommandError, match=r"401.*run this again to go on"):
        call_command("provision_alloy_users")


@pytest.mark.parametrize("batch", ["0", "1001", "-1"])
def test_a_batch_is_one_to_a_thousand(alloy: FakeAlloy, batch: str) -> None:
    with pytest.raises(CommandError, match="1 to 1000"):
        call_command("provision_alloy_users", f"--batch={batch}")


def test_the_sandbox_and_we_agree_afterwards(
    sandbox: Sandbox, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.ALLOY = {**settings.ALLOY, "SANDBOX_URL": sandbox.url}
    old_users(25)
    assert "25 have an Alloy user now" in told(capsys, "--batch=10")
    assert len(assigned()) == 25
    assert [call["path"] for call in sandbox.requests()].count("/2023-12/users/batch") == 3
