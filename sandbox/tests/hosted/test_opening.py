"""Whatever stands in the address, reading it ends in an opening or in a page that explains."""

from __future__ import annotations

from contextlib import suppress

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from alloy_sandbox.hosted.visits import Opening, Problem, read_opening

NAMES = st.sampled_from(
    ["token", "id", "integrationId", "preFilledValues", "hide", "operation", "title", "versionId"]
)


@given(st.dictionaries(NAMES, st.lists(st.text() | st.just("[{}]"), max_size=3)))
def test_no_address_makes_it_fail_otherwise(parameters: dict[str, list[str]]) -> None:
    query = QueryDict(mutable=True)
    for name, values in parameters.items():
        query.setlist(name, values)
    with suppress(Problem):
        assert isinstance(read_opening(query), Opening)


def test_a_prefilled_value_may_be_meant_for_one_workflow() -> None:
    values = (
        '[{"name":"a","value":1},{"name":"b","value":2,"workflowId":"w1"},'
        '{"name":"a","value":3,"workflowId":"w2"}]'
    )
    opening = read_opening(QueryDict(f"preFilledValues={values}"))
    assert opening.prefilled_for("w1") == {"a": 1, "b": 2}
    assert opening.prefilled_for("w2") == {"a": 3}


@pytest.mark.parametrize(("value", "hidden"), [("true", True), ("false", False), ("", False)])
def test_only_true_hides(value: str, hidden: bool) -> None:
    assert read_opening(QueryDict(f"hide={value}")).hide is hidden
