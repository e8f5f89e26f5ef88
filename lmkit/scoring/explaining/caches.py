"""How the probabilities of a cache come about: how often the word is in it. And those of the uniform model."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.wording import numbered
from lmkit.scoring.caching import CacheModel
from lmkit.scoring.explaining.explanation import ExplainedWord, Number, OneStep, Step, name_of
from lmkit.scoring.perplexity import words_to_explain
from lmkit.scoring.protocol import Model
from lmkit.scoring.uniform import UniformModel
from lmkit.text.vocabulary import UNK, predicted_in


def explain_cache(model: CacheModel, sentence: str) -> list[ExplainedWord]:
    """The words of a sentence, and its </s> if it has one; the step of each is its share among those before it that are known."""
    return explained(model, model, sentence, model.size)


def explain_uniform(model: UniformModel, sentence: str) -> list[ExplainedWord]:
    """The words of a sentence, and its </s> if it has one; they are all equally probable."""
    return explained(model, model, sentence, 0)


def explained(model: Model, stepping: OneStep, sentence: str, looked_at: int) -> list[ExplainedWord]:
    """The words of a sentence under a model whose probabilities are one step each. looked_at: so many words before them are their history."""
    tokens, surface = words_to_explain(model, sentence)
    log10_probs = model.scorer().score(tokens).log10_probs.tolist()
    words = [word.decode() for word in model.vocabulary.words]
    found: list[ExplainedWord] = []
    history: list[str] = []
    ids = tokens[predicted_in(tokens)].tolist()
    parts = zip(surface, ids, stepping.steps(tokens), log10_probs, strict=True)
    for word, number, step, log10_prob in parts:
        seen = tuple(history[max(len(history) - looked_at, 0) :])
        named = Step(name_of(words[number], seen), step.counts, step.formula, step.numbers, step.value)
        found.append(ExplainedWord(word, words[number], seen, (named,), step.value, log10_prob))
        history += [words[number]] if number != UNK else []
    return found


def cache_steps(model: CacheModel, tokens: NDArray[np.int32]) -> list[Step]:
    """The share of each predicted token among the known ones before it."""
    said: list[int] = []
    steps: list[Step] = []
    for number in tokens[predicted_in(tokens)].tolist():
        window = said[max(len(said) - model.size, 0) :]
        steps.append(cache_step(model, number, window) if window else empty_step(model, number))
        said += [number] if number != UNK else []
    return steps


def cache_step(model: CacheModel, word: int, window: Sequence[int]) -> Step:
    """The share of a word among those in the cache, the last one last."""
    if word == UNK:
        return Step("", "<unk> is never in the cache", "", "", Fraction(0))
    back = [len(window) - place for place, other in enumerate(window) if other == word][::-1]
    told = f"{len(back)} of the last {numbered(len(window), 'word')}"
    if not model.decay:
        return Step("", told, "c / n", f"{len(back)} / {len(window)}", Fraction(len(back), len(window)))
    own, total = float(model.weights[np.array(back, np.int64) - 1].sum()), float(model.totals[len(window)])
    if back:
        told += f": {', '.join(map(str, back))} back"
    value: Number = own / total
    return Step("", told, "Σ e^(−δ(d−1)) / Σ over all", f"{own:.7g} / {total:.7g}", value)


def empty_step(model: CacheModel, word: int) -> Step:
    """The share of a word where nothing was said."""
    step = uniform_step(model.empty_log10_probs, word)
    return replace(step, counts=f"nothing in it yet: {step.counts}")


def uniform_step(log10_probs: NDArray[np.float64], word: int) -> Step:
    """The share of a word among all that can be predicted. log10_probs: (types,) of each."""
    events = int(np.count_nonzero(np.isfinite(log10_probs)))
    if not np.isfinite(log10_probs[word]):
        return Step("", "it is never predicted", "", "", Fraction(0))
    return Step(
        "", f"1 of {numbered(events, 'word')} that can be predicted", "1 / events", f"1 / {events}", Fraction(1, events)
    )
