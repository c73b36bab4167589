"""All roles work with their servers behind a pooler and behind TLS, and do not complain."""

from __future__ import annotations

import pytest

from tests.services.sandbox import Sandbox
from tests.services.stack import Stack
from tests.stack.conftest import user_id_of
from tests.stack.merchant import Merchant
from tests.stack.production import IS_ENCRYPTED, IS_POOLED
from tests.stack.waiting import wait_for


@pytest.mark.skipif(not IS_POOLED, reason="needs pgbouncer")
def test_all_roles_work_through_a_pooler_that_keeps_no_session(
    alloy: Sandbox, merchant: Merchant
) -> None:
    user_id, known = user_id_of(alloy, merchant), set(merchant.orders())
    placed = alloy.place_order(user_id)["id"]
    (path,) = wait_for(lambda: set(merchant.orders()) - known)
    assert merchant.post(path, status="SHIPPED").status_code == 302
    wait_for(lambda: (placed, "SHIPPED") in {(o["id"], o["status"]) for o in alloy.orders(user_id)})


@pytest.mark.skipif(not IS_ENCRYPTED, reason="needs a redis-server with TLS")
@pytest.mark.usefixtures("merchant")
def test_all_roles_reach_redis_by_tls_and_say_no_word_of_warning(acmeco: Stack) -> None:
    for role in ("web", "worker-1", "beat", "relay"):
        assert "certificate" not in (acmeco.logs / f"{role}.log").read_text().lower()
