"""Texts cut into splits of about the same size, in order, for work that is shared out: files, and ranges of lines of large ones."""

import os
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np

from lmkit.engine.memory import writing_to
from lmkit.engine.remote.names import is_remote
from lmkit.errors import LmkitError, UsageError
from lmkit.text.settings import TextSettings
from lmkit.text.sources.bad_lines import BadLines
from lmkit.text.sources.names import (
    COMPRESSED,
    Part,
    Place,
    TextFile,
    Texts,
    file_bytes,
    is_corpus,
    is_special,
    source_name,
    sources,
)
from lmkit.text.sources.opening import first_bytes, open_raw, read_bytes
from lmkit.text.sources.reading import open_text
from lmkit.text.whitespace import NEWLINE

EXPANSION = 4  # about as many bytes become of one of a compressed file
UNTOLD = 1 << 24  # bytes that a text is taken for whose size only reading it tells: one elsewhere, a corpus
LINES_PIECE = 1 << 24  # bytes in which lines are counted at a time

Split = list[TextFile]


def splits_of(texts: Texts, settings: TextSettings, split_bytes: int) -> list[Split]:
    """The texts in splits of about so many bytes each; one after the other, they are the texts.

    Plain files are cut at line ends where lines are sentences. Other files are not cut: compressed ones, records, corpora, pipes.
    """
    splits: list[Split] = []
    room = 0
    for text in sources(texts):
        for part in parts_of(text, settings, split_bytes):
            size = expected_bytes(part)
            if not splits or size > room:
                splits.append([])
                room = split_bytes
            splits[-1].append(part)
            room -= size
    return splits


def expected_bytes(text: TextFile) -> int:
    """About how many bytes of text there are."""
    if text.part is not None:
        return text.part.stop - text.part.start
    expansion = EXPANSION if source_name(text).lower().endswith(COMPRESSED) else 1
    size = file_bytes(text)
    return UNTOLD if size is None else expansion * size


def parts_of(text: TextFile, settings: TextSettings, size: int) -> Split:
    """The parts of a file, of about this size in bytes; the text itself if it is not to be cut."""
    total = file_bytes(text) or 0
    if total <= size or settings.sentences != "line" or is_corpus(text.source) or not is_plain(text):
        return [text]
    borders = [0]
    with open_raw(text.source) as stream:
        for target in range(size, total, size):
            if target > borders[-1]:
                stream.seek(target)
                stream.readline()
                borders.append(stream.tell())
    ends = [*borders[1:], total] if borders[-1] < total else borders[1:]
    return [
        replace(text, format="text", part=Part(start, stop, None if start else 1, total))
        for start, stop in zip(borders, ends, strict=False)
    ]


def is_plain(text: TextFile) -> bool:
    """Whether a file is plain text, and not compressed, as far as its first bytes show; what is wrong with it is told by whoever reads it."""
    try:
        with open_text(text, BadLines()) as opened, open_raw(text.source) as raw:
            head = first_bytes(opened.stream, opened.name)
            return opened.format == "text" and raw.read(len(head)) == head
    except LmkitError:
        return False


def located(text: TextFile) -> TextFile:
    """The text with the number of its first line, for messages: the lines before it are counted."""
    if text.part is None or text.part.first_line is not None:
        return text
    lines, left = 1, text.part.start
    with open_raw(text.source) as stream:
        while left and (piece := stream.read(min(left, LINES_PIECE))):
            lines += int(np.count_nonzero(np.frombuffer(piece, np.uint8) == NEWLINE))
            left -= len(piece)
    return replace(text, part=replace(text.part, first_line=lines))


def as_files(texts: Texts, folder: Path) -> Split:
    """The texts, those that only this process can read, and only once, written to files of the folder: pipes, open streams."""
    found = []
    for number, text in enumerate(sources(texts)):
        if not is_read_once(text.source):
            found.append(text)
            continue
        file, name = folder / f"text-{number}", source_name(text)
        with open_raw(text.source) as stream, file.open("wb") as kept:
            while piece := read_bytes(stream, LINES_PIECE, name):
                with writing_to(folder, "text that comes from a pipe,"):
                    kept.write(piece)
        found.append(replace(text, source=str(file), called=name))
    return found


def within_reach(texts: Texts) -> Split:
    """The texts as other machines find them, if they have the same files: by their whole paths. UsageError for what only this process can read."""
    found = []
    for text in sources(texts):
        if is_read_once(text.source):
            raise UsageError(
                f"{source_name(text)} can be read by this process only, and the work is done elsewhere.",
                "Write the text to a file that all machines can read, and name that.",
            )
        if not is_corpus(text.source) and not is_remote(text.source):
            text = replace(text, source=os.path.abspath(cast("str", text.source)), called=source_name(text))  # noqa: PTH100, PLW2901 (.. stays where a link is; as the loop goes on)
        found.append(text)
    return found


def is_read_once(place: Place) -> bool:
    """Whether only this process can read a text, and only once."""
    return not isinstance(place, str | os.PathLike) or place == "-" or (not is_corpus(place) and is_special(place))
