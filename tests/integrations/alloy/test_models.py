"""Answers parsed into models: tolerant where Alloy's sources disagree, strict where it matters."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.alloy import BadAnswer, models
from integrations.alloy.call import Answer, Call, many, one
from integrations.alloy.errors import AlloyError
from integrations.alloy.models import (
    Answered,
    Block,
    Execution,
    ExecutionState,
    InstallLink,
    Integration,
    User,
    UserToken,
    Workflow,
    WorkflowError,
)
from tests.full_size import size
from tests.integrations.alloy import samples

MODELS = [
    each
    for each in vars(models).values()
    if isinstance(each, type) and issubclass(each, Answered) and each is not Answered
]


def answer(payload: Any) -> Answer:
    call = Call(method="GET", base="https://alloy.test", route="/x")
    return Answer(call=call, status=200, headers={}, body=json.dumps(payload).encode())


def workflow(**changes: Any) -> dict[str, Any]:
    return samples.WORKFLOW | changes


def integration(*workflows: dict[str, Any], **changes: Any) -> Integration:
    return Integration.model_validate(
        samples.INTEGRATION_2023 | {"workflows": list(workflows)} | changes
    )


def test_both_shapes_of_an_integration_give_the_same_model() -> None:
    old = Integration.model_validate(samples.INTEGRATION_2023)
    new = Integration.model_validate(samples.INTEGRATION_2025)
    assert old == new.model_copy(update={"description": ""})
    assert old.app == "BigCommerce"
    assert old.workflows[0].blocks[0].kind == "customEvent"


def test_both_shapes_of_an_execution_give_the_same_blocks() -> None:
    old = Execution.model_validate(samples.EXECUTION_OLDER)
    new = Execution.model_validate(samples.EXECUTION_2025)
    assert (old.results, old.inputs) == (new.results, new.inputs)
    assert old.state == new.state == ExecutionState.SUCCEEDED
    assert old.seconds == pytest.approx(0.614)


def test_the_third_spelling_of_a_block_is_read() -> None:
    block = Block.model_validate({"connectorName": "Shopify", "connectorId": "1"})
    assert (block.name, block.block_id) == ("Shopify", "1")


def test_an_answer_may_be_wrapped_in_data_or_bare() -> None:
    assert one(User, answer(samples.USER)) == one(User, answer({"data": samples.USER}))
    assert many(User, answer([samples.USER])) == many(User, answer({"data": [samples.USER]}))


@pytest.mark.parametrize("payload", [{}, {"data": {}}, {"data": None}, None, "text", samples.USER])
def test_an_answer_that_should_be_a_list_and_is_none_is_a_bad_answer(payload: Any) -> None:
    with pytest.raises(BadAnswer, match="without a list"):
        many(User, answer(payload))


@pytest.mark.parametrize(
    ("released", "has", "installed", "available"),
    [
        *((2, 1, True, True), (2, 2, True, False), (1, 2, True, False), (2, 1, False, False)),
        *((2, None, True, False), (None, 1, True, False)),
    ],
)
def test_an_update_is_available_when_a_newer_version_is_released(
    released: int | None, has: int | None, installed: bool, available: bool
) -> None:
    changed = workflow(version=released, installedVersion=has, installed=installed)
    assert Workflow.model_validate(changed).update_available is available


@pytest.mark.parametrize(
    ("state", "changes"),
    [
        ("running", {"finished": None, "stoppedAt": None}),
        ("running", {"finished": False, "stoppedAt": None}),
        *(("failed", {"finished": False}), ("failed", {"status": "error"})),
        *(("failed", {"error": "403"}), ("failed", {"error": {"message": "403"}})),
        ("succeeded", {}),
    ],
)
def test_the_state_of_an_execution(state: str, changes: dict[str, Any]) -> None:
    read = Execution.model_validate(samples.EXECUTION_2025 | changes)
    assert read.state is ExecutionState[state.upper()]


def test_the_oldest_shape_of_an_error_is_read() -> None:
    block = {"workflowId": "1", "blockType": "alloy.shopify"}
    error = WorkflowError.model_validate({**block, "error": "403", "createdAt": "2021-09-30"})
    assert (error.block, error.message) == ("alloy.shopify", "403")
    assert error.occurred_at == datetime(2021, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "icon",
    [
        *("javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "vbscript:x"),
        *("data:image/svg+xml,<svg onload=alert(1)>", "//cdn.runalloy.com/icon.png", "/icon.png"),
        *("https://", "https://[::1", "https://user:secret@cdn.runalloy.com/icon.png"),
        *("https://cdn.runalloy.com/a b.png", "https://cdn.runalloy.com/\n.png"),
        *("https://cdn.runalloy.com/" + "x" * 3000, 5, ["https://cdn.runalloy.com/icon.png"]),
    ],
)
def test_an_icon_that_is_no_plain_web_address_is_dropped(icon: Any) -> None:
    assert integration(icon=icon).icon == ""


def test_names_are_kept_as_text_on_one_line_and_of_bounded_length() -> None:
    named = integration(app="<b>Big</b>\u0000\u202e\nCommerce" + "!" * 1000)
    assert named.app.startswith("<b>Big</b> Commerce!")
    assert len(named.app) == 200


def test_null_means_absent() -> None:
    assert integration(icon=None, description=None, workflows=None).workflows == ()


@pytest.mark.parametrize(
    "changes",
    [
        *({"integrationId": value} for value in (None, "", 5, "with space", "x" * 1000)),
        *({"installed": None}, {"installed": "yes"}, {"app": None}, {"app": 5}),
        *({"workflows": {}}, {"workflows": [None]}, {"workflows": [workflow(workflowId=None)]}),
        *({"workflows": [workflow(version=value)]} for value in ("2", -1, 10**30)),
        *({"workflows": [workflow(createdAt=value)]} for value in (5, "yesterday")),
    ],
)
def test_what_is_relied_on_must_be_there_and_of_its_type(changes: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer, match="no Integration"):
        one(Integration, answer(samples.INTEGRATION_2023 | changes))


@pytest.mark.parametrize(
    "moment", ["2024-11-15T18:57:42+01:00", "2024-11-15T17:57:42Z", "2024-11-15T17:57:42"]
)
def test_times_are_in_utc(moment: str) -> None:
    read = Execution.model_validate({"executionId": "1", "startedAt": moment}).started_at
    assert read == datetime(2024, 11, 15, 17, 57, 42, tzinfo=UTC)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_times_beyond_the_calendar_are_a_bad_answer(moment: str) -> None:
    with pytest.raises(BadAnswer):
        one(Execution, answer({"executionId": "1", "startedAt": moment}))


def test_tokens_and_links_are_not_shown() -> None:
    token = one(UserToken, answer({"token": "s3cr3t"}))
    link = one(InstallLink, answer({"url": "https://app.test/?token=s3cr3t"}))
    assert "s3cr3t" not in f"{token} {token!r} {link} {link!r}"
    assert link.url.get_secret_value() == "https://app.test/?token=s3cr3t"


def test_a_link_that_is_no_web_address_is_a_bad_answer_that_does_not_show_it() -> None:
    with pytest.raises(BadAnswer) as bad:
        one(InstallLink, answer({"url": "javascript:alert('s3cr3t')"}))
    assert "s3cr3t" not in str(bad.value)


@pytest.mark.parametrize("sample", [samples.INTEGRATION_2023, samples.INTEGRATION_2025])
def test_integrations_can_be_kept_as_json(sample: dict[str, Any]) -> None:
    read = Integration.model_validate(sample)
    kept = json.loads(json.dumps(read.model_dump(mode="json")))
    assert Integration.model_validate(kept) == read


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=10,
)
_SAMPLES = [value for name, value in vars(samples).items() if name.isupper()]


def _with_one_part_replaced(value: Any, draw: Any) -> Any:
    """Walk down a sample by chance and put any JSON where the walk ends."""
    keys: list[Any] = list(value) if isinstance(value, dict) else []
    keys += range(len(value)) if isinstance(value, list) else []
    if not keys or draw(st.integers(0, 3)) == 0:
        return draw(_json)
    key = draw(st.sampled_from(keys))
    copy = value.copy()
    copy[key] = _with_one_part_replaced(value[key], draw)
    return copy


@settings(max_examples=size(300, usual=60))
@given(st.data())
def test_whatever_json_comes_the_result_is_a_model_or_a_typed_error(data: st.DataObject) -> None:
    if data.draw(st.booleans()):
        payload = data.draw(_json)
    else:
        payload = _with_one_part_replaced(data.draw(st.sampled_from(_SAMPLES)), data.draw)
    for model in MODELS:
        for parse in (one, many):
            try:
                parsed = parse(model, answer(payload))
            except AlloyError:
                continue
            _use(parsed)


def _use(parsed: Any) -> None:
    """Read everything a page would: no property may raise for what was accepted."""
    for each in parsed if isinstance(parsed, list) else [parsed]:
        str(each).encode()
        for name in ("state", "seconds", "update_available", "paused", "installed_workflows"):
            getattr(each, name, None)
        each.model_dump_json()
