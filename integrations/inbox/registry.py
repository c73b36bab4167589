"""Which function processes which kind of delivery, and what shape its body must have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from integrations.models import Delivery

Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True)
class Receiver:
    """How one kind of delivery is parsed and processed.

    `repeatable` kinds say only "look again": the same body may be news twice, so a repeated
    delivery is processed again. Of every other kind a repeated delivery changes nothing.
    """

    model: type[BaseModel]
    process: Callable[[Delivery, Any], None]
    repeatable: bool = False


_receivers: dict[str, Receiver] = {}


def receives(
    kind: str, model: type[Body], *, repeatable: bool = False
) -> Callable[[Callable[[Delivery, Body], None]], Callable[[Delivery, Body], None]]:
    """Register the decorated function to process deliveries of a kind, parsed into `model`.

    It runs in a transaction together with the mark that the delivery is processed, so its writes
    happen once; it must leave calls to the network to the outbox.
    """

    def register(process: Callable[[Delivery, Body], None]) -> Callable[[Delivery, Body], None]:
        _receivers[kind] = Receiver(model=model, process=process, repeatable=repeatable)
        return process

    return register


def receiver_of(kind: str) -> Receiver:
    """Return the receiver of a kind; `KeyError` when no app has registered one."""
    return _receivers[kind]
