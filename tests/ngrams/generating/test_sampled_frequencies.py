"""Generated text has words as often as the model says, after every history: Pearson's chi-squared test."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2

import lmkit
from lmkit.ngrams.generating import sampling
from lmkit.ngrams.generating.sampling import ATTEMPTS
from lmkit.scoring.generating.generation import generate_text
from tests.backoff_models import random_model, read, tempered
from tests.conftest import TOY
from tests.ngrams.generating.test_sampling import REFUSING

LENGTH = 12  # words after which sentences are cut


def p_value(
    found: Counter[tuple[tuple[str, ...], str]],
    expected: Callable[[tuple[str, ...]], NDArray[np.float64]],
    words: list[str],
) -> float:
    """The probability of counts (history, word) at least that far from what is expected: Pearson's chi-squared test.

    Words expected fewer than 5 times after a history are taken together, and with the next ones until there are 5.
    """
    totals: Counter[tuple[str, ...]] = Counter()
    for (history, _), number in found.items():
        totals[history] += number
    statistic, freedom = 0.0, 0
    for history, total in totals.items():
        wanted = expected(history) * total
        seen = np.array([found[history, word] for word in words])
        assert not seen[wanted == 0].any(), "a word of probability 0 was drawn"
        places = np.argsort(wanted)  # the rarest words together, until they are expected 5 times
        rare = max(int(np.searchsorted(np.cumsum(wanted[places]), 5)) + 1, int(np.searchsorted(wanted[places], 5)))
        cells = [
            *zip(seen[places[rare:]], wanted[places[rare:]], strict=True),
            (seen[places[:rare]].sum(), wanted[places[:rare]].sum()),
        ]
        statistic += sum((count - mean) ** 2 / mean for count, mean in cells)
        freedom += len(cells) - 1
    return float(chi2.sf(statistic, freedom))


def transitions(model: lmkit.NgramModel, count: int, **options: Any) -> Counter[tuple[tuple[str, ...], str]]:
    """How often each word follows its history of up to n−1 words in the first LENGTH draws of generated sentences.

    Not in the one after these: it shows only if it is </s>.
    """
    found: Counter[tuple[tuple[str, ...], str]] = Counter()
    for block in generate_text(model, count, max_length=LENGTH, **options):
        for text, finished in zip(block.texts().to_pylist(), block.finished.tolist(), strict=True):
            words = ["<s>", *text.split(), *(["</s>"] if finished else [])]
            for place in range(1, min(len(words), LENGTH + 1)):
                found[tuple(words[max(0, place - model.order + 1) : place]), words[place]] += 1
    return found


def estimated(order: int, smoothing: str) -> lmkit.NgramModel:
    """A model of the worked example."""
    counts = lmkit.count_ngrams(TOY, order)
    if smoothing == "kneser-ney":
        return lmkit.kneser_ney(counts, discount_fallback="fixed")
    return lmkit.laplace(counts) if smoothing == "laplace" else lmkit.maximum_likelihood(counts)


CASES: dict[str, tuple[lmkit.NgramModel, dict[str, Any]]] = {
    **{
        f"{smoothing} {order}": (estimated(order, smoothing), {})
        for smoothing in ("kneser-ney", "laplace", "maximum-likelihood")
        for order in range(1, 5)
    },
    "with <unk>": (estimated(2, "kneser-ney"), {"unknown": True}),
    "cold": (estimated(3, "kneser-ney"), {"temperature": 0.5}),
    "hot": (estimated(3, "laplace"), {"temperature": 2.0, "unknown": True}),
    "of the best": (estimated(3, "kneser-ney"), {"top": 4}),
    "of the best, hot": (estimated(2, "laplace"), {"top": 3, "temperature": 1.5}),
    "missing suffixes": (random_model(7, 4), {"unknown": True}),
    "missing suffixes, cold": (random_model(11, 3), {"temperature": 0.7}),
    "refusing": (read(REFUSING), {"unknown": True}),
}


@pytest.mark.parametrize("attempts", [ATTEMPTS, 0])
@pytest.mark.parametrize("case", CASES)
def test_words_are_as_frequent_as_they_are_probable(case: str, attempts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proposed (attempts > 0) or weighed. With a fixed seed no chance is left, but a wrong probability would show."""
    monkeypatch.setattr(sampling, "ATTEMPTS", attempts)
    model, options = CASES[case]
    found = transitions(model, 4000, seed=2, **options)
    words = [word.decode() for word in model.vocabulary.words]
    assert sum(found.values()) > 4000
    assert 1e-3 < p_value(found, lambda history: tempered(model, history, **options), words) < 1 - 1e-3


def test_the_test_of_frequencies_notices_a_wrong_probability() -> None:
    model = CASES["kneser-ney 2"][0]
    found = transitions(model, 4000, seed=2)
    words = [word.decode() for word in model.vocabulary.words]
    assert p_value(found, lambda history: tempered(model, history, temperature=1.1), words) < 1e-6
