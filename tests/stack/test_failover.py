"""Of PostgreSQL and Redis there are two, and one of each goes away."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import groupby
from pathlib import Path

import psycopg
import pytest
import requests
from redis import Redis

from acmeco.launcher.parts import find_server, free_port, redis_answers
from acmeco.launcher.processes import LaunchError, Part
from tests.full_size import FULL_SIZE
from tests.services.postgres import postgres_url, standby_part
from tests.services.sandbox import Sandbox
from tests.services.stack import WEBHOOK_TOKEN, Stack
from tests.stack.conftest import BIGCOMMERCE, user_id_of
from tests.stack.merchant import Merchant
from tests.stack.waiting import wait_for

pytestmark = [
    pytest.mark.scenario(11),
    pytest.mark.skipif(not FULL_SIZE, reason="takes half a minute: `make scenarios` runs it"),
]


class TwoOfEach(Stack):
    """A primary with a standby that confirms each commit, and a Redis with a replica."""

    def __init__(self) -> None:
        super().__init__(postgres=True, durable=True)
        self.standby_port, self.redis_replica_port = free_port(), free_port()
        self.sentinel_ports = [free_port() for _ in range(3)]
        self.standby_url = postgres_url(self.standby_port)
        self.primary_url = postgres_url(self._postgres_port)
        self._postgres_options = (
            "synchronous_standby_names=*",
            "max_wal_size=48MB",
            "min_wal_size=32MB",
        )

    @property
    def database_url(self) -> str:
        hosts = f"127.0.0.1:{self._postgres_port},127.0.0.1:{self.standby_port}"
        return f"postgresql+psycopg://postgres@{hosts}/postgres?sslmode=disable"

    @property
    def environment(self) -> dict[str, str]:
        sentinels = ",".join(f"127.0.0.1:{port}" for port in self.sentinel_ports)
        return {
            **super().environment,
            "DJANGO_SETTINGS_MODULE": "tests.stack.hunt.settings",  # DEBUG is off
            "DATABASE_REPLICA_URL": self.database_url,
            "REDIS_URL": f"sentinel://{sentinels}/0?master_name=ours",
        }

    def master(self) -> int:
        """Return the port of the Redis that the Sentinels call the master."""
        with Redis(port=self.sentinel_ports[0], decode_responses=True) as sentinel:
            return int(sentinel.sentinel_get_master_addr_by_name("ours")[1])

    def _part(self, name: str) -> Part:
        match name.partition("-"):
            case ("standby", _, _):
                directory = self.directory / "standby"
                port = self.standby_port
                return standby_part(
                    primary_port=self._postgres_port, port=port, directory=directory
                )
            case ("replica", _, _):
                port = self.redis_replica_port
                follow = f"--replicaof 127.0.0.1 {self._redis_port}"
                return _redis(name, port, f"--port {port} --save --dir {self.directory} {follow}")
            case ("sentinel", _, number):
                return self._sentinel(name, self.sentinel_ports[int(number)])
        return super()._part(name)

    def _sentinel(self, name: str, port: int) -> Part:
        settings = self.directory / f"{name}.conf"
        settings.write_text(
            f"port {port}\n"
            f"sentinel monitor ours 127.0.0.1 {self._redis_port} 2\n"
            "sentinel down-after-milliseconds ours 500\n"
            "sentinel failover-timeout ours 2000\n"
        )
        return _redis(name, port, f"{settings} --sentinel")


def _redis(name: str, port: int, options: str) -> Part:
    url = f"redis://127.0.0.1:{port}/0"
    command = [find_server(), *options.split()]
    return Part(name, command, is_ready=lambda: redis_answers(url), is_quiet=True)


@pytest.fixture(scope="module")
def stack() -> Iterator[TwoOfEach]:
    with TwoOfEach() as stack, small_disk(stack.directory / "postgres"):
        try:
            stack.start("postgres", "redis")
            stack.start("standby", "replica", "sentinel-0", "sentinel-1", "sentinel-2")
        except LaunchError as error:
            pytest.skip(f"could not set up two of each: {error}")
        stack.manage("migrate")
        stack.start("sandbox", "web", "worker-1", "beat", "relay")
        yield stack


@contextmanager
def small_disk(directory: Path) -> Iterator[None]:
    """Give the directory a disk of its own that can be filled, where we may."""
    directory.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=200m,mode=755", "tmpfs", str(directory)]
    is_mounted = (
        shutil.which("mount") and not subprocess.run(command, capture_output=True).returncode
    )
    yield
    if is_mounted:
        subprocess.run(["umount", "--lazy", str(directory)], check=True)


class Shop:
    """A merchant with an order, and Alloy as it posts webhooks."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.alloy = stack, Sandbox(stack.sandbox_url)
        self.merchant = Merchant.who_signs_up(stack.url, "merchant@shop.example")
        self.user_id = wait_for(lambda: user_id_of(self.alloy, self.merchant))
        self.alloy.install(self.user_id, BIGCOMMERCE)
        self.order = str(self.alloy.place_order(self.user_id)["id"])
        self.path = wait_for(self.merchant.orders)[0]

    def set_status(self, status: str) -> requests.Response:
        return self.merchant.post(self.path, status=status)

    def post_webhook(self, number: int) -> int:
        """Post an order as Alloy does; return the answer's status."""
        url = f"{self.stack.url}/webhooks/alloy/{WEBHOOK_TOKEN}/orders/?userId={self.user_id}"
        body = json.dumps({"id": number, "note": "x" * 2_000})
        signed = {"X-Alloy-Signature": self.alloy.sign(url, body)}
        headers = {**signed, "Content-Type": "application/json"}
        return requests.post(url, data=body, headers=headers, timeout=60).status_code

    def has_told(self, status: str) -> bool:
        """Return whether the store has the status."""
        orders = self.alloy.orders(self.user_id)
        return any(str(o["id"]) == self.order and o["status"] == status for o in orders)


@pytest.fixture(scope="module")
def shop(stack: TwoOfEach) -> Iterator[Shop]:
    shop = Shop(stack)
    yield shop
    shop.alloy.close()


def test_a_list_may_lag_but_not_for_who_has_just_changed_something(
    stack: TwoOfEach, shop: Shop
) -> None:
    elsewhere = Merchant(stack.url, shop.merchant.email)
    elsewhere.session.cookies["sessionid"] = shop.merchant.session.cookies["sessionid"]
    wait_for(elsewhere.orders)
    with psycopg.connect(stack.standby_url, autocommit=True) as standby:
        standby.execute("SELECT pg_wal_replay_pause()")
        before = elsewhere.orders()
        shop.alloy.place_order(shop.user_id)
        assert shop.set_status("PICKING").status_code == 302
        assert len(
            wait_for(lambda: shop.merchant.orders()[len(before) :] and shop.merchant.orders())
        )
        assert elsewhere.orders() == before
        standby.execute("SELECT pg_wal_replay_resume()")
    wait_for(lambda: len(elsewhere.orders()) > len(before))


def test_a_redis_that_dies_is_replaced_by_its_replica(stack: TwoOfEach, shop: Shop) -> None:
    stack.kill("redis")
    assert shop.set_status("PACKED").status_code == 302
    wait_for(lambda: shop.has_told("PACKED"))

    wait_for(lambda: stack.master() == stack.redis_replica_port)
    wait_for(lambda: requests.get(f"{stack.url}/readyz", timeout=60).json()["broker"] == "ok")
    stack.stop("relay")  # so that only Celery sends
    assert shop.set_status("CANCELLED").status_code == 302
    wait_for(lambda: shop.has_told("CANCELLED"))
    stack.start("relay", wait=False)


def test_a_full_disk_is_said_to_all_and_loses_nothing(stack: TwoOfEach, shop: Shop) -> None:
    if not (stack.directory / "postgres").is_mount():
        pytest.skip("could not set up a small disk: that takes root")
    with filled(stack.directory / "postgres" / "filler"):
        answers = dict.fromkeys(range(1_000, 1_300), 0)
        for number in answers:
            answers[number] = shop.post_webhook(number)
            if answers[number] == 503:
                break
        assert answers[number] == 503
        assert_told_to_try_again(shop.set_status("SHIPPED"), or_done=True)
    if stack.process("postgres").exit_code is not None:
        stack.start("postgres")

    wait_for(lambda: shop.post_webhook(number) in (200, 202))
    wait_for(lambda: shop.set_status("FULFILLED").status_code == 302)
    wait_for(lambda: shop.has_told("FULFILLED"))
    taken = {str(each) for each, answer in answers.items() if answer in (200, 202)}
    wait_for(lambda: taken <= orders_in(stack.primary_url))


def test_when_the_primary_dies_the_standby_goes_on_with_all_that_was_answered(
    stack: TwoOfEach, shop: Shop
) -> None:
    assert shop.post_webhook(2_000) in (200, 202)
    assert shop.set_status("PICKING").status_code == 302

    stack.kill("postgres")
    assert_told_to_try_again(shop.merchant.get(shop.path))
    assert_told_to_try_again(shop.set_status("SHIPPED"))
    assert shop.post_webhook(2_001) == 503
    with psycopg.connect(stack.standby_url, autocommit=True) as standby:
        standby.execute("SELECT pg_promote()")

    wait_for(lambda: shop.set_status("SHIPPED").status_code == 302)
    wait_for(lambda: shop.post_webhook(2_001) in (200, 202))
    wait_for(lambda: shop.has_told("SHIPPED"))
    wait_for(lambda: {"2000", "2001"} <= orders_in(stack.standby_url))
    told = [each["data"]["status"] for each in shop.alloy.events()]
    assert [each for each, _ in groupby(told)][-2:] == ["PICKING", "SHIPPED"]


def assert_told_to_try_again(answer: requests.Response, *, or_done: bool = False) -> None:
    if or_done and answer.status_code == 302:
        return
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "try again" in answer.text.lower()


@contextmanager
def filled(filler: Path) -> Iterator[None]:
    """Fill the disk that the file is on."""
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"\0" * 65_536):
            pass
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        while file.write(b"\0" * 512):
            pass
    yield
    filler.unlink()


def orders_in(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {
            str(number) for (number,) in connection.execute("SELECT external_id FROM orders_order")
        }
