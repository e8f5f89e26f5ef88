"""Laws of caches: probabilities by the definition, word by word; 1 together at any position; whatever the blocks."""

import io
import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.engine.resources import Resources
from lmkit.engine.windows import counts_in_windows, weights_in_windows
from lmkit.scoring.mixture import mixture
from lmkit.text.reading import Reading
from lmkit.text.vocabulary import EOS, MARKS, UNK, Vocabulary

WORDS = ["a", "b", "c", "d"]
KNOWN = Vocabulary.from_words([*MARKS, *(word.encode() for word in WORDS)])
UNKNOWN = ["x", "y"]
sentences = st.lists(st.sampled_from(WORDS + UNKNOWN), min_size=1, max_size=6).map(" ".join)
documents = st.lists(sentences, min_size=1, max_size=6)
sizes = st.integers(1, 12)
decays = st.sampled_from([0.0, 1e-9, 0.05, 0.7, 3.0])


def tokens_of(lines: Sequence[str], *, marks: bool = True) -> list[int]:
    """The ids of what is predicted in a document."""
    ends = [EOS] if marks else []
    return [number for line in lines for number in [*map(KNOWN.id_of, line.split()), *ends]]


def by_definition(said: Sequence[int], word: int, size: int, decay: float, events: Sequence[int]) -> float:
    """p(word) after the tokens of a document."""
    window = [other for other in said if other != UNK][-size:][::-1]
    if not window:
        return 1 / len(events) if word in events else 0.0
    weights = [math.exp(-decay * back) for back in range(len(window))]
    own = math.fsum(weight for weight, other in zip(weights, window, strict=True) if other == word)
    return own / math.fsum(weights)


def probabilities(
    model: lmkit.CacheModel, texts: Sequence[Sequence[str]], block_bytes: int | None = None
) -> list[float]:
    """Those of all tokens of texts, each a document."""
    streams = [io.BytesIO("".join(f"{line}\n" for line in lines).encode()) for lines in texts]
    scored = lmkit.score_text(model, streams, reading=Reading(block_bytes=block_bytes))
    return [10**value for block in scored for value in block.scores.log10_probs.tolist()]


def expected(
    texts: Sequence[Sequence[str]], size: int, decay: float, events: Sequence[int], *, marks: bool = True
) -> Iterator[float]:
    """The same by the definition."""
    for lines in texts:
        tokens = tokens_of(lines, marks=marks)
        for place, word in enumerate(tokens):
            yield by_definition(tokens[:place], word, size, decay, events)


@given(st.lists(documents, min_size=1, max_size=3), sizes, decays, st.booleans(), st.integers(1, 40))
def test_the_probability_is_the_share_among_the_last_known_words_of_the_document(
    texts: list[list[str]], size: int, decay: float, closed: bool, block_bytes: int
) -> None:
    model = lmkit.CacheModel(KNOWN, size, decay, closed=closed)
    events = [number for number in range(len(KNOWN)) if number != 1 and not (closed and number == UNK)]
    found = probabilities(model, texts, block_bytes)
    assert found == pytest.approx(list(expected(texts, size, decay, events)), rel=1e-12, abs=0)


@given(st.lists(documents, min_size=1, max_size=3), sizes, decays)
def test_without_sentence_marks_words_alone_are_in_the_cache(texts: list[list[str]], size: int, decay: float) -> None:
    model = lmkit.CacheModel(KNOWN, size, decay, settings=lmkit.TextSettings(sentence_marks=False))
    events = range(UNK, len(KNOWN))
    assert probabilities(model, texts) == pytest.approx(
        list(expected(texts, size, decay, events, marks=False)), rel=1e-12, abs=0
    )


@given(documents, sizes, decays, st.integers(1, 40))
def test_scores_are_the_same_to_the_last_bit_whatever_the_blocks(
    lines: list[str], size: int, decay: float, block_bytes: int
) -> None:
    model = lmkit.CacheModel(KNOWN, size, decay)
    assert probabilities(model, [lines], block_bytes) == probabilities(model, [lines])


@given(documents, sizes, decays, st.booleans())
def test_at_any_position_the_probabilities_of_all_words_sum_to_one(
    lines: list[str], size: int, decay: float, closed: bool
) -> None:
    model = lmkit.CacheModel(KNOWN, size, decay, closed=closed)
    others = "".join(f"{word}\n" for word in [*WORDS, *UNKNOWN[:1]])
    words = lines[-1].split()
    for place in range(len(words) + 1):
        before = [*lines[:-1], " ".join(words[:place])] if place else lines[:-1]
        *full, last = before if place else [*before, ""]
        total = 0.0
        for word in others.split():
            total += probabilities(model, [[*full, f"{last} {word}"]])[-2]
        if place:  # the end of the sentence, too; of one without words there is none
            total += probabilities(model, [[*full, last]])[-1]
        else:
            events = [number for number in range(len(KNOWN)) if number != 1 and not (closed and number == UNK)]
            total += by_definition(tokens_of(full), EOS, size, decay, events)
        assert total == pytest.approx(1, abs=1e-12)


@given(documents, sizes, decays, st.booleans())
def test_predicted_probabilities_sum_to_one_and_are_those_of_scoring(
    lines: list[str], size: int, decay: float, closed: bool
) -> None:
    model = lmkit.CacheModel(KNOWN, size, decay, closed=closed)
    predictor = model.predictor()
    for line in lines:
        scored = model.scorer().score(np.array([1, *tokens_of([line])], np.int32)).log10_probs
        state = predictor.start([1], 2)
        for word, log10_prob in zip(tokens_of([line]), scored.tolist(), strict=True):
            found = predictor.log10_probs(state)
            assert 10.0 ** found.max() <= 1 + 1e-12
            assert (10.0**found).sum(axis=1) == pytest.approx([1, 1], abs=1e-12)
            assert 10.0 ** found[0, word] == pytest.approx(10.0**log10_prob, rel=1e-12, abs=0)
            state = predictor.extend(state, np.array([0, 1]), np.array([word, word]))


@given(st.lists(st.integers(0, 3), max_size=60), st.data())
def test_counts_and_weights_in_windows_are_those_counted_one_by_one(words: list[int], data: st.DataObject) -> None:
    lows = [data.draw(st.integers(0, place)) for place in range(len(words))]
    counts = [words[low:place].count(words[place]) for place, low in enumerate(lows)]
    found = counts_in_windows(np.array(words, np.int32), np.array(lows, np.int64))
    assert found.tolist() == counts
    decay = data.draw(st.sampled_from([1e-12, 0.01, 2.0]))
    weights = np.exp(-decay * np.arange(60))
    sums = [
        math.fsum(weights[place - other - 1] for other in range(low, place) if words[other] == words[place])
        for place, low in enumerate(lows)
    ]
    weighed = weights_in_windows(np.array(words, np.int32), np.array(lows, np.int64), weights)
    assert weighed == pytest.approx(sums, rel=1e-14, abs=0)


def test_decay_keeps_its_precision_in_long_texts() -> None:
    """One word over and over: Σ e^(−δ(d−1)) is the geometric sum, whatever its place in the text."""
    words, decay, size = np.zeros(50_000, np.int32), 0.01, 3000
    lows = np.maximum(np.arange(len(words)) - size, 0)
    found = weights_in_windows(words, lows, np.exp(-decay * np.arange(size)))
    lengths = np.arange(len(words)) - lows
    assert found == pytest.approx(np.expm1(-decay * lengths) / np.expm1(-decay), rel=1e-12, abs=0)


@given(documents, sizes, decays, st.integers(1, 40), st.integers(1, 4))
def test_a_mixture_with_a_cache_is_the_weighted_sum_whatever_blocks_and_threads(
    lines: list[str], size: int, decay: float, block_bytes: int, workers: int
) -> None:
    cache, uniform = lmkit.CacheModel(KNOWN, size, decay), lmkit.UniformModel(KNOWN)
    text = "".join(f"{line}\n" for line in lines).encode()
    how = {"reading": Reading(block_bytes=block_bytes), "resources": Resources(workers)}
    scored = lmkit.score_text(mixture([uniform, cache], [0.25, 0.75]), [io.BytesIO(text), io.BytesIO(text)], **how)
    found = [10**value for block in scored for value in block.scores.log10_probs.tolist()]
    own = probabilities(cache, [lines, lines])
    assert found == pytest.approx([0.25 / 6 + 0.75 * value for value in own], rel=1e-12, abs=0)


@given(st.booleans(), st.booleans())
def test_the_uniform_model_gives_all_that_can_be_predicted_the_same(closed: bool, marks: bool) -> None:
    model = lmkit.UniformModel(KNOWN, lmkit.TextSettings(sentence_marks=marks), closed=closed)
    found = 10.0 ** lmkit.conditional_log10_probs(model)
    events = [place for place in range(len(KNOWN)) if place != 1 and (place != UNK or not closed) and (place or marks)]
    assert found[events].tolist() == pytest.approx([1 / len(events)] * len(events))
    assert found.sum() == pytest.approx(1)
    text = "".join(f"{word}\n" for word in itertools.chain(WORDS, UNKNOWN)).encode()
    (block,) = lmkit.score_text(model, io.BytesIO(text))
    tokens = [number for word in WORDS + UNKNOWN for number in tokens_of([word], marks=marks)]
    assert (10.0**block.scores.log10_probs).tolist() == pytest.approx(found[tokens].tolist())
