"""The lmkit command: what every way of ending prints and returns.

Exit codes: 0 done; 1 the data or files do not allow it; 2 wrong usage; 3 a gate failed; Ctrl-C 130, other
signals 128 and their number. A closed pipe changes none of these: it ends the printing.
"""

import errno
import gc
import os
import signal
import sys
from collections.abc import Callable
from io import StringIO

from lmkit.cli.output import rendering
from lmkit.cli.output import standard as standard_output
from lmkit.cli.output.warned import warnings_told
from lmkit.errors import LmkitError
from lmkit.escaping import visible
from lmkit.version import NAME_AND_VERSION

FULL = "Free some room on the disk; commands that have --tmp DIR can put their temporary files elsewhere."
CROWDED = (
    "Close other programs, or take less text or a smaller model: a lower --order or a --cutoff, fewer --dimensions; less --memory where a "
    "command has that."
)
FORBIDDEN = "Check the permissions, of the folder too."
REMEDIES = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EACCES: FORBIDDEN,
    errno.EPERM: FORBIDDEN,
}  # for errors of the system


def main() -> None:
    """Run the command line and exit."""
    gc.disable()  # a command makes no cycles worth a search, and many objects that would be searched
    # NumPy's library of linear algebra would start a thread for each core, which takes a fifth of NumPy's import.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if "_LMKIT_COMPLETE" in os.environ:  # a shell asks for completions
        from lmkit.cli.command import root

        root()()
    for name in ("SIGTERM", "SIGHUP"):  # end as for Ctrl-C, so that unfinished files are removed
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)
    sys.exit(run(sys.argv[1:]))


def stop(number: int, _frame: object) -> None:
    """Unwind what is under way when the system asks to end."""
    raise SystemExit(128 + number)


def run(arguments: list[str]) -> int:
    """Run one command line; returns the exit code, and prints errors to stderr."""
    standard_output.start()
    code = exit_code_of(lambda: invoke(arguments))
    flushed = exit_code_of(standard_output.end)  # here, where a full disk can still be reported
    return code or flushed


def exit_code_of(work: Callable[[], int | None]) -> int:
    """The exit code that some work gives, or that its error has, which is printed to stderr."""
    try:
        with warnings_told():
            return work() or 0
    except BrokenPipeError:  # of --help, or of a pipe other than standard output
        standard_output.nobody_reads()
        return 0
    except KeyboardInterrupt:
        rendering.tell("lmkit: interrupted")
        return 130
    except LmkitError as error:
        rendering.tell(f"lmkit: {error}")
        return error.exit_code
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        remedy = REMEDIES.get(error.errno or 0, "")
        rendering.tell(visible(f"lmkit: {error.strerror or error}{where}.") + (remedy and f"\n{remedy}"))
        standard_output.silence()
        return 1
    except MemoryError:
        rendering.tell(f"lmkit: out of memory.\n{CROWDED}")
        return 1


def invoke(arguments: list[str]) -> int:
    """Parse and run one command line; returns the exit code."""
    if arguments == ["--version"]:  # programs ask for it often: nothing is to be parsed
        print(NAME_AND_VERSION)
        return 0
    from lmkit.cli.command import EndedError, plain_work, root

    work = plain_work(arguments)
    try:
        if work is not None:
            work()
            return 0
    except EndedError as ended:
        return ended.code
    import typer

    command = root()
    try:
        # Not command.main(): it would turn a closed pipe into exit code 1.
        with command.make_context("lmkit", arguments) as context:
            command.invoke(context)
    except EndedError as ended:
        return ended.code
    except typer.Exit as ended:
        return ended.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    except Exception as error:
        if not (hasattr(error, "show") and hasattr(error, "exit_code")):  # typer's usage errors have both
            raise
        shown = StringIO()
        error.show(shown)
        rendering.tell(shown.getvalue().removesuffix("\n"))
        return int(error.exit_code)
    return 0
