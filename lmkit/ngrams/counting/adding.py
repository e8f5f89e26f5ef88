"""Adding counts up: what counting the texts together would give."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lmkit.engine.journal.journal import part_of_job
from lmkit.engine.resources import Resources
from lmkit.engine.scratch import Scratch
from lmkit.errors import DataError, UsageError
from lmkit.ngrams.counting.chain import chain_of, run_of
from lmkit.ngrams.counting.count import BESIDE_RUNS
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.counting.kept_orders import kept_linking, kept_merging
from lmkit.ngrams.counting.renumbering import renumbered_run
from lmkit.ngrams.counting.run_merging import merge_runs
from lmkit.text.vocabulary import FIRST_WORD, WordNumbering


def merge_counts(several: Sequence[NgramCounts], resources: Resources = Resources()) -> NgramCounts:
    """The sum of counts: what counting the texts one after the other would give, word ids included.

    DataError when the orders, the text settings, the cutoffs or the vocabularies do not allow the same result.
    """
    if not several:
        raise UsageError("there are no counts to merge.")
    first = several[0]
    if len(several) == 1:
        return first
    for other in several[1:]:
        check_mergeable(first, other)
    numbering = WordNumbering(first.vocabulary if first.fixed_vocabulary else None)
    fixed = first.settings.unit == "byte" or first.settings.tokenizer_json
    for counts in several if fixed else ():  # those that a text lacks come last
        seen = np.flatnonzero(counts.chain.counts[0][FIRST_WORD:]) + FIRST_WORD
        numbering.number([counts.vocabulary.words[byte] for byte in seen.tolist()])
    maps = [numbering.number(counts.vocabulary.words)[0] for counts in several]
    types = len(numbering)
    workers = resources.workers
    needed = BESIDE_RUNS + 3 * sum(counts.chain.nbytes() for counts in several)
    scratch = Scratch() if needed <= resources.memory_limit else resources.on_disk()
    for counts in several:
        scratch.watch_all(counts.scratch)
    runs = []
    for counts, new_ids in zip(several, maps, strict=True):
        same = np.array_equal(new_ids, np.arange(len(new_ids)))
        chain = counts.chain
        runs.append(run_of(chain) if same else renumbered_run(chain, new_ids, types, scratch, workers))
    pieces = part_of_job("merging")
    merged = merge_runs(runs, types, scratch, workers, kept_merging(pieces, first.order, scratch))
    chain = chain_of(merged, scratch, workers, link=kept_linking(pieces, first.order, scratch))
    return replace(first, vocabulary=numbering.vocabulary(), chain=chain)


def check_mergeable(one: NgramCounts, other: NgramCounts) -> None:
    """DataError when adding these counts could not equal counting the texts together."""
    if one.order != other.order:
        raise DataError(f"the counts go up to order {one.order} and {other.order}.", "Train both with the same -n.")
    different = "; ".join(f"{each.name} {a} and {b}" for each, a, b in one.settings.differences(other.settings))
    if different:
        raise DataError(f"the texts were read in different ways: {different}.", "Train both with the same options.")
    if not one.settings.sentence_marks:
        raise DataError(
            "counts of text without sentence marks (--no-sentence-marks) cannot be merged.",
            "Count all texts together: `lmkit ngram train` takes several.",
        )
    if not (one.whole and other.whole):
        raise DataError(
            "the counts come from lists of n-grams that are not those of whole sentences.",
            "Read all lists together: `lmkit ngram train --count-lists`.",
        )
    if one.cutoff > 1 or other.cutoff > 1:
        raise DataError(
            f"the counts were made with cutoffs {one.cutoff} and {other.cutoff}; what a cutoff dropped from one text may be frequent in both.",
            "Train without --cutoff and give the cutoff to the merge.",
        )
    if one.fixed_vocabulary != other.fixed_vocabulary or (
        one.fixed_vocabulary and not one.vocabulary.same_as(other.vocabulary)
    ):
        raise DataError(
            "the counts were limited to different vocabularies.", "Train both with the same --vocabulary file."
        )
