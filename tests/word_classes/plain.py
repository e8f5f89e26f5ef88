"""Classes of words in the plainest way: dictionaries straight from the definitions, one word at a time, one class after the other."""

import io
import itertools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

import lmkit
from lmkit.classes.exchange.choices import Objective

Text = Sequence[Sequence[str]]  # sentences of words
Pair = tuple[str, str]


def counted(text: Text) -> lmkit.NgramCounts:
    """The bigrams of a text."""
    lines = "".join(" ".join(sentence) + "\n" for sentence in text)
    return lmkit.count_ngrams(io.BytesIO(lines.encode()), 2)


def random_text(seed: int, words: str = "abcdefgh", sentences: int = 12) -> Text:
    """Sentences of words that are drawn, the first ones more often."""
    drawn = np.random.default_rng(seed)
    weights = np.arange(len(words), 0, -1) / np.arange(len(words) + 1).sum()
    return [drawn.choice(list(words), drawn.integers(1, 8), p=weights).tolist() for _ in range(sentences)]


def pairs_of(text: Text) -> Counter[Pair]:
    """How often each word follows each, marks among them."""
    padded = (["<s>", *sentence, "</s>"] for sentence in text)
    return Counter(pair for sentence in padded for pair in itertools.pairwise(sentence))


def log_likelihood(pairs: Mapping[Pair, int], classes: Mapping[str, str], objective: Objective) -> float:
    """Σ ln p(c(w) | v) p(w | c(w)), or of p(c(w) | c(v)) p(w | c(w)), over all pairs, by relative frequencies; a mark is its own class."""
    joint: Counter[Pair] = Counter()
    before: Counter[str] = Counter()
    of_class: Counter[str] = Counter()
    of_word: Counter[str] = Counter()
    for (v, w), n in pairs.items():
        history, found = classes.get(v, v) if objective == "two-sided" else v, classes.get(w, w)
        joint[history, found] += n
        before[history] += n
        of_class[found] += n
        of_word[w] += n
    total = 0.0
    for (v, w), n in pairs.items():
        history, found = classes.get(v, v) if objective == "two-sided" else v, classes.get(w, w)
        total += n * math.log(joint[history, found] / before[history] * of_word[w] / of_class[found])
    return total


def bits(text: Text, classes: Mapping[str, str], objective: Objective) -> float:
    """Bits of a predicted token."""
    pairs = pairs_of(text)
    return -log_likelihood(pairs, classes, objective) / math.log(2) / pairs.total()


def mapping(classes: lmkit.WordClasses) -> dict[str, str]:
    """The class of each word."""
    words = [word.decode() for word in classes.vocabulary.words[3:]]
    return {word: str(classes.class_of(word)) for word in words}


def best_of_all(text: Text, number: int, objective: Objective) -> float:
    """The bits of the best of all ways to put the words of a text into so many classes."""
    words = sorted({word for sentence in text for word in sentence})
    ways = partitions(words, number)
    return min(bits(text, way, objective) for way in ways)


def partitions(words: Sequence[str], number: int) -> Iterable[dict[str, str]]:
    """All ways, each once: a word is in a class of before, or begins the next one."""
    ways: list[list[int]] = [[]]
    for _ in words:
        ways = [[*way, each] for way in ways for each in range(min(max(way, default=-1) + 2, number))]
    return (dict(zip(words, map(str, way), strict=True)) for way in ways if max(way) == number - 1)


def one_at_a_time(text: Text, classes: Mapping[str, str], passes: int) -> dict[str, str]:
    """Predictive exchange: each word in turn, the most frequent first, is taken out, tried in all classes, and left in the best."""
    pairs = pairs_of(text)
    classes = dict(classes)
    names = sorted(set(classes.values()))
    before: dict[str, list[tuple[str, int]]] = {word: [] for word in classes}
    for (v, w), n in pairs.items():
        if w in before:
            before[w].append((v, n))
    frequency = Counter(word for sentence in text for word in sentence)
    cells: Counter[Pair] = Counter()
    totals: Counter[str] = Counter()
    for word, found in before.items():
        for v, n in found:
            cells[v, classes[word]] += n
        totals[classes[word]] += frequency[word]
    for _ in range(passes):
        for word, count in frequency.most_common():
            for v, n in before[word]:
                cells[v, classes[word]] -= n
            totals[classes[word]] -= count
            gains = {
                name: sum(grown(cells[v, name], n) for v, n in before[word]) - grown(totals[name], count)
                for name in [classes[word], *names]
            }
            classes[word] = max(gains, key=gains.__getitem__)
            for v, n in before[word]:
                cells[v, classes[word]] += n
            totals[classes[word]] += count
    return classes


def grown(x: int, more: int) -> float:
    """By how much x ln x grows."""
    return (x + more) * math.log(x + more) - (x * math.log(x) if x else 0.0)
