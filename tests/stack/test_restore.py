"""An older backup is restored while Alloy has gone on: the runbook says what follows from that."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from acmeco.launcher.processes import LaunchError
from tests.needs import need_redis
from tests.services.sandbox import Sandbox
from tests.services.stack import Stack
from tests.stack.conftest import BIGCOMMERCE, user_id_of
from tests.stack.merchant import Merchant
from tests.stack.waiting import wait_for


@pytest.fixture
def shop() -> Iterator[Stack]:
    """An AcmeCo on PostgreSQL whose only worker is a relay."""
    need_redis()
    with Stack(postgres=True) as stack:
        try:
            stack.start("redis", "postgres")
        except LaunchError as error:
            pytest.skip(f"could not set up PostgreSQL: {error}")
        stack.manage("migrate")
        stack.start("sandbox", "web")
        stack.start("relay", wait=False)
        yield stack


def run_beside_postgres(shop: Stack, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs."""
    binaries = Path(shop.process("postgres").part.command[0]).parent
    if not (binaries / program).exists():
        pytest.skip(f"could not set up {program}: this PostgreSQL comes without it")
    command = [str(binaries / program), f"--dbname={shop.database_url}", *arguments]
    subprocess.run(command, check=True, capture_output=True)


def states(shop: Stack) -> dict[str, str]:
    """Return the state of each message by the status that it tells."""
    with psycopg.connect(shop.database_url) as connection:
        rows = connection.execute(
            "SELECT payload->>'status', state FROM integrations_message WHERE kind = 'event'"
        )
        return dict(rows.fetchall())


def test_after_an_older_backup_what_had_waited_is_sent_again_and_lost_orders_run_anew(
    shop: Stack, tmp_path: Path
) -> None:
    alloy, backup = Sandbox(shop.sandbox_url), str(tmp_path / "backup")
    merchant = Merchant.who_signs_up(shop.url, "merchant@shop.example")
    user_id = wait_for(lambda: user_id_of(alloy, merchant))
    alloy.install(user_id, BIGCOMMERCE)
    alloy.place_order(user_id)
    [order] = wait_for(merchant.orders)
    merchant.post(order, status="PICKING")
    wait_for(lambda: states(shop).get("PICKING") == "delivered")
    shop.stop("relay")
    merchant.post(order, status="PACKED")  # waits
    run_beside_postgres(shop, "pg_dump", "--format=custom", f"--file={backup}")

    # Alloy and the merchant go on.
    shop.start("relay", wait=False)
    wait_for(lambda: states(shop)["PACKED"] == "delivered")
    merchant.post(order, status="SHIPPED")
    wait_for(lambda: states(shop)["SHIPPED"] == "delivered")
    later = alloy.place_order(user_id)
    wait_for(lambda: len(merchant.orders()) == 2)

    shop.stop("relay", "web")
    run_beside_postgres(shop, "pg_restore", "--clean", "--if-exists", backup)
    shop.start("web")

    # Missing: the order and the status of after the backup. Waiting: what has left since.
    assert merchant.orders() == [order]
    assert states(shop) == {"PICKING": "delivered", "PACKED": "waiting"}

    # Alloy has each execution still: run again, it streams the order anew.
    [route] = reruns_of(alloy, user_id, order=later["id"])
    shop.start("relay", wait=False)
    alloy.call("POST", route)
    wait_for(lambda: len(merchant.orders()) == 2)
    wait_for(lambda: states(shop)["PACKED"] == "delivered")

    told = [(each["data"]["status"], each["idempotencyKey"]) for each in alloy.events()]
    assert Counter(status for status, _ in told) == {"PICKING": 1, "PACKED": 2, "SHIPPED": 1}
    assert len({key for _, key in told}) == 3, "sent again under the same key"
    alloy.close()


def reruns_of(alloy: Sandbox, user_id: str, *, order: int) -> list[str]:
    """Return how to run again what Alloy's logs say was run for an order."""
    workflows = [each for found in alloy.integrations_of(user_id) for each in found["workflows"]]
    routes = []
    for workflow in {each["workflowId"] for each in workflows}:
        runs = alloy.call("GET", f"/workflows/{workflow}/logs?userId={user_id}")["data"]
        routes += [
            f"/workflows/{workflow}/rerun/{run['executionId']}?userId={user_id}"
            for run in runs
            if run["inputs"][0]["data"].get("id") == order
        ]
    return routes
