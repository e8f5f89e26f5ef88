"""Values of every kind that users hold, made once."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

import lmkit
from tests.conftest import CORPORA, TOY

TRAIN, TEST = CORPORA / "fr.train.tok", CORPORA / "fr.test.tok"


@cache
def counts() -> lmkit.NgramCounts:
    """Those of a text of words that differ."""
    return lmkit.count_ngrams(TRAIN, 2)


@cache
def model() -> lmkit.NgramModel:
    """A model of them."""
    return lmkit.kneser_ney(counts())


@cache
def matrix() -> lmkit.WordMatrix:
    """What stands near what."""
    return lmkit.cooccurrence(lmkit.encode_text(TRAIN))


@cache
def vectors() -> lmkit.WordVectors:
    """The same, dense."""
    return lmkit.svd_vectors(matrix(), 4)


@cache
def classes() -> lmkit.WordClasses:
    """Words in classes."""
    return lmkit.train_classes(lmkit.count_ngrams(TOY, 2), 3)


TABLES: dict[str, Callable[[], Any]] = {
    "counts": counts,
    "vocabulary": lambda: model().vocabulary,
    "word list": lambda: lmkit.word_list(TEST),
    "words of a model": lambda: lmkit.words_of_model(model()),
    "next words": lambda: lmkit.next_words(model(), "le"),
    "surprisal": lambda: next(lmkit.text_surprisal(model(), TEST)),
    "matrix": matrix,
    "vectors": vectors,
    "neighbours": lambda: lmkit.neighbours(vectors(), ["le", "la"], top=3),
    "analogies": lambda: lmkit.analogies(vectors(), [("le", "la", "un")], top=2),
    "classes": classes,
    "generated": lambda: next(iter(lmkit.generate_text(model(), 3, seed=1))),
    "perplexity": lambda: lmkit.perplexity(model(), TEST),
    "comparison": lambda: lmkit.compare(model(), model(), TEST),
    "entropy": lambda: lmkit.entropy(TEST),
    "growth": lambda: lmkit.vocabulary_growth(TEST),
    "frequencies": lambda: lmkit.word_frequencies(TEST),
    "matches": lambda: lmkit.match_figures(lmkit.matches(TRAIN, TEST)),
}
PICTURES: dict[str, Callable[[], Any]] = {
    "plot": lambda: lmkit.zipf_plot(TEST),
    "word map": lambda: lmkit.word_map(vectors(), ["le", "la"]),
    "heat map": lambda: lmkit.heat_map(matrix()),
}
OTHERS: dict[str, Callable[[], Any]] = {
    "model": model,
    "mixture": lambda: lmkit.mixture([model(), lmkit.witten_bell(counts())], [0.4, 0.6]),
    "cache": lambda: lmkit.CacheModel(model().vocabulary, 100),
    "uniform": lambda: lmkit.UniformModel(model().vocabulary),
    "spelled": lambda: lmkit.spell_unknown(model()),
    "class counts": lambda: lmkit.class_counts(lmkit.count_ngrams(TOY, 2), classes()),
    "settings": lambda: lmkit.TextSettings(lowercase=True),
    "resources": lmkit.Resources,
    "reading": lmkit.Reading,
    "text file": lambda: lmkit.TextFile("x.txt"),
    "lines": lambda: lmkit.Lines(["le chat", ["le", "chien"]]),
    "vocabulary comparison": lambda: lmkit.compare_vocabularies(lmkit.word_list(TRAIN), lmkit.word_list(TEST)),
    "found matches": lambda: lmkit.matches(TRAIN, TEST),
    "check": lambda: lmkit.check_model(model()),
    "shape": lmkit.TransformerShape,
    "surface": lambda: lmkit.SURFACES["bowl"],
    "attended": lambda: lmkit.attention(np.eye(30), np.eye(30), np.eye(30)),
    "explained": lambda: lmkit.explain(model(), "le chat")[0],
}
VALUES = TABLES | PICTURES | OTHERS
