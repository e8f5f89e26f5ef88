"""What a server of the web answers to a request: the file, or a part of it; or an error, told as people need it."""

import re
import zlib
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse

from lmkit.engine.remote.names import NotThereError
from lmkit.errors import DataError

AGAIN = (408, 425, 429, 500, 502, 503, 504)  # what may be otherwise a moment later
READ_BYTES = 1 << 20  # at a time
FETCH = "Fetch it in another way, look whether it is whole, and name the file."
LEADS_ON = (301, 302, 303, 307, 308)
LONGEST_NUMBER = 18  # digits
RANGE = re.compile(r"bytes N-N/N".replace("N", f"([0-9]{{1,{LONGEST_NUMBER}}})"))
LONGEST_WAIT = 60.0  # seconds, whatever a server asks for


class Unfinished(Exception):
    """A request that may go well a moment later. after: the seconds that the server asks to wait."""

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = min(after, LONGEST_WAIT)


@dataclass(frozen=True)
class Version:
    """By what it is seen that a file is still the same."""

    size: int | None  # None: the server does not say, and marks the end of what it sends
    etag: str
    modified: str
    lasting: bool  # modified a while before it was asked for: the time tells versions apart

    @property
    def validator(self) -> str:
        """What the header If-Range takes: that it is the same to the byte; empty if nothing says so."""
        if self.etag and not self.etag.startswith("W/"):
            return self.etag
        return self.modified if self.lasting else ""

    def differs(self, other: "Version") -> bool:
        """Whether the other one is surely another version."""
        known = [(self.size, other.size), (self.etag, other.etag), (self.modified, other.modified)]
        return any(one not in (None, "") and two not in (None, "") and one != two for one, two in known)


class Answer:
    """The body of a response, of which nothing is missing when its end is told."""

    def __init__(self, response: HTTPResponse, name: str) -> None:
        """name: for messages. DataError for bodies of which one could not see whether they are whole, or that are something else."""
        self._response, self._name = response, name
        self.headers: Message = response.headers
        whole = response.status != HTTPStatus.PARTIAL_CONTENT
        self._ends = response.chunked  # whether the end is marked; then it counts, whatever is announced
        lengths = set() if self._ends else announced_lengths(self.headers)
        self.start, size = 0, next(iter(lengths), None)
        if not whole:
            found = RANGE.fullmatch(self.headers.get("Content-Range", ""))
            first, last, size = map(int, found.groups()) if found else (0, 0, 0)
            if not first <= last < size:
                raise DataError(
                    f"cannot read {name}: the server sends a part of it, and does not say which, or of how much.", FETCH
                )
            self.start = first
            lengths.add(last + 1 - first)
        if len(lengths) > 1:
            listed = " bytes and ".join(f"{length:,}" for length in sorted(lengths, reverse=True))
            raise DataError(f"cannot read {name}: the server announces {listed} bytes at once.", FETCH)
        declared = self._left = next(iter(lengths), None)
        if declared is None and not self._ends:
            raise DataError(
                f"cannot read {name}: the server does not say how long it is, so that one could not see whether all of it has come.",
                FETCH,
            )
        self.version = Version(size, *marks_of(self.headers))
        self.has_ranges = not whole

    def read(self, most: int = READ_BYTES) -> bytes:
        """Some more bytes; nothing at the end. Unfinished if the connection was closed before."""
        if self._left is not None:
            most = min(most, self._left)
        if not most:
            return b""
        try:
            piece = self._response.read(most)
        except (OSError, HTTPException, ValueError) as error:  # ValueError: for sizes below 0
            raise Unfinished(reason_of(error)) from None
        if self._left is not None:
            if not piece:
                raise Unfinished(f"the connection was closed {self._left:,} bytes too early")
            self._left -= len(piece)
        return piece

    def skip(self, size: int) -> int:
        """Pass over so many bytes; returns their CRC-32, by which one sees that they are those that came before."""
        found = 0
        while size:
            piece = self.read(min(READ_BYTES, size))
            if not piece:
                raise changed(self._name)
            found = zlib.crc32(piece, found)
            size -= len(piece)
        return found


def announced_lengths(headers: Message) -> set[int]:
    """How long the headers say that the body is: some servers and proxies say it twice."""
    said = [length for header in headers.get_all("Content-Length", []) for length in header.split(",")]
    return {number for length in said if (number := whole_number(length.strip())) is not None}


def whole_number(text: str) -> int | None:
    """The number of a header; None for what is none, or none that can be meant."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else None


def marks_of(headers: Message) -> tuple[str, str, bool]:
    """The ETag, the time of the last change, and whether that was a second or more before the answer (RFC 9110, 8.8.2.2)."""
    etag, modified = headers.get("ETag", ""), headers.get("Last-Modified", "")
    try:
        lasting = parsedate_to_datetime(headers.get("Date", "")) > parsedate_to_datetime(modified)
    except (TypeError, ValueError):
        lasting = False
    return etag, modified, lasting


def changed(name: str) -> DataError:
    """The error for a file that is not what it was when its beginning was read."""
    return DataError(f"{name} has changed while it was read.", "Read it again when nothing writes to it.")


def reason_of(error: BaseException) -> str:
    """What went wrong on the way, in words, without addresses that may be secret."""
    if isinstance(error, TimeoutError):
        return "nothing came for too long"
    if isinstance(error, HTTPException | ValueError) and not isinstance(error, OSError):
        return "the answer breaks off" if type(error).__name__ == "IncompleteRead" else "the answer is no HTTP"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def refusal(status: int, name: str, remedy: str = "") -> DataError:
    """The error for a request that the server refuses. remedy: where it is a matter of who asks."""
    try:
        words = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        words = str(status)
    if status in (404, 410):
        return NotThereError(
            f"cannot read {name}: the server has no such file ({words}).", f"Check the name. {remedy}".strip()
        )
    if status in (401, 403, 407):
        return DataError(
            f"cannot read {name}: the server does not let you ({words}).",
            remedy or "Name a user, as in https://USER:PASSWORD@HOST/FILE, or a signed URL, which may have expired.",
        )
    if status in LEADS_ON:
        return DataError(
            f"cannot read {name}: the server leads elsewhere ({words}): in a circle, out of the web, or from https:// to http://, "
            "where anybody on the way could change the text.",
            "Name the address where the file is.",
        )
    return DataError(f"cannot read {name}: the server answers {words}.", "Check the name of the server, and the file.")
