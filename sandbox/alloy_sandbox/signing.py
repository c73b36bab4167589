"""`alloy-sandbox sign`: a webhook as Alloy would send it, for one's own hands to post."""

from __future__ import annotations

import argparse
import shlex
import sys

from urllib3.exceptions import HTTPError

from alloy_sandbox.testing import RefusedError, Sandbox


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `sign` to the commands."""
    parser = commands.add_parser("sign", help="print a signed webhook, ready to be posted")
    parser.add_argument("--url", required=True, help="where it goes: the URL is part of the text")
    parser.add_argument("--body", default="{}", help="byte for byte; - reads standard input")
    parser.add_argument("--method", default="POST")
    parser.add_argument("--sandbox", default="http://localhost:8001", help="the one that signs")
    parser.set_defaults(run=sign)


def sign(options: argparse.Namespace, began: float) -> int:
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
