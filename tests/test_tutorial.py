"""docs/tutorial.md, followed line by line in a copy of AcmeCo."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from tests.services.python import python
from tests.services.sandbox import Sandbox
from tests.test_docs import ROOT

CATALOGUE, EVENT, SERVICE, IMPORT, TEST = re.findall(
    r"```(?:json|python)\n(.*?)```", (ROOT / "docs/tutorial.md").read_text(), re.DOTALL
)
TELL, TRY = re.findall(r"```sh\n(.*?)\n```", (ROOT / "docs/tutorial.md").read_text(), re.DOTALL)
OF_THE_PROJECT = ("accounts", "acmeco", "integrations", "meetings", "orders", "static", "templates")

STEPS = """
import django
django.setup()
from django.core.management import call_command
from django.db import transaction
call_command("migrate", verbosity=0)
from accounts.models import User
from orders.models import Order
ada, mia = (User.objects.create_user(f"{name}@acme.example") for name in ("ada", "mia"))
with transaction.atomic():
    exec(TEST)
    test_a_late_shipment_is_told_in_the_orders_own_group(mia)
    transaction.set_rollback(True)
Order.objects.create(merchant=ada, external_id="118", customer_name="Ada")
exec(TRY)
call_command("relay", "--once")
"""


def test_who_follows_the_tutorial_sees_the_event_arrive(tmp_path: Path, sandbox: Sandbox) -> None:
    acmeco = Copy(tmp_path)
    sandbox.control("POST", TELL.rpartition("/_sandbox/")[2], json.loads(CATALOGUE))
    acmeco.append("orders/events.py", EVENT)
    acmeco.append("orders/services.py", SERVICE)
    acmeco.replace("orders/services.py", "from orders.events import FulfillmentUpdated\n", IMPORT)

    code = TRY.partition(' -c "')[2].rstrip('"')
    acmeco.run(f"TEST, TRY = {TEST!r}, {code!r}\n{STEPS}", sandbox_url=sandbox.url)

    assert [event["data"] for event in sandbox.events()] == [{"orderId": "118", "days": 2}]


class Copy:
    """AcmeCo's code in another folder, with a database of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        ignored = shutil.ignore_patterns("__pycache__")
        for name in OF_THE_PROJECT:
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)

    def append(self, name: str, text: str) -> None:
        path = self._folder / name
        path.write_text(f"{path.read_text()}\n\n{text}")

    def replace(self, name: str, old: str, new: str) -> None:
        path = self._folder / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    def run(self, code: str, *, sandbox_url: str) -> None:
        python(
            *("-c", code),
            project=self._folder,
            DJANGO_SETTINGS_MODULE="acmeco.settings",
            DEBUG="true",
            ALLOY_SANDBOX_URL=sandbox_url,
        )
