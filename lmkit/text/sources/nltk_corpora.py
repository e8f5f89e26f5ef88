"""Corpora that NLTK knows by name: nltk:brown, or a part of one, nltk:brown/news. NLTK itself is loaded only here."""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import numpy as np

from lmkit.errors import DataError
from lmkit.text.reading import EncodingErrors, Reading
from lmkit.text.sources.blocks import Block, checked
from lmkit.text.sources.names import NLTK

DOWNLOAD = re.compile(r"nltk\.download\((?:\x1b\[[\d;]*m)?'([\w-]+)'")


def corpus_blocks(place: str, reading: Reading) -> Iterator[Block]:
    """The sentences of a corpus, a line each, words joined by spaces; sentences stand for lines.

    place: nltk:NAME or nltk:NAME/PART, the part being a file of the corpus or, where there is none of the name, a category.
    DataError if the corpus, its part or its data are not there, or it is not divided into sentences.
    """
    name, _, part = place.removeprefix(NLTK).partition("/")
    lines: list[str] = []
    size, first = 0, 1
    for sentence in found_sentences(place, name, part):
        line = " ".join(sentence).replace("\n", " ")
        lines.append(line)
        size += len(line) + 1
        if size >= reading.bytes_at_a_time:
            yield block_of(lines, place, first, reading.encoding_errors)
            first += len(lines)
            lines, size = [], 0
    if lines:
        yield block_of(lines, place, first, reading.encoding_errors)


def block_of(lines: list[str], place: str, first: int, encoding_errors: EncodingErrors) -> Block:
    """The lines as a block."""
    data = ("\n".join(lines) + "\n").encode("utf-8", "replace")
    return checked(Block(data, place, first, 0, np.arange(first, first + len(lines))), encoding_errors)


def found_sentences(place: str, name: str, part: str) -> Iterator[Iterable[str]]:
    """The sentences of a corpus or its part."""
    readers = corpus_readers()
    if name not in readers:
        near = get_close_matches(name, readers, 1)
        meant = f"Did you mean {NLTK}{near[0]}? " if near else ""
        raise DataError(f"NLTK knows no corpus {name}.", f"{meant}They are listed at https://www.nltk.org/nltk_data/.")
    try:
        sentences = getattr(readers[name], "sents", None)
        asked = chosen(readers[name], place, part)
        if sentences is not None:
            yield from sentences(**asked)
            return
    except DataError:
        raise
    except Exception as error:  # noqa: BLE001 (the readers of NLTK raise what they like)
        raise unreadable_corpus(place, error) from None
    raise DataError(f"{place}: the corpus is not divided into sentences.", "Name another, or a file of text.")


def unreadable_corpus(place: str, error: BaseException) -> DataError:
    """The error for a corpus that NLTK could not read, with NLTK's advice if data are missing."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, LookupError) and (match := DOWNLOAD.search(str(cause))):
            return DataError(
                f"{place}: NLTK does not find {match[1]}, which it needs for this corpus.",
                f"Get it with: python -m nltk.downloader {match[1]}\n"
                "It is looked for in NLTK's folders, and in those that the variable NLTK_DATA names.",
            )
        cause = cause.__context__
    return DataError(f"{place}: NLTK cannot read the corpus ({error!r}).", "Are its data complete?")


def corpus_readers() -> dict[str, Any]:
    """The corpora that NLTK has readers for, by name; their data may be missing."""
    module = import_module("nltk.corpus")
    kinds = (module.LazyCorpusLoader, module.CorpusReader)
    return {name: value for name, value in vars(module).items() if isinstance(value, kinds)}


def chosen(reader: Any, place: str, part: str) -> dict[str, str]:
    """What to ask a corpus for, so that it gives a part of itself: a file, or a category."""
    if not part:
        return {}
    files = reader.fileids()
    if part in files:
        return {"fileids": part}
    categories = reader.categories() if hasattr(reader, "categories") else []
    if part in categories:
        return {"categories": part}
    listed = list(categories or files)[:20]
    raise DataError(
        f"{place}: the corpus has no file and no category {part}.",
        f"Its categories are: {', '.join(listed)}." if categories else f"Its files are: {', '.join(listed)}.",
    )
