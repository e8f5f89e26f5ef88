"""Corpora that NLTK knows by name: nltk:brown, or a part of one, nltk:brown/news. NLTK itself is loaded only here."""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

import numpy as np

from lmkit.corpus.blocks import Block, checked
from lmkit.corpus.settings import EncodingErrors
from lmkit.corpus.sources import NLTK
from lmkit.errors import DataError

DOWNLOAD = re.compile(r"nltk\.download\((?:\x1b\[[\d;]*m)?'([\w-]+)'")
WHERE = "It is looked for in the folders that NLTK knows, and in those that NLTK_DATA names."


def corpus_blocks(place: str, *, encoding_errors: EncodingErrors = "strict", block_bytes: int) -> Iterator[Block]:
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
        if size >= block_bytes:
            yield block_of(lines, place, first, encoding_errors)
            first += len(lines)
            lines, size = [], 0
    if lines:
        yield block_of(lines, place, first, encoding_errors)


def block_of(lines: list[str], place: str, first: int, encoding_errors: EncodingErrors) -> Block:
    """The lines as a block."""
    data = ("\n".join(lines) + "\n").encode("utf-8", "replace")
    return checked(Block(data, place, first, 0, np.arange(first, first + len(lines))), encoding_errors)


def found_sentences(place: str, name: str, part: str) -> Iterator[Iterable[str]]:
    """The sentences of a corpus or its part."""
    import nltk.corpus

    reader = getattr(nltk.corpus, name, None) if name in names_of_corpora() else None
    if reader is None:
        near = get_close_matches(name, names_of_corpora(), 1)
        meant = f"Did you mean {NLTK}{near[0]}? " if near else ""
        raise DataError(f"NLTK knows no corpus {name}.", f"{meant}They are listed at https://www.nltk.org/nltk_data/.")
    try:
        sentences = getattr(reader, "sents", None)
        if sentences is None:
            raise DataError(f"the corpus {place} is not divided into sentences.", "Its words alone make no text.")
        yield from sentences(**chosen(reader, place, part))
    except LookupError as error:
        match = DOWNLOAD.search(str(error))
        if match is None:
            raise
        raise DataError(
            f"the data of {place} are not installed: NLTK does not find {match[1]}.",
            f"Get them with: python -m nltk.downloader {match[1]}\n{WHERE}",
        ) from None


def names_of_corpora() -> list[str]:
    """The corpora that NLTK has readers for."""
    import nltk.corpus
    from nltk.corpus.util import LazyCorpusLoader

    return [name for name, value in vars(nltk.corpus).items() if isinstance(value, LazyCorpusLoader)]


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
    kind = "categories" if categories else "files"
    raise DataError(f"{place}: the corpus has no file and no category {part}.", f"Its {kind} are: {', '.join(listed)}.")
