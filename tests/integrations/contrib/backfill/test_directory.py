from __future__ import annotations

from collections.abc import Iterator

import pytest

from integrations.contrib.backfill.directory import Directory
from integrations.contrib.backfill.listing import ListedUser


@pytest.fixture
def directory() -> Iterator[Directory]:
    with Directory() as directory:
        yield directory


def user(name: str, user_id: str = "1") -> ListedUser:
    return ListedUser(username=name, user_id=user_id)


def test_it_tells_the_ids_of_those_who_exist(directory: Directory) -> None:
    directory.fill([user("a", "1"), user("b", "2"), user("", "3")])
    assert directory.ids(["a", "b", "c", ""]) == {"a": "1", "b": "2"}


def test_names_are_told_apart_by_every_letter(directory: Directory) -> None:
    directory.fill([user("Jane")])
    assert directory.ids(["jane", "Jane ", "J%"]) == {}


def test_it_takes_more_names_than_one_statement_has_room_for(directory: Directory) -> None:
    names = [f"user{number}" for number in range(1201)]
    directory.fill(user(name, name) for name in names)
    assert directory.ids(names) == {name: name for name in names}


def test_a_second_filling_keeps_the_first_and_takes_the_newer_id(directory: Directory) -> None:
    directory.fill([user("a", "1"), user("b", "2")])
    directory.fill([user("b", "3")])
    assert directory.ids(["a", "b"]) == {"a": "1", "b": "3"}


def test_those_we_had_created_are_known_until_they_are_assigned(directory: Directory) -> None:
    directory.fill([user("a", "1"), user("b", "2"), user("c", "3")])
    directory.add(["a", "b"])
    assert directory.mark_assigned(["b", "c"]) == 1
    assert list(directory.unassigned()) == [("a", "1")]
