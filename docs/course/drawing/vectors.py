"""The pictures of the chapters on vectors of words."""

import numpy as np

import lmkit
from docs.course.drawing.counting import TRAIN
from docs.course.drawing.language import Language, say
from docs.course.drawing.svg import COLORS, Frame, arrow, curves, page, square, table, text

__all__ = ["analogies", "cooccurrence", "cosine", "embeddings", "glove", "word2vec"]


def cooccurrence(language: Language) -> str:
    """PPMI of some words."""
    words = ["ma", "mère", "mon", "père", "au", "marché", "la", "rivière", "à", "école"]
    weighted = lmkit.ppmi(lmkit.cooccurrence(lmkit.encode_text(TRAIN), window=2, weighting="flat"))
    ids = [weighted.words.id_of(word) for word in words]
    values = weighted.matrix[ids][:, ids].toarray()
    title = say(language, "PPMI of ten words", "La PPMI de dix mots")
    return table(title, words, words, (values / values.max()).round(2).tolist())


def embeddings(language: Language) -> str:
    """A one-hot row times a table."""
    words = ["le", "mardi", "mère", "au", "va"]
    draw = np.random.default_rng(3).random((len(words), 4)).round(2)
    parts = [text(110, 60, "x"), text(374, 60, "E"), text(524, 60, say(language, "the row", "la ligne"))]
    for row, word in enumerate(words):
        y = 72 + 34 * row
        parts += [
            text(300, y + 20, word, "end"),
            square((30 + 34 * row, 140), (32, 32), COLORS[1], float(word == "mère"), "#9ca3af"),
        ]
        for column in range(4):
            edge = COLORS[1] if word == "mère" else "#9ca3af"
            parts.append(square((310 + 34 * column, y), (32, 32), COLORS[0], float(draw[row, column]), edge))
    parts += [text(222, 160, "×", "middle"), text(464, 160, "=", "middle")]
    parts += [
        square((484 + 34 * column, 140), (32, 32), COLORS[0], float(draw[2, column]), COLORS[1]) for column in range(4)
    ]
    return page(parts, say(language, "The 1 takes a row of the table", "Le 1 choisit une ligne de la table"), 260)


def word2vec(language: Language) -> str:
    """A window, and words drawn by chance."""
    parts = []
    words = ["le", "chat", "boit", "du", "lait"]
    places = [90 + 115 * place for place in range(5)]
    for place, word in enumerate(words):
        color = COLORS[1] if word == "boit" else COLORS[0]
        parts += [
            square((places[place] - 40, 130), (80, 34), color, 0.15, color),
            text(places[place], 152, word, "middle"),
        ]
        if word != "boit":
            parts += [
                arrow((places[2] + 8 * (place - 2), 128), (places[place], 100), COLORS[0]),
                text(places[place], 92, "+", "middle", COLORS[0], "bold"),
            ]
    for x, word in ((205, "chien"), (435, "cour")):
        parts += [square((x - 40, 220), (80, 34), "#9ca3af", 0.2, "#6b7280"), text(x, 242, word, "middle")]
        parts += [arrow((320, 166), (x, 218), "#6b7280"), text(x - 52, 242, "−", "end", COLORS[1], "bold")]
    parts.append(text(320, 282, say(language, "drawn by chance: pushed away", "tirés au sort : repoussés"), "middle"))
    parts.append(text(320, 62, say(language, "neighbours: drawn near", "voisins : attirés"), "middle"))
    return page(parts, say(language, "One step of skip-gram", "Un pas de skip-gram"))


def glove(language: Language) -> str:
    """The weight of a pair."""
    points = [(float(x), min(1.0, (x / 100) ** 0.75)) for x in range(151)]
    frame = Frame((0, 150), (0, 1))
    title = say(language, "The weight of a pair by its count", "Le poids d'une paire selon son compte")
    return curves(title, {"f": points}, frame, frame.axes((0, 50, 100, 150), (0, 0.5, 1), "X", "f(X)"))


def cosine(language: Language) -> str:
    """Two vectors and their angle."""
    frame = Frame((0, 8.5), (0, 3.4))
    parts = frame.axes((0, 1, 2, 3), (0, 1, 2, 3))
    start = frame.at(0, 0)
    for place, (x, y, beside, anchor) in enumerate(((1, 2, -8, "end"), (2, 3, 8, "start"))):
        end = frame.at(x, y)
        name = text(end[0] + beside, end[1], f"({x}, {y})", anchor, COLORS[place])  # on the side where no arrow is
        parts += [arrow(start, end, COLORS[place], 2.5), name]
    parts.append(text(420, 150, "cos = 8/√65 = 0.992"))
    parts.append(text(420, 174, say(language, "an angle of 7.1°", "un angle de 7,1°")))
    return page(parts, say(language, "Nearly the same direction", "Presque la même direction"))


def analogies(language: Language) -> str:
    """A step drawn twice."""
    spots = {"père": (150.0, 230.0), "mon": (250.0, 90.0), "mère": (380.0, 240.0), "ma": (495.0, 108.0)}
    aim = (480.0, 100.0)
    parts = [arrow(spots["père"], spots["mon"], COLORS[0], 2), arrow(spots["mère"], aim, COLORS[0], 2)]
    for word, (x, y) in spots.items():
        parts += [f"<circle cx='{x}' cy='{y}' r='5' fill='{COLORS[1]}'/>", text(x + 10, y + 16, word, weight="bold")]
    parts.append(text(aim[0] - 14, aim[1] - 12, "mon − père + mère", "middle", COLORS[0]))
    return page(parts, say(language, "The same step from another word", "Le même pas, depuis un autre mot"))
