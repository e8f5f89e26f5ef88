"""What asks for the steps of counting, and puts together what comes of them."""

from dataclasses import replace

from lmkit.engine.resources import Resources
from lmkit.engine.runners.payloads import unpacked
from lmkit.engine.runners.processes import Processes
from lmkit.engine.runners.protocol import RANGES_EACH, Runner, Sent
from lmkit.engine.scratch import Scratch
from lmkit.ngrams.counting.chain import Chain, chain_of
from lmkit.ngrams.counting.count import BESIDE_RUNS, checked_limits, run_of_words
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.counting.limiting import counts_of
from lmkit.ngrams.counting.run_merging import merge_runs
from lmkit.ngrams.counting.runs import run_in
from lmkit.ngrams.counting.supersteps.assembling import assembled
from lmkit.ngrams.counting.supersteps.counting import RUN, Counting, HeavyRows
from lmkit.ngrams.counting.supersteps.merging import Merging
from lmkit.ngrams.counting.supersteps.ranges import cuts_of
from lmkit.text.ids.supersteps.reading import (
    LEAST_SPLIT,
    WholeVocabulary,
    read_on,
    split_bytes_for,
    texts_for,
    whole_vocabulary,
)
from lmkit.text.limits import check_words
from lmkit.text.reading import Reading
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Texts
from lmkit.text.sources.splits import Split, expected_bytes
from lmkit.text.vocabulary import Vocabulary

MOST_SPLITS = 512  # that are merged together
MERGED_SIZE = 3  # times the size of what is merged: that itself, what comes of it, and the places in between
BYTES_EACH = 6  # that merging holds for each byte of text and order: twice what is sent, and what is made of it


def count_in_processes(
    texts: Texts,
    order: int,
    cutoff: int,
    vocabulary: Texts | Vocabulary | None,
    settings: TextSettings,
    reading: Reading,
    resources: Resources,
) -> NgramCounts:
    """What `count_ngrams` gives, by worker processes."""
    with Processes(resources) as runner:
        return count_on(
            runner,
            texts,
            order,
            cutoff=cutoff,
            vocabulary=vocabulary,
            settings=settings,
            reading=reading,
            resources=resources,
        )


def count_on(
    runner: Runner,
    texts: Texts,
    order: int = 3,
    *,
    cutoff: int = 1,
    vocabulary: Texts | Vocabulary | None = None,
    settings: TextSettings | None = None,
    reading: Reading = Reading(),
    resources: Resources = Resources(),
    split_bytes: int | None = None,
    ranges: int | None = None,
) -> NgramCounts:
    """What `count_ngrams` gives, the same to the last byte of its file, by the steps of a runner.

    resources: of this process, which puts all together. split_bytes: of text in a split. ranges: of first words, which the runner merges (0: splits
    are merged here, by threads; default: so where the runner shares files). No result depends on these.
    """
    settings = settings or TextSettings()
    known = checked_limits(texts, order, cutoff, vocabulary, settings, resources)
    files = texts_for(runner, texts)
    if ranges is None:
        ranges = 0 if runner.shares_files else ranges_for(runner, files, order)
    tell = None if order == 1 else HeavyRows(ranges)
    sent = read_on(runner, files, split_bytes or bytes_of_split(runner, files), settings, reading, tell)
    whole = whole_vocabulary(sent, settings, known, cutoff)
    check_words(whole.counts, texts, known, vocabulary)
    if order == 1:
        chain = chain_of(run_of_words(whole.counts))
    else:
        chain = counted(runner, sent, whole, order, ranges, resources)
    counts = counts_of(chain, whole.vocabulary, settings, fixed_vocabulary=known is not None)
    return replace(counts, cutoff=cutoff)


def counted(runner: Runner, sent: Sent, whole: WholeVocabulary, order: int, ranges: int, resources: Resources) -> Chain:
    """The chain of the splits whose words have been numbered. ranges: of first words, merged by the runner; 0: splits are merged here."""
    types, cuts = len(whole.vocabulary), cuts_of(whole, sent, ranges) if ranges else None
    sent = runner.step("counting n-grams of splits", Counting(order, types, cuts, runner.each), whole.given(), sent)
    if cuts is None:
        return merged_here(runner, sent, types, resources)
    sent = runner.step("merging ranges of first words", Merging(order, types, cuts), [], sent)
    return assembled(sent, order, whole.counts, cuts, resources)


def merged_here(runner: Runner, sent: Sent, types: int, resources: Resources) -> Chain:
    """The chain of the runs of all splits, in memory, or on disk where that has no room for it."""
    mapped = Scratch()
    runs = [run_in(unpacked(message)) for message in sent.to_driver(RUN, mapped)]
    needed = MERGED_SIZE * sum(run.nbytes() for run in runs) + BESIDE_RUNS
    if 2 * needed > resources.memory_limit:
        runner.rest()
    scratch = Scratch() if needed <= resources.memory_limit else resources.on_disk()
    scratch.watch_all(mapped)
    return chain_of(merge_runs(runs, types, scratch, resources.workers), scratch, resources.workers)


def bytes_of_split(runner: Runner, files: Split) -> int:
    """How much text is in a split: one run, where runs are merged here, so that it is done once."""
    if runner.shares_files:
        return max(LEAST_SPLIT, -(-sum(map(expected_bytes, files)) // MOST_SPLITS))
    return split_bytes_for(runner, files)


def ranges_for(runner: Runner, files: Split, order: int) -> int:
    """How many ranges of first words there are, so that all workers have something to do, and each has room for its own."""
    needed = BYTES_EACH * order * sum(map(expected_bytes, files))
    return max(RANGES_EACH * runner.targets_at_once, -(-needed // runner.each.memory_limit))
