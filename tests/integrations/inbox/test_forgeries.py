"""A genuine delivery, changed in every way somebody on the way could change it."""

from __future__ import annotations

import base64
import json
import logging
import random
import string
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from django.apps import apps

from accounts.models import User
from integrations import conf, flood_control
from integrations.models import AlloyUser
from tests.full_size import size
from tests.integrations.conftest import make_ready
from tests.integrations.inbox.steps import BASE, ORDER, Sender, url_of

pytestmark = pytest.mark.django_db

MUTATIONS = size(10_000, usual=120)
CANARY = "canary"
BODY = json.dumps({**ORDER, "staff_notes": f"{CANARY} " * 20}).encode()
SIGNATURE = "X-Alloy-Signature"


@dataclass(frozen=True)
class Request:
    """A request as it is sent; `others` is signed by somebody else, for the same URL and body."""

    url: str
    signature: str
    others: str
    elsewhere: str
    body: bytes = BODY
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)


Dice = random.Random
Forgery = Callable[[Request, Dice], Request]


def flip_a_bit(data: bytes, dice: Dice) -> bytes:
    place = dice.randrange(len(data))
    changed = bytes([data[place] ^ 1 << dice.randrange(8)])
    return data[:place] + changed + data[place + 1 :]


def swap_a_letter(text: str, dice: Dice, *, letters: str = string.ascii_letters) -> str:
    place = dice.choice([n for n, letter in enumerate(text) if letter.isalnum()])
    letter = dice.choice([each for each in letters if each != text[place]])
    return text[:place] + letter + text[place + 1 :]


def body(genuine: Request, dice: Dice) -> Request:
    return replace(genuine, body=flip_a_bit(genuine.body, dice))


def signature(genuine: Request, dice: Dice) -> Request:
    flipped = flip_a_bit(bytes.fromhex(genuine.signature), dice).hex()
    return replace(genuine, signature=flipped)


def path(genuine: Request, dice: Dice) -> Request:
    head, _, query = genuine.url.removeprefix(BASE).partition("?")
    return replace(genuine, url=f"{BASE}{swap_a_letter(head, dice)}?{query}")


def query(genuine: Request, dice: Dice) -> Request:
    head, _, query = genuine.url.partition("?")
    return replace(genuine, url=f"{head}?{swap_a_letter(query, dice)}")


def method(genuine: Request, dice: Dice) -> Request:
    others = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "POSTS"]
    return replace(genuine, method=dice.choice(others))


def no_signature(genuine: Request, dice: Dice) -> Request:
    return replace(genuine, signature=dice.choice(["", " ", "0", "null", "undefined"]))


def huge_signature(genuine: Request, dice: Dice) -> Request:
    return replace(genuine, signature=genuine.signature * dice.randrange(2, 2_000))


def no_hex(genuine: Request, dice: Dice) -> Request:
    encoded = base64.b64encode(bytes.fromhex(genuine.signature)).decode()
    damaged = swap_a_letter(genuine.signature, dice, letters="ghijklmnopqrstuvwxyz")
    return replace(genuine, signature=dice.choice([encoded, damaged]))


def other_key(genuine: Request, dice: Dice) -> Request:
    return replace(genuine, signature=genuine.others)


def other_tenant(genuine: Request, dice: Dice) -> Request:
    return replace(genuine, url=genuine.elsewhere)


def large_body(genuine: Request, dice: Dice) -> Request:
    longer = conf.read().WEBHOOK_MAX_BYTES + dice.choice([-1, 0, 1])
    return replace(genuine, body=genuine.body.ljust(longer))


def content_type(genuine: Request, dice: Dice) -> Request:
    types = ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded", "\x7f"]
    return replace(body(genuine, dice), headers={"Content-Type": dice.choice(types)})


FORGERIES: list[Forgery] = [
    *(body, signature, path, query, method, no_signature, huge_signature, no_hex),
    *(other_key, other_tenant, large_body, content_type),
]


@pytest.fixture
def genuine(
    sender: Sender, alloy_user: AlloyUser, other_merchant: User, other_private_key: RSAPrivateKey
) -> Request:
    """A delivery that would be taken."""
    url = url_of("orders", f"userId={alloy_user.user_id}")
    return Request(
        url=url,
        signature=sender.sign("POST", url, BODY),
        others=Sender(other_private_key, sender.client).sign("POST", url, BODY),
        elsewhere=url_of("orders", f"userId={make_ready(other_merchant).user_id}"),
    )


def send(sender: Sender, request: Request) -> int:
    headers = {SIGNATURE: request.signature, **request.headers}
    return sender.send(request.method, request.url, request.body, headers=headers).status_code


def rows() -> dict[str, int]:
    """Count the rows of every table."""
    models = [each for each in apps.get_models() if each._meta.managed]
    return {each._meta.label: each._default_manager.count() for each in models}


@pytest.mark.scenario(12)
def test_no_forgery_is_taken_in_and_none_leaves_a_row_or_a_word_of_its_body(
    sender: Sender, genuine: Request, caplog: pytest.LogCaptureFixture
) -> None:
    dice, before, answers = random.Random(12), rows(), Counter[int]()  # noqa: S311
    with caplog.at_level(logging.DEBUG):
        for number in range(MUTATIONS):
            flood_control._refusals["logged"] = 0  # else most would not be logged, for their number
            answers[send(sender, FORGERIES[number % len(FORGERIES)](genuine, dice))] += 1
    assert set(answers) <= {401, 404, 405, 413}, answers
    assert rows() == before
    assert sum("webhook_refused" in str(record.msg) for record in caplog.records) > MUTATIONS / 2
    assert not any(CANARY in f"{record.__dict__}" for record in caplog.records)
    assert send(sender, genuine) == 202, "or everything would be refused"
