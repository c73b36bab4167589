"""What must be true of any simulated run, whatever its figures are."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from bench.simulation import World, calibrated, predictions, simulate

ONE = World(hosts=1, at_once=8, alloy=0.1, cpu=0.001, database=0.0005, turn=0.002)
MEASURED = {"hosts": 1, "at_once": 10, "alloy_seconds": 0.2, "rate": 48.0, "cpu_ms_per_event": 2.5}


@pytest.mark.parametrize("world", [ONE, replace(ONE, hosts=7), replace(ONE, cpu=0.05)])
def test_calls_under_way_are_their_rate_times_their_stay(world: World) -> None:
    run = simulate(world, seconds=40)
    stay = sum(run.stays) / len(run.stays)
    assert run.present == pytest.approx(run.rate * stay, rel=0.02)


def test_a_lone_host_sends_as_many_as_it_has_calls_at_a_time() -> None:
    round_trip = ONE.alloy + ONE.cpu + ONE.database + ONE.turn
    assert simulate(ONE, seconds=40).rate == pytest.approx(ONE.at_once / round_trip, rel=0.02)


def test_nobody_is_faster_than_its_core_nor_all_together_than_the_database() -> None:
    assert simulate(replace(ONE, cpu=0.05)).rate <= 1 / 0.05 + 0.5
    many = replace(ONE, hosts=20, database=0.02, database_cores=2)
    assert simulate(many).rate <= 2 / 0.02 + 1


@pytest.mark.parametrize("hosts", [1, 10, 40])
def test_alloy_never_takes_more_than_its_limit_and_the_hosts_come_near_it(hosts: int) -> None:
    run = simulate(replace(ONE, hosts=hosts, limit=50), warm_up=30, seconds=20)
    assert max(run.by_second.values()) <= 50
    assert 35 <= run.rate <= 50


def test_the_same_seed_is_the_same_run() -> None:
    runs = [simulate(replace(ONE, hosts=3, limit=100), seed=7) for _ in range(2)]
    assert runs[0] == runs[1]


def test_what_it_was_calibrated_with_is_what_it_simulates() -> None:
    world = calibrated(MEASURED, database=0.0005, cores=2)
    assert world.limit == math.inf
    [(hosts, measured, simulated, _)] = predictions([MEASURED], world)
    assert (hosts, measured) == ("1", "48.0")
    assert float(simulated) == pytest.approx(48, rel=0.01)
