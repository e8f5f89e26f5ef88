"""lmkit --install-completion [SHELL], --show-completion [SHELL]"""

import os
from pathlib import Path

from lmkit.cli.completion.scripts import SCRIPTS
from lmkit.cli.output import rendering
from lmkit.errors import UsageError

STARTS = {"bash": ".bashrc", "zsh": ".zshrc"}  # what a shell reads when it starts, in the folder of its user


def completion_for_shell(*, install: bool, told: list[str]) -> None:
    """Show what makes a shell ask for completions, or put it where the shell finds it. UsageError for other shells."""
    shell = shell_of(told)
    if not install:
        rendering.write_text(SCRIPTS[shell].encode())
        return
    if shell == "powershell":
        raise UsageError(
            "PowerShell's profile is not written by lmkit.",
            "Add this to it: lmkit --show-completion powershell | Out-String | Invoke-Expression",
        )
    place = installed(shell)
    rendering.narrate(False, f"completion for {shell} is in {place}; shells that begin from now on have it")


def shell_of(told: list[str]) -> str:
    """The shell that is named, or is in use. UsageError for one that is not known."""
    name = told[0] if told else Path(os.environ.get("SHELL", "")).name or "powershell" * (os.name == "nt")
    if len(told) > 1 or name not in SCRIPTS:
        raise UsageError(
            f"{' '.join(told) or name or 'this shell'} is no shell that lmkit completes command lines for.",
            f"Name one of {', '.join(SCRIPTS)}: lmkit --show-completion bash",
        )
    return name


def installed(shell: str) -> Path:
    """Put the script where the shell finds it; returns that place. The start file of a shell gets one line, once."""
    if shell == "fish":
        place = folder_of("XDG_CONFIG_HOME", ".config") / "fish" / "completions" / "lmkit.fish"
    else:
        place = folder_of("XDG_DATA_HOME", ".local/share") / "lmkit" / f"completion.{shell}"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(SCRIPTS[shell], encoding="utf-8")
    if shell in STARTS:
        start = Path.home() / STARTS[shell]
        line = f". '{place}'"
        there = start.read_text(encoding="utf-8") if start.exists() else ""
        if line not in there.splitlines():
            with start.open("a", encoding="utf-8") as file:
                file.write("\n" * bool(there and not there.endswith("\n")) + line + "\n")
    return place


def folder_of(variable: str, usual: str) -> Path:
    """The folder for files of a user that a variable of the environment names, or the usual one."""
    return Path(os.environ.get(variable) or Path.home() / usual)
