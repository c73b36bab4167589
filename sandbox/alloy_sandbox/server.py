"""The web server: one process, since its webhooks leave from threads of it."""

from __future__ import annotations

import io
import json
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlsplit

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

from alloy_sandbox import bodies, tunnel

CONNECTION = "alloy_sandbox.connection"
"""The key of the environ under which a request's socket is, for faults that hang up."""


ENCODED_SLASH = "\ue000"
"""Stands for a slash that was percent-encoded in a path, as in a username: it separates nothing."""

ENCODED = re.compile("%2F", re.IGNORECASE)


class Server(ThreadedWSGIServer):
    """A thread for each connection."""

    request_queue_size = 128


class RequestHandler(WSGIRequestHandler):
    """Answers in JSON even what never gets to Django, and logs nothing."""

    disable_nagle_algorithm = True  # head and body leave separately: the second would wait

    def parse_request(self) -> bool:
        """Be the proxy of Alloy's clients: take absolute URLs as paths, and tunnels as ours."""
        understood = super().parse_request()
        if understood and self.command == "CONNECT":
            self._open_tunnel()
            return False
        if understood and not self.path.startswith("/"):
            parts = urlsplit(self.path)
            if parts.netloc:
                del self.headers["Host"]
                self.headers["Host"] = parts.netloc
            self.path = parts._replace(scheme="", netloc="").geturl() or "/"
        return understood and self._body_can_be_read()

    def _body_can_be_read(self) -> bool:
        """Take a body that came in chunks for one of that length; refuse what has no end."""
        try:
            if bodies.is_chunked(self.headers):
                body = bodies.read_chunks(self.rfile)
                del self.headers["Transfer-Encoding"], self.headers["Content-Length"]
                self.headers["Content-Length"] = str(len(body))
                self.rfile = io.BytesIO(body)
                self.close_connection = True
            bodies.length(self.headers)
        except ValueError as error:
            self.send_error(HTTPStatus.BAD_REQUEST, str(error))
            return False
        return True

    def _open_tunnel(self) -> None:
        """Answer what comes through the tunnel ourselves, under Alloy's name."""
        if not tunnel.leads_to_alloy(self.path.partition(":")[0]):
            self.send_error(HTTPStatus.FORBIDDEN, "The sandbox is a proxy to Alloy's hosts only")
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        plain: Any = self.connection
        try:
            inside: Any = tunnel.context().wrap_socket(plain, server_side=True)
        except OSError:  # they do not trust the certificate, and are gone
            self.close_connection = True
            return
        self.connection = inside
        self.rfile, self.wfile = inside.makefile("rb"), inside.makefile("wb", buffering=0)
        self.close_connection = False

    def get_environ(self) -> dict[str, Any]:
        path = ENCODED.sub(quote(ENCODED_SLASH), self.path.partition("?")[0])
        decoded = unquote_to_bytes(path).decode("iso-8859-1")
        return {**super().get_environ(), "PATH_INFO": decoded, CONNECTION: self.connection}

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        body = json.dumps({"message": message or HTTPStatus(code).phrase}).encode()
        self.close_connection = True
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """The dashboard shows the calls."""
