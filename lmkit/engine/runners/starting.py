"""How worker processes are started: anew, or forked of one process that has loaded what work needs."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Protocol, cast

from lmkit.engine.runners import fork_server, worker
from lmkit.engine.runners.fork_server import LONGEST, REFUSED
from lmkit.engine.system.blas_threads import ONE_THREAD

BOOT = (
    "import sys; from importlib import import_module; module, folder = sys.argv[1:3]; sys.path[:] = sys.argv[3:]; "
    "import_module(module).main(folder)"
)
NO_THREADS = ONE_THREAD | {"JE_ARROW_MALLOC_CONF": "background_thread:false"}  # pyarrow's allocator has one, too


class CannotForkError(Exception):
    """There are threads in the process that is to fork: a copy of it might wait forever for what they had locked."""


class Started(Protocol):
    """A process at work."""

    @property
    def tasks(self) -> IO[bytes]:
        """Where tasks go in."""

    @property
    def answers(self) -> IO[bytes]:
        """Where answers come out."""

    def kill(self) -> None:
        """End it at once."""

    def wait(self) -> int | None:
        """Its exit code, as of `subprocess`, once it has ended; None if nobody can tell."""


class Anew:
    """A process that has loaded nothing yet."""

    def __init__(self, folder: Path) -> None:
        """folder: of the messages."""
        self._process = start_python(worker.__name__, folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.tasks, self.answers = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)

    def kill(self) -> None:
        """See `Started`."""
        self._process.kill()

    def wait(self) -> int | None:
        """See `Started`."""
        return self._process.wait()


class ForkServer:
    """The process of which others are forked; it works on one request at a time, and never in threads."""

    def __init__(self, folder: Path) -> None:
        """folder: of the messages."""
        self._control, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with there:
            self._process = start_python(fork_server.__name__, folder, stdin=there, stdout=subprocess.DEVNULL)
        self._lock = threading.Lock()

    def ask(self, request: str, *ends: int) -> int:
        """The answer to a request, with which descriptors may go. EOFError or OSError if the process is there no more."""
        with self._lock:
            self.send(request, *ends)
            while answer := self._control.recv(LONGEST).decode():
                asked, _, number = answer.rpartition(" ")
                if asked == request:  # or else whoever asked was interrupted, by Ctrl-C
                    return int(number)
        raise EOFError

    def send(self, request: str, *ends: int) -> None:
        """Send a request, with which descriptors may go. OSError if the process is there no more."""
        socket.send_fds(self._control, [request.encode()], ends)

    def end(self) -> None:
        """End the process. Those that were forked of it go on."""
        with self._lock, contextlib.suppress(OSError):
            self.send("end")
        self._process.wait()
        self._control.close()


class Forked:
    """A copy of a process that has loaded all."""

    def __init__(self, server: ForkServer, modules: Sequence[str]) -> None:
        """modules: what the work is of. CannotForkError; EOFError or OSError if the server is there no more."""
        here, there = socket.socketpair()
        with here, there:
            self._server, self._pid = server, server.ask(f"fork {' '.join(modules)}", there.fileno())
            if self._pid == REFUSED:
                raise CannotForkError
            self.tasks: IO[bytes] = here.makefile("wb")
            self.answers: IO[bytes] = here.makefile("rb")
        self._lock, self._ended, self._code = threading.Lock(), False, cast("int | None", None)

    def kill(self) -> None:
        """See `Started`: until it has been waited for, no other process has its number."""
        with self._lock:
            if not self._ended:
                os.kill(self._pid, signal.SIGKILL)

    def wait(self) -> int | None:
        """See `Started`: the server tells, whose child it is."""
        with self._lock:
            if not self._ended:
                with contextlib.suppress(EOFError, OSError):
                    self._code = self._server.ask(f"wait {self._pid}")
                self._ended = True
            return self._code


def start_python(module: str, folder: Path, **streams: Any) -> "subprocess.Popen[bytes]":
    """A new process of this program, which does what `main` of a module does."""
    path = [each for each in sys.path if isinstance(each, str)]
    own_group = {"process_group": 0} if os.name == "posix" else {}  # Ctrl-C is for the driver, which ends all
    return subprocess.Popen(  # noqa: S603 (this program, as it is)
        [sys.executable, "-c", BOOT, module, str(folder), *path],
        env=os.environ | NO_THREADS,
        **cast(Any, streams | own_group),
    )
