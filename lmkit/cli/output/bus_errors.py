"""What is said when a mapped file ends before a place that is read: the system ends the program (SIGBUS), in silence otherwise.

Only one who has the memory that is missing could go on. A handler of Python's own would wait for the instruction to end, which is tried again
and again; one that the C library calls runs at once, within the instruction, and says what happened.
"""

import os
import signal
from typing import Any

from lmkit.engine.files.in_use import changed_files

CAUSE = "it was cut short while it was in use, or its disk cannot be read"
REMEDY = "Run the command again. A file that may be in use is replaced by writing another one beside it, and renaming that (mv)."

_handlers: list[Any] = []  # which C calls, and so have to stay


def tell_bus_errors() -> None:
    """From now on, say what happened, and end with exit code 1."""
    if _handlers or not hasattr(signal, "SIGBUS"):
        return
    import ctypes

    _handlers.append(ctypes.CFUNCTYPE(None, ctypes.c_int)(told))
    set_handler = ctypes.CDLL(None).signal
    set_handler.restype, set_handler.argtypes = ctypes.c_void_p, (ctypes.c_int, ctypes.c_void_p)
    set_handler(signal.SIGBUS, ctypes.cast(_handlers[0], ctypes.c_void_p))


def told(_number: int) -> None:
    """End with a message: there is nothing to go back to."""
    names = changed_files() or ["a file that is mapped into memory"]
    os.write(2, f"lmkit: {names[0]} could not be read: {CAUSE}.\n{REMEDY}\n".encode(errors="replace"))
    os._exit(1)
