"""How a probability comes about: for each word of a sentence the path through the orders, with the numbers in the formula.

The counts, discounts and weights of a model are whole numbers and fractions; so are, as far as the smoothing allows, the
probabilities given here.
"""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.scratch import Scratch
from lmkit.errors import DataError
from lmkit.ngrams.backoff.family import ngram_model
from lmkit.ngrams.backoff.full_histories import unseen_log10_probs
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.counting.runs import compact
from lmkit.ngrams.description import follows_from_counts
from lmkit.ngrams.trie.orders import find_entry
from lmkit.ngrams.values.protocol import Counts
from lmkit.ngrams.values.stored import KeptCounts
from lmkit.scoring.explaining.explanation import ExplainedWord, Explaining, Number, Step, name_of, shown
from lmkit.scoring.perplexity import words_to_explain
from lmkit.scoring.protocol import Model
from lmkit.smoothing.counted_evidence import CountedEvidence
from lmkit.smoothing.estimation import VALUES_OF
from lmkit.smoothing.registry import smoothing_called
from lmkit.smoothing.steps import Evidence
from lmkit.text.settings import has_marks
from lmkit.text.vocabulary import BOS, UNK

TOLERANCE = 1e-4  # relative: beyond, the counts are not those that the model was made from


def explain(model: Model, sentence: str, counts: NgramCounts | None = None) -> list[ExplainedWord]:
    """How the probability of each word of a sentence, and of its </s> if it has one, comes about.

    model: of n-grams, or any that explains itself, as mixtures do. counts: those that an n-gram model was made from, if it has not kept them.
    Without any, the steps show stored probabilities and backoffs. DataError if these are not the counts of the model.
    """
    if isinstance(model, Explaining):
        if counts is not None:
            raise DataError(f"this model ({model.method}) was not made from counts.", "Leave them out.")
        return model.explain(sentence)
    model = ngram_model(model, "explained")
    ids, surface = words_to_explain(model, sentence)
    return explain_ids(model, ids, surface, counts)


def explain_ids(
    model: NgramModel, ids: NDArray[np.int32], surface: Sequence[str], counts: NgramCounts | None = None
) -> list[ExplainedWord]:
    """The same of a sentence that has been read. ids: (tokens,) with its marks; surface: its words, and its </s> if it has one, as they stand in the text."""
    evidence = model.counts if counts is None else counts_looked_at(model, counts)
    scores, tokens, marks = model.scorer().score(ids).log10_probs.tolist(), ids.tolist(), has_marks(model.settings)
    words = [word.decode() for word in model.vocabulary.words]
    explained = []
    for place, (word, log10_prob) in enumerate(zip(surface, scores, strict=True), start=int(marks)):
        history = tokens[max(0, place - model.order + 1) : place]
        explainer = Explainer(model, evidence, tokens[place], history, words)
        steps = explainer.steps()
        value = steps[-1].value
        if explainer.evident and not agree(float(value), log10_prob):
            raise DataError(
                f"the counts give {word} the probability {float(value):.7g}, and the model {10.0**log10_prob:.7g}.",
                "They are not those that the model was made from: other text, other options, or changed since.",
            )
        read_as = explainer.text(tokens[place])
        explained.append(
            ExplainedWord(word, read_as, tuple(map(explainer.text, history)), tuple(steps), value, log10_prob)
        )
    return explained


def agree(probability: float, log10_prob: float) -> bool:
    """Whether a probability is that of the model, but for rounding."""
    expected = 10.0**log10_prob
    return bool(abs(probability - expected) <= TOLERANCE * max(expected, 1e-30))


def counts_looked_at(model: NgramModel, counts: NgramCounts) -> Sequence[Counts]:
    """What the model was estimated from, if these are the counts that it was made from. DataError if they cannot be."""
    if not follows_from_counts(model):
        raise DataError(
            "the model does not follow from counts alone: it is pruned, restricted, renormalized, quantized, mixed, or made by another tool.",
            "Leave --counts out to see the probabilities and backoffs that it stores.",
        )
    made = smoothing_called(model.smoothing)
    same = made is not None and counts.order >= model.order and counts.vocabulary.same_as(model.vocabulary)
    evidence = CountedEvidence.of(counts.up_to(model.order) if same else counts, closed=model.closed)
    if made is None or not same or evidence.model.ngrams() != model.ngrams():
        raise DataError(
            "these are not the counts that the model was made from: words or n-grams differ.",
            "Give the file that `lmkit smooth` read.",
        )
    values_of, scratch = VALUES_OF[made[0].counts], Scratch()
    looked_at = (evidence.values(values_of, length, scratch) for length in range(1, model.order + 1))
    kept = (evidence.of_model(values, length, scratch) for length, values in enumerate(looked_at, start=1))
    return [KeptCounts(compact(values)) for values in kept]


class Explainer:
    """One word after one history."""

    def __init__(
        self,
        model: NgramModel,
        counts: Sequence[Counts] | None,
        word: int,
        history: Sequence[int],
        words: Sequence[str],
    ) -> None:
        """counts: of each order, what the model was estimated from; None: that is not known."""
        self.model, self._word, self._history = model, word, list(history)
        self._counts = counts or ()
        self._words = words
        self._made = smoothing_called(model.smoothing)
        self.evident = counts is not None and self._made is not None

    def text(self, word: int) -> str:
        """A word by its id."""
        return self._words[word]

    def steps(self) -> list[Step]:
        """The steps of the word, from the lowest order up."""
        if self._made is None or not self.evident:
            return [self._stored_alone()] if self.model.traits.full_histories_only else self._stored_steps()
        (smoothing, form), longest = self._made, len(self._history) + 1
        first = longest if form == "full-histories" else 1
        if self._word == UNK and self.model.closed:
            name = self._name(first)
            return [Step.given(name, "an unknown word has no probability in a closed vocabulary", Fraction(0))]
        lower: Number = Fraction(1, self.model.events)
        steps: list[Step] = []
        for length in range(first, longest + 1):
            evidence = self._evidence(length, smoothing.counts == "adjusted", form == "backed-off")
            try:
                steps.append(smoothing.explain(evidence, self.model, lower, shown(lower)))
            except (ArithmeticError, LookupError, TypeError, ValueError) as error:
                raise DataError(
                    f"the model says that it is {self.model.smoothing}, and lacks what explains it ({error!r}).",
                    "Make it again of its counts: its metadata were changed or damaged.",
                ) from None
            lower = steps[-1].value
        return steps

    def _evidence(self, length: int, adjusted: bool, backed_off: bool) -> Evidence:
        """What the counts of an order say of the word after the history of that order."""
        model, history = self.model, self._history[len(self._history) - length + 1 :]
        order = model.orders[length - 1]
        row = find_entry(model.orders, history) if history else 0
        first, last = (int(bound) for bound in order.indptr[row : row + 2]) if row >= 0 else (0, 0)
        followers, values = order.indices[first:last], self._counts[length - 1].between(first, last)
        if length == 1:
            values[BOS] = 0
            values[UNK] = 0 if model.closed else values[UNK]
        found = np.flatnonzero(followers == self._word)
        entry = first + int(found[0]) if len(found) else -1
        return Evidence(
            order=length,
            adjusted=adjusted and length < model.order and history[:1] != [BOS],
            backed_off=backed_off,
            name=self._name(length),
            history=" ".join(map(self.text, history)),
            word=self.text(self._word),
            count=int(values[found[0]]) if len(found) else 0,
            total=int(values.sum()),
            types=int(np.count_nonzero(values)),
            of_count=tuple(np.bincount(np.minimum(values, 3), minlength=4)[1:].tolist()),
            events=model.events,
            stored_log10_prob=self._log10_prob(length, entry) if entry >= 0 else None,
            log10_backoff=self._log10_backoff(length - 1, row) if length > 1 and row >= 0 else 0.0,
        )

    def _stored_steps(self) -> list[Step]:
        """The steps of a model without counts: where the word is stored, and the backoffs on the way to it."""
        steps: list[Step] = []
        value: Number = 0.0
        for length in range(1, len(self._history) + 2):
            history = self._history[len(self._history) - length + 1 :]
            entry = find_entry(self.model.orders, [*history, self._word])
            if entry >= 0:
                log10_prob = self._log10_prob(length, entry)
                value = 10.0**log10_prob
                steps.append(Step.given(self._name(length), f"stored: log10 {log10_prob:.7g}", value))
                continue
            row = find_entry(self.model.orders, history)
            if row < 0:
                if self.model.traits.unseen_log10_backoff:
                    weight = 10.0**self.model.traits.unseen_log10_backoff
                    value = float(value) * weight
                    factor = f"{weight:.7g} · {shown(steps[-1].value)} (the history is not stored)"
                    steps.append(Step.given(self._name(length), factor, value))
                continue
            backoff = self._log10_backoff(length - 1, row)
            value = float(value) * 10.0**backoff
            text = f"backoff {10.0**backoff:.7g} · {shown(steps[-1].value)} (log10 of the backoff {backoff:.7g})"
            steps.append(Step.given(self._name(length), text, value))
        return steps

    def _stored_alone(self) -> Step:
        """The step of a model without counts that looks at full histories only."""
        length = len(self._history) + 1
        name = self._name(length)
        entry = find_entry(self.model.orders, [*self._history, self._word])
        if entry >= 0:
            log10_prob = self._log10_prob(length, entry)
            return Step.given(name, f"stored: log10 {log10_prob:.7g}", 10.0**log10_prob)
        unseen = 10.0 ** float(unseen_log10_probs(self.model)[self._word])
        row = find_entry(self.model.orders, self._history)
        if row < 0:
            return Step.given(name, f"{shown(unseen)}, as of every word (the history is not stored)", unseen)
        backoff = self._log10_backoff(length - 1, row)
        text = f"backoff {10.0**backoff:.7g} · {shown(unseen)} of every word (log10 of the backoff {backoff:.7g})"
        return Step.given(name, text, 10.0**backoff * unseen)

    def _log10_prob(self, length: int, entry: int) -> float:
        """That of an n-gram that is stored."""
        return float(self.model.values.log10_probs_of(length, np.array([entry]))[0])

    def _log10_backoff(self, length: int, entry: int) -> float:
        """That of a history that is stored."""
        return float(self.model.values.log10_backoffs_of(length, np.array([entry]))[0])

    def _name(self, length: int) -> str:
        """p(word | history) with the history of an order."""
        history = self._history[len(self._history) - length + 1 :] if length > 1 else []
        return name_of(self.text(self._word), list(map(self.text, history)))
