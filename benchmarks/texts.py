"""The texts that jobs work on: one that is given or generated, its parts and its multiples."""

import shutil
from pathlib import Path

from benchmarks.generating import write_text

SMALL = 1_000_000  # words of small.tok
TIMES = 10  # the second half in large.tok


def prepare_texts(folder: Path, text: Path | None, second: Path | None, tokens: int, *, cut: bool) -> str:
    """Put the texts into the folder, and return what they are. Without a text, one of so many tokens is generated; cut: a given one is cut to as many."""
    whole = folder / "all.tok"
    if text is None:
        write_text(whole, tokens)
    elif cut:
        write_beginning(text, whole, tokens)
    else:
        shutil.copyfile(text, whole)
    with whole.open("rb") as lines:
        half = sum(1 for _ in lines) // 2
    first_half, second_half = folder / "first.tok", folder / "second.tok"
    with whole.open("rb") as lines, first_half.open("wb") as before, second_half.open("wb") as after:
        for number, line in enumerate(lines):
            (before if number < half else after).write(line)
    write_beginning(whole, folder / "small.tok", SMALL)
    if second is not None and cut:
        write_beginning(second, folder / "other.tok", tokens)
        second = folder / "other.tok"
    join([whole, second or first_half], folder / "more.tok")
    join([second_half] * TIMES, folder / "large.tok")
    if text is None:
        return f"generated, {tokens:,} words"
    names = " and ".join(path.name for path in (text, second) if path)
    return f"{names}, cut to {tokens:,} words" if cut else names


def write_beginning(text: Path, to: Path, tokens: int) -> None:
    """Write the first lines of a text that have at most so many tokens together."""
    words = 0
    with text.open("rb") as lines, to.open("wb") as file:
        for line in lines:
            words += len(line.split())
            if words > tokens:
                break
            file.write(line)


def join(texts: list[Path], to: Path) -> None:
    """Write texts one after the other."""
    with to.open("wb") as joined:
        for path in texts:
            with path.open("rb") as file:
                shutil.copyfileobj(file, joined)
