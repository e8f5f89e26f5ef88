"""Counting the n-grams of a text, limiting its vocabulary, adding counts up."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from lmkit.engine import progress
from lmkit.engine.scratch import Scratch, default_memory, no_room
from lmkit.engine.sparse import CountArray, index_dtype
from lmkit.engine.threads import map_in_order
from lmkit.errors import UsageError
from lmkit.ngrams.counting.block import NO_SUFFIXES
from lmkit.ngrams.counting.chain import Chain, chain_of
from lmkit.ngrams.counting.renumbering import renumber_words
from lmkit.ngrams.counting.runs import Run, RunCollector, compact, count_block
from lmkit.ngrams.trie.orders import Order, find_entry
from lmkit.scoring.protocol import Predictor, Scorer, Traits
from lmkit.signature import signature
from lmkit.text.ids.encoding import NumberedBlock, number_blocks
from lmkit.text.ids.stored import check_limits, cut_off, no_sentence
from lmkit.text.sentences.splitting import read_sentences
from lmkit.text.settings import EncodingErrors, TextSettings
from lmkit.text.sources.blocks import BLOCK_BYTES
from lmkit.text.sources.names import Texts, bytes_of_plain_text
from lmkit.text.vocabulary import BOS, UNK, Vocabulary, WordNumbering, read_vocabulary

if TYPE_CHECKING:
    from lmkit.ngrams.backoff.model import NgramModel

RUN_TOKENS = 1 << 19  # running words that are counted at a time, at least
BESIDE_RUNS = 190 << 20  # bytes of the program itself and its vocabulary
WORKER_MEMORY = 80 << 20  # bytes that one more thread holds

Tokens = NumberedBlock | NDArray[np.int32]  # of whole padded sentences


@dataclass(frozen=True, eq=False)
class NgramCounts:
    """The n-gram counts of a text, orders 1…n: also its maximum-likelihood model."""

    vocabulary: Vocabulary
    settings: TextSettings
    cutoff: int  # words seen fewer times are <unk>; 1: none
    fixed_vocabulary: bool  # the vocabulary was given, not found in the text
    chain: Chain  # the n-grams: orders, suffixes, counts

    @property
    def orders(self) -> tuple[Order, ...]:
        """The n-grams of each length."""
        return self.chain.orders

    @property
    def counts(self) -> tuple[CountArray, ...]:
        """The counts of each order, aligned with its entries, wide enough to be added up."""
        dtype = index_dtype(self.sentences + self.tokens)
        return tuple(counts.astype(dtype) for counts in self.chain.counts)

    @property
    def scratch(self) -> Scratch:
        """Where the arrays are."""
        return self.chain.scratch

    @property
    def order(self) -> int:
        """The length of the longest n-grams."""
        return len(self.chain.orders)

    @property
    def sentences(self) -> int:
        """The number of sentences."""
        return int(self.chain.counts[0][BOS])

    @property
    def tokens(self) -> int:
        """The number of running words, OOV included, sentence marks left out."""
        return int(self.chain.counts[0][UNK:].sum(dtype=np.int64))

    def ngrams(self) -> dict[int, int]:
        """The number of distinct n-grams of each order (order 1: the vocabulary with its three marks)."""
        return {k: len(order) for k, order in enumerate(self.orders, start=1)}

    def up_to(self, order: int) -> "NgramCounts":
        """The counts of orders 1…order only, as if no more had been counted. UsageError for an order that is not there."""
        if not 1 <= order <= self.order:
            raise UsageError(f"order {order} was asked for; the counts have orders 1 to {self.order}.")
        chain = self.chain
        lower = Chain(chain.orders[:order], chain.suffixes[:order], chain.counts[:order], chain.scratch)
        return replace(self, chain=lower)

    def matrix(self, order: int) -> Any:
        """The counts of an order as a histories × words `scipy.sparse.csr_array`, which shares its structure with these counts.

        Row r is the history with entry r of the order below; order 1 has one row. Look, and do not calculate in place:
        SciPy drops stored zeros, and the places of all that follow would move.
        """
        structure = self.orders[order - 1]
        shape = (len(structure.indptr) - 1, len(self.vocabulary))
        counts = self.chain.counts[order - 1].astype(index_dtype(self.sentences + self.tokens))
        return csr_array((counts, structure.indices, structure.indptr), shape=shape)

    @property
    def closed(self) -> bool:
        """Whether <unk> is no event; counts do not say so."""
        return False

    @property
    def method(self) -> str:
        """How counts score text."""
        return "maximum-likelihood"

    @property
    def traits(self) -> Traits:
        """What algorithms may rely on, where counts score text."""
        return Traits(
            is_smoothed=False, suffixes_stored=True, full_histories_only=True, lower_orders_are_marginals=False
        )

    @cached_property
    def maximum_likelihood(self) -> "NgramModel":
        """The model that counts are without smoothing: they score texts and predict words as it does."""
        from lmkit.ngrams.smoothing.additive import maximum_likelihood

        return maximum_likelihood(self)

    def scorer(self) -> Scorer:
        """One for texts."""
        return self.maximum_likelihood.scorer()

    def predictor(self) -> Predictor:
        """One for sentences."""
        return self.maximum_likelihood.predictor()

    def signature(self, settings: TextSettings | None = None) -> str:
        """The settings that shape every figure drawn from these counts.

        settings: how a text was read that they score, which they do as their maximum-likelihood model.
        """
        if settings is not None:
            return self.maximum_likelihood.signature(settings)
        return signature({"order": self.order, "smoothing": "none"} | self.details() | self.settings.for_signature())

    def details(self) -> dict[str, Any]:
        """How the vocabulary was limited, for signatures."""
        return {"cutoff": "vocabulary-file" if self.fixed_vocabulary else self.cutoff}

    def __getitem__(self, ngram: str) -> int:
        """The count of one n-gram, its words separated by spaces; 0 if it was not seen.

        >>> counts = count_ngrams(toy_text, order=2)  # doctest: +SKIP
        >>> counts["le chat"]  # doctest: +SKIP
        2
        """
        ids = [self.vocabulary.ids.get(word.encode(), -1) for word in ngram.split(" ")]
        if len(ids) > self.order:
            raise UsageError(f"{ngram!r} has {len(ids)} words; these counts go up to order {self.order}.")
        entry = -1 if min(ids) < 0 else find_entry(self.orders, ids)
        return 0 if entry < 0 else int(self.chain.counts[len(ids) - 1][entry])


def count_ngrams(
    texts: Texts,
    order: int = 3,
    *,
    cutoff: int = 1,
    vocabulary: Texts | Vocabulary | None = None,
    settings: TextSettings | None = None,
    encoding_errors: EncodingErrors = "strict",
    workers: int | None = None,
    memory: int | None = None,
    tmp: str | Path | None = None,
    block_bytes: int | None = None,
    on_bytes: Callable[[int], None] | None = None,
) -> NgramCounts:
    """The counts of all n-grams of orders 1…order in the texts.

    texts: a path, "-" for standard input, an open binary file, or a sequence of these; one line is one sentence
    (or as settings.sentences has it), padded with one <s> and one </s>. cutoff: words seen fewer times become <unk>. vocabulary: a file with one word
    a line, or a Vocabulary; other words become <unk>. memory: bytes to stay within by writing runs to `tmp`
    (default: half of the machine's). workers: threads (default: the number of cores). The result does not
    depend on workers, memory or block_bytes.
    DataError for unreadable text and for a text without any sentence; UsageError for contradictory options.
    """
    settings = settings or TextSettings()
    check_limits(cutoff, vocabulary, tmp)
    if vocabulary is not None and not isinstance(vocabulary, Vocabulary):
        vocabulary = read_vocabulary(vocabulary, settings)
    words = settings.unit == "word"
    if words:  # there are far fewer n-grams of characters
        check_room(texts, order, memory or default_memory(), tmp)
    numbering = WordNumbering(vocabulary)
    # Words alone need no caches, and are looked up once a block.
    large = words and order == 1 and memory is None
    block_bytes = block_bytes or (4 * BLOCK_BYTES if large else None)
    reading: dict[str, Any] = {"encoding_errors": encoding_errors, "block_bytes": block_bytes, "on_bytes": on_bytes}
    blocks = read_sentences(texts, settings, **reading)
    numbered = number_blocks(blocks, settings, numbering, workers_within(memory, workers))
    chain = count_tokens(numbered, order, numbering.__len__, workers=workers, memory=memory, tmp=tmp)
    if not chain.counts[0][BOS]:
        raise no_sentence(texts)
    counts = NgramCounts(numbering.vocabulary(), settings, 1, vocabulary is not None, chain)
    return apply_cutoff(counts, cutoff) if cutoff > 1 else counts


def count_tokens(
    blocks: Iterable[Tokens],
    order: int,
    types: Callable[[], int],
    *,
    workers: int | None = None,
    memory: int | None = None,
    tmp: str | Path | None = None,
) -> Chain:
    """The n-grams in blocks of whole padded sentences; types() tells how many words there are so far."""
    if order < 1:
        raise UsageError(f"the order is {order}; it must be 1 or more.")

    def count(batch: tuple[list[Tokens], int]) -> tuple[Run, int]:
        blocks, known = batch
        progress.tokens(sum(map(len, blocks)))
        if order == 1:
            return count_words(blocks, known), known
        return count_block(tokens_of(blocks), order, known), known

    memory = memory or default_memory()
    workers = workers_within(memory, workers)
    collector = RunCollector(memory, max(memory - BESIDE_RUNS - workers * WORKER_MEMORY, memory // 8), tmp, workers)
    batches = ((batch, types()) for batch in gather_blocks(blocks))
    for run, known in map_in_order(count, batches, workers):
        collector.add(run, known)
    run, scratch = collector.finish(order, types())
    return chain_of(run, scratch, workers)


def check_room(texts: Texts, order: int, memory: int, tmp: str | Path | None) -> None:
    """DataError if the texts are sure to need more room for temporary files than there is.

    Natural language needs about 2 bytes in memory, or on disk, for each byte of text and order; half of that is asked.
    """
    needed = bytes_of_plain_text(texts) * order
    folder = tmp or tempfile.gettempdir()
    if needed > memory and shutil.disk_usage(folder).free < needed:
        raise no_room(folder, needed)


def workers_within(memory: int | None, workers: int | None) -> int:
    """The number of threads, so many that they leave most of the memory to what they count."""
    return min(workers or os.cpu_count() or 1, max((memory or default_memory()) // (3 * WORKER_MEMORY), 1))


def gather_blocks(blocks: Iterable[Tokens]) -> Iterator[list[Tokens]]:
    """Consecutive blocks with at least RUN_TOKENS tokens together, so that many small files count like one."""
    gathered: list[Tokens] = []
    size = 0
    for block in blocks:
        gathered.append(block)
        size += len(block)
        if size >= RUN_TOKENS:
            yield gathered
            gathered, size = [], 0
    if gathered:
        yield gathered


def tokens_of(blocks: list[Tokens]) -> NDArray[np.int32]:
    """The tokens of consecutive blocks. The list is emptied, so that each can be freed once it is encoded."""
    pieces = []
    for place, block in enumerate(blocks):
        pieces.append(block.encode().tokens if isinstance(block, NumberedBlock) else block)
        blocks[place] = pieces[-1]
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def count_words(blocks: list[Tokens], types: int) -> Run:
    """The run of order 1 of consecutive blocks."""
    counts = np.zeros(types, np.int64)
    for block in blocks:
        counts += block.count_words(types) if isinstance(block, NumberedBlock) else np.bincount(block, minlength=types)
    return Run((np.arange(types + 1, dtype=np.int32),), (NO_SUFFIXES,), (compact(counts),))


def apply_cutoff(counts: NgramCounts, cutoff: int) -> NgramCounts:
    """The counts after words seen fewer than `cutoff` times became <unk>: no second pass over the text."""
    vocabulary, new_ids = cut_off(counts.vocabulary, counts.chain.counts[0], cutoff)
    return replace(
        counts, vocabulary=vocabulary, cutoff=cutoff, chain=renumber_words(counts.chain, new_ids, len(vocabulary))
    )


def without_unknown(counts: NgramCounts) -> NgramCounts:
    """The counts without the n-grams that contain <unk>, as a closed vocabulary wants them."""
    if not counts.chain.counts[0][UNK]:
        return counts
    new_ids = np.arange(len(counts.vocabulary), dtype=np.int32)
    new_ids[UNK] = -1
    return replace(counts, chain=renumber_words(counts.chain, new_ids, len(counts.vocabulary)))
