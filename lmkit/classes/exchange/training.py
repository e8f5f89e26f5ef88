"""From counts of bigrams to classes of words."""

from collections.abc import Callable

import numpy as np

from lmkit.classes.exchange.choices import ENOUGH, PASSES, SEED, Objective
from lmkit.classes.exchange.exchanging import Partition, go_through
from lmkit.classes.exchange.pairs import Bigrams
from lmkit.classes.exchange.predictive import CELL_BYTES, Predictive
from lmkit.classes.exchange.settings import Classes, ExchangePass, Settings
from lmkit.classes.exchange.two_sided import TwoSided, class_bigrams
from lmkit.classes.hierarchy import bit_strings
from lmkit.classes.word_classes import WordClasses
from lmkit.engine.memory import megabytes
from lmkit.engine.resources import Resources
from lmkit.engine.wording import numbered
from lmkit.errors import DataError
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.text.vocabulary import FIRST_WORD

PARTITIONS: dict[Objective, Callable[[Bigrams, Classes, int], Partition]] = {
    "predictive": Predictive,
    "two-sided": TwoSided,
}


def train_classes(
    counts: NgramCounts,
    classes: int,
    *,
    objective: Objective = "predictive",
    passes: int | None = None,
    starts: int = 1,
    seed: int = SEED,
    hierarchy: bool = False,
    watch: Callable[[ExchangePass], None] = lambda _: None,
    resources: Resources = Resources(),
) -> WordClasses:
    """So many classes of the words of a text, from its counts of order 2 or more: words go to other classes as long as the text becomes more likely.

    objective: of the bigram model of classes, "predictive", p(c(w) | v) p(w | c(w)) (Uszkoreit & Brants 2008), or "two-sided",
    p(c(w) | c(v)) p(w | c(w)) (Brown et al. 1992). passes: through all words, at most; None: 10, or until one gains less than
    0.05 % of the bits. starts: with the words in classes at random in other ways, of which the best result is taken. hierarchy:
    names of classes are bit strings: classes are merged two by two, where the mutual information of classes side by side
    loses least. Otherwise names are c1, c2, …, the most frequent class first. watch: is told of each pass.

    UsageError for settings that make no sense; DataError for counts of words alone, fewer words than classes, and tables that need more
    than the memory to keep to. The same counts and settings give the same classes.
    """
    settings = Settings(classes, objective, passes, starts, seed)
    if counts.order < 2:
        raise DataError(
            "these counts are of order 1: they do not say which words stand side by side.", "Count with -n 2."
        )
    bigrams = Bigrams.of(counts)
    words = len(bigrams.words)
    if classes > words:
        raise DataError(
            f"{numbered(classes, 'class')} are asked of {numbered(words, 'word')}.",
            f"Ask for 2 to {words:,}." if words > 1 else "Give more text.",
        )
    check_room(settings, len(counts.vocabulary), resources)
    results = [trained(bigrams, settings, start, watch) for start in range(1, starts + 1)]
    of_words, _ = max(results, key=lambda result: result[1])
    return named(counts, bigrams, of_words, settings, hierarchy=hierarchy)


def trained(
    bigrams: Bigrams, settings: Settings, start: int, watch: Callable[[ExchangePass], None]
) -> tuple[Classes, float]:
    """The class of each word (types,), -1 for those that have none, and the log-likelihood that is reached from a start."""
    partition = PARTITIONS[settings.objective](bigrams, first_classes(bigrams, settings, start), settings.classes)
    reached = partition.log_likelihood()
    watch(ExchangePass(start, 0, 0, in_bits(reached, bigrams)))
    for number in range(1, (settings.passes or PASSES) + 1):
        moved = go_through(partition, bigrams.words)
        before, reached = reached, partition.log_likelihood()
        watch(ExchangePass(start, number, moved, in_bits(reached, bigrams)))
        if not moved or (settings.passes is None and reached - before < -ENOUGH * reached):
            break
    return partition.of_words, reached


def in_bits(log_likelihood: float, bigrams: Bigrams) -> float:
    """Bits of each predicted token; none are less than 0 but by rounding."""
    return max(-log_likelihood / bigrams.tokens / float(np.log(2)), 0.0)


def first_classes(bigrams: Bigrams, settings: Settings, start: int) -> Classes:
    """(types,) a class for each word: by frequency, each next so many words as there are classes go to all of them, in an order that is drawn."""
    random = np.random.default_rng([settings.seed, start])
    words, classes = bigrams.words, settings.classes
    drawn = random.random((-(-len(words) // classes), classes)).argsort(axis=1).ravel()
    of_words = np.full(len(bigrams.ids), -1, np.int32)
    of_words[words] = drawn[: len(words)]
    return of_words


def named(
    counts: NgramCounts, bigrams: Bigrams, of_words: Classes, settings: Settings, *, hierarchy: bool
) -> WordClasses:
    """The classes with their names, the words of each side by side, most frequent first."""
    words, number = bigrams.words, settings.classes
    totals = np.bincount(of_words[words], bigrams.predicted[words], number)
    ranks = np.empty(number, np.int32)  # of classes, the most frequent one first
    ranks[np.argsort(-totals, kind="stable")] = np.arange(number, dtype=np.int32)
    ranked = np.where(of_words >= 0, ranks[of_words], -1).astype(np.int32)
    names = [f"c{place}".encode() for place in range(1, number + 1)]
    order = np.arange(number)
    if hierarchy:
        beside = ranked.copy()
        beside[:FIRST_WORD] = number + np.arange(FIRST_WORD)
        names = bit_strings(class_bigrams(bigrams, beside, number + FIRST_WORD), number)
        order[sorted(range(number), key=names.__getitem__)] = np.arange(number)
    words = words[np.argsort(order[ranked[words]], kind="stable")]
    listed = counts.vocabulary.words
    return WordClasses.of(
        [listed[word] for word in bigrams.ids[words].tolist()],
        [names[place] for place in ranked[words].tolist()],
        bigrams.predicted[words].tolist(),
    )


def check_room(settings: Settings, types: int, resources: Resources) -> None:
    """DataError if the tables need more than the memory to keep to."""
    rows = types if settings.objective == "predictive" else settings.classes
    needed, limit = CELL_BYTES * rows * settings.classes, resources.memory_limit
    if needed > limit:
        raise DataError(
            f"{settings.classes:,} classes of {types:,} words take {megabytes(needed)}, and the memory to keep to is {megabytes(limit)}.",
            "Take fewer words, as --cutoff 2, or fewer classes, or give more with --memory.",
        )
