"""Models under which no sentence can end, so that every text has probability 0: this is told, and why it is so."""

import warnings

import numpy as np

from lmkit.errors import ModelWarning
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.text.settings import has_marks
from lmkit.text.vocabulary import BOS, EOS, FIRST_WORD, MARKS

NO_EOS = "</s> is not among the 1-grams, or has probability 0"
MAKE_ENDS = "Make the model from text whose sentences have an end; or, if it is meant to have none, score text with --no-sentence-marks."


def warn_if_endless(model: NgramModel, name: str) -> None:
    """ModelWarning if every text has probability 0, because no sentence can end, and has to."""
    if not has_marks(model.settings):
        return
    of_words = model.values.word_log10_probs
    if np.isfinite(of_words[EOS]) or any((order.indices == EOS).any() for order in model.orders[1:]):
        return
    others = [word.decode() for word in model.vocabulary.words[FIRST_WORD:] if word.lower() in (MARKS[BOS], MARKS[EOS])]
    if not np.isfinite(of_words).any():
        warn_of_endless(name, "it has no n-grams", "Fetch or write it again.")
    elif others:
        missing = " and ".join(dict.fromkeys(word.lower() for word in others))
        problem = f"{missing} are not among the 1-grams (the file has {' and '.join(others)})"
        warn_of_endless(name, problem, "Write the marks of sentences as <s> and </s> in the file.")
    else:
        warn_of_endless(name)


def warn_of_endless(name: str, problem: str = NO_EOS, remedy: str = MAKE_ENDS) -> None:
    """ModelWarning that every text has probability 0."""
    message = f"{name}: {problem}: no sentence can end, and every text has probability 0."
    warnings.warn(ModelWarning(message, remedy), stacklevel=4)
