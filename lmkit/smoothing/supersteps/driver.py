"""What asks for the steps of smoothing, and puts together what comes of them."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.progress import stage
from lmkit.engine.resources import Resources
from lmkit.engine.runners.local import Held
from lmkit.engine.runners.payloads import packed, unpacked
from lmkit.engine.runners.protocol import DRIVER, RANGES_EACH, Message, Runner, Sent
from lmkit.engine.scratch import Scratch
from lmkit.ngrams.counting.chain import Chain
from lmkit.ngrams.counting.supersteps.counting import SLICE
from lmkit.ngrams.counting.supersteps.slices import Arrays, even_cuts, slices_of
from lmkit.ngrams.values.history_counts import HistoryCoder
from lmkit.ngrams.values.small_counts import SmallCounts
from lmkit.smoothing.counted_evidence import CountedEvidence
from lmkit.smoothing.registry import Counted
from lmkit.smoothing.supersteps.suffixes import Suffixes
from lmkit.smoothing.supersteps.tallies import CODED, NUMBERS, Tallies, tally_kind
from lmkit.smoothing.tallying import Tally

BYTES_EACH = 80  # that the work on a range holds for each of its n-grams: most while suffixes are sorted
LEAST_RANGE = 1 << 16  # n-grams: of less, little memory is used, and each range tells something to each


@dataclass(frozen=True, eq=False)
class TalliesOfRanges:
    """What all ranges told of the n-grams of a model, in whose order they are."""

    sent: Sent
    evidence: CountedEvidence

    def counts_of_counts(self, length: int) -> NDArray[np.int64]:
        """(4,) n1, n2, n3, n4 of all n-grams of a length that were counted."""
        numbers = np.zeros(4, np.int64)
        for message in self.sent.to_driver(NUMBERS):
            numbers += unpacked(message)[NUMBERS][length - 2]
        return numbers

    def tally(self, length: int, scratch: Scratch, workers: int | None) -> Tally:
        """The tally of the n-grams of a length, made in `scratch`."""
        order = self.evidence.model.orders[length - 1]
        stage(f"putting {len(order):,} {length}-grams together")
        counts = SmallCounts.joined(map(small_counts_in, self._arrays(length, scratch)), len(order), scratch)
        coder = HistoryCoder(len(order.indptr) - 1, scratch)
        if length < CODED:
            coder.add_up(order, counts, workers)
        else:
            end = 0
            for arrays in self._arrays(length, scratch):
                end = coder.take_in(end, arrays)
        return Tally(counts, coder)

    def _arrays(self, length: int, scratch: Scratch) -> Iterator[Arrays]:
        """What each range told of the n-grams of a length."""
        return map(unpacked, self.sent.to_driver(tally_kind(length), scratch))


def small_counts_in(arrays: Arrays) -> SmallCounts:
    """The counts in a tally."""
    return SmallCounts(**{each.name: arrays[each.name] for each in fields(SmallCounts)})


def tallies_on(
    runner: Runner, evidence: CountedEvidence, counts: Counted, resources: Resources, ranges: int | None = None
) -> TalliesOfRanges:
    """The tallies of the orders from 2 on, by the steps of a runner. counts: what the smoothing looks at.

    ranges: of first words, on which there is work (default: as many as all workers have room for). No result depends on it.
    """
    chain, types = evidence.whole, len(evidence.model.vocabulary)
    if len(chain.orders) == 1:
        return TalliesOfRanges(Held(resources), evidence)
    cuts = even_cuts(chain, ranges or ranges_for(runner, chain))
    given, sent = sliced(chain, cuts, resources).messages, None
    if counts == "adjusted" and len(chain.orders) > 2:
        sent = runner.step("telling suffixes", Suffixes(types, cuts, runner.each), given)
        given = []
    tallies = Tallies(types, cuts, counts, evidence.drops_unknown, runner.each)
    return TalliesOfRanges(runner.step("adding counts up", tallies, given, sent), evidence)


def sliced(chain: Chain, cuts: NDArray[np.int64], resources: Resources) -> Held:
    """The slices of a chain, each for its range."""
    held = Held(resources)
    for number, arrays in slices_of(chain, cuts):
        held.add(Message(number, DRIVER, SLICE, packed(arrays)))
    return held


def ranges_for(runner: Runner, chain: Chain) -> int:
    """How many ranges there are, so that all workers have something to do, and each has room for its own."""
    ngrams = sum(map(len, chain.orders))
    in_memory = -(-BYTES_EACH * ngrams // runner.each.memory_limit)
    return max(RANGES_EACH * runner.targets_at_once, min(in_memory, ngrams // LEAST_RANGE))
