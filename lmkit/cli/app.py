"""The lmkit command: what every way of ending prints and returns.

Exit codes: 0 done; 1 the data or files do not allow it; 2 wrong usage; 3 a gate failed; Ctrl-C 130, other
signals 128 and their number. A closed pipe changes none of these: it ends the printing.
"""

import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

from lmkit.audience import at_the_command_line
from lmkit.cli import signals
from lmkit.cli.language import interface_language
from lmkit.cli.output import rendering
from lmkit.cli.output import standard as standard_output
from lmkit.cli.output.warned import warnings_told
from lmkit.engine.system import blas_threads
from lmkit.engine.system.errors import TOO_MANY_PROCESSES, behind, is_closed_pipe, remedy_for
from lmkit.errors import LmkitError
from lmkit.escaping import visible
from lmkit.locales import speak
from lmkit.version import NAME_AND_VERSION

VERSION = ("--version", "-V", "version")
INTERRUPTED = 128 + signal.SIGINT
CROWDED = (
    "Close other programs, or take less text or a smaller model: a lower --order or a --cutoff, fewer --dimensions; less --memory where a "
    "command has that."
)


def main() -> None:
    """Run the command line and exit."""
    try:
        signals.unwind_on_signals()
        gc.disable()  # a command makes no cycles worth a search, and many objects that would be searched
        standard_output.write_whole()
        blas_threads.start_none()  # which takes a fifth of NumPy's import, and a core each
        if "_LMKIT_COMPLETE" in os.environ:  # a shell asks for completions
            from lmkit.cli.completion.answering import answer

            answer()
            return
        if not asks_for_version(sys.argv[1:]):
            signals.see_to_the_end()
        code = run(sys.argv[1:])
        signals.on_signals(signals.end_at_once)  # there is nothing to unwind any more
    except signals.AskedToEndError as asked:
        code = signals.exit_code() or 128 + asked.number
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line; returns the exit code, and prints errors to stderr."""
    speak(interface_language())
    standard_output.start()
    with at_the_command_line():
        code = exit_code_of(lambda: invoke(arguments))
        flushed = exit_code_of(standard_output.end)  # here, where a full disk can still be reported
    return code or flushed


def exit_code_of(work: Callable[[], int | None]) -> int:
    """The exit code that some work gives, or that its error has, which is printed to stderr."""
    try:
        with warnings_told():
            code = work() or 0
    except BaseException as error:  # noqa: BLE001 (it is raised anew)
        asked = signals.exit_code()  # whatever became of what was raised then
        code = code_of(error) if asked is None else asked
        if asked == INTERRUPTED:
            rendering.say("lmkit: interrupted")
        let_go(error)
        return code
    return signals.exit_code() or code  # the work may be half done, where what was raised then was swallowed


def code_of(error: BaseException) -> int:
    """The exit code that an error has, which is printed to stderr. One that nobody has foreseen is raised anew."""
    if isinstance(error, OSError) and is_closed_pipe(error):  # of --help, or of a pipe other than standard output
        standard_output.nobody_reads()
        return 0
    if isinstance(error, KeyboardInterrupt):
        if not isinstance(error, signals.AskedToEndError):
            rendering.say("lmkit: interrupted")
        return 128 + getattr(error, "number", signal.SIGINT)
    if isinstance(error, LmkitError):
        rendering.say(f"lmkit: {error}")
        annotate(error)
        return error.exit_code
    if isinstance(error, ImportError):
        error = behind(error) or error
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        remedy = remedy_for(error)
        rendering.say(visible(f"lmkit: {error.strerror or error}{where}.") + (remedy and f"\n{remedy}"))
        standard_output.silence()
        return 1
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        rendering.say(f"lmkit: {error}.\n{TOO_MANY_PROCESSES}")
        return 1
    if isinstance(error, MemoryError):
        rendering.say(f"lmkit: out of memory.\n{CROWDED}")
        return 1
    raise error


def let_go(error: BaseException | None) -> None:
    """Let go of all that an error interrupted, which one that is part of a cycle keeps: threads that wait for work are among it."""
    while error is not None:
        trace = error.__traceback__
        while trace is not None:
            with suppress(RuntimeError):  # of a frame that is not at its end
                trace.tb_frame.clear()
            trace = trace.tb_next
        error = error.__context__


def annotate(error: LmkitError) -> None:
    """Show an error where those who read CI look for it."""
    from lmkit.cli.output import github

    github.annotate(error)


def asks_for_version(arguments: list[str]) -> bool:
    """Whether the version is asked for, as programs do often: nothing is to be parsed, nor is there anything that could take long."""
    return bool(arguments) and arguments[0] in VERSION


def invoke(arguments: list[str]) -> int:
    """Parse and run one command line; returns the exit code."""
    if asks_for_version(arguments):
        print(NAME_AND_VERSION)
        return 0
    from lmkit.cli.invoking import invoke as run_command

    return run_command(arguments)
