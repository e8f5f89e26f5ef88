"""Language models straight from their definitions, in dictionaries: slow, short, and independent of lmkit."""

from collections import Counter, defaultdict
from collections.abc import Sequence

BOS, EOS, UNK = "<s>", "</s>", "<unk>"
Ngram = tuple[str, ...]


def padded(sentences: Sequence[str]) -> list[list[str]]:
    """Each sentence as <s> w1 … wT </s>; blank lines are none."""
    return [[BOS, *words, EOS] for sentence in sentences if (words := sentence.split())]


def count(sentences: Sequence[str], order: int) -> Counter[Ngram]:
    """The counts of all n-grams up to this order."""
    return Counter(
        tuple(words[start : start + k])
        for words in padded(sentences)
        for k in range(1, order + 1)
        for start in range(len(words) - k + 1)
    )


class Oracle:
    """Maximum-likelihood, additive and Kneser–Ney probabilities of one training text."""

    def __init__(self, sentences: Sequence[str], order: int, *, closed: bool = False) -> None:
        self.order, self.counts = order, count(sentences, order)
        words = {gram[0] for gram in self.counts if len(gram) == 1} - {BOS}
        self.events = sorted(words | {EOS} | (set() if closed else {UNK}))

    def followers(self, history: Ngram, counts: dict[Ngram, int]) -> dict[str, int]:
        """The counts of the words seen after a history."""
        found = {w: counts[(*history, w)] for w in self.events if counts.get((*history, w), 0)}
        return found if history or BOS not in found else {w: c for w, c in found.items() if w != BOS}

    def additive(self, word: str, history: Ngram, alpha: float) -> float:
        """(c(hw) + α) / (c(h) + αV); 0 for α = 0 after an unseen history."""
        history = history[max(0, len(history) - self.order + 1) :]
        found = self.followers(history, self.counts)
        total = sum(found.values()) + alpha * len(self.events)
        return (found.get(word, 0) + alpha) / total if total else 0.0

    def adjusted(self) -> dict[Ngram, int]:
        """Raw counts at the highest order and after <s>, numbers of distinct left words elsewhere."""
        left: dict[Ngram, set[str]] = defaultdict(set)
        for gram in self.counts:
            if len(gram) > 1:
                left[gram[1:]].add(gram[0])
        raw = {gram for gram in self.counts if len(gram) == self.order or gram[0] == BOS}
        return {gram: self.counts[gram] if gram in raw else len(left[gram]) for gram in self.counts if gram != (BOS,)}

    def kneser_ney(self, word: str, history: Ngram, discounts: Sequence[float]) -> float:
        """Interpolated Kneser–Ney with the same three discounts at every order."""
        counts = self.adjusted()

        def smoothed(history: Ngram) -> float:
            lower = smoothed(history[1:]) if history else 1 / len(self.events)
            found = self.followers(history, counts)
            total = sum(found.values())
            if not total:
                return lower
            taken = {w: discounts[min(c, 3) - 1] for w, c in found.items()}
            own = (found[word] - taken[word]) / total if word in found else 0.0
            return own + sum(taken.values()) / total * lower

        return smoothed(history[max(0, len(history) - self.order + 1) :])
