"""The pictures of the chapters that count."""

import itertools
import math
from collections.abc import Callable
from pathlib import Path

import lmkit
from docs.course.drawing.language import Language, say
from docs.course.drawing.svg import COLORS, Box, Frame, bars, boxes, curves, page, square, table, text

__all__ = [
    "bits_per_byte",
    "chain_rule",
    "distribution",
    "entropy",
    "kneser_ney",
    "laplace",
    "matrices",
    "maximum_likelihood",
    "one_hot",
    "perplexity",
    "subwords",
]

CORPORA = Path(__file__).parents[3] / "corpora"
TRAIN, TEST, TOY = CORPORA / "fr.train.tok", CORPORA / "fr.test.tok", CORPORA / "toy.tok"


def sentences(path: Path) -> list[list[str]]:
    """The words of each line of a text."""
    return [line.split() for line in path.read_text(encoding="utf-8").splitlines()]


def matrices(language: Language) -> str:
    """Which word follows which in the toy text."""
    words = ["le", "chat", "chien", "boit", "voit", "du", "lait"]
    pairs = [pair for sentence in sentences(TOY) for pair in itertools.pairwise(sentence)]
    values = [[pairs.count((one, other)) / 2 for other in words] for one in words]
    return table(
        say(language, "What follows what in the toy text", "Ce qui suit quoi dans le petit texte"), words, words, values
    )


def one_hot(language: Language) -> str:
    """The words of a sentence as rows."""
    words = ["le", "chat", "boit", "du", "lait"]
    values = [[float(row == column) for column in range(len(words))] for row in range(len(words))]
    return table(
        say(language, "A word, a row with a single 1", "Un mot, une ligne avec un seul 1"),
        words,
        ["3", "4", "5", "6", "7"],
        values,
        numbers=0,
    )


def distribution(language: Language) -> str:
    """The commonest words."""
    found = list(lmkit.list_ngrams(lmkit.count_ngrams(TRAIN, order=1)))[:10]
    title = say(language, "The ten commonest of 4,320 words", "Les dix plus fréquents de 4 320 mots")
    return bars(title, {word: [count] for word, count in found})


def chain_rule(language: Language) -> str:
    """A sentence as a walk."""
    words = ["<s>", "elle", "voit", "le", "chien", "</s>"]
    placed = [Box(60 + 104 * place, 90, word) for place, word in enumerate(words)]
    steps = [(place, place + 1, name) for place, name in enumerate(["1/8", "1/14", "1/7", "1/8", "1/14"])]
    return boxes(say(language, "A sentence is a product", "Une phrase est un produit"), placed, steps, 140)


def followers(word: str) -> dict[str, int]:
    """How often each word follows a word in the French text, </s> among them."""
    listed = lmkit.list_ngrams(lmkit.count_ngrams(TRAIN, order=2))
    return {ngram.split()[1]: count for ngram, count in listed if ngram.split()[0] == word}


def maximum_likelihood(language: Language) -> str:
    """What follows a word."""
    found = followers("de")
    best = list(found.items())[:8]
    groups = {word: [round(count / sum(found.values()), 3)] for word, count in best}
    return bars(f"p(· | de){say(language, ': what was seen', ' : ce qui a été vu')}", groups)


def laplace(language: Language) -> str:
    """How much goes to what was never seen."""
    seen, total, types = len(followers("de")), 132, 862
    after = (total + seen) / (total + types)
    rows = [(say(language, "counted", "compté"), 1.0), (say(language, "add one", "ajouter un"), after)]
    parts = []
    for place, (name, share) in enumerate(rows):
        y = 60 + 60 * place
        parts += [text(20, y + 22, name), square((120, y), (480 * share, 34), COLORS[0])]
        parts += [square((120 + 480 * share, y), (480 * (1 - share), 34), COLORS[1], 0.35)]
        parts.append(text(126, y + 22, f"{share:.0%}", color="#ffffff"))
        parts.append(text(590, y + 22, "" if share == 1 else f"{1 - share:.0%}", "end"))
    parts.append(
        text(
            120,
            190,
            say(language, f"{seen} words that were seen after de", f"{seen} mots vus après « de »"),
            color=COLORS[0],
        )
    )
    parts.append(
        text(600, 190, say(language, f"{types - seen} that never were", f"{types - seen} jamais vus"), "end", COLORS[1])
    )
    return page(parts, "p(· | de)", 210)


def kneser_ney(language: Language) -> str:
    """How often a word was seen, and after how many words."""
    before: dict[str, list[str]] = {}
    for sentence in sentences(TRAIN):
        for one, other in zip(["<s>", *sentence], sentence, strict=False):
            before.setdefault(other, []).append(one)
    words = ["dans", "on", "mon", "rivière", "y", "pour"]
    groups = {word: [len(before[word]), len(set(before[word]))] for word in words}
    names = [
        say(language, "how often", "nombre d'occurrences"),
        say(language, "after how many words", "après combien de mots"),
    ]
    return bars(say(language, "Frequent, or at home everywhere?", "Fréquent, ou chez soi partout ?"), groups, names)


def entropy(language: Language) -> str:
    """The entropy of two words."""
    shares = [place / 100 for place in range(1, 100)]
    points = [(p, -p * math.log2(p) - (1 - p) * math.log2(1 - p)) for p in shares]
    frame = Frame((0, 1), (0, 1))
    axes = frame.axes((0, 0.25, 0.5, 0.75, 1), (0, 0.5, 1), "p", "bits")
    title = say(language, "The entropy of a choice between two words", "L'entropie d'un choix entre deux mots")
    return curves(title, {"H": [(0, 0), *points, (1, 0)]}, frame, axes)


def perplexity(language: Language) -> str:
    """Perplexity by order."""
    series: dict[str, list[tuple[float, float]]] = {"Laplace": [], "Kneser–Ney": []}
    smoothings: tuple[Callable[..., lmkit.NgramModel], ...] = (lmkit.laplace, lmkit.kneser_ney)
    for order in range(1, 6):
        counts = lmkit.count_ngrams(TRAIN, order=order)
        for name, smooth in zip(series, smoothings, strict=True):
            series[name].append((order, lmkit.perplexity(smooth(counts), TEST).perplexity))
    frame = Frame((1, 5), (0, 600))
    axes = frame.axes((1, 2, 3, 4, 5), (0, 200, 400, 600), "n", say(language, "perplexity", "perplexité"))
    return curves(
        say(language, "Perplexity of the French test text", "Perplexité du texte de test français"),
        series,
        frame,
        axes,
        dots=True,
        legend=(600, 140),
    )


def subwords(language: Language) -> str:
    """A word, merge by merge."""
    steps = ["m ɔ n u k p ɔ k p ɔ", "m ɔ n u k pɔ k pɔ", "m ɔ n u kpɔ kpɔ", "m ɔ n u kpɔkpɔ"]
    parts = []
    for row, step in enumerate(steps):
        x = 150.0
        parts.append(text(20, 66 + 44 * row, say(language, f"{row} merges", f"{row} fusion{'s' if row > 1 else ''}")))
        for token in step.split():
            wide = 14 + 10.0 * len(token)
            parts += [square((x, 46 + 44 * row), (wide, 30), COLORS[len(token) > 1], 0.15, COLORS[len(token) > 1])]
            parts.append(text(x + wide / 2, 66 + 44 * row, token, "middle"))
            x += wide + 6
    return page(
        parts, say(language, "The pair that is commonest is merged", "On fusionne la paire la plus fréquente"), 230
    )


def bits_per_byte(language: Language) -> str:
    """What a text costs."""
    names = [
        say(language, "words, flattered", "mots, flatté"),
        say(language, "words, spelled", "mots, épelés"),
        say(language, "characters", "caractères"),
        say(language, "subwords", "sous-mots"),
    ]
    values = [0.886, 1.742, 1.456, 1.448]  # of the screen on this page
    return bars(
        say(language, "Bits per byte", "Bits par octet"),
        {name: [value] for name, value in zip(names, values, strict=True)},
    )
