"""The pictures of the chapters on networks."""

import itertools

import numpy as np

import lmkit
from docs.course.drawing.counting import TOY, TRAIN, sentences
from docs.course.drawing.language import Language, say
from docs.course.drawing.svg import COLORS, INK, Box, Frame, boxes, curves, line, page, square, table, text
from lmkit.neural.functions.attention import attention as attention_of
from lmkit.neural.functions.attention import causal_mask
from lmkit.neural.functions.positions import sinusoidal_positions
from lmkit.neural.functions.softmax import softmax

__all__ = ["attention", "bigram", "dropout", "feed_forward", "layer_norm", "positions", "transformer"]


def bigram(language: Language) -> str:
    """The loss on the toy text."""
    marked = [["<s>", *sentence, "</s>"] for sentence in sentences(TOY)]
    words = sorted({word for sentence in marked for word in sentence})
    counts = np.zeros((len(words), len(words)))
    for sentence in marked:
        for one, other in itertools.pairwise(sentence):
            counts[words.index(one), words.index(other)] += 1
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    floor = -(counts[counts > 0] * np.log2(shares[counts > 0])).sum() / counts.sum()
    weights, points = np.zeros_like(counts), []
    for step in range(101):
        predicted = softmax(weights)
        points.append((float(step), float(-(counts * np.log2(predicted)).sum() / counts.sum())))
        weights -= 0.3 * (counts.sum(axis=1, keepdims=True) * predicted - counts)
    frame = Frame((0, 100), (0, 4))
    series = {
        say(language, "the network", "le réseau"): points,
        say(language, "counting: the conditional entropy", "le comptage : l'entropie conditionnelle"): [
            (0.0, float(floor)),
            (100.0, float(floor)),
        ],
    }
    axes = frame.axes((0, 25, 50, 75, 100), (0, 1, 2, 3, 4), say(language, "steps", "pas"), "bits")
    return curves(say(language, "Counting = learning", "Compter = apprendre"), series, frame, axes)


def feed_forward(language: Language) -> str:
    """From two words to all."""
    placed = [
        Box(70, 80, "il"),
        Box(70, 160, "y"),
        Box(190, 80, say(language, "row of E", "ligne de E")),
        Box(190, 160, say(language, "row of E", "ligne de E")),
        Box(330, 120, "tanh(W₁ x + b₁)"),
        Box(450, 120, "W₂ h"),
        Box(530, 120, "E ·"),
        Box(600, 120, "p"),
    ]
    drawn = boxes(
        say(
            language,
            "Two words before, one table for in and out",
            "Deux mots précédents, une même table à l'entrée et à la sortie",
        ),
        placed,
        [(0, 2, ""), (1, 3, ""), (4, 5, ""), (5, 6, ""), (6, 7, "")],
        210,
    )
    joins = [line((190 + placed[2].wide / 2, y), (330 - placed[4].wide / 2, 120)) for y in (80, 160)]
    return drawn.replace("</svg>", "\n".join(joins) + "\n</svg>")


def layer_norm(language: Language) -> str:
    """Before and after."""
    groups = {
        "(1, 2, 3)": [1.0, 2.0, 3.0],
        "(107, 207, 307)": [107.0, 207.0, 307.0],
    }
    parts = []
    for place, (name, values) in enumerate(groups.items()):
        normal = (np.array(values) - np.mean(values)) / np.std(values)
        for number, (before, after) in enumerate(zip(values, normal.tolist(), strict=True)):
            x, tall, shift = 60 + 300 * place + 34 * number, 100 * before / max(values), 40 * after
            parts.append(square((x, 190 - tall), (28, tall), COLORS[place]))
            parts.append(square((x + 140, 140 - max(shift, 0)), (28, max(abs(shift), 1)), COLORS[2]))
            parts.append(text(x + 154, 140 - shift + (-5 if after >= 0 else 15), f"{after:.2f}", "middle"))
        parts.append(text(110 + 300 * place, 212, name, "middle"))
        parts.append(text(182 + 300 * place, 146, "→", "middle"))
    return page(parts, say(language, "Mean 0, variance 1", "Moyenne 0, variance 1"), 230)


def dropout(language: Language) -> str:
    """Some numbers are dropped."""
    kept = np.random.default_rng(4).random((4, 8)) >= 0.25
    parts = []
    for (row, column), keep in np.ndenumerate(kept):
        x, y = 120 + 50.0 * column, 50 + 42.0 * row
        parts.append(square((x, y), (46, 38), COLORS[0], 0.5 if keep else 0.05, "#9ca3af"))
        if keep:
            parts.append(text(x + 23, y + 24, "1.33", "middle"))
        else:
            parts += [line((x, y), (x + 46, y + 38), COLORS[1]), line((x, y + 38), (x + 46, y), COLORS[1])]
    return page(parts, say(language, "p = 0.25: what is left is larger", "p = 0,25 : ce qui reste grandit"), 232)


def positions(language: Language) -> str:
    """The clocks."""
    values = (sinusoidal_positions(20, 16) + 1) / 2
    title = say(
        language,
        "20 positions (down), 16 dimensions (across)",
        "20 places (de haut en bas), 16 dimensions (en travers)",
    )
    return table(title, [str(place) for place in range(20)], [str(d) for d in range(16)], values.round(2).tolist())


def attention(language: Language) -> str:
    """The weights of a sentence."""
    found = lmkit.svd_vectors(lmkit.cooccurrence(lmkit.encode_text(TRAIN)), 20, solver="exact")
    words = ["elle", "va", "au", "marché"]
    x = found.vectors_at([found.words.id_of(word) for word in words])
    weights = attention_of(x, x, x, causal_mask(4), scaled=False).weights
    values = [
        [float(weights[row, column].round(2)) if column <= row else None for column in range(4)] for row in range(4)
    ]
    return table(say(language, "Where each word looks", "Où regarde chaque mot"), words, words, values, numbers=2)


def transformer(language: Language) -> str:
    """The stack."""
    names = [
        say(language, "words + positions", "mots + positions"),
        "norm",
        say(language, "attention to the words before", "attention aux mots précédents"),
        "+",
        "norm",
        "W₂ GELU(W₁ ·)",
        "+",
        "norm, softmax(E ·)",
    ]
    placed = [Box(300, 430 - 52 * place, name) for place, name in enumerate(names)]
    drawn = boxes(say(language, "One block", "Un bloc"), placed, [(place, place + 1, "") for place in range(7)], 460)
    around = []
    for start, end in ((0, 3), (3, 6)):
        low, high = placed[start].y - 21, placed[end].y
        corners = [(300.0, low), (490.0, low), (490.0, high), (300 + placed[end].wide / 2, high)]
        around += [line(one, other, COLORS[2]) for one, other in itertools.pairwise(corners)]
    around.append(text(500, 300, say(language, "past it, unchanged", "à côté, inchangé"), color=INK))
    return drawn.replace("</svg>", "\n".join(around) + "\n</svg>")
