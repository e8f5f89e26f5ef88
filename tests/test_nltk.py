"""The installed NLTK, asked for every pair of words it has seen."""

from nltk.lm import MLE, Laplace
from nltk.lm.preprocessing import padded_everygram_pipeline

import lmkit
from tests.conftest import held_out_text


def test_every_seen_bigram_has_nltks_maximum_likelihood_and_laplace_scores() -> None:
    """After words; after <s> NLTK's padding is the same at order 2. Its V has <s> and <UNK>: one more than ours."""
    sentences = [line.split() for line in held_out_text("en").read_text(encoding="utf-8").splitlines()]
    counts = lmkit.count_ngrams(held_out_text("en"), 2)
    ours = lmkit.maximum_likelihood(counts), lmkit.laplace(counts, precision="double")
    theirs = MLE(2), Laplace(2)
    for model in theirs:
        model.fit(*padded_everygram_pipeline(2, sentences))
    assert len(theirs[1].vocab) == ours[1].events + 1
    totals: dict[str, int] = {}
    bigrams = lmkit.list_ngrams(counts)
    assert len(bigrams) > 500
    for bigram, count in bigrams:
        history = bigram.split(" ")[0]
        totals[history] = totals.get(history, 0) + count
    for bigram, _ in bigrams:
        history, word = bigram.split(" ")
        assert abs(lmkit.probability(ours[0], word, history) - theirs[0].score(word, [history])) < 1e-12
        total = totals[history] + ours[1].events
        rescaled = lmkit.probability(ours[1], word, history) * total / (total + 1)
        assert abs(rescaled - theirs[1].score(word, [history])) < 1e-12
