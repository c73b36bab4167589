"""`alloy-sandbox sign`: a webhook as Alloy would send it, for one's own hands to post."""

from __future__ import annotations

import argparse
import shlex
import sys

from urllib3.exceptions import HTTPError

from alloy_sandbox.testing import RefusedError, Sandbox


def sign(options: argparse.Namespace) -> int:
    """Print the command that posts the body with its signature."""
    body = sys.stdin.read() if options.body == "-" else options.body
    try:
        signature = Sandbox(options.sandbox).sign(options.url, body, options.method)
    except (HTTPError, RefusedError) as error:
        print(f"The sandbox at {options.sandbox} did not sign it: {error}", file=sys.stderr)
        return 1
    command = ["curl", "--request", options.method, options.url]
    command += ["--header", "Content-Type: application/json"]
    command += ["--header", f"X-Alloy-Signature: {signature}", "--data-binary", body]
    print(shlex.join(command))
    return 0
