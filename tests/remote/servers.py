"""Servers of the web on this machine that do what servers do, and what they should not."""

import itertools
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any
from urllib.parse import unquote

FAULTS = ("cut", "reset", "503", "mute")


@dataclass
class Site:
    """What a server has, and how it behaves."""

    files: dict[str, bytes] = field(default_factory=dict)  # by path
    ranges: bool = True  # whether it gives parts
    framing: str = "length"  # how the end of a body is told: length, chunked, closed
    etag: str = '"1"'
    modified: str = ""
    headers: dict[str, str] = field(default_factory=dict)  # more of them
    faults: Iterator[str] | None = None  # what goes wrong with the requests, one after the other
    status: int = 0  # in place of all answers
    chance: Random = field(default_factory=lambda: Random(1))  # noqa: S311 (where it goes wrong)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)  # that came: path, headers
    url: str = ""


class Handler(BaseHTTPRequestHandler):
    """Answers GET."""

    site: Site
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (as the class has it)
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer."""
        site, path = self.site, unquote(self.path.partition("?")[0])
        site.requests.append((self.path, dict(self.headers)))
        self.close_connection = True
        fault = next(site.faults, "") if site.faults is not None else ""
        if site.status or fault == "503" or path not in site.files:
            self.send_response(site.status or (503 if fault == "503" else 404))
            self.send_header("Content-Length", "0")
            for name, value in site.headers.items():
                self.send_header(name, value)
            self.end_headers()
            return
        if fault == "mute":
            return
        self.send_body(site.files[path], fault)

    do_HEAD = do_GET  # noqa: N815 (as the class has it)

    def send_body(self, content: bytes, fault: str) -> None:
        """Send a file, or the part that was asked for."""
        site, total = self.site, len(content)
        asked = self.headers.get("Range", "") if site.ranges else ""
        if asked and self.headers.get("If-Range") not in (None, site.etag, site.modified):
            asked = ""
        if asked:
            first, _, last = asked.removeprefix("bytes=").partition("-")
            start, stop = int(first), min(int(last or total - 1) + 1, total)
            if start >= total:
                self.send_response(416)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{total}")
            content = content[start:stop]
        else:
            self.send_response(200)
        for name, value in {"ETag": site.etag, "Last-Modified": site.modified, **site.headers}.items():
            if value:
                self.send_header(name, value)
        if site.framing == "length" and "Content-Length" not in site.headers:
            self.send_header("Content-Length", str(len(content)))
        elif site.framing == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.send_content(content, fault)

    def send_content(self, content: bytes, fault: str) -> None:
        """Send the body, or less."""
        end = self.site.chance.randrange(len(content)) if fault in ("cut", "reset") else len(content)
        for start in range(0, end, 1 << 16):
            piece = content[start : min(start + (1 << 16), end)]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if self.site.framing == "chunked" else piece)
        if fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif self.site.framing == "chunked" and not fault:
            self.wfile.write(b"0\r\n\r\n")


class QuietServer(ThreadingHTTPServer):
    """Says nothing of clients that go."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing."""


@contextmanager
def served(site: Site) -> Iterator[Site]:
    """The site on a port of this machine, within this block."""
    server = QuietServer(("127.0.0.1", 0), type("SiteHandler", (Handler,), {"site": site}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def answering(*answers: bytes) -> Iterator[str]:
    """The URL of a server of this machine that sends these bytes, the last of them to all later requests, within this block."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            for content in itertools.chain(answers, itertools.repeat(answers[-1])):
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection, suppress(OSError):
                    connection.recv(1 << 16)
                    connection.sendall(content)

        threading.Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/x.txt"
        listening.shutdown(socket.SHUT_RDWR)  # which ends the thread
