"""How the probability of a word comes about in a class model: that of its class after the classes before, times its share of the class."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lmkit.classes.model import ClassModel
from lmkit.ngrams.backoff.family import is_of_ngrams, ngram_model
from lmkit.scoring.explaining.explanation import ExplainedWord, Number, Step, name_of, shown
from lmkit.scoring.perplexity import words_to_explain
from lmkit.smoothing.explaining import explain_ids
from lmkit.text.settings import has_marks


def explain_classes(model: ClassModel, sentence: str) -> list[ExplainedWord]:
    """The words of a sentence, and its </s> if it has one; the steps of each are those of its class, then its share, then the product."""
    tokens, surface = words_to_explain(model, sentence)
    of_classes = explained_classes(model, model.members.classes.take(tokens), surface)
    scores = model.scorer().score(tokens).log10_probs.tolist()
    words = [model.vocabulary.words[number].decode() for number in tokens.tolist()]
    explained = []
    for place, (of_class, log10_prob) in enumerate(
        zip(of_classes, scores, strict=True), start=has_marks(model.settings)
    ):
        history = tuple(words[place - len(of_class.history) : place])
        steps = [*of_class.steps, *steps_of_word(model, int(tokens[place]), of_class, history)]
        word = surface[place - has_marks(model.settings)]
        explained.append(ExplainedWord(word, words[place], history, tuple(steps), steps[-1].value, log10_prob))
    return explained


def explained_classes(model: ClassModel, classes: NDArray[np.int32], surface: list[str]) -> list[ExplainedWord]:
    """How the probability of each class of a sentence comes about. classes: (tokens,) ids; surface: the words."""
    if is_of_ngrams(model.inner):
        return explain_ids(ngram_model(model.inner, "explained"), classes, surface)
    names, marks = [word.decode() for word in model.inner.vocabulary.words], has_marks(model.settings)
    explained = []
    for place, log10_prob in enumerate(model.inner.scorer().score(classes).log10_probs.tolist(), start=marks):
        history = [names[number] for number in classes[:place].tolist()]
        step = Step.given(name_of(names[classes[place]], history), f"{model.inner.method}", 10.0**log10_prob)
        read_as = names[classes[place]]
        explained.append(ExplainedWord(read_as, read_as, tuple(history), (step,), step.value, log10_prob))
    return explained


def steps_of_word(model: ClassModel, word: int, of_class: ExplainedWord, history: tuple[str, ...]) -> list[Step]:
    """The share of a word in its class, and the product; nothing for words that are classes of their own, as the marks are."""
    members = model.members
    number = int(members.classes[word])
    text, name, share = model.vocabulary.words[word].decode(), of_class.read_as, share_of(model, word)
    if text == name and share == 1:
        return []
    if members.counts is None:
        step = Step.given(f"p({text} | {name})", "stated", share)
    else:
        added = f" + {members.added:g}" if members.added else ""
        count, total = int(members.counts[word]), float(members.sums[number])
        told = f"c({text}) = {count}; all words of {name} together: {total:g}"
        formula = "(c + A) / Σ (c + A)" if added else "c / Σ c"
        step = Step(f"p({text} | {name})", told, formula, f"{count}{added} / {total:g}", share)
    product = of_class.probability * share
    factors = f"{shown(of_class.probability)} · {shown(share)}"
    whole = Step(name_of(text, list(history)), "", "p(class | classes) p(word | class)", factors, product)
    return [step, whole]


def share_of(model: ClassModel, word: int) -> Number:
    """p(w | c): a fraction where it is one of counts."""
    members = model.members
    number = int(members.classes[word])
    if members.counts is None or members.added != int(members.added):
        return float(10.0 ** members.log10_shares[word])
    return Fraction(int(members.weights[word]), int(members.sums[number]))
