"""Mixtures with weights by bucket, on random texts: distributions, text scored as words are predicted, and any blocks."""

import io
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.engine.resources import Resources
from lmkit.scoring.bucketing.kinds import KINDS, Kind
from lmkit.scoring.perplexity import encode_sentence
from tests.laws.test_laws import histories, sentences, stream
from tests.oracle import count

KIND = st.sampled_from(KINDS)
ORDERS = st.integers(1, 4)
SHARES = st.floats(0.01, 0.99)


def bucketed(
    lines: list[str], others: list[str], order: int, kind: Kind, shares: list[float], *, marks: bool = True
) -> lmkit.Mixture:
    """A mixture of models of two texts, with other weights in each bucket."""
    settings = lmkit.TextSettings(sentence_marks=marks)
    models = [
        lmkit.witten_bell(lmkit.count_ngrams(stream(text), k, settings=settings), precision="double")
        for text, k in ((lines, order), (others, 2))
    ]
    names = lmkit.mixture(models, by=lmkit.BucketWeights(kind)).buckets.names
    rows = {name: (shares[place % len(shares)], 1 - shares[place % len(shares)]) for place, name in enumerate(names)}
    return lmkit.mixture(models, by=lmkit.BucketWeights(kind, rows))


@given(sentences, sentences, ORDERS, KIND, st.lists(SHARES, min_size=3, max_size=5))
def test_the_words_after_every_history_sum_to_one(
    lines: list[str], others: list[str], order: int, kind: Kind, shares: list[float]
) -> None:
    mixed = bucketed(lines, others, order, kind, shares)
    for history in histories(lines, order):
        total = float((10.0 ** lmkit.conditional_log10_probs(mixed, " ".join(history))).sum())
        assert total == pytest.approx(1, abs=1e-9), history


@given(sentences, sentences, sentences, ORDERS, KIND, st.lists(SHARES, min_size=3, max_size=5), st.booleans())
def test_text_is_scored_as_its_words_are_predicted_in_any_blocks(
    lines: list[str],
    others: list[str],
    text: list[str],
    order: int,
    kind: Kind,
    shares: list[float],
    marks: bool,
) -> None:
    mixed = bucketed(lines, others, order, kind, shares, marks=marks)
    whole = np.concatenate([each.scores.log10_probs for each in lmkit.score_text(mixed, stream(text))])
    threads = np.concatenate(
        [each.scores.log10_probs for each in lmkit.score_text(mixed, stream(text), resources=Resources(workers=3))]
    )
    apart = np.concatenate([mixed.scorer().score(encode_sentence(mixed, line).tokens).log10_probs for line in text])
    assert whole.tobytes() == threads.tobytes()
    assert whole.tobytes() == apart.tobytes()
    predictor, expected = mixed.predictor(), []
    for line in text:
        words = [mixed.vocabulary.id_of(word) for word in line.split()]
        state = predictor.start([1] if marks else [], 2)
        for word in [*words, 0] if marks else words:
            expected.append(float(predictor.log10_probs(state)[1, word]))
            state = predictor.extend(state, np.array([0, 1]), np.array([word, word]))
    assert whole.tolist() == pytest.approx(expected, abs=1e-9)


@given(sentences, sentences, ORDERS)
def test_known_histories_are_the_longest_that_begin_ngrams_with_their_counts(
    lines: list[str], text: list[str], order: int
) -> None:
    model = lmkit.witten_bell(lmkit.count_ngrams(stream(lines), order))
    after: Counter[tuple[str, ...]] = Counter()
    for gram, number in count(lines, order).items():
        if gram != ("<s>",):
            after[gram[:-1]] += number
    finder = model.history_finder(counts=True)
    for line in text:
        tokens = ["<s>", *line.split(), "</s>"]
        found = finder.in_text(encode_sentence(model, line).tokens)
        for place in range(1, len(tokens)):
            known = [tuple(tokens[place - k : place]) for k in range(min(place, order - 1) + 1)]
            longest = max((each for each in known if after[each]), key=len)
            assert found.lengths[place] == len(longest)
            assert found.log2_counts[place] == math.floor(math.log2(after[longest]))


def test_what_was_pruned_away_is_no_known_history() -> None:
    """The bigram a b is stored, and nothing begins with it, nor with b."""
    arpa = """\\data\\
ngram 1=5
ngram 2=2
ngram 3=1

\\1-grams:
-0.5 </s>
-99 <s> 0
-0.5 <unk>
-0.5 a -0.1
-0.5 b

\\2-grams:
-0.3 a a -0.1
-0.3 a b

\\3-grams:
-0.1 a a b

\\end\\
"""
    finder = lmkit.load_model(io.BytesIO(arpa.encode())).history_finder(counts=False)
    # <s> a a b a </s>: before a: <s> begins nothing; a; a a; of a b and b none; a
    assert finder.in_text(np.array([1, 3, 3, 4, 3, 0], np.int32)).lengths.tolist() == [0, 0, 1, 2, 0, 1]
