"""Answers parsed into models: wrapped in ``data`` or bare, as Alloy's versions have it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any, TypeVar

from pydantic import ValidationError

from integrations.alloy.answer import Answer
from integrations.alloy.listing import NotAList, items
from integrations.alloy.models import Answered
from integrations.alloy.text import clean

Model = TypeVar("Model", bound=Answered)


def one(model: type[Model], answer: Answer) -> Model:
    """Return the single object of an answer.

    Raises the error that fits a status other than 2xx, and ``BadAnswer`` when the body is not
    JSON, is of another shape, or lacks what callers rely on.
    """
    return _parse(model, _unwrapped(answer.json()), answer)


def many(model: type[Model], answer: Answer) -> list[Model]:
    """Return the objects of an answer that is a list. Raises like ``one``.

    A bare list has to have something in it: an empty one says nothing of being Alloy's, and to
    take it for "there is none" would empty pages, and end an erasure too soon.
    """
    payload = answer.json()
    found = _unwrapped(payload)
    if not isinstance(found, list) or payload == []:
        raise answer.bad("without a list")
    return [_parse(model, item, answer) for item in found]


def each(model: type[Model], answer: Answer, file: IO[bytes]) -> Iterator[Model]:
    """Yield the objects of an answer that is a list and was written to a file.

    Raises like ``many``, but only where it gets to what is wrong.
    """
    if not answer.ok:
        raise answer.error()
    try:
        for item in items(file):
            yield _parse(model, item, answer)
    except NotAList as error:
        raise answer.bad(f"without a list ({error})") from error


def _unwrapped(payload: Any) -> Any:
    wrapped = isinstance(payload, dict) and isinstance(payload.get("data"), (dict, list))
    return payload["data"] if wrapped else payload


def _parse(model: type[Model], payload: Any, answer: Answer) -> Model:
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = clean(".".join(str(part) for part in first["loc"]), longest=100) or "the whole"
        what = f"that is no {model.__name__} ({where}: {first['msg']})"
        # Without its cause, which still holds the input and so perhaps a token.
        raise answer.bad(what) from None
