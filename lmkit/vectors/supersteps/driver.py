"""What asks for the steps of counting pairs, and puts together what comes of them."""

from typing import Any

from numpy.typing import NDArray

from lmkit.engine.resources import Resources
from lmkit.engine.runners.payloads import unpacked
from lmkit.engine.runners.protocol import RANGES_EACH, Runner, Sent
from lmkit.engine.scratch import Scratch
from lmkit.errors import UsageError
from lmkit.text.ids.stored import limiting_vocabulary, reading_details
from lmkit.text.ids.supersteps.numbering import TOLD
from lmkit.text.ids.supersteps.reading import read_on, split_bytes_for, texts_for, whole_vocabulary
from lmkit.text.limits import check_words
from lmkit.text.reading import Reading
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Texts
from lmkit.text.vocabulary import FIRST_WORD, Vocabulary
from lmkit.vectors.assembling import Matrix, assemble
from lmkit.vectors.choices import Weighting
from lmkit.vectors.cooccurrence import PairCounting, Windows, distance_weights, word_matrix
from lmkit.vectors.supersteps.adding import SUMS, Adding
from lmkit.vectors.supersteps.counting import LONGEST, CountingSplits, longest_told
from lmkit.vectors.supersteps.rows import cuts_of, rows_in
from lmkit.vectors.word_matrix import WordMatrix

PAIR_BYTES = 10  # that adding holds for each pair of running words, of which a quarter are others than those before
SENT_SIZE = 6  # times as much as is sent is held by who puts it together


def cooccurrence_on(
    runner: Runner,
    texts: Texts,
    *,
    window: int = 5,
    weighting: Weighting = "distance",
    directed: bool = False,
    cutoff: int = 1,
    vocabulary: Texts | Vocabulary | None = None,
    settings: TextSettings | None = None,
    reading: Reading = Reading(),
    resources: Resources = Resources(),
    split_bytes: int | None = None,
    ranges: int | None = None,
) -> WordMatrix:
    """What `cooccurrence` gives of what `encode_text` gives, by the steps of a runner: the same to the last bit.

    resources: of this process, which puts all together. split_bytes: of text in a split. ranges: of rows, which the runner adds up. No
    result depends on these. UsageError for sums that are not exact, which do depend on how the text is cut.
    """
    windows, settings = Windows(window, weighting, directed), settings or TextSettings()
    known = limiting_vocabulary(cutoff, vocabulary, settings)
    files = texts_for(runner, texts)
    sent = read_on(runner, files, split_bytes or split_bytes_for(runner, files), settings, reading, longest_told)
    whole = whole_vocabulary(sent, settings, known, cutoff)
    check_words(whole.counts, texts, known, vocabulary)
    tokens = int(whole.counts.sum())
    weights, unit = windows.weights(tokens, longest_in(sent))
    refuse_fractions(weights, tokens)
    types = len(whole.vocabulary) - FIRST_WORD
    cuts = cuts_of(whole.counts[FIRST_WORD:], ranges or ranges_for(runner, tokens, len(weights)))
    counting = CountingSplits(PairCounting(weights, types, not directed, runner.each), cuts)
    sent = runner.step("counting pairs of splits", counting, whole.given(), sent)
    sent = runner.step("adding ranges of words up", Adding(types, runner.each), [], sent)
    matrix, scratch = assembled(sent, resources)
    details = windows.details() | reading_details(None if known is not None else cutoff, settings)
    return word_matrix(matrix, unit, whole.vocabulary, details, scratch)


def longest_in(sent: Sent) -> int:
    """The words in the longest sentence of all splits."""
    return max((int(unpacked(message)[LONGEST][0]) for message in sent.to_driver(TOLD)), default=0)


def refuse_fractions(weights: NDArray[Any], tokens: int) -> None:
    """UsageError for weights that are fractions. tokens: of the text, on which it depends for which windows they are."""
    if weights.dtype.kind != "f":
        return
    widest = len(weights)
    while distance_weights(widest, "distance", tokens)[0].dtype.kind == "f":
        widest -= 1
    raise UsageError(
        f"pairs up to {len(weights)} words apart have sums of fractions, whose last digits depend on the order in which they are added up: "
        "so they cannot be shared out.",
        f"Give a --window of at most {widest} words, or --weighting flat; or leave --processes or --engine out.",
    )


def ranges_for(runner: Runner, tokens: int, window: int) -> int:
    """How many ranges of rows there are, so that all workers have something to do, and each has room for its own."""
    return max(RANGES_EACH * runner.targets_at_once, -(-PAIR_BYTES * 2 * window * tokens // runner.each.memory_limit))


def assembled(sent: Sent, resources: Resources) -> tuple[Matrix, Scratch]:
    """The ranges one below the other, in memory, or on disk where that has no room for them."""
    mapped = Scratch()
    size = sum(len(message.payload) for message in sent.to_driver(SUMS, mapped))
    scratch = resources.on_disk() if SENT_SIZE * size > resources.memory_limit else Scratch()
    scratch.watch_all(mapped)
    return assemble((rows_in(message) for message in sent.to_driver(SUMS, scratch)), scratch), scratch
