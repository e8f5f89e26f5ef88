"""lmkit demo: the whole line of commands on the texts that come with lmkit, explained in French or English."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.demo_steps import Step, steps
from lmkit.cli.language import interface_language
from lmkit.cli.output import rendering
from lmkit.cli.output import standard as standard_output
from lmkit.errors import DataError
from lmkit.locales import said, speak, spoken


@command(
    short="Run and explain it all on bundled texts.",
    after="optimizers",
    topic="Look",
    known_as=("tour", "tutorial", "example"),
)
def demo(
    lang: Annotated[
        Literal["fr", "en"] | None,
        Option(formerly=("--language",), help="In which language [default: LMKIT_LANG, else the locale]."),
    ] = None,
) -> None:
    """Run and explain it all on bundled texts.

    \b
    lmkit demo
    lmkit demo --lang fr

    Every command is shown before what it prints; it ends within half a minute and leaves nothing behind.

    Memory: about 150 MB.
    """
    from lmkit.engine.files.run_folders import run_folder
    from lmkit.text.bundled import corpora_folder

    language = lang or interface_language()
    speak(language)  # also where it is not that of the interface
    with run_folder() as folder:
        for text in corpora_folder().glob("*.tok"):
            shutil.copy(text, folder)
        first_line = (folder / f"{language}.test.tok").read_text(encoding="utf-8").splitlines()[0]
        (folder / "sentence.tok").write_text(first_line + "\n", encoding="utf-8")
        for step in standard_output.while_read(steps(language)):
            show_step(step, folder)


def show_step(step: Step, folder: Path) -> None:
    """Say what comes, show the command, run it, and explain its figures."""
    rendering.write_line(f"\n# {step.title}")
    command = " | ".join("lmkit " + " ".join(quoted(word) for word in arguments) for arguments in step.pipeline)
    rendering.write_line(f"$ {command}")
    rendering.write(run_pipeline(step.pipeline, folder))
    for name, meaning in step.explained.items():
        rendering.write_line(f"    {name}{said(':')} {meaning}")
    standard_output.flush()


def quoted(word: str) -> str:
    """A word of a command as a shell wants it."""
    return f"'{word}'" if " " in word else word


def run_pipeline(pipeline: Sequence[Sequence[str]], folder: Path) -> bytes:
    """What the last of some lmkit commands prints when each reads what the one before writes, narration included."""
    environment = os.environ | {"PYTHONIOENCODING": "utf-8", "LMKIT_LANG": spoken()}
    processes: list[subprocess.Popen[bytes]] = []
    previous = None
    for arguments in pipeline:
        last = arguments is pipeline[-1]
        process = subprocess.Popen(  # noqa: S603 (our own commands)
            [sys.executable, "-m", "lmkit", *arguments],
            cwd=folder,
            env=environment,
            stdin=previous or subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if last else None,
        )
        if previous is not None:
            previous.close()
        previous = process.stdout
        processes.append(process)
    output = processes[-1].communicate()[0]
    if any(process.wait() for process in processes):
        raise DataError("a command of the demonstration failed.", output.decode(errors="replace").rstrip())
    return output
