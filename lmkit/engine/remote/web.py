"""Files on servers of the web, by urllib: whatever breaks on the way is asked for again, from where it broke."""

import base64
import random
import socket
import ssl
import time
import urllib.request as requests
import zlib
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from email.message import Message
from functools import cache
from http.client import HTTPException, HTTPMessage, HTTPResponse, InvalidURL
from typing import IO, Any, cast
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from lmkit.engine.remote.answers import (
    AGAIN,
    FETCH,
    Answer,
    Unfinished,
    Version,
    changed,
    reason_of,
    refusal,
    whole_number,
)
from lmkit.engine.remote.names import WEB
from lmkit.errors import DataError
from lmkit.version import __version__

PAGES = (".html", ".htm", ".xhtml")
ENCODINGS = ("", "identity", "gzip", "x-gzip", "bzip2", "xz", "zstd")  # which are recognised by the first bytes
NO_SUCH_RANGE = 416
NETWORK = "Check the name of the server and the network; a proxy is named in the variable https_proxy."


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for, and how often it is asked again."""

    tries: int = 6  # in a row in which less than `news` came
    wait: float = 0.5  # seconds before the second try, doubled with each
    timeout: float = 30.0  # seconds in which nothing comes
    news: int = 1 << 16  # bytes after which one starts to count anew


class Refused(Exception):
    """A request that the server refuses."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class WebFile:
    """A file of a server (see `RemoteFile`)."""

    def __init__(self, url: str, name: str, token: str = "", remedy: str = "", patience: Patience = Patience()) -> None:
        """name: for messages. token: that shows who asks, sent to this server alone. remedy: where it is a matter of who asks."""
        try:
            self._url, user = without_user(url)
        except ValueError:  # of what is no URL
            raise DataError(f"cannot read {name}: this is no URL.", "One looks like https://HOST/FILE.") from None
        self._name, self._remedy, self._patience = name, remedy, patience
        self._who = f"Bearer {token}" if token else ""
        if user:
            self._who = "Basic " + base64.b64encode(user.encode()).decode()
        self._version: Version | None = None  # as it was first found
        self._has_ranges = False
        self.headers = Message()  # of the first answer

    @property
    def size(self) -> int:
        """In bytes."""
        return (self._version and self._version.size) or 0

    @property
    def is_seekable(self) -> bool:
        """Whether the server gives parts of it, and tells if it has changed. To be asked once some of it came."""
        return self._has_ranges and self._version is not None and bool(self._version.size and self._version.validator)

    def look(self) -> None:
        """Ask for its first byte, to know what the server says of it."""
        for _ in self.pieces(0, 1):
            pass

    def read_at(self, start: int, size: int) -> bytes:
        """These bytes; DataError if the file changed."""
        return b"".join(self.pieces(start, start + size))

    def pieces(self, start: int = 0, stop: int | None = None) -> Generator[bytes]:
        """The bytes of the file, from one place to another, some at a time."""
        position, passed, failures, told = start, 0, 0, start  # passed: the CRC-32 of what was given
        while stop is None or position < stop:
            begun = position
            try:
                with self._asked(position, stop) as response:
                    answer = self._checked(response)
                    if answer.start != position:
                        self._skip(answer, position, start, passed)
                    while piece := answer.read():
                        piece = piece if stop is None else piece[: stop - position]
                        position, passed = position + len(piece), zlib.crc32(piece, passed)
                        yield piece
                        if position == stop:
                            return
                if self._ends_at(position):
                    return
                if position == begun:  # else the server gives so much at a time
                    raise Unfinished("the server sends nothing of what is missing")  # noqa: TRY301 (as what breaks)
            except Unfinished as failure:
                failures = 1 if position - told >= self._patience.news else failures + 1
                told = position
                self._wait(failure, failures, position)

    def _ends_at(self, position: int) -> bool:
        """Whether an answer that ends here was the last: a file of unknown size ends where its answer does, which marks that."""
        size = self._version.size if self._version else None
        return size is None or position >= size

    def _asked(self, position: int, stop: int | None) -> HTTPResponse:
        """The response to a request for the rest. Unfinished if it may come a moment later, DataError if not."""
        validator = self._version.validator if self._version else ""
        first = (
            position if validator or self._version is None else 0
        )  # parts of what may be another version are of no use
        headers = {"User-Agent": f"lmkit/{__version__}", "Accept-Encoding": "identity", "Accept": "*/*"}
        if self._version is None or validator or self._has_ranges:
            headers["Range"] = f"bytes={first}-{'' if stop is None else stop - 1}"
        if validator and first:
            headers["If-Range"] = validator
        try:
            return self._opened(headers)
        except Refused as error:
            if error.status != NO_SUCH_RANGE:
                raise refusal(error.status, self._name, self._remedy) from None
        if self._version is not None:
            raise changed(self._name)
        del headers["Range"]  # an empty file, of which some servers have no part
        try:
            return self._opened(headers)
        except Refused as error:
            raise refusal(error.status, self._name, self._remedy) from None

    def _opened(self, headers: Mapping[str, str]) -> HTTPResponse:
        """The response to a request with these headers. Refused if the server has none."""
        request = requests.Request(self._url, headers=dict(headers))  # noqa: S310 (only http and https have handlers)
        if self._who:
            request.add_unredirected_header("Authorization", self._who)
        try:
            return cast(HTTPResponse, opener().open(request, timeout=self._patience.timeout))
        except HTTPError as error:
            error.close()
            if error.code not in AGAIN:
                raise Refused(error.code) from None
            words = f"the server answers {error.code} {error.reason}"
            raise Unfinished(words, whole_number(error.headers.get("Retry-After", "")) or 0) from None
        except (URLError, OSError, HTTPException, ValueError) as error:
            reason = error.reason if isinstance(error, URLError) else error
            self._refuse_hopeless(reason)
            raise Unfinished(reason_of(cast(BaseException, reason))) from None

    def _refuse_hopeless(self, reason: object) -> None:
        """DataError for what will not be otherwise a moment later; once some of the file came, the network was there."""
        start = f"cannot read {self._name}: "
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise DataError(
                f"{start}the certificate of the server is not trusted ({reason.verify_message}).",
                "If you trust it, name a file with its certificate in the variable SSL_CERT_FILE.",
            ) from None
        if isinstance(reason, InvalidURL | UnicodeError):  # UnicodeError: of a host that has no such name
            raise DataError(f"{start}this is no URL.", "One looks like https://HOST/FILE.") from None
        if isinstance(reason, str):  # redirections lead to the web alone
            raise DataError(
                f"{start}the variable http_proxy or https_proxy names a proxy of another kind than http:// ({reason}).",
                "Name one as http://HOST:PORT, or none.",
            ) from None
        if self._version is not None:
            return
        if isinstance(reason, ssl.SSLError):
            raise DataError(
                f"{start}the server does not answer in TLS ({reason.reason}).", "Is it http:// in place of https://?"
            ) from None
        if isinstance(reason, socket.gaierror):
            raise DataError(f"{start}its server was not found ({reason.strerror}).", NETWORK) from None
        if isinstance(reason, ConnectionRefusedError):
            raise DataError(f"{start}its server takes no connections there.", NETWORK) from None
        if isinstance(reason, TimeoutError):
            raise DataError(
                f"{start}its server did not answer within {self._patience.timeout:g} seconds.", NETWORK
            ) from None

    def _checked(self, response: HTTPResponse) -> Answer:
        """What the response has. DataError for what is another version, or another thing, than was asked for."""
        answer = Answer(response, self._name)
        if self._version is None:
            encoding = answer.headers.get("Content-Encoding", "").lower()
            if encoding not in ENCODINGS:
                raise DataError(f"cannot read {self._name}: the server sends it encoded as {encoding}.", FETCH)
            is_page = answer.headers.get("Content-Type", "").lower().startswith("text/html")
            if is_page and not self._name.lower().endswith(PAGES):
                raise DataError(
                    f"{self._name} is a page of the web, and no file.",
                    "Name the file that the page shows: links to raw files and to downloads lead there.",
                )
            self._version, self._has_ranges, self.headers = answer.version, answer.has_ranges, answer.headers
        elif self._version.differs(answer.version):
            raise changed(self._name)
        return answer

    def _skip(self, answer: Answer, position: int, start: int, passed: int) -> None:
        """Pass over what was given already, of a server that sends the file from its beginning. DataError if it is not the same."""
        if answer.start > position:
            raise DataError(
                f"cannot read {self._name}: the server sends another part of it than it was asked for.", FETCH
            )
        if start > answer.start:
            raise changed(self._name)
        if answer.skip(position - answer.start) != passed:
            raise changed(self._name)

    def _wait(self, failure: Unfinished, failures: int, position: int) -> None:
        """Wait before the next try; DataError if there were enough."""
        if failures >= self._patience.tries:
            came = f" after {position:,} bytes" if position else ""
            raise DataError(
                f"cannot read {self._name}: {failure}{came}; asked {failures} times.",
                "The server or the network fails: try again later, or fetch the file first.",
            )
        pause = self._patience.wait * 2 ** (failures - 1) * random.uniform(0.5, 1.0)  # noqa: S311 (many must not ask at once)
        time.sleep(max(pause, failure.after))


def without_user(url: str) -> tuple[str, str]:
    """A URL without the user in it, and that user, as name:password; in characters that requests can have. ValueError for what is none."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    if not host:
        raise ValueError(url)
    if not host.isascii():
        host = host.encode("idna").decode()
    path, query = (quote(part, safe="/%:;,@!$&'()*+=~?-._") for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme.lower(), host, path or "/", query, "")), unquote(user)


class WebRedirects(requests.HTTPRedirectHandler):
    """Leads from the web to the web, but not from what is encrypted to what is not, where anybody on the way could change a text."""

    def redirect_request(self, req: requests.Request, *answer: Any) -> requests.Request | None:
        """The request for where the server leads; None, which makes the answer an error, if that is no address of the web."""
        scheme = urlsplit(answer[-1]).scheme
        if scheme not in WEB or (req.type == "https" and scheme != "https"):
            return None
        return super().redirect_request(req, *answer)

    def http_error_302(
        self, req: requests.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage
    ) -> Any | None:
        """What comes from where the server leads; None if that is no URL."""
        try:
            return super().http_error_302(req, fp, code, msg, headers)
        except ValueError:
            return None

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


@cache
def opener() -> requests.OpenerDirector:
    """What asks servers, through proxies as the environment names them; a redirection leads to the web, and nowhere else."""
    director = requests.OpenerDirector()
    for handler in (
        requests.ProxyHandler,
        requests.UnknownHandler,
        requests.HTTPHandler,
        requests.HTTPSHandler,
        requests.HTTPDefaultErrorHandler,
        WebRedirects,
        requests.HTTPErrorProcessor,
    ):
        director.add_handler(handler())
    return director
