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

many_examples = settings(max_examples=size(20_000, usual=400))

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


def test_a_genuine_delivery_is_accepted(genuine: dict[str, Any]) -> None:
    verify(**genuine)


def test_upper_case_hex_is_accepted(genuine: dict[str, Any]) -> None:
    verify(**genuine | {"signature_hex": genuine["signature_hex"].upper()})


@pytest.mark.parametrize("method", ["POST", "post"])
def test_the_method_may_be_signed_in_either_case(
    genuine: dict[str, Any], private_key: RSAPrivateKey, method: str
) -> None:
    signature = sign(private_key, method.encode() + URL.encode() + BODY)
    verify(**genuine | {"signature_hex": signature})


@pytest.mark.parametrize("signed_as", [b"", b"undefined", b"{}"])
def test_an_empty_body_may_be_signed_as_javascript_writes_nothing(
    genuine: dict[str, Any], private_key: RSAPrivateKey, signed_as: bytes
) -> None:
    signature = sign(private_key, b"POST" + URL.encode() + signed_as)
    verify(**genuine | {"signature_hex": signature, "body": b""})
    assert reason_of(genuine | {"signature_hex": signature, "body": BODY}) == "mismatch"


def test_a_signature_over_the_path_alone_does_not_count(
    genuine: dict[str, Any], private_key: RSAPrivateKey
) -> None:
    path = URL.removeprefix("https://acme.example")
    by_path = genuine | {"signature_hex": sign(private_key, b"POST" + path.encode() + BODY)}
    assert reason_of(by_path) == "mismatch"


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


@pytest.mark.parametrize(
    "url",
    [
        URL + "/",
        URL + "&a=b",
        URL.replace("https", "http"),
        URL.replace("acme.example", "ACME.example"),
        URL.replace("acme.example", "acme.example:443"),
        URL.replace("acme", "evil"),
        URL.replace("orders", "errors"),
        URL.replace("t0ken", "token"),
        URL.replace("orders", "%6Frders"),
        URL.replace("63ea", "63eb"),
        URL.partition("?")[0],
    ],
)
def test_another_url_is_refused(genuine: dict[str, Any], url: str) -> None:
    assert reason_of(genuine | {"url": url}) == "mismatch"


@pytest.mark.parametrize("method", ["PUT", "GET", "POS", "", "Post "])
def test_another_method_is_refused(genuine: dict[str, Any], method: str) -> None:
    assert reason_of(genuine | {"method": method}) == "mismatch"


def test_another_key_is_refused(genuine: dict[str, Any], other_private_key: RSAPrivateKey) -> None:
    signature = sign(other_private_key, b"POST" + URL.encode() + BODY)
    assert reason_of(genuine | {"signature_hex": signature}) == "mismatch"


def test_other_schemes_and_digests_of_the_same_key_are_refused(
    genuine: dict[str, Any], private_key: RSAPrivateKey
) -> None:
    text = b"POST" + URL.encode() + BODY
    pss = private_key.sign(text, PSS(MGF1(SHA256()), PSS.MAX_LENGTH), SHA256()).hex()
    sha1 = private_key.sign(text, PKCS1v15(), SHA1()).hex()  # noqa: S303
    assert reason_of(genuine | {"signature_hex": pss}) == "mismatch"
    assert reason_of(genuine | {"signature_hex": sha1}) == "mismatch"


def test_reserialised_json_is_refused(genuine: dict[str, Any]) -> None:
    for body in (BODY.replace(b",", b", "), BODY + b"\n", BODY.replace("ü".encode(), b"\\u00fc")):
        assert reason_of(genuine | {"body": body}) == "mismatch"


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
    genuine: dict[str, Any], signature_hex: str, method: str, url: str, body: bytes
) -> None:
    with pytest.raises(SignatureError):
        verify(
            public_key=genuine["public_key"],
            signature_hex=signature_hex,
            method=method,
            url=url,
            body=body,
        )
