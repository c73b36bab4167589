"""An app that embeds the modal, on a page as strict as an app's page may be."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.conftest import BIGCOMMERCE, Json, Sandbox

PAGE = """<!doctype html><html lang="en"><head><title>App</title></head><body><main><h1>App</h1>
<script src="%s"></script><script src="/app.js"></script></main></body></html>"""
SCRIPT = """
window.calls = [];
window.openModal = (method, params) => Alloy[method]({
  callback: (answer) => window.calls.push(answer), ...params,
});
"""
POLICY = "default-src 'self' {alloy}; connect-src {alloy}; frame-src {alloy}"


class App:
    """The page that embeds the modal, and what Alloy called it back with."""

    def __init__(self, page: Page, sandbox: Sandbox) -> None:
        self.page, self.sandbox = page, sandbox
        self.user_id = sandbox.new_user()

    def set_token(self) -> None:
        """Fetch a token and hand it to the script, as apps do at each click."""
        token = self.sandbox.get(f"/users/{self.user_id}/token")["token"]
        self.page.evaluate("(token) => Alloy.setToken(token)", token)

    def open(self, method: str = "install", **params: Any) -> FrameLocator:
        """Open the modal, and return what is inside its iframe."""
        self.set_token()
        params = {"integrationId": BIGCOMMERCE, **params}
        self.page.evaluate("([method, params]) => openModal(method, params)", [method, params])
        return self.page.frame_locator("iframe")

    def wait_for_calls(self, count: int) -> list[Json]:
        """Return what the callback was called with, in order, once it was this often."""
        self.page.wait_for_function("(count) => calls.length >= count", arg=count)
        found: list[Json] = self.page.evaluate("calls")
        return found

    @property
    def calls(self) -> list[Json]:
        """What the callback was called with so far."""
        return self.wait_for_calls(0)

    @property
    def modal(self) -> Locator:
        return self.page.locator("iframe")

    @property
    def workflows(self) -> list[Json]:
        """The workflows of BigCommerce as the user has them."""
        found = self.sandbox.get(f"/integrations/{BIGCOMMERCE}", userId=self.user_id)["data"]
        workflows: list[Json] = found["workflows"]
        return workflows

    @property
    def installed(self) -> list[str]:
        """The ids of the workflows that the user has installed."""
        return [each["workflowId"] for each in self.workflows if each["installed"]]

    def wait_until_closed(self) -> None:
        expect(self.modal).to_have_count(0)


@contextmanager
def serving(*, script: str, alloy: str, files: Mapping[str, str]) -> Iterator[str]:
    """Serve the app's page, which loads `script` and allows only `alloy` besides itself.

    A real server: Chromium keeps a page that came from nowhere from reaching this machine.
    """
    pages = {"/": PAGE % script, "/app.js": SCRIPT, **files}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path, "").encode()
            kind = "text/javascript" if self.path.endswith(".js") else "text/html"
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", POLICY.format(alloy=alloy))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_address[1]}/"
        server.shutdown()
