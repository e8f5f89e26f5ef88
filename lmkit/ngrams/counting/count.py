"""From texts to counts of n-grams: blocks are counted in threads, and their runs collected."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lmkit.engine import progress
from lmkit.engine.journal.journal import room_taken
from lmkit.engine.memory import no_room
from lmkit.engine.resources import Resources
from lmkit.engine.scratch import Scratch
from lmkit.engine.threads import map_in_order
from lmkit.errors import UsageError
from lmkit.ngrams.counting.bigrams import count_bigrams
from lmkit.ngrams.counting.block import NO_SUFFIXES
from lmkit.ngrams.counting.chain import MOST_ORDER, Chain, chain_of
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.counting.kept_counting import KeptCounting, collector_for, kept_counting
from lmkit.ngrams.counting.kept_orders import kept_linking
from lmkit.ngrams.counting.limiting import apply_cutoff, counts_of
from lmkit.ngrams.counting.runs import Run, compact, count_block
from lmkit.text.ids.encoding import number_blocks
from lmkit.text.ids.gathering import Tokens, count_words, gather_blocks, tokens_of
from lmkit.text.limits import check_limits, check_words
from lmkit.text.reading import BLOCK_BYTES, Reading
from lmkit.text.sentences.splitting import read_sentences
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Texts, bytes_of_plain_text
from lmkit.text.vocabulary import Vocabulary, WordNumbering
from lmkit.text.word_files import read_vocabulary

RUN_TOKENS = 1 << 19  # running words that are counted at a time, at least
BESIDE_RUNS = 190 << 20  # bytes of the program itself and its vocabulary
WORKER_MEMORY = 80 << 20  # bytes that one more thread holds
THREAD_MEMORY = 3 * WORKER_MEMORY  # bytes for each thread, most of which is left to what they count


def count_ngrams(
    texts: Texts,
    order: int = 3,
    *,
    cutoff: int = 1,
    vocabulary: Texts | Vocabulary | None = None,
    settings: TextSettings | None = None,
    reading: Reading = Reading(),
    resources: Resources = Resources(),
) -> NgramCounts:
    """The counts of all n-grams of orders 1…order in the texts.

    texts: a path, "-" for standard input, an open binary file, or a sequence of these; one line is one sentence
    (or as settings.sentences has it), padded with one <s> and one </s>. cutoff: words seen fewer times become <unk>. vocabulary: a file with one word
    a line, or a Vocabulary; other words become <unk>. Beyond the memory of the resources, runs are written to their folder.
    DataError for unreadable text and for a text without any sentence; UsageError for contradictory options.
    """
    settings = settings or TextSettings()
    if resources.processes:
        from lmkit.ngrams.counting.supersteps.driver import count_in_processes

        return count_in_processes(texts, order, cutoff, vocabulary, settings, reading, resources)
    words = settings.unit == "word"
    known = checked_limits(texts, order, cutoff, vocabulary, settings, resources)
    numbering = WordNumbering(known)
    kept = kept_counting(numbering, resources)
    # Words alone need no caches, and are looked up once a block; what is kept is found again in blocks of one size.
    large = words and order == 1 and resources.memory is None and kept is None
    blocks = read_sentences(texts, settings, reading.in_blocks_of(4 * BLOCK_BYTES) if large else reading, check=False)
    blocks = blocks if kept is None else kept.uncounted(blocks)
    numbered = number_blocks(blocks, settings, numbering, resources.threads_holding(THREAD_MEMORY))
    chain = count_tokens(numbered, order, numbering.__len__, resources, kept)
    check_words(chain.counts[0], texts, known, vocabulary)
    counts = counts_of(chain, numbering.vocabulary(), settings, fixed_vocabulary=known is not None)
    return apply_cutoff(counts, cutoff) if cutoff > 1 else counts


def checked_limits(
    texts: Texts,
    order: int,
    cutoff: int,
    vocabulary: Texts | Vocabulary | None,
    settings: TextSettings,
    resources: Resources,
) -> Vocabulary | None:
    """The vocabulary that was given, read, if one was (see `count_ngrams`). UsageError and DataError for what will not do, before any work."""
    check_order(order)
    check_limits(cutoff, vocabulary)
    if vocabulary is not None and not isinstance(vocabulary, Vocabulary):
        vocabulary = read_vocabulary(vocabulary, settings)
    if settings.unit == "word":  # there are far fewer n-grams of characters
        check_room(texts, order, resources)
    return vocabulary


def check_order(order: int) -> None:
    """UsageError for n-grams that are of no length, or longer than any text calls for."""
    if order < 1:
        raise UsageError(f"the order is {order}; it must be 1 or more.")
    if order > MOST_ORDER:
        raise UsageError(f"the order is {order:,}; {MOST_ORDER:,} is the most.")


def count_tokens(
    blocks: Iterable[Tokens],
    order: int,
    types: Callable[[], int],
    resources: Resources = Resources(),
    kept: KeptCounting | None = None,
) -> Chain:
    """The n-grams in blocks of whole padded sentences; types() tells how many words there are so far. kept: what is finished of it."""
    check_order(order)
    run, scratch = run_of_tokens(blocks, order, types, resources, kept)
    link = None if kept is None else kept_linking(kept.pieces, order, scratch)
    return chain_of(run, scratch, resources.threads_holding(THREAD_MEMORY), link=link)


def run_of_tokens(
    blocks: Iterable[Tokens],
    order: int,
    types: Callable[[], int],
    resources: Resources,
    kept: KeptCounting | None = None,
) -> tuple[Run, Scratch]:
    """The same as one run, and where to keep what is made of it."""

    def count(batch: tuple[list[Tokens], int]) -> tuple[Run, int]:
        blocks, known = batch
        progress.tokens(sum(map(len, blocks)))
        return count_blocks(blocks, order, known), known

    workers, memory = resources.threads_holding(THREAD_MEMORY), resources.memory_limit
    room = max(memory - BESIDE_RUNS - workers * WORKER_MEMORY, memory // 8)
    collector = collector_for(replace(resources, workers=workers), room, kept)
    gathered = gather_blocks(blocks, RUN_TOKENS)
    batches = ((batch, types()) for batch in (gathered if kept is None else kept.batches(gathered)))
    for run, known in map_in_order(count, batches, workers):
        collector.add(run, known)
    return collector.finish(order, types())


def check_room(texts: Texts, order: int, resources: Resources) -> None:
    """DataError if the texts are sure to need more room for temporary files than there is.

    Natural language needs about 2 bytes in memory, or on disk, for each byte of text and order; half of that is asked.
    """
    needed = bytes_of_plain_text(texts) * order
    if needed > resources.memory_limit and shutil.disk_usage(resources.folder).free + room_taken() < needed:
        raise no_room(resources.folder, needed)


def count_blocks(blocks: list[Tokens], order: int, types: int) -> Run:
    """The run of consecutive blocks. The list is emptied."""
    if order == 1:
        return run_of_words(count_words(blocks, types))
    tokens = tokens_of(blocks)
    return count_bigrams(tokens, types) if order == 2 else count_block(tokens, order, types)


def run_of_words(counts: NDArray[np.int64]) -> Run:
    """The run of order 1. counts: (types,)"""
    return Run((np.arange(len(counts) + 1, dtype=np.int32),), (NO_SUFFIXES,), (compact(counts),))
