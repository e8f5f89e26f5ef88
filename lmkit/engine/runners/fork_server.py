"""A process that loads once what work needs, and is copied for each worker, which has nothing left to load then.

Each request is a message on a socket, its standard input: `fork MODULES`, with the socket of the new worker; `wait PID`, for a
worker that is about to end; `end`. The answer is the request and a number. A process with threads, of Python or of libraries, cannot be copied safely, and is not.
"""

import contextlib
import gc
import os
import socket
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from lmkit.engine.runners import worker

LONGEST = 1 << 12  # bytes of a message
REFUSED = -1  # in place of the number of a process
THREADS = Path("/proc/self/task")  # of Python and of libraries, by number


def main(folder: str) -> None:
    """Answer requests until there are no more; in a copy, do the work. folder: of the messages, see `worker.main`."""
    gc.disable()  # which would write to memory that copies share
    control = socket.socket(fileno=0)
    try:
        answer(control, folder)
    except ConnectionError:  # the driver has gone while something was done for it
        worker.abandon(folder)


def answer(control: socket.socket, folder: str) -> None:
    """The same of requests on a socket. ConnectionError when there is no other end any more."""
    ended = dict[int, int]()  # exit codes, as who asked may have been interrupted
    while True:
        request, ends, *_ = socket.recv_fds(control, LONGEST, 1)
        what, _, given = request.decode().partition(" ")
        if what == "fork":
            load(given.split())
            number = os.fork() if len(list(THREADS.iterdir())) == 1 else REFUSED
            if not number:
                control.detach()
                become_worker(ends[0], folder)
            os.close(ends[0])
            ended.pop(number, None)
        elif what == "wait":
            if int(given) not in ended:
                ended[int(given)] = os.waitstatus_to_exitcode(os.waitpid(int(given), 0)[1])
            number = ended[int(given)]
        elif what == "end":
            return
        else:
            worker.abandon(folder)
        control.send(request + f" {number}".encode())


def load(modules: Iterable[str]) -> None:
    """Load what work of modules needs, as far as it can be loaded: what is wrong with it, the work itself will tell."""
    with contextlib.suppress(Exception):
        for module in modules:
            import_module(module)
        from lmkit.engine.kernels import arrow_function

        arrow_function("take")


def become_worker(end: int, folder: str) -> NoReturn:
    """Do what comes from the other end of a socket. What is shared with other copies is not cleared away, which would copy it first."""
    os.dup2(end, 0)
    os.dup2(end, 1)
    os.close(end)
    worker.main(folder)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # there may be none
            stream.flush()
    os._exit(0)
