"""The words that a subword tokenizer is trained on: how often each occurs, which is kept where a job keeps what is finished."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from lmkit.engine.journal.journal import part_of_job
from lmkit.engine.journal.pieces import Arrays, Pieces
from lmkit.text.settings import TextSettings
from lmkit.text.sources.blocks import Block
from lmkit.text.sources.read_again import ReadAgain
from lmkit.text.tokens.splitting import cut_text, shaped_text
from lmkit.text.vocabulary import Vocabulary

SHARE = 16  # at most one in so many of the blocks that were counted is counted again
KEPT = "pieces"


def count_words(
    pre_tokenizer: Any, blocks: Iterable[Block], settings: TextSettings, *, white_space: bool
) -> dict[str, int]:
    """How often each word occurs that is to be cut into subwords, by code point; none if there is nothing but white space.

    white_space: it is text, too.
    """
    pieces = count_pieces(blocks, settings)
    words: Counter[str] = Counter()
    if not any(map(bytes.strip, pieces)):
        return words
    for piece, occurs in pieces.items():
        if white_space or piece.strip():
            for word, _ in pre_tokenizer.pre_tokenize_str(piece.decode()):
                words[word] += occurs
    return dict(sorted(words.items()))


def count_pieces(blocks: Iterable[Block], settings: TextSettings) -> Counter[bytes]:
    """How often each piece of text occurs that is pre-tokenized by itself."""
    kept = part_of_job("words")
    counts, text = begun(kept)
    new = 0
    for block in text.rest(blocks):
        add_pieces(counts, block, settings)
        new += 1
        if kept is not None and SHARE * new >= text.blocks:
            keep(kept, counts, text, new)
            new = 0
    if kept is not None and new:
        keep(kept, counts, text, new)
    return counts


def add_pieces(counts: Counter[bytes], block: Block, settings: TextSettings) -> None:
    """Count the pieces of a block, but for the spaces before lines without text."""
    found = cut_text(shaped_text(block, settings, by_words=True), by_words=True)
    occurrences = np.bincount(found.running, minlength=len(found.words)).tolist()
    for piece, is_last, occurs in zip(found.words, found.ends_line.tolist(), occurrences, strict=True):
        if not (is_last and piece == b" "):
            counts[piece] += occurs


def begun(kept: Pieces | None) -> tuple[Counter[bytes], ReadAgain]:
    """What was counted before, and the text from there on."""
    if kept is None or (piece := kept.find(KEPT)) is None:
        return Counter(), ReadAgain({})
    words = Vocabulary(piece.arrays["utf8"], piece.arrays["offsets"]).words
    counts = Counter(dict(zip(words, piece.arrays["counts"].tolist(), strict=True)))
    return counts, ReadAgain({int(piece.said["blocks"]): piece.said["digest"]}, kept.folder)


def keep(kept: Pieces, counts: Counter[bytes], text: ReadAgain, blocks: int) -> None:
    """Keep the counts after so many blocks more."""
    digest = text.pass_over(blocks)
    words = Vocabulary.from_words(list(counts))
    occurrences = np.fromiter(counts.values(), np.int64, len(counts))
    arrays: Arrays = {"utf8": words.utf8, "offsets": words.offsets, "counts": occurrences}
    kept.keep(KEPT, arrays, {"blocks": text.blocks, "digest": digest})
