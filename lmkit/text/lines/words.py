"""Text as tokens, line by line: what the commands count, for reading, pipes and other tools."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from lmkit.engine.arrow import bytes_to_arrow, text_to_arrow, to_arrow
from lmkit.engine.columns import as_texts, texts_at
from lmkit.engine.kernels import call_arrow
from lmkit.engine.resources import Resources
from lmkit.engine.threads import map_in_order
from lmkit.text.reading import Reading
from lmkit.text.sentences.splitting import read_sentences
from lmkit.text.settings import TextSettings
from lmkit.text.sources.blocks import Block, checked
from lmkit.text.sources.names import Texts
from lmkit.text.tokens.entries import Entries
from lmkit.text.tokens.normalization import shape_words
from lmkit.text.tokens.splitting import split_block


def tokenize(text: str, settings: TextSettings | None = None) -> list[list[str]]:
    """The tokens of each line of a text.

    >>> tokenize("L'eau, aujourd'hui !", TextSettings(tokenizer="words", lowercase=True))
    [["l'", 'eau', ',', "aujourd'hui", '!']]
    """
    settings = settings or TextSettings()
    block = checked(Block(text.encode() + b"\n", "<text>", 1, 0), None)
    return [line.split(" ") if line else [] for line in token_lines(split_block(block, settings), settings).to_pylist()]


def tokenized_lines(
    texts: Texts,
    settings: TextSettings | None = None,
    *,
    reading: Reading = Reading(),
    resources: Resources = Resources(),
) -> Iterator[Any]:
    """The lines of the texts, or their sentences, with a space between tokens, as Arrow arrays of text, block by block; an empty line stays one.

    DataError for unreadable text.
    """
    how = settings or TextSettings()
    blocks = read_sentences(texts, how, reading)
    yield from map_in_order(lambda block: token_lines(split_block(block, how), how), blocks, resources.workers)


def token_lines(entries: Entries, settings: TextSettings) -> Any:
    """(lines,) the tokens of each line, a space between two."""
    import pyarrow as pa

    words = entries.words if entries.shaped else shape_words(entries.words, settings)
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    is_token = (lengths > 0).take(entries.running)
    tokens_before = np.concatenate((np.zeros(1, np.int64), np.cumsum(is_token)))
    line_ends = np.flatnonzero(entries.ends_line.take(entries.running)) + 1
    bounds = np.concatenate((np.zeros(1, np.int64), tokens_before.take(line_ends)))
    listed = as_texts(bytes_to_arrow(words))
    tokens = texts_at(listed, entries.running[is_token])
    return call_arrow("binary_join", pa.LargeListArray.from_arrays(to_arrow(bounds), tokens), text_to_arrow(" "))
