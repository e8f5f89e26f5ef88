"""Files with one word a line, as vocabularies."""

import re
from collections.abc import Iterator

from lmkit.errors import DataError
from lmkit.text.settings import TextSettings
from lmkit.text.sources.blocks import CR_ENDS
from lmkit.text.sources.names import Texts, names_of
from lmkit.text.sources.reading import read_lines
from lmkit.text.tokens.normalization import shape_words
from lmkit.text.tokens.units import listed_unit
from lmkit.text.vocabulary import MARKS, Vocabulary


def read_vocabulary(path: Texts, settings: TextSettings) -> Vocabulary:
    """The vocabulary of a file with one word a line, in its order; what follows a TAB is ignored.

    The three marks may stand in the file or not. The words are shaped like the text (lower case, normalisation).
    Of characters and bytes the file has the names. DataError for a line of several words, for one that does not name a
    unit, and when there is no word at all.
    """
    words: dict[bytes, None] = {}
    for listed, _ in listed_words(path, settings):
        words.update(dict.fromkeys(listed))
    for mark in (*MARKS, *shape_words([settings.unknown_word.encode()], settings)):
        words.pop(mark, None)
    if not words:
        raise DataError(f"{names_of(path)}: the vocabulary file holds no word.")
    return Vocabulary.from_words([*MARKS, *words])


def listed_words(path: Texts, settings: TextSettings) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """The words of a file with one word a line, shaped by the settings, and what follows the TAB on each line: in pieces.

    Blank lines are left out, and those of marks may be. DataError as for `read_vocabulary`.
    """
    for block in read_lines(path):
        if block.first_line == 1 and JSON.match(block.data):
            raise DataError(
                f"{block.source} is JSON, and a vocabulary has one word a line.",
                "Make it a list: if the words are the keys of an object, with jq -r 'keys_unsorted[]'; of a list, with jq -r '.[]'.",
            )
        rows = [line.partition(b"\t") for line in block.data.split(b"\n")]
        lines = [word.strip(b" \r\v\f") for word, _, _ in rows]
        for place, line in enumerate(lines):
            if any(byte in line for byte in b" \v\f\r"):
                raise several_words(line, f"{block.source}:{block.first_line + place}")
        if settings.unit == "word":
            kept = [place for place, line in enumerate(lines) if line]
            words = [lines[place] for place in kept]  # letters of subwords may stand for bytes
            words = words if settings.tokenizer_json else shape_words(words, settings)
        else:
            kept = [place for place, line in enumerate(lines) if line and line not in MARKS]
            where = [f"{block.source}:{block.first_line + place}" for place in kept]
            words = [unit_of_line(lines[place], settings, at) for place, at in zip(kept, where, strict=True)]
        yield words, [rows[place][2].strip(b" \r\v\f") for place in kept]


def unit_of_line(line: bytes, settings: TextSettings, where: str) -> bytes:
    """The name of the unit in a line of a vocabulary; DataError if that is not one unit."""
    name = listed_unit(line, settings)
    if name is None:
        names = "<0x41>" if settings.unit == "byte" else "a, the space as ␣, other white space as <U+0009>"
        raise DataError(
            f"{where}: a vocabulary of {settings.unit}s has the name of one {settings.unit} a line, here is {line.decode()!r}.",
            f"Names are written as `lmkit count --unit {settings.unit}` lists them: {names}.",
        )
    return name


def several_words(line: bytes, where: str) -> DataError:
    """The error for a line of a vocabulary with more than a word."""
    if b"\r" in line:
        return DataError(f"{where}: {CR_ENDS[0]}.", CR_ENDS[1])
    return DataError(
        f"{where}: a vocabulary has one word a line, here are several: {line.decode()!r}.",
        "Put each word on its own line; columns after a TAB are ignored.",
    )


JSON = re.compile(
    rb'\s*(\{\s*"([^"\\\n]|\\.)*"\s*:|\[\s*"([^"\\\n]|\\.)*"\s*[],])'
)  # how an object, or a list of words, begins
