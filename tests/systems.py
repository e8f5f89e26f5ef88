"""Other systems, as far as they can be had here: what they lack is taken away from lmkit, what they call otherwise is called so."""

import importlib
import os
import pkgutil
import sys
import types
from collections.abc import Collection
from typing import Any

import pytest

import lmkit

SLOW = (
    "grpc",
    "pyspark",
    "pysail",
    "kenlm",
    "torch",
    "transformers",
)  # whose modules of lmkit are left alone where these are not there
ONLY_UNDER_LINUX = ("posix_fallocate", "sched_getaffinity", "sched_setaffinity")
NOT_UNDER_WINDOWS = (
    *ONLY_UNDER_LINUX,
    *("fork", "preadv", "pwritev", "pread", "pwrite", "fchmod", "fchown", "chown", "getuid", "geteuid", "mkfifo"),
    *("sysconf", "register_at_fork", "waitpid", "killpg", "getpgid", "setsid", "O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK"),
)
OF_UNIX = ("fcntl", "resource", "pwd", "grp", "termios", "pty")  # modules


class Lacking:
    """A module of Python as another system has it."""

    def __init__(self, module: types.ModuleType, without: Collection[str] = (), **other: Any) -> None:
        vars(self).update(_module=module, _without=frozenset(without), **other)

    def __getattr__(self, name: str) -> Any:
        if name in self._without:
            raise AttributeError(f"module {self._module.__name__!r} has no attribute {name!r}")
        return getattr(self._module, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._module, name, value)


def lmkits_modules() -> list[types.ModuleType]:
    """All modules of lmkit that can be imported here."""
    for found in pkgutil.walk_packages(lmkit.__path__, "lmkit."):
        if not found.name.endswith("__main__"):
            try:
                importlib.import_module(found.name)
            except ImportError as error:
                assert any(name in str(error) for name in SLOW), error  # noqa: PT017 (which ones may be missing)
    return [module for name, module in list(sys.modules.items()) if name.split(".")[0] == "lmkit"]


def put_in_place(patch: pytest.MonkeyPatch, **instead: Any) -> None:
    """Let all modules of lmkit have these in place of the modules of Python with their names."""
    for module in lmkits_modules():
        for name, other in instead.items():
            if vars(module).get(name) is sys.modules[name]:
                patch.setattr(module, name, other)


def windows(patch: pytest.MonkeyPatch) -> None:
    """As Windows has it."""
    for name in OF_UNIX:
        patch.setitem(sys.modules, name, None)
    lock = types.SimpleNamespace(LK_NBLCK=2, locking=lambda *_: None)
    patch.setitem(sys.modules, "msvcrt", lock)
    kernel = types.SimpleNamespace(
        GlobalMemoryStatusEx=lambda _: 0, GetCurrentProcess=Called(), K32GetProcessMemoryInfo=Called()
    )
    import ctypes
    import mmap
    import signal

    put_in_place(
        patch,
        os=Lacking(os, NOT_UNDER_WINDOWS, name="nt", altsep="/"),
        sys=Lacking(sys, platform="win32"),
        signal=Lacking(signal, ("SIGHUP", "SIGBUS", "SIGKILL", "SIGPIPE", "pthread_kill", "setitimer")),
        mmap=Lacking(mmap, ("MADV_DONTNEED", "MADV_SEQUENTIAL", "MAP_SHARED", "PROT_READ", "PROT_WRITE")),
    )
    patch.setattr(ctypes, "windll", types.SimpleNamespace(kernel32=kernel), raising=False)


class Called:
    """A function of a library, which says 0."""

    def __call__(self, *_: Any) -> int:
        """It is called."""
        return 0


def macos(patch: pytest.MonkeyPatch) -> None:
    """As macOS has it."""
    put_in_place(patch, os=Lacking(os, ONLY_UNDER_LINUX), sys=Lacking(sys, platform="darwin"))


def bare(patch: pytest.MonkeyPatch) -> None:
    """A system like Unix that has little more than files."""
    for name in ("resource", "pwd", "grp"):
        patch.setitem(sys.modules, name, None)
    import mmap
    import signal

    put_in_place(
        patch,
        os=Lacking(os, (*ONLY_UNDER_LINUX, "fork", "preadv", "pwritev", "pread", "pwrite", "sysconf", "getuid")),
        sys=Lacking(sys, platform="freebsd"),
        signal=Lacking(signal, ("SIGHUP", "SIGBUS", "pthread_kill")),
        mmap=Lacking(mmap, ("MADV_DONTNEED",)),
    )


SYSTEMS = {"windows": windows, "macos": macos, "bare": bare}
