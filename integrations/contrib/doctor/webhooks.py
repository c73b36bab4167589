"""Checks that Alloy can reach us, and that we can tell that it is Alloy."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.urls import NoReverseMatch, get_script_prefix, reverse

from integrations import conf
from integrations.alloy import AlloyError
from integrations.contrib.doctor.calls import get, needs_alloy
from integrations.contrib.doctor.result import Result, failed, ok


def origin_is_public() -> Result:
    """Alloy posts over the internet: not to this machine, and not in the open."""
    base = conf.webhook_base_url()
    parts = urlsplit(base)
    hint = "Set WEBHOOK_BASE_URL to the https origin that the world reaches this site at."
    if conf.account().stand_in:
        return ok(f"Webhooks come to {base}, from {conf.account().stand_in}.")
    if _is_private(parts.hostname or ""):
        return failed(f"Alloy cannot reach {base} from outside.", hint)
    if parts.scheme != "https":
        return failed(f"Webhooks would travel to {base} in the open.", hint)
    return ok(f"Webhooks come to {base}.")


def origin_answers() -> Result:
    """GET a webhook's URL: we answer 405, and 404 where the token is wrong."""
    base = conf.webhook_base_url()
    try:
        path = reverse("alloy_webhooks:webhook", args=["TOKEN", "installations"])
    except NoReverseMatch:
        hint = 'Add path("", include("integrations.urls")) to the URLconf, under any prefix.'
        return failed("The URLs of integrations are not included.", hint)
    route = f"/{path.removeprefix(get_script_prefix())}/".replace("TOKEN", "{token}")
    try:
        answer = get(base, route, token=conf.read().WEBHOOK_TOKENS[0])
    except AlloyError as error:
        said = str(error).replace("Alloy ", f"{base} ", 1)
        return failed(
            f"From here: {said}",
            "Start the web server and let the proxy in front pass that path on. If only this"
            " machine cannot reach its own public address, try from another.",
        )
    if answer.status == 405:
        return ok(f"{base} answers, and knows the token.")
    return failed(
        f"{base} answers {answer.status} where it should know the webhook's URL.",
        "Let it be served by this code with the same WEBHOOK_TOKENS, without a redirect.",
    )


@needs_alloy
def public_key_is_there() -> Result:
    """Fetch the key that signatures are checked with: without it every webhook is put off."""
    url = conf.account().hosts.public_key_url
    parts = urlsplit(url)
    answer = get(f"{parts.scheme}://{parts.netloc}", parts.path)
    hint = f"Open {url}: it must show a public key. A proxy in between may need an exception."
    if not answer.ok:
        return failed(str(answer.error()), hint)
    try:
        key = load_pem_public_key(answer.body)
    except (ValueError, UnsupportedAlgorithm):
        return failed(f"{url} holds no public key.", hint)
    if not isinstance(key, RSAPublicKey):
        return failed(f"{url} holds a key of another kind than RSA.", hint)
    return ok(f"Alloy's public key is there: RSA, {key.key_size} bits.")


def _is_private(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
