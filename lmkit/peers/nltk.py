"""The models of NLTK's `nltk.lm` (3.10.4) as NLTK defines them, for comparing figures with it.

They differ from what stands elsewhere in lmkit under the same names: a sentence is padded with n−1 <s> and n−1 </s>, both are words that are
counted and predicted, the vocabulary has <UNK> besides, and below the unigrams there is nothing, so that interpolated models give an
unknown word no probability. The n-grams are kept in dictionaries here, as NLTK does.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

from lmkit.errors import UsageError
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.ngrams.trie.orders import ngram_words
from lmkit.signature import signature
from lmkit.text.ids.encoding import encode_blocks
from lmkit.text.limits import no_sentence
from lmkit.text.reading import Reading
from lmkit.text.sentences.splitting import read_sentences
from lmkit.text.settings import TextSettings
from lmkit.text.sources.names import Texts
from lmkit.text.vocabulary import BOS, EOS, FIRST_WORD, MARKS, UNK, WordNumbering

NltkName = Literal[
    "MLE", "Laplace", "Lidstone", "KneserNeyInterpolated", "WittenBellInterpolated", "AbsoluteDiscountingInterpolated", "StupidBackoff"
]  # fmt: skip
DEFAULTS = {"Laplace": 1.0, "KneserNeyInterpolated": 0.1, "AbsoluteDiscountingInterpolated": 0.75, "StupidBackoff": 0.4}
UNPARAMETRIC = ("MLE", "Laplace", "WittenBellInterpolated")
NLTK_UNKNOWN = "<UNK>"

Ngram = tuple[str, ...]


@dataclass(frozen=True)
class NltkPerplexity:
    """What NLTK's `perplexity` gives for a text."""

    perplexity: float
    cross_entropy_bits: float
    ngrams: int  # scored: a sentence of W words has W + n − 1
    zero_probability_ngrams: int
    signature: str


class NltkModel:
    """One of NLTK's models of counted text."""

    def __init__(self, counts: NgramCounts, name: NltkName, parameter: float | None = None) -> None:
        """parameter: γ of Lidstone, the discount, or α of StupidBackoff (default: NLTK's own). UsageError for another name, or a
        Lidstone model without its γ.
        """
        if name not in get_args(NltkName):
            raise UsageError(f"NLTK has no model {name!r}; it has {', '.join(get_args(NltkName))}.")
        if parameter is None and name == "Lidstone":
            raise UsageError("Lidstone needs its γ.", "Write it as Lidstone:0.1.")
        if parameter is not None and (name in UNPARAMETRIC or not 0 <= parameter < math.inf):
            raise UsageError(
                f"{name}:{parameter:g}: {name} takes no such parameter.",
                "Lidstone, the discounts and StupidBackoff take a number.",
            )
        if name == "KneserNeyInterpolated" and counts.order == 1:
            raise UsageError("NLTK's KneserNeyInterpolated needs counts of order 2 or more.", "Train with -n 2.")
        self.counts, self.name, self.order = counts, name, counts.order
        self.parameter = DEFAULTS.get(name, 0.0) if parameter is None else parameter
        self._followers: dict[Ngram, dict[str, int]] = defaultdict(dict)  # history -> word -> count
        for ngram, count in padded_ngrams(counts):
            self._followers[ngram[:-1]][ngram[-1]] = count
        self._totals = {history: sum(found.values()) for history, found in self._followers.items()}
        self._continuations: dict[Ngram, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for history, found in self._followers.items():
            if history:
                for word in found:
                    self._continuations[history[1:]][word] += 1
        self._continuation_totals = {history: sum(found.values()) for history, found in self._continuations.items()}
        padded = counts.order > 1 and counts.settings.sentence_marks
        self._vocabulary = {*nltk_words(counts)[0 if padded else FIRST_WORD :], NLTK_UNKNOWN}  # seen or not

    def score(self, word: str, history: str = "") -> float:
        """p(word | history) as NLTK's `score` gives it; words of the history are separated by spaces."""
        words = [known if known in self._vocabulary else NLTK_UNKNOWN for known in [*history.split(), word]]
        before = words[:-1][max(0, len(words) - self.order) :]
        return self._score(words[-1], tuple(before))

    def _score(self, word: str, history: Ngram) -> float:
        found, total = self._followers.get(history, {}), self._totals.get(history, 0)
        count = found.get(word, 0)
        if self.name in ("MLE", "Laplace", "Lidstone"):
            total_with_share = total + self.parameter * len(self._vocabulary)
            return (count + self.parameter) / total_with_share if total_with_share else 0.0
        if not history:
            if self.name == "KneserNeyInterpolated":
                return self._continuations[()].get(word, 0) / self._continuation_totals[()]
            return count / total
        if self.name == "StupidBackoff":
            return count / total if count else self.parameter * self._score(word, history[1:])
        lower = self._score(word, history[1:])
        if not found:
            return lower
        if self.name == "WittenBellInterpolated":
            gamma = len(found) / (len(found) + total)
            return (1.0 - gamma) * count / total + gamma * lower
        if self.name == "KneserNeyInterpolated" and len(history) + 1 < self.order:
            count, total = self._continuations[history].get(word, 0), self._continuation_totals[history]
        return max(count - self.parameter, 0.0) / total + self.parameter * len(found) / total * lower

    def perplexity(
        self, texts: Texts, settings: TextSettings | None = None, reading: Reading = Reading()
    ) -> NltkPerplexity:
        """NLTK's perplexity of the texts: all n-grams of their padded sentences, the padding scored, too; without marks, of sentences as they are.

        settings: how to read them (default: as the counted text). DataError if there is no sentence in them.
        """
        settings = settings or self.counts.settings
        blocks = read_sentences(texts, settings, reading)
        scores: list[float] = []
        words = nltk_words(self.counts)
        pads = self.order - 1 if settings.sentence_marks else 0
        padding = [MARKS[BOS].decode()] * pads, [MARKS[EOS].decode()] * pads
        for block in encode_blocks(blocks, settings, WordNumbering(self.counts.vocabulary)):
            sentence: list[str] = []
            for token in block.tokens.tolist():
                if token == EOS:
                    padded = [*padding[0], *sentence, *padding[1]]
                    scores += [
                        self._score(padded[end], tuple(padded[end - self.order + 1 : end]))
                        for end in range(self.order - 1, len(padded))
                    ]
                    sentence = []
                elif token != BOS:
                    sentence.append(words[token])
        if not scores:
            raise no_sentence(texts)
        zeros = sum(score == 0 for score in scores)
        bits = math.inf if zeros else -sum(map(math.log2, scores)) / len(scores)
        parts: dict[str, Any] = {"order": self.order, "nltk": self.name, "parameter": self.parameter}
        described = signature(parts | self.counts.details() | settings.for_signature())
        return NltkPerplexity(2.0**bits, bits, len(scores), zeros, described)


def nltk_words(counts: NgramCounts) -> list[str]:
    """The words by id, as NLTK writes them."""
    words = [word.decode() for word in counts.vocabulary.words]
    words[UNK] = NLTK_UNKNOWN
    return words


def padded_ngrams(counts: NgramCounts) -> Iterator[tuple[Ngram, int]]:
    """All n-grams with their counts, as if sentences were padded with n−1 <s> and n−1 </s> each (none for order 1, nor without marks)."""
    words = nltk_words(counts)
    bos, eos = words[BOS], words[EOS]
    pads = counts.order - 1 if counts.settings.sentence_marks else 0
    for length in range(1, counts.order + 1):
        order, values = counts.orders[length - 1], counts.chain.counts[length - 1].tolist()
        columns = [column.tolist() for column in ngram_words(counts.orders, length, 0, len(order))]
        for ids, count in zip(zip(*columns, strict=True), values, strict=True):
            ngram = tuple(words[word] for word in ids)
            if not count or (length == 1 and ids[0] < FIRST_WORD and ids[0] != UNK):
                continue
            # Each <s> or </s> at an end stands for up to n−1 of them.
            for before in range(1, (pads if ngram[0] == bos else 1) + 1):
                for after in range(1, (pads if ngram[-1] == eos else 1) + 1):
                    longer = (bos,) * (before - 1) + ngram + (eos,) * (after - 1)
                    if len(longer) <= counts.order:
                        yield longer, count
    for length in range(1, pads + 1):  # padding alone
        yield (bos,) * length, counts.sentences * (pads - length + 1)
        yield (eos,) * length, counts.sentences * (pads - length + 1)
