"""The command `alloy-sandbox`."""

from __future__ import annotations

import argparse
import gc
import os
import re
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

from alloy_sandbox import __version__

ORIGIN = re.compile(r"https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?", re.IGNORECASE)

READY = """
alloy-sandbox is ready ({seconds:.1f} s).

  Alloy's API, pages and dashboard  {origin}
  Your key                          any that begins with sandbox_
  Data                              {data}

Ctrl-C stops it.
"""


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; return the exit code."""
    began = time.monotonic()
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options, began))
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="alloy-sandbox",
        description="A stand-in for Alloy on this machine: its API, its modal, its webhooks.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument(
        "--port",
        type=_port,
        default=os.environ.get("SANDBOX_PORT", "8001"),
        help="8001 by default; 0: any that is free",
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at")
    parser.add_argument("--data", type=Path, metavar="DIR", help="keep the data; else in memory")
    parser.add_argument(
        "--origin",
        type=_origin,
        default=os.environ.get("SANDBOX_ORIGIN", ""),
        help="begins every URL that is handed out; http://localhost:<port> by default",
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a host name to answer to, beside this machine's own and the origin's",
    )
    parser.add_argument(
        "--framed-by",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="who may embed the modal; anybody by default; may be repeated",
    )
    parser.add_argument(
        "--seed", type=Path, metavar="CATALOGUE.yaml", help="your own integrations and events"
    )
    parser.add_argument("--quiet", action="store_true", help="print the origin only")
    parser.add_argument("--attached", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(run=_serve)
    commands = parser.add_subparsers(title="other commands", metavar="")
    _add_sign(commands)
    _add_record(commands)
    _add_diff(commands)
    operations = commands.add_parser("operations", help="print what is known of Alloy's API")
    operations.set_defaults(run=_print_operations)
    return parser


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{number} is no port: they end at 65535")
    return number


def _origin(text: str) -> str:
    """Return the origin without a slash at its end; "" stays, and means the usual one."""
    origin = text.rstrip("/")
    if origin and not ORIGIN.fullmatch(origin):
        said = f"{text!r} is no origin: it has a scheme and a host, such as https://a.example"
        raise argparse.ArgumentTypeError(said)
    return origin


# Each command imports what it needs when it runs: starting the sandbox must not wait for it.


def _add_sign(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    def run(options: argparse.Namespace, began: float) -> int:
        from alloy_sandbox.signing import sign

        return sign(options)

    parser = commands.add_parser("sign", help="print a signed webhook, ready to be posted")
    parser.add_argument("--url", required=True, help="where it goes: the URL is part of the text")
    parser.add_argument("--body", default="{}", help="byte for byte; - reads standard input")
    parser.add_argument("--method", default="POST")
    parser.add_argument("--sandbox", default="http://localhost:8001", help="the one that signs")
    parser.set_defaults(run=run)


def _add_record(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    def run(options: argparse.Namespace, began: float) -> int:
        from alloy_sandbox.recording import record

        return record(options)

    parser = commands.add_parser("record", help="write down what a real account answers")
    parser.add_argument("--upstream", required=True, metavar="URL", help="Alloy's host")
    parser.add_argument("--listen", type=int, default=8002, metavar="PORT", help="0: any free one")
    parser.add_argument("--into", type=Path, default=Path("fixtures"), metavar="DIR")
    parser.set_defaults(run=run)


def _add_diff(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    def run(options: argparse.Namespace, began: float) -> int:
        from alloy_sandbox.differences import diff

        return diff(options)

    parser = commands.add_parser("diff", help="compare fixtures with what the sandbox answers")
    parser.add_argument("fixtures", type=Path, help="a folder that `record` has filled")
    parser.add_argument("--seed", type=Path, metavar="CATALOGUE.yaml", help="as of alloy-sandbox")
    parser.set_defaults(run=run)


def _serve(options: argparse.Namespace, began: float) -> int:
    gc.disable()  # until it serves: what a start makes is there to stay, and no garbage
    for stops in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stops, _interrupt)
    if options.attached:
        threading.Thread(target=_end_with_input, daemon=True).start()
    from alloy_sandbox.core.errors import AlloyError
    from alloy_sandbox.server import RequestHandler, Server

    try:
        address = (options.host, options.port)
        server = Server(address, RequestHandler, ipv6=":" in options.host)
    except OSError as error:
        print(f"alloy-sandbox cannot listen at {options.host}:{options.port}: {error.strerror}.")
        return 1
    origin = options.origin or f"http://localhost:{server.server_port}"
    with server:
        try:
            _configure(origin, options)
            server.set_app(_application())
        except (ValueError, OSError, AlloyError) as error:
            print(error)
            return 1
        gc.freeze()
        gc.enable()
        _say(options, origin, time.monotonic() - began)
        server.serve_forever()
    return 0


def _print_operations(options: argparse.Namespace, began: float) -> int:
    _configure("http://localhost:8001", options)
    import django

    django.setup()
    from alloy_sandbox.core import openapi

    print(openapi.table())
    return 0


def _configure(origin: str, options: argparse.Namespace) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "alloy_sandbox.settings"
    os.environ["SANDBOX_ORIGIN"] = origin
    os.environ["SANDBOX_ALLOWED_HOSTS"] = ",".join(options.allow_host)
    os.environ["SANDBOX_FRAMED_BY"] = " ".join(options.framed_by)
    os.environ["SANDBOX_DATABASE"] = ""
    if options.seed is not None:
        os.environ["SANDBOX_SEED"] = str(options.seed.resolve())
    if options.data is not None:
        options.data.mkdir(parents=True, exist_ok=True)
        os.environ["SANDBOX_DATABASE"] = str(options.data.resolve() / "sandbox.sqlite3")


def _application() -> Any:
    """Prepare the database and start the threads that send webhooks; return the WSGI application.

    This thread's connection stays open: with the last one an in-memory database would be gone.
    """
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    from alloy_sandbox.core import database
    from alloy_sandbox.core.seed import seed
    from alloy_sandbox.webhooks import sender

    database.prepare()
    seed()
    sender.start()
    return application


def _say(options: argparse.Namespace, origin: str, seconds: float) -> None:
    data = options.data or "in memory: gone when this ends"
    said = READY.format(seconds=seconds, origin=origin, data=data)
    print(origin if options.quiet else said, flush=True)


def _end_with_input() -> None:
    """End when whoever started us does, even where they had no time to say so."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(0)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
