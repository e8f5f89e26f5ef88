"""What a shell is told: $_LMKIT_COMPLETE names it, $_LMKIT_LINE is the command up to its cursor.

The first line says whether names of files follow, which shells quote and go on from; the others are candidates, in zsh and fish with what is
said of them.
"""

import os
import shlex
import sys
from contextlib import suppress

from lmkit.cli.completion.candidates import Candidate, candidates

BREAKS = ":="  # bash takes what follows one of these for a word of its own


def complete(shell: str, line: str) -> None:
    """Print what may stand at the end of a line."""
    words, begun = split(line, backslash=shell != "powershell")
    found = candidates(words[1:], begun)
    print("files" if any(each.is_file for each in found) else "words")
    for each in found:
        print(written(shell, each, begun))


def written(shell: str, found: Candidate, begun: str) -> str:
    """A candidate as a shell reads it."""
    said = " ".join(found.said.split())
    if shell == "fish" and said:
        return f"{found.value}\t{said}"
    if shell == "zsh" and not found.is_file:
        return found.value.replace(":", "\\:") + (f":{said}" if said else "")
    if shell == "bash":
        known = max((begun.rfind(each) for each in BREAKS), default=-1) + 1
        return found.value[known:]
    return found.value


def split(line: str, *, backslash: bool = True) -> tuple[list[str], str]:
    """The words of a line, and the one that is begun at its end. backslash: it takes the meaning of the next character."""
    for end in ("", '"', "'"):
        try:
            words = words_of(line + end, backslash=backslash)
        except ValueError:  # a quote is open
            continue
        ended = not end and line[-1:].isspace()
        return (words, "") if ended or not words else (words[:-1], words[-1])
    return [], ""


def words_of(line: str, *, backslash: bool) -> list[str]:
    """The words of a line as a shell reads them. ValueError where a quote is open."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters = True, ""
    if not backslash:
        lexer.escape = ""
    return list(lexer)


def answer() -> None:
    """Answer the shell that asks."""
    with suppress(BrokenPipeError):
        complete(os.environ["_LMKIT_COMPLETE"], os.environ.get("_LMKIT_LINE", ""))
        sys.stdout.flush()
