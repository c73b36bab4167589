"""`alloy-sandbox record`: a proxy that writes down what a real account answers, as fixtures.

A fixture is one exchange: {"request": {"method", "path", "headers", "body"}, "status", "answer"}.
Keys, tokens and secrets are masked before anything is written; the caller's key is never kept.
"""

from __future__ import annotations

import argparse
import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError

from alloy_sandbox import bodies
from alloy_sandbox.core.masking import mask_json, mask_query

HANDED_ON = ("authorization", "content-type", "x-api-version", "x-alloy-userid")
HANDED_ON_AND_SECRET = ("x-alloy-user-token",)
KEPT = ("x-api-version", "x-alloy-userid")
NO_NAME = re.compile(r"[^A-Za-z0-9]+")

_connections = urllib3.PoolManager(retries=False, timeout=60)


def record(options: argparse.Namespace) -> int:
    """Hand every call on to the upstream, and keep a fixture of it, until interrupted."""
    options.into.mkdir(parents=True, exist_ok=True)
    with server(options.upstream.rstrip("/"), options.into, options.listen) as proxy:
        print(f"Recording http://localhost:{proxy.server_port} -> {options.upstream}", flush=True)
        proxy.serve_forever()
    return 0


def server(upstream: str, into: Path, port: int) -> ThreadingHTTPServer:
    """Return the proxy, not yet serving."""
    numbers = count(1 + len(list(into.glob("*.json"))))

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            try:
                body = bodies.read(self.headers, self.rfile)
                answer = self._ask(body)
            except ValueError as error:
                self.close_connection = True
                self._answer(400, json.dumps({"message": str(error)}).encode())
                return
            except HTTPError as error:
                self._answer(502, json.dumps({"message": f"No answer: {error}"}).encode())
                return
            asked = {name: self.headers[name] for name in KEPT if name in self.headers}
            kept = fixture(self.command, self.path, asked, body, answer.status, answer.data)
            name = NO_NAME.sub("-", f"{self.command} {self.path.split('?')[0]}").strip("-")
            file = into / f"{next(numbers):04d}-{name[:80]}.json"
            file.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")
            media = answer.headers.get("Content-Type", "application/json")
            self._answer(answer.status, answer.data, media)

        def _ask(self, body: bytes) -> urllib3.BaseHTTPResponse:
            names = (*HANDED_ON, *HANDED_ON_AND_SECRET)
            headers = {name: self.headers[name] for name in names if name in self.headers}
            url = upstream + self.path
            return _connections.request(
                self.command, url, body=body or None, headers=headers, redirect=False
            )

        def _answer(self, status: int, body: bytes, media: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            print(f"{self.command} {mask_query(self.path)}", flush=True)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    return ThreadingHTTPServer(("127.0.0.1", port), Proxy)


def fixture(
    method: str, path: str, headers: dict[str, str], sent: bytes, status: int, answer: bytes
) -> dict[str, Any]:
    """Return one exchange as it is kept: without a secret."""
    path, _, query = path.partition("?")
    return {
        "request": {
            "method": method,
            "path": f"{path}?{mask_query(query)}" if query else path,
            "headers": headers,
            "body": _json(sent),
        },
        "status": status,
        "answer": _json(answer),
    }


def _json(raw: bytes) -> Any:
    """Return a JSON body, masked; of anything else only how long it is."""
    try:
        return mask_json(json.loads(raw)) if raw.strip() else None
    except ValueError:
        return f"({len(raw)} bytes that are no JSON)"
