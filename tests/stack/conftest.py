"""An AcmeCo of these tests' own: its parts are frozen, killed and restored here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.needs import need_redis
from tests.services.postgres import NoPostgres
from tests.services.sandbox import Sandbox
from tests.services.stack import Stack
from tests.stack.merchant import Merchant
from tests.stack.production import Production
from tests.stack.waiting import wait_for

BIGCOMMERCE = "63ea758e82c3074141968bb9"


@pytest.fixture(scope="package")
def acmeco() -> Iterator[Production]:
    """Every process that production has, started once for all tests here."""
    need_redis()
    with Production() as stack:
        try:
            stack.start_all()
        except NoPostgres as error:
            pytest.skip(f"could not set up PostgreSQL: {error}")
        yield stack


@pytest.fixture(scope="package")
def alloy(acmeco: Stack) -> Iterator[Sandbox]:
    """What Alloy and the stores behind it did."""
    sandbox = Sandbox(acmeco.sandbox_url)
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="package")
def merchant(acmeco: Stack, alloy: Sandbox) -> Merchant:
    """A merchant whose store is connected, and whose first order has arrived."""
    merchant = Merchant.who_signs_up(acmeco.url, "merchant@shop.example")
    user_id = wait_for(lambda: user_id_of(alloy, merchant))
    alloy.install(user_id, BIGCOMMERCE)
    alloy.place_order(user_id)
    wait_for(merchant.orders)
    return merchant


def user_id_of(alloy: Sandbox, merchant: Merchant) -> str:
    """Return the merchant's userId at Alloy, "" while there is none."""
    return alloy.user_id_of(merchant.email)
