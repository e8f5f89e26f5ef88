"""A model of classes, and a file that says which words these are: the pairs of SRILM (`-classes`, `-simple-classes`), scored as it defines them.

An ARPA file has names of classes among its words, and a class file the words of each with p(w | c) (classes-format(5): 1 where none is
said). What the file does not name is a word of the text, which is itself (ngram(1)); what it names is none, unless it is in a class, too.
"""

import warnings
from typing import Any

import numpy as np

from lmkit.classes.members import CLASSES, Members
from lmkit.classes.model import ClassModel
from lmkit.classes.word_classes import WordClasses
from lmkit.errors import DataError, ModelWarning
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.text.vocabulary import FIRST_WORD, MARKS, Vocabulary

SHOWN = 5  # classes in a message


def with_classes(model: Any, classes: WordClasses) -> ClassModel:
    """The class model of a model of n-grams whose words are names of classes, and words that are in none.

    p(w | c) is as the classes say, else by their counts, else 1, as in SRILM. ModelWarning for classes that the model lacks, whose words
    are unknown then, and for words that stand in the model beside their class. DataError if the model has none of the classes, and for
    what is no model of n-grams.
    """
    if not isinstance(model, NgramModel):
        raise DataError(
            f"classes are given for a model of n-grams whose words are classes, and this is another one ({getattr(model, 'method', type(model).__name__)}).",
            "Leave the classes out: a class model of lmkit's has its own.",
        )
    ids_of_names = model.vocabulary.ids_of(classes.names)
    ids_of_names[ids_of_names < FIRST_WORD] = -1
    missing = [name for name, number in zip(classes.names, ids_of_names.tolist(), strict=True) if number < 0]
    if len(missing) == len(classes.names):
        raise DataError(
            f"none of the {len(classes.names):,} classes is a word of the model.",
            "Give the classes that it was made with; of a model of words, make class counts: lmkit ngram train --classes.",
        )
    if classes.expansions is None and classes.counts is None and classes.words > len(classes):
        warnings.warn(
            "no probabilities of words in their classes are given: each is 1, as in SRILM, and the model is no distribution.",
            ModelWarning,
            stacklevel=2,
        )
    weights = shares_of(classes)
    in_class = np.flatnonzero(ids_of_names.take(classes.of_words) >= 0)
    in_class = in_class[in_class >= FIRST_WORD]
    listed = [classes.vocabulary.words[place] for place in in_class.tolist()]
    named, placed = set(classes.names), set(classes.vocabulary.words)
    others = [
        (word, number)
        for number, word in enumerate(model.vocabulary.words)
        if number >= FIRST_WORD and word not in named
    ]
    tell_odd(missing, [word for word, _ in others if word in placed], len(classes.names))
    own = [(word, number) for word, number in others if word not in placed]
    vocabulary = Vocabulary.from_words([*MARKS, *listed, *(word for word, _ in own)])
    of_listed = ids_of_names.take(classes.of_words.take(in_class))
    ids = np.concatenate((np.arange(FIRST_WORD), of_listed, [number for _, number in own])).astype(np.int32)
    stated = np.concatenate((np.ones(FIRST_WORD), weights.take(in_class), np.ones(len(own))))
    details = {CLASSES: len(classes.names) - len(missing), "shares": "stated"}
    return ClassModel(model, Members(vocabulary, ids, None, stated, details))


def shares_of(classes: WordClasses) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """(types,) p(w | c): as the classes say, or by their counts, or 1."""
    if classes.expansions is not None:
        return np.nan_to_num(classes.expansions, nan=1.0)
    if classes.counts is None:
        return np.ones(len(classes.vocabulary))
    counts = classes.counts.astype(np.float64)
    sums = np.bincount(classes.of_words[FIRST_WORD:], counts[FIRST_WORD:], len(classes.names))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(counts / sums.take(classes.of_words), nan=0.0)


def tell_odd(missing: list[bytes], twice: list[bytes], number: int) -> None:
    """ModelWarning for classes that the model lacks, and for words of classes that it has as words."""
    told = [
        (missing, f"{len(missing):,} of the {number:,} classes are not in the model, and their words are unknown"),
        (twice, f"{len(twice):,} words of classes stand in the model as words, too, which are never looked at"),
    ]
    for words, text in told:
        if words:
            listed = b", ".join(words[:SHOWN]).decode()
            warnings.warn(f"{text}: {listed}{', …' if len(words) > SHOWN else ''}.", ModelWarning, stacklevel=3)
