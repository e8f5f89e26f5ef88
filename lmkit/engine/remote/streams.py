"""Files elsewhere as streams: one after the other with a thread that fetches ahead, or here and there."""

import io
import threading
from collections import deque
from collections.abc import Generator
from typing import Any, Protocol

PIECE_BYTES = 16 << 20  # of a request, at least: each costs a way there and back
AHEAD_BYTES = 16 << 20  # fetched and not yet used; a piece more at most


class RemoteFile(Protocol):
    """A file elsewhere, which was found. What goes wrong is a DataError that names it; nothing less than all of it is ever given."""

    @property
    def size(self) -> int:
        """In bytes, where `is_seekable`."""

    @property
    def is_seekable(self) -> bool:
        """Whether `read_at` can be asked."""

    def pieces(self) -> Generator[bytes]:
        """All bytes in order, some at a time. DataError if it changes meanwhile."""

    def read_at(self, start: int, size: int) -> bytes:
        """These bytes, all of them, of the file as it was when it was found."""


class ReadAhead(io.RawIOBase):
    """The pieces of a file as a stream; from the second one on, a thread fetches what comes next while the rest is used."""

    def __init__(self, pieces: Generator[bytes], name: str) -> None:
        """name: for messages. The first piece is fetched now, so that what is not there is told at once."""
        self.name = name
        self._pieces = pieces
        self._waiting: deque[bytes] = deque()
        self._held = 0  # bytes that wait
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._ended = self._stopped = False
        self._error: BaseException | None = None
        self._piece = memoryview(next(pieces, b""))  # at last: whatever it raises, this is closed

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as there are bytes; 0 only at the end of the file."""
        if not self._piece:
            self._piece = memoryview(self._next())
        size = min(len(buffer), len(self._piece))
        buffer[:size] = self._piece[:size]
        self._piece = self._piece[size:]
        return size

    def close(self) -> None:
        """Let go of the connection, at once or when what is being fetched has come."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread is None:
            self._pieces.close()
        super().close()

    def _next(self) -> bytes:
        """The next piece; nothing at the end."""
        if self._thread is None:
            thread = threading.Thread(target=self._fetch, name="lmkit-read-ahead", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the system starts no more
                return next(self._pieces, b"")
            self._thread = thread
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            if not self._waiting:
                if self._error is not None:
                    raise self._error
                return b""
            piece = self._waiting.popleft()
            self._held -= len(piece)
            self._changed.notify_all()
        return piece

    def _fetch(self) -> None:
        """Fetch pieces as long as there is room."""
        error = None
        try:
            for piece in self._pieces:
                with self._changed:
                    self._waiting.append(piece)
                    self._held += len(piece)
                    self._changed.notify_all()
                    self._changed.wait_for(lambda: self._stopped or self._held < AHEAD_BYTES)
                if self._stopped:
                    break
        except BaseException as found:  # noqa: BLE001 (whoever reads gets it)
            error = found
        self._pieces.close()
        with self._changed:
            self._error, self._ended = error, True
            self._changed.notify_all()


class RandomAccess(io.RawIOBase):
    """A file that is read here and there, each time with a request."""

    def __init__(self, file: RemoteFile) -> None:
        self._file, self._at = file, 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be read anywhere."""
        return True

    def tell(self) -> int:
        """Where it is read next."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Read there next."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._file.size}[whence]
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, but for what lies beyond the end."""
        size = max(0, min(len(buffer), self._file.size - self._at))
        if size:
            buffer[:size] = self._file.read_at(self._at, size)
        self._at += size
        return size
