"""Lists of words as vocabularies."""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice

from lmkit.errors import DataError, VocabularyWarning
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Texts, listed, names_of
from lmkit.text.sources.opening import HEAD_BYTES
from lmkit.text.sources.reading import read_lines
from lmkit.text.sources.recognition import refuse_arpa
from lmkit.text.tokens.normalization import shape_words
from lmkit.text.tokens.units import listed_unit
from lmkit.text.vocabulary import MARKS, Vocabulary
from lmkit.text.word_lists.names import ListFormat, WordFile
from lmkit.text.word_lists.recognition import layout_of
from lmkit.text.word_lists.rows import OPTION, Layout, Rows, rows_of


def read_vocabulary(path: Texts, settings: TextSettings) -> Vocabulary:
    """The vocabulary of a list of words, in its order: one a line, where what follows a TAB is ignored, or as other tools write them.

    path may be a `WordFile`, which says how the list is written. The three marks may stand in the file or not. The words are
    shaped like the text (lower case, normalisation). Of characters and bytes the file has the names. DataError for a line of
    several words, for one that does not name a unit or is not as the others, and when there is no word at all.
    """
    words: dict[bytes, None] = {}
    for some, _ in listed_words(path, settings):
        words.update(dict.fromkeys(some))
    for mark in (*MARKS, *shape_words([settings.unknown_word.encode()], settings)):
        words.pop(mark, None)
    if not words:
        raise DataError(f"{names_of(path)}: the vocabulary file holds no word.")
    return Vocabulary.from_words([*MARKS, *words])


def listed_words(path: Texts, settings: TextSettings) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """The words of a list, shaped by the settings, and what may be their counts: in pieces.

    Blank lines are left out, and those of marks may be. What a list was taken for that is no list of lmkit is told by a
    VocabularyWarning. DataError as for `read_vocabulary`.
    """
    for text in listed(path):
        blocks = read_lines(text)
        head = list(islice(blocks, 2))  # a last line without a newline is a block of its own
        if not head:
            continue
        first = replace(head[0], data=b"".join(block.data for block in head))
        refuse_arpa(first.data[:HEAD_BYTES], first.source)
        wanted = text.list_format if isinstance(text, WordFile) else "auto"
        layout = layout_of(first, wanted)
        if layout.format == "json":
            first = replace(first, data=b"".join((first.data, *(block.data for block in blocks))))
        found = 0
        for block in chain([first], blocks):
            rows = rows_of(block, layout)
            found += sum(word not in MARKS for word in rows.words) if layout.title else 0
            yield shaped_rows(rows, block.source, settings)
        tell_layout(first.source, layout, found, wanted)


def shaped_rows(rows: Rows, source: str, settings: TextSettings) -> tuple[list[bytes], list[bytes]]:
    """The words of rows as the settings want them, and what may be their counts."""
    if settings.unit == "word":
        words = list(rows.words)
        # Letters of subwords may stand for bytes.
        return words if settings.tokenizer_json else shape_words(words, settings), list(rows.columns)
    kept = [row for row in zip(*rows, strict=True) if row[0] not in MARKS]
    return [unit_of_line(word, settings, f"{source}:{line}") for word, _, line in kept], [
        column for _, column, _ in kept
    ]


def tell_layout(source: str, layout: Layout, words: int, wanted: ListFormat) -> None:
    """VocabularyWarning on what a list was taken for, unless it was told, and on what was left out of it."""
    left_out = [entry.decode("utf-8", "replace") for entry in layout.left_out]
    shown = " ".join(left_out[:SHOWN] + [f"and {len(left_out) - SHOWN:,} more"] * (len(left_out) > SHOWN))
    told = [f"{words:,} words"] + [f"left out: {shown}"] * bool(left_out)
    guessed = layout.title and wanted == "auto"
    if guessed or left_out:
        warnings.warn(
            VocabularyWarning(
                f"{source} is read as {layout.title or 'a list'}: {'; '.join(told)}.",
                f"If it is something else, say so with {OPTION}." if guessed else "",
            ),
            stacklevel=4,
        )


def unit_of_line(line: bytes, settings: TextSettings, where: str) -> bytes:
    """The name of the unit in a line of a vocabulary; DataError if that is not one unit."""
    name = listed_unit(line, settings)
    if name is None:
        names = "<0x41>" if settings.unit == "byte" else "a, the space as ␣, other white space as <U+0009>"
        raise DataError(
            f"{where}: a vocabulary of bytes has the name of one byte a line, here is {line.decode()!r}."
            if settings.unit == "byte"
            else f"{where}: a vocabulary of characters has the name of one character a line, here is {line.decode()!r}.",
            f"Names are written as `lmkit count --unit {settings.unit}` lists them: {names}.",
        )
    return name


SHOWN = 5  # entries in a message about those that were left out
