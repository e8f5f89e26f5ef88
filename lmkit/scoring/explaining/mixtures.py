"""How the probabilities of a mixture come about: what each model gives a word, and the weighted sum."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lmkit.scoring.explaining.explanation import ExplainedWord, OneStep, Step, name_of
from lmkit.scoring.mixture import Mixture, mixed
from lmkit.scoring.perplexity import words_to_explain
from lmkit.text.settings import has_marks


def explain_mixture(mixture: Mixture, sentence: str) -> list[ExplainedWord]:
    """The words of a sentence, and its </s> if it has one; the steps of each are its models, then the sum."""
    tokens, surface = words_to_explain(mixture, sentence)
    of_each = mixture.scorer().score_each_of(tokens)[0]
    buckets = np.broadcast_to(mixture.buckets.in_text(tokens), of_each.shape[1:])
    weights = mixture.weights_in(buckets)
    sums = mixed(of_each, weights).tolist()
    of_models = own_steps(mixture, tokens)
    words = mixture.vocabulary.words
    read_as = [words[number].decode() for number in tokens.tolist()]
    explained = []
    first = int(has_marks(mixture.settings))
    for number, (word, log10_prob) in enumerate(zip(surface, sums, strict=True)):
        place = number + first
        history = read_as[0 if mixture.order is None else max(0, place - mixture.order + 1) : place]
        name = name_of(read_as[place], history)
        own, bucket = weights[:, number].tolist(), mixture.buckets.names[buckets[number]]
        probs = (10.0 ** of_each[:, number]).tolist()
        within = [None if each is None else each[number] for each in of_models]
        steps = steps_of(mixture, name, int(tokens[place]), own, probs, within)
        about = {} if mixture.by is None else {"bucket": bucket, "weights": own}
        if mixture.by is not None:
            steps[-1] = replace(steps[-1], counts=f"weights by {mixture.by.kind}: those of the bucket {bucket}")
        explained.append(
            ExplainedWord(word, read_as[place], tuple(history), tuple(steps), steps[-1].value, log10_prob, about)
        )
    return explained


def own_steps(mixture: Mixture, tokens: NDArray[np.int32]) -> list[list[Step] | None]:
    """(models,) how each of the probabilities of a model comes about, where that is one step."""
    parts = zip(mixture.models, mixture.word_maps, strict=True)
    return [model.steps(words.ids.take(tokens)) if isinstance(model, OneStep) else None for model, words in parts]


def steps_of(
    mixture: Mixture,
    name: str,
    word: int,
    weights: Sequence[float],
    probs: Sequence[float],
    own: Sequence[Step | None],
) -> list[Step]:
    """What each model gives a word, and the weighted sum. name: what the probability is called; word: its id; weights, probs, own: those of the models."""
    steps = []
    parts = zip(mixture.models, weights, mixture.word_maps, probs, own, strict=True)
    for number, (model, weight, words, prob, step) in enumerate(parts, start=1):
        told, numbers = f"{model.method}, weight {weight:.7g}", ""
        if step is not None:
            told, numbers = f"{told}: {step.counts}", step.numbers
        sharing = round(10.0 ** -float(words.log10_shares[word]))
        if sharing > 1:
            shared = f"{sharing} words that it does not know, <unk> among them, share its p(<unk>)"
            told = f"{told}; {shared}"
            numbers = f"{prob * sharing:.7g} / {sharing}"
        steps.append(Step(f"p{number}{name.removeprefix('p')}", told, "", numbers, prob))
    products = [f"{weight:.7g} · {prob:.7g}" for weight, prob in zip(weights, probs, strict=True)]
    total = math.fsum(weight * prob for weight, prob in zip(weights, probs, strict=True))
    return [*steps, Step(name, "", "Σ λ p", " + ".join(products), total)]
