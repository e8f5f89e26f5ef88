"""Writing word classes: lmkit's own TSV, and Brown's paths."""

from typing import Any, BinaryIO

import numpy as np

from lmkit.classes.word_classes import WordClasses
from lmkit.engine.arrow import bytes_to_arrow
from lmkit.engine.columns import as_texts, texts_at
from lmkit.engine.files.table_files import Table, write_lines, write_tsv
from lmkit.errors import DataError
from lmkit.text.vocabulary import FIRST_WORD


def write_classes(classes: WordClasses, stream: BinaryIO, _suffix: str = ".tsv") -> None:
    """Write `word TAB class`, and the count and the probability of the word in its class where these are known, after a header, in the order of the words."""
    names = ["word", "class"]
    columns: list[Any] = [words_of(classes), classes_of(classes)]
    for name, values in (("count", classes.counts), ("probability", classes.expansions)):
        if values is not None:
            names.append(name)
            columns.append(values[FIRST_WORD:])
    write_tsv(Table(names, [columns]), stream)


def write_paths(classes: WordClasses, stream: BinaryIO, _suffix: str = ".paths") -> None:
    """Write `bits TAB word TAB count` as Brown's clusters are usually kept: names of classes must be bits. DataError for others, and without counts."""
    if classes.counts is None or any(name.strip(b"01") for name in classes.names):
        raise DataError(
            "paths have bits as names of classes, and counts.", "Train the classes with --hierarchy, or write a .tsv."
        )
    write_lines(
        Table(("bits", "word", "count"), [[classes_of(classes), words_of(classes), classes.counts[FIRST_WORD:]]]),
        stream,
    )


def words_of(classes: WordClasses) -> Any:
    """(words,) the words, marks left out, as an Arrow array of texts."""
    return as_texts(classes.vocabulary.arrow_words()[FIRST_WORD:])


def classes_of(classes: WordClasses) -> Any:
    """(words,) the name of the class of each."""
    names = as_texts(bytes_to_arrow(classes.names))
    return texts_at(names, classes.of_words[FIRST_WORD:].astype(np.int32))
