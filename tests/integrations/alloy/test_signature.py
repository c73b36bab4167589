"""The signature check: what Alloy signs is accepted, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from integrations.alloy import SignatureError, SignatureFault, verify
from tests.full_size import size

many_examples = settings(max_examples=size(20_000, usual=100))

URL = "https://acme.example/webhooks/alloy/t0ken/orders/?userId=63ea758e82c3074141968bb9"
BODY = '{"id":117,"note":"Grüße","total":"12.50"}'.encode()


def sign(key: RSAPrivateKey, text: bytes) -> str:
    return key.sign(text, PKCS1v15(), SHA256()).hex()


@pytest.fixture(scope="session")
def genuine(private_key: RSAPrivateKey) -> dict[str, Any]:
    """The arguments of a delivery that Alloy signed."""
    return {
        "public_key": private_key.public_key(),
        "signature_hex": sign(private_key, b"POST" + URL.encode() + BODY),
        "method": "POST",
        "url": URL,
        "body": BODY,
    }


def reason_of(arguments: dict[str, Any]) -> SignatureFault:
    with pytest.raises(SignatureError) as refused:
        verify(**arguments)
    return refused.value.reason


@pytest.mark.parametrize("signed_as", ["POST", "post"])
def test_a_genuine_delivery_is_accepted_in_either_case_of_method_and_hex(
    genuine: dict[str, Any], private_key: RSAPrivateKey, signed_as: str
) -> None:
    signature = sign(private_key, signed_as.encode() + URL.encode() + BODY)
    for written in (signature, signature.upper()):
        verify(**genuine | {"signature_hex": written})


@pytest.mark.parametrize("signed_as", [b"", b"undefined", b"{}"])
def test_an_empty_body_may_be_signed_as_javascript_writes_nothing(
    genuine: dict[str, Any], private_key: RSAPrivateKey, signed_as: bytes
) -> None:
    signature = sign(private_key, b"POST" + URL.encode() + signed_as)
    verify(**genuine | {"signature_hex": signature, "body": b""})
    assert reason_of(genuine | {"signature_hex": signature, "body": BODY}) == "mismatch"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda hexed: "", "missing"),
        (lambda hexed: hexed[:-1], "wrong_length"),
        (lambda hexed: hexed + "00", "wrong_length"),
        (lambda hexed: " " + hexed, "wrong_length"),
        (lambda hexed: hexed + "\n", "wrong_length"),
        (lambda hexed: "0x" + hexed[2:], "malformed"),
        (lambda hexed: hexed[:-1] + " ", "malformed"),
        (lambda hexed: hexed[:-1] + "\n", "malformed"),
        (lambda hexed: hexed[:10] + "  " + hexed[12:], "malformed"),
        (lambda hexed: hexed[:-1] + "g", "malformed"),
        (lambda hexed: hexed[:-1] + "\u0661", "malformed"),  # a digit, but not in ASCII
        (lambda hexed: "a" * 1_000_000, "wrong_length"),
        (lambda hexed: "0" * len(hexed), "mismatch"),
        (lambda hexed: "f" * len(hexed), "mismatch"),
    ],
)
def test_a_damaged_signature_is_refused_with_its_reason(
    genuine: dict[str, Any], change: Any, reason: str
) -> None:
    damaged = genuine | {"signature_hex": change(genuine["signature_hex"])}
    assert reason_of(damaged) == reason


CHANGES: list[dict[str, Any]] = [
    *({"method": method} for method in ("PUT", "GET", "POS", "", "Post ")),
    *({"body": body} for body in (BODY + b"\n", BODY.replace(b",", b", "))),
    {"body": BODY.replace("ü".encode(), b"\\u00fc")},
    *({"url": URL + more} for more in ("/", "&a=b")),
    *(
        {"url": URL.replace(old, new)}
        for old, new in [
            *(("https", "http"), ("acme.example", "ACME.example"), ("acme", "evil")),
            *(("acme.example", "acme.example:443"), ("orders", "errors"), ("orders", "%6Frders")),
            *(("t0ken", "token"), ("63ea", "63eb"), (URL[URL.index("?") :], "")),
        ]
    ),
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_another_method_url_or_body_is_refused_if_only_written_differently(
    genuine: dict[str, Any], change: dict[str, Any]
) -> None:
    assert reason_of(genuine | change) == "mismatch"


def test_another_key_scheme_digest_or_text_is_refused(
    genuine: dict[str, Any], private_key: RSAPrivateKey, other_private_key: RSAPrivateKey
) -> None:
    text, path = b"POST" + URL.encode() + BODY, URL.removeprefix("https://acme.example").encode()
    for signature in (
        sign(other_private_key, text),
        sign(private_key, b"POST" + path + BODY),
        private_key.sign(text, PSS(MGF1(SHA256()), PSS.MAX_LENGTH), SHA256()).hex(),
        private_key.sign(text, PKCS1v15(), SHA1()).hex(),  # noqa: S303
    ):
        assert reason_of(genuine | {"signature_hex": signature}) == "mismatch"


def test_the_line_between_url_and_body_cannot_be_moved(genuine: dict[str, Any]) -> None:
    for cut in range(1, len(BODY) + 1):
        moved = URL + BODY[:cut].decode(errors="surrogateescape")
        assert reason_of(genuine | {"url": moved, "body": BODY[cut:]}) == "unsignable"


@pytest.mark.scenario(12)
@many_examples
@given(st.data())
def test_no_change_to_signature_url_or_body_is_accepted(
    genuine: dict[str, Any], data: st.DataObject
) -> None:
    part = data.draw(st.sampled_from(["signature_hex", "url", "body"]))
    value = genuine[part]
    start = data.draw(st.integers(0, len(value)))
    stop = data.draw(st.integers(start, min(len(value), start + 4)))
    patch: Any = data.draw(st.binary(max_size=4) if part == "body" else _printable)
    changed = value[:start] + patch + value[stop:]
    assume(changed.lower() != value if part == "signature_hex" else changed != value)
    with pytest.raises(SignatureError):
        verify(**genuine | {part: changed})


_printable = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=4)


@pytest.mark.scenario(12)
@many_examples
@given(signature_hex=st.text(), method=st.text(), url=st.text(), body=st.binary())
@example(signature_hex="0" * 512, method="\ud800", url=URL, body=b"")
def test_whatever_comes_the_only_error_is_a_signature_error(
    genuine: dict[str, Any], **whatever: Any
) -> None:
    with pytest.raises(SignatureError):
        verify(**genuine | whatever)
