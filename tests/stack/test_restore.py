"""An older backup is restored while Alloy has gone on: the runbook says what follows from that."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from tests.services.sandbox import Sandbox
from tests.stack.conftest import BIGCOMMERCE, user_id_of
from tests.stack.merchant import Merchant
from tests.stack.production import Production
from tests.stack.waiting import wait_for


def run_beside_postgres(acmeco: Production, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs."""
    binaries = Path(acmeco.process("postgres").part.command[0]).parent
    if not (binaries / program).exists():
        pytest.skip(f"could not set up {program}: this PostgreSQL comes without it")
    command = [str(binaries / program), f"--dbname={acmeco.direct_url}", *arguments]
    subprocess.run(command, check=True, capture_output=True)


def states(acmeco: Production, order: str) -> dict[str, str]:
    """Return the state of each message about the order by the status that it tells."""
    with psycopg.connect(acmeco.direct_url) as connection:
        rows = connection.execute(
            "SELECT payload->>'status', state FROM integrations_message"
            " WHERE kind = 'event' AND payload->>'orderId' = %s",
            [order],
        )
        return dict(rows.fetchall())


def test_after_an_older_backup_what_had_waited_is_sent_again_and_lost_orders_run_anew(
    acmeco: Production, alloy: Sandbox, tmp_path: Path
) -> None:
    backup = str(tmp_path / "backup")
    merchant = Merchant.who_signs_up(acmeco.url, "restored@shop.example")
    user_id = wait_for(lambda: user_id_of(alloy, merchant))
    alloy.install(user_id, BIGCOMMERCE)
    order = str(alloy.place_order(user_id)["id"])
    [path] = wait_for(merchant.orders)
    merchant.post(path, status="PICKING")
    wait_for(lambda: states(acmeco, order).get("PICKING") == "delivered")
    alloy.misbehave("/run/event", method="POST", status=503)
    merchant.post(path, status="PACKED")  # waits
    run_beside_postgres(acmeco, "pg_dump", "--format=custom", f"--file={backup}")

    # Alloy and the merchant go on.
    alloy.behave()
    wait_for(lambda: states(acmeco, order)["PACKED"] == "delivered")
    merchant.post(path, status="SHIPPED")
    wait_for(lambda: states(acmeco, order)["SHIPPED"] == "delivered")
    later = alloy.place_order(user_id)
    wait_for(lambda: len(merchant.orders()) == 2)

    acmeco.stop("worker-1", "relay")
    run_beside_postgres(acmeco, "pg_restore", "--clean", "--if-exists", backup)

    # Missing: the order and the status of after the backup. Waiting: what has left since.
    assert merchant.orders() == [path]
    assert states(acmeco, order) == {"PICKING": "delivered", "PACKED": "waiting"}

    # Alloy has each execution still: run again, it streams the order anew.
    [route] = reruns_of(alloy, user_id, order=later["id"])
    acmeco.start("relay", "worker-1")
    alloy.call("POST", route)
    wait_for(lambda: len(merchant.orders()) == 2)
    wait_for(lambda: states(acmeco, order)["PACKED"] == "delivered")

    told = [
        (each["data"]["status"], each["idempotencyKey"])
        for each in alloy.events()
        if each["data"]["orderId"] == order
    ]
    assert Counter(status for status, _ in told) == {"PICKING": 1, "PACKED": 2, "SHIPPED": 1}
    assert len({key for _, key in told}) == 3, "sent again under the same key"


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
