"""The memory that the program holds, as each system tells it."""

import ctypes
import mmap
import os
import sys

UNKNOWN = 1 << 62  # where the system does not tell
PLACE_UNDER_MACOS = (
    64  # of the resident size, in bytes, in rusage_info_v0: it stands behind an identifier of 16 bytes and six numbers
)


def resident_bytes() -> int:
    """The memory that the program holds now; a very large number where the system does not tell."""
    try:
        if sys.platform == "darwin":
            return under_macos()
        if sys.platform == "win32":
            return under_windows()
        with open("/proc/self/statm", "rb", buffering=0) as file:  # noqa: PTH123 (asked often, and paths take longer)
            return int(file.read().split()[1]) * mmap.PAGESIZE
    except (OSError, ValueError, IndexError, AttributeError):
        return UNKNOWN


def under_macos() -> int:
    """The same, of macOS: proc_pid_rusage, with RUSAGE_INFO_V0."""
    told = (ctypes.c_uint64 * 12)()
    if ctypes.CDLL(None).proc_pid_rusage(os.getpid(), 0, ctypes.byref(told)) != 0:
        return UNKNOWN
    return told[PLACE_UNDER_MACOS // 8]


def under_windows() -> int:
    """The same, of Windows: the working set of PROCESS_MEMORY_COUNTERS."""

    class Counters(ctypes.Structure):
        """PROCESS_MEMORY_COUNTERS."""

        _fields_ = (
            ("length", ctypes.c_ulong),
            ("faults", ctypes.c_ulong),
            *((name, ctypes.c_size_t) for name in ("peak", "held", "paged_peak", "paged", "other_peak", "other", "file", "file_peak")),
        )  # fmt: skip

    counters = Counters(length=ctypes.sizeof(Counters))
    kernel32 = ctypes.windll.kernel32  # type: ignore[attr-defined] # there is one under Windows
    kernel32.GetCurrentProcess.restype = ctypes.c_void_p
    kernel32.K32GetProcessMemoryInfo.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ulong)
    if not kernel32.K32GetProcessMemoryInfo(kernel32.GetCurrentProcess(), ctypes.byref(counters), counters.length):
        return UNKNOWN
    return int(counters.held)
