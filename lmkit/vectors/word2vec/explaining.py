"""Steps of training as formulas with the numbers in them, for people to follow with a pencil."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from lmkit.locales import AsGiven
from lmkit.vectors.word2vec.in_the_open import GradientStep, OpenTraining

STEPS = 3  # that are shown in full
MOST_SHOWN = 4  # coordinates of a vector and words of a sum; of what is longer, there is an … at the end
DIGITS = 4  # behind the point


def told(training: OpenTraining, *, softmax: bool) -> Iterator[str]:
    """The lines on a training: the pairs of the first sentence, its first steps, and how the loss falls."""
    words = training.words
    yield AsGiven(" ".join(words[word] for word in training.first_sentence))
    pairs = (f"({words[step.center]}, {words[step.neighbour]})" for step in training.steps)
    yield f"  pairs of a word and a neighbour: {' '.join(pairs)}"
    for step in training.steps[:STEPS]:
        first, *lines = explained(step, words, softmax=softmax)
        yield from ("", first, *(f"  {line}" for line in lines))
    yield from ("", "epoch\tmean_loss")
    for epoch in told_epochs(len(training.losses)):
        yield f"{epoch}\t{training.losses[epoch - 1]:.7g}"


def told_epochs(epochs: int) -> list[int]:
    """The epochs whose loss is told: 1, 2, 5, 10, 20, 50, … and the last."""
    steps = (digit * 10**power for power in range(len(str(epochs))) for digit in (1, 2, 5))
    return sorted({*(step for step in steps if step < epochs), epochs})


def explained(step: GradientStep, words: Sequence[str], *, softmax: bool) -> Iterator[str]:
    """The lines of a step: the vectors, what is made of their products, the loss, its derivatives, and the vector after the step."""
    c, o = words[step.center], words[step.neighbour]
    others = [words[word] for word in step.contexts]
    noise = "" if softmax else f"; noise: {' '.join(others[1:]) or 'none, as the neighbour itself was drawn'}"
    yield f"{c} → {o}{noise}"
    yield f"v({c}) = {vector(step.v)}"
    listed = shown_places(step) if softmax else range(len(others))
    for place in listed:
        yield f"u({others[place]}) = {vector(step.u[place])}"
    for place in listed:
        yield f"u({others[place]}) · v({c}) = {product(step.u[place], step.v)} = {number(step.found.products[place])}"
    yield from (softmax_lines if softmax else sampling_lines)(step, c, others)
    rate = f"{step.learning_rate:g}"
    yield f"v({c}) ← v({c}) − {rate} · ∂loss/∂v({c}) = {vector(step.v_after)}"


def sampling_lines(step: GradientStep, c: str, others: Sequence[str]) -> Iterator[str]:
    """σ, loss and derivatives of negative sampling."""
    found = step.found
    for word, x, p in zip(others, found.products, found.probabilities, strict=True):
        yield f"σ(u({word}) · v({c})) = 1 / (1 + e^{-x:.{DIGITS}f}) = {number(p)}"
    signs = ["", *["−"] * (len(others) - 1)]
    formula = " ".join(f"− log σ({sign}u({word}) · v({c}))" for sign, word in zip(signs, others, strict=True))
    of_each = [found.probabilities[0], *(1 - found.probabilities[1:])]
    values = " ".join(f"− log {number(p)}" for p in of_each)
    yield f"loss = {formula} = {values} = {number(found.loss)}"
    errors = [f"(σ(u({others[0]}) · v({c})) − 1)", *[f"σ(u({word}) · v({c}))" for word in others[1:]]]
    of_errors = found.probabilities - (np.arange(len(others)) == 0)
    formula = " + ".join(f"{error} u({word})" for error, word in zip(errors, others, strict=True))
    values = " + ".join(f"{number(error)} · {vector(u)}" for error, u in zip(of_errors, step.u, strict=True))
    yield f"∂loss/∂v({c}) = {formula} = {values} = {vector(found.center)}"
    for word, error, value, gradient in zip(others, errors, of_errors, found.contexts, strict=True):
        yield f"∂loss/∂u({word}) = {error} v({c}) = {number(value)} · {vector(step.v)} = {vector(gradient)}"


def softmax_lines(step: GradientStep, c: str, others: Sequence[str]) -> Iterator[str]:
    """The probabilities, loss and derivatives of the full softmax."""
    found, target = step.found, step.contexts.index(step.neighbour)
    o, listed = others[target], shown_places(step)
    exponentials = np.exp(found.products)
    more = " + …" if len(listed) < len(others) else ""
    terms = " + ".join(number(value) for value in exponentials[: MOST_SHOWN if more else None])
    yield f"Σ_w e^(u(w) · v({c})) = {terms}{more} = {number(exponentials.sum())}"
    for place in listed:
        fraction = f"{number(exponentials[place])} / {number(exponentials.sum())}"
        yield f"p({others[place]} | {c}) = {fraction} = {number(found.probabilities[place])}"
    p = found.probabilities[target]
    yield f"loss = − log p({o} | {c}) = − log {number(p)} = {number(found.loss)}"
    expected = found.probabilities @ step.u
    formula = f"Σ_w p(w | {c}) u(w) − u({o}) = {vector(expected)} − {vector(step.u[target])}"
    yield f"∂loss/∂v({c}) = {formula} = {vector(found.center)}"
    for place in listed:
        error = f"p({others[place]} | {c})"
        error = f"({error} − 1)" if place == target else error
        value = found.probabilities[place] - (place == target)
        gradient = vector(found.contexts[place])
        yield f"∂loss/∂u({others[place]}) = {error} v({c}) = {number(value)} · {vector(step.v)} = {gradient}"


def shown_places(step: GradientStep) -> list[int]:
    """The places of the context words that are shown of all words: the neighbour, and a few others."""
    target = step.contexts.index(step.neighbour)
    return [target, *(place for place in range(len(step.contexts)) if place != target)][: 1 + MOST_SHOWN]


def vector(values: NDArray[np.float64]) -> str:
    """A vector in brackets."""
    few = values[:MOST_SHOWN]
    return f"({', '.join(map(number, few))}{', …' if len(few) < len(values) else ''})"


def product(left: NDArray[np.float64], right: NDArray[np.float64]) -> str:
    """A product of vectors, written out."""
    terms = [f"{number(a)}·{number(b)}" for a, b in zip(left[:MOST_SHOWN], right[:MOST_SHOWN], strict=True)]
    return " + ".join(terms) + (" + …" if len(terms) < len(left) else "")


def number(value: float) -> str:
    """A number with as many digits as a pencil wants."""
    return f"{value + 0.0:.{DIGITS}f}"
