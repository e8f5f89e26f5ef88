"""Splitting a block of text into tokens: at white space, or by a tokenizer; a newline ends a sentence."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrow import to_arrow, to_numpy
from lmkit.engine.columns import as_texts
from lmkit.engine.kernels import call_arrow
from lmkit.text.settings import TextSettings
from lmkit.text.sources.blocks import Block
from lmkit.text.tokens.distinct import distinct_entries
from lmkit.text.tokens.entries import Entries
from lmkit.text.tokens.normalization import shape_words
from lmkit.text.tokens.registry import TOKENIZERS, tokenizer_of
from lmkit.text.tokens.units import split_units
from lmkit.text.whitespace import NEWLINE, SPACE, WIDE_LEADS


def split_block(block: Block, settings: TextSettings) -> Entries:
    """The tokens of a block as the settings want them."""
    if settings.unit != "word":
        return split_units(block, settings)
    if settings.tokenizer_json:
        return split_subwords(block, settings)
    # Words between white space are shaped later, where they get their numbers: only then they can be shown as they stand in the text.
    return split_entries(block) if splits_at_spaces(settings) else split_tokens(block, settings)


def splits_at_spaces(settings: TextSettings) -> bool:
    """Whether tokens are what stands between ASCII white space, so that they can be shaped one by one."""
    whole = settings.unit == "word" and settings.tokenizer == "whitespace"
    return whole and settings.normalize != "nfkc" and not settings.strip_accents


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
    if highest == SPACE:
        return distinct_entries(block.data, offsets)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(block.data)]
    encoded = call_arrow("dictionary_encode", pa.Array.from_buffers(pa.binary(), len(separators), buffers))
    words = [entry[:-1] for entry in encoded.dictionary.to_pylist()]
    lengths = np.fromiter(map(len, words), np.int32, len(words))
    return Entries(words, lengths, np.ones(len(words), bool), to_numpy(encoded.indices))


def split_tokens(block: Block, settings: TextSettings) -> Entries:
    """The tokens of a block by a tokenizer, shaped, numbered by their first occurrence: an entry is a token, and whether it ends its line.

    Distinct pieces of text, between white space or between newlines, are shaped and tokenized once each; a piece without a token is
    one entry of nothing.
    """
    pieces = split_entries(block, SPACE if TOKENIZERS[settings.tokenizer].piecewise else NEWLINE)
    shaped = shape_words([piece.strip(b"\r") for piece in pieces.words], settings)
    tokenized = as_texts(tokenizer_of(settings.tokenizer)([piece.decode() for piece in shaped]))
    starts, tokens = split_pieces(tokenized)
    encoded = call_arrow("dictionary_encode", tokens)
    words = [token[:-1] for token in encoded.dictionary.to_pylist()]
    return spread(pieces, starts, to_numpy(encoded.indices), words)


def split_subwords(block: Block, settings: TextSettings) -> Entries:
    """The tokens of a block by a subword tokenizer. The text is shaped before it is cut.

    A line of nothing but white space is empty where blank lines are skipped; else white space is text.
    """
    from lmkit.text.tokens.subwords.tokenizer import subwords_of

    tokenizer = subwords_of(settings)
    text = shaped_text(block, tokenizer.shaping(settings), by_words=tokenizer.by_words)
    pieces = cut_text(text, by_words=tokenizer.by_words)
    blank = {b"", b" "} if tokenizer.by_words else {b""}
    skip = settings.blank_lines == "skip"
    read = [
        b"" if ends_line and (piece in blank or (skip and not piece.strip())) else piece
        for piece, ends_line in zip(pieces.words, pieces.ends_line.tolist(), strict=True)
    ]
    starts, ids = tokenizer.encode(read)
    # Numbered by their first occurrence, whatever the size of a block.
    encoded = call_arrow("dictionary_encode", to_arrow(ids))
    names = [tokenizer.names[number] for number in encoded.dictionary.to_pylist()]
    return spread(pieces, starts, to_numpy(encoded.indices), names)


def shaped_text(block: Block, settings: TextSettings, *, by_words: bool) -> bytes:
    """The text of a block as the settings want it; by_words: with a space before each line, as the tokenizer itself would have it."""
    (text,) = shape_words([block.data.replace(b"\r\n", b"\n")], settings)
    return b" " + text[:-1].replace(b"\n", b"\n ") + b"\n" if by_words and text else text


def cut_text(text: bytes, *, by_words: bool) -> Entries:
    """The lines of a text, or its pieces that begin with a space before a word: distinct ones, numbered, without newlines."""
    import pyarrow as pa

    data = np.frombuffer(text, np.uint8)
    cuts = data == NEWLINE
    if by_words:
        # Not where the next character may be a space of Unicode: a run of white space is one thing.
        following = data[2:]
        starts_word = (following > SPACE) & ~np.isin(following, WIDE_LEADS)
        cuts[:-2] |= (data[1:-1] == SPACE) & starts_word
    offsets = np.concatenate((np.zeros(1, np.int64), np.flatnonzero(cuts) + 1))
    arrow = pa.Array.from_buffers(
        pa.large_binary(), len(offsets) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(text)]
    )
    encoded = call_arrow("dictionary_encode", arrow)
    listed = encoded.dictionary.to_pylist()
    ends_line = np.fromiter((piece.endswith(b"\n") for piece in listed), bool, len(listed))
    words = [piece.removesuffix(b"\n") for piece in listed]
    lengths = np.fromiter(map(len, words), np.int32, len(words))
    return Entries(words, lengths, ends_line, to_numpy(encoded.indices))


def spread(pieces: Entries, starts: NDArray[np.int64], tokens: NDArray[np.int32], words: list[bytes]) -> Entries:
    """The running tokens of pieces of text. starts, tokens: those of each distinct piece, as places in `words`."""
    numbers = np.concatenate((tokens, np.array([len(words)])))  # the last: no token
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
