"""Splitting a block of text into tokens: at white space, or by a tokenizer; a newline ends a sentence."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.corpus.entries import NEWLINE, SPACE, Entries
from lmkit.corpus.reading import Block
from lmkit.corpus.settings import TextSettings
from lmkit.corpus.shaping import shape_words
from lmkit.corpus.tokenizers import PIECEWISE, tokenizer_of
from lmkit.corpus.units import split_units


def split_block(block: Block, settings: TextSettings) -> Entries:
    """The tokens of a block as the settings want them."""
    if settings.unit != "word":
        return split_units(block, settings)
    # Words between white space are shaped later, where they get their numbers: only then they can be shown as they stand in the text.
    simple = settings.tokenizer == "whitespace" and settings.normalize != "nfkc" and not settings.strip_accents
    return split_entries(block) if simple else split_tokens(block, settings)


def split_entries(block: Block, highest: int = SPACE) -> Entries:
    """The entries of a block, numbered by their first occurrence in it.

    highest: the highest byte that separates; NEWLINE: it alone does, so that entries are lines.
    """
    import pyarrow as pa

    data = np.frombuffer(block.data, np.uint8)
    separators = np.flatnonzero(data <= SPACE if highest == SPACE else data == NEWLINE)
    offsets = np.empty(len(separators) + 1, np.int32)
    offsets[0] = 0
    np.add(separators, 1, out=offsets[1:], casting="unsafe")
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(block.data)]
    encoded = pa.Array.from_buffers(pa.binary(), len(separators), buffers).dictionary_encode()
    distinct = encoded.dictionary
    ends = (
        np.frombuffer(distinct.buffers()[1], np.int32)[: len(distinct) + 1] if len(distinct) else np.zeros(1, np.int32)
    )
    ends_line = np.frombuffer(distinct.buffers()[2] or b"", np.uint8)[ends[1:] - 1] == NEWLINE
    words = [entry[:-1] for entry in distinct.to_pylist()]
    return Entries(words, np.diff(ends) - np.int32(1), ends_line, encoded.indices.to_numpy())


def split_tokens(block: Block, settings: TextSettings) -> Entries:
    """The tokens of a block by a tokenizer, shaped, numbered by their first occurrence: an entry is a token, and whether it ends its line.

    Distinct pieces of text, between white space or between newlines, are shaped and tokenized once each; a piece without a token is
    one entry of nothing.
    """
    import pyarrow as pa

    pieces = split_entries(block, SPACE if settings.tokenizer in PIECEWISE else NEWLINE)
    shaped = shape_words([piece.strip(b"\r") for piece in pieces.words], settings)
    tokenized = tokenizer_of(settings)([piece.decode() for piece in shaped]).cast(pa.large_string())
    starts, tokens = split_pieces(tokenized)
    encoded = tokens.dictionary_encode()
    words = [token[:-1] for token in encoded.dictionary.to_pylist()]
    numbers = np.concatenate((encoded.indices.to_numpy(), np.array([len(words)])))  # the last: no token
    words.append(b"")
    lengths = np.maximum(np.diff(starts), 1)  # entries of each piece
    running_lengths = lengths.take(pieces.running)
    ends = np.cumsum(running_lengths)
    within = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - running_lengths, running_lengths)
    of_piece = np.repeat(pieces.running, running_lengths)
    empty = (np.diff(starts) == 0).take(of_piece)
    running = numbers.take(np.where(empty, len(numbers) - 1, starts.take(of_piece) + within))
    ends_line = np.zeros(len(running), bool)
    ends_line[ends - 1] = pieces.ends_line.take(pieces.running)
    return entries_of(words, running, ends_line)


def split_pieces(tokenized: Any) -> tuple[NDArray[np.int64], Any]:
    """Where the tokens of each piece begin (pieces + 1,), and the tokens of all, each with a space after it, as Arrow bytes.

    tokenized: texts with spaces between the tokens, and any number of them around.
    """
    import pyarrow as pa

    bounds = np.frombuffer(tokenized.buffers()[1], np.int64)[: len(tokenized) + 1]
    text = np.frombuffer(tokenized.buffers()[2] or b"", np.uint8)[bounds[0] : bounds[-1]]
    # A space after each piece: then every token ends with one.
    data = np.insert(text, bounds[1:] - bounds[0], SPACE)
    bounds = bounds - bounds[0] + np.arange(len(bounds))
    spaces = np.flatnonzero(data == SPACE)
    lengths = np.diff(spaces, prepend=-1)  # with the space
    is_token = lengths > 1
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(is_token)))  # tokens before each space
    starts = before.take(np.searchsorted(spaces, bounds))
    kept = data if is_token.all() else data[np.repeat(is_token, lengths)]
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths[is_token])))
    tokens = pa.Array.from_buffers(
        pa.large_binary(), len(offsets) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(kept))]
    )
    return starts, tokens


def entries_of(words: list[bytes], tokens: NDArray[np.int64], ends_line: NDArray[np.bool_]) -> Entries:
    """The entries of running tokens (places in words), of which some end their line."""
    pairs = 2 * tokens + ends_line
    used = np.bincount(pairs, minlength=2 * len(words)) > 0
    numbers = np.cumsum(used) - 1
    kept = np.flatnonzero(used)
    listed = [words[place] for place in (kept >> 1).tolist()]
    lengths = np.fromiter(map(len, listed), np.int32, len(listed))
    return Entries(listed, lengths, (kept & 1).astype(bool), numbers.take(pairs).astype(np.int32), shaped=True)
