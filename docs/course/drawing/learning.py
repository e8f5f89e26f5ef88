"""The pictures of the chapters on learning."""

import math

import numpy as np

import lmkit
from docs.course.drawing.counting import TRAIN
from docs.course.drawing.language import Language, say
from docs.course.drawing.svg import COLORS, Box, Frame, Point, bars, boxes, curves, line, page, text
from lmkit.neural.functions.activations import relu, sigmoid, tanh
from lmkit.neural.functions.cross_entropy import cross_entropy as loss_of
from lmkit.neural.functions.gelu import gelu
from lmkit.neural.functions.softmax import softmax as softmax_of
from lmkit.neural.optimizers.registry import OPTIMIZERS
from lmkit.neural.optimizers.schedules import warmup_cosine

__all__ = [
    "activations",
    "adam",
    "backpropagation",
    "cross_entropy",
    "gradient_descent",
    "momentum",
    "schedules",
    "softmax",
]

Path = list[Point]


def softmax(language: Language) -> str:
    """Three scores at three temperatures."""
    shares = {f"T = {t:g}": softmax_of(np.array([2.0, 1.0, 0.0]) / t).round(3).tolist() for t in (0.5, 1, 2)}
    names = [say(language, f"score {score}", f"score {score}") for score in (2, 1, 0)]
    return bars("softmax", shares, names)


def activations(language: Language) -> str:
    """Four functions."""
    x = np.linspace(-4, 4, 81)
    functions = {"σ": sigmoid, "tanh": tanh, "ReLU": relu, "GELU": gelu}
    series = {name: list(zip(x.tolist(), function(x).tolist(), strict=True)) for name, function in functions.items()}
    frame = Frame((-4, 4), (-1.5, 4))
    axes = frame.axes((-4, -2, 0, 2, 4), (-1, 0, 1, 2, 3, 4), "x")
    return curves(
        say(language, "Four activations", "Quatre fonctions d'activation"), series, frame, axes, legend=(160, 60)
    )


def cross_entropy(language: Language) -> str:
    """The loss of the right word."""
    points = [(p, -math.log(p)) for p in (place / 200 for place in range(2, 201))]
    frame = Frame((0, 1), (0, 5))
    axes = frame.axes(
        (0, 0.25, 0.5, 0.75, 1), (0, 1, 2, 3, 4, 5), say(language, "p of the right word", "p du mot juste"), "nats"
    )
    return curves("L = −log p", {"L": points}, frame, axes)


def path_of(name: str, rate: float, steps: int) -> Path:
    """The way of an optimizer down the bowl (x² + 20 y²)/2."""
    theta, optimizer = np.array([-4.0, 1.0]), OPTIMIZERS[name](2, np.float64)
    path = [(-4.0, 1.0)]
    for _ in range(steps):
        optimizer.step(theta, theta * [1.0, 20.0], rate)
        path.append((float(theta[0]), float(theta[1])))
    return path


def bowl(title: str, paths: dict[str, Path]) -> str:
    """Ways down the bowl, seen from above."""
    frame = Frame((-4.5, 2), (-1.3, 1.3))
    (x, y), (end, bottom) = frame.at(-4.5, 1.3), frame.at(2, -1.3)
    field = f"<clipPath id='field'><rect x='{x:.1f}' y='{y:.1f}' width='{end - x:.1f}' height='{bottom - y:.1f}'/></clipPath>"
    parts = [field, *frame.axes((-4, -2, 0, 2), (-1, 0, 1), "x", "y")]
    for level in (0.3, 2, 6, 12):
        a, b = math.sqrt(2 * level), math.sqrt(level / 10)
        (left, top), (right, bottom) = frame.at(-a, b), frame.at(a, -b)
        parts.append(
            f"<ellipse cx='{(left + right) / 2:.1f}' cy='{(top + bottom) / 2:.1f}' rx='{(right - left) / 2:.1f}' "
            f"ry='{(bottom - top) / 2:.1f}' fill='none' stroke='#d1d5db' stroke-width='2' clip-path='url(#field)'/>"
        )
    for place, (name, path) in enumerate(paths.items()):
        parts.append(frame.curve(path, COLORS[place], dots=True))
        parts.append(text(630, 52 + 18 * place, name, "end", COLORS[place], "bold"))
    return page(parts, title)


def gradient_descent(language: Language) -> str:
    """One path."""
    name = say(language, "gradient descent, η = 0.05", "descente de gradient, η = 0,05")
    return bowl(
        say(language, "Down the bowl", "La descente dans la cuvette"), {name: path_of("gradient-descent", 0.05, 50)}
    )


def momentum(language: Language) -> str:
    """Two paths."""
    paths = {
        say(language, "gradient descent, η = 0.05", "descente de gradient, η = 0,05"): path_of(
            "gradient-descent", 0.05, 50
        ),
        say(language, "momentum, η = 0.4", "inertie, η = 0,4"): path_of("momentum", 0.4, 50),
    }
    return bowl(say(language, "50 steps down the bowl", "50 pas dans la cuvette"), paths)


def adam(language: Language) -> str:
    """Three optimizers on the scores of the French words."""
    counts = np.array([[count for _, count in lmkit.list_ngrams(lmkit.count_ngrams(TRAIN, order=1))]])
    target = counts / counts.sum()
    names = {
        "gradient-descent": say(language, "gradient descent, η = 20", "descente de gradient, η = 20"),
        "momentum": say(language, "momentum, η = 20", "inertie, η = 20"),
        "adam": "Adam, η = 0.1" if language == "en" else "Adam, η = 0,1",
    }
    series: dict[str, Path] = {}
    for name, shown in names.items():
        theta, optimizer = np.zeros(target.size), OPTIMIZERS[name](target.size, np.float64)
        series[shown] = []
        for step in range(61):
            loss, gradient = loss_of(theta[None], target)
            series[shown].append((step, float(loss / np.log(2))))
            optimizer.step(theta, gradient[0], 0.1 if name == "adam" else 20.0)
    frame = Frame((0, 60), (7.5, 10))
    axes = frame.axes((0, 20, 40, 60), (7.5, 8, 9, 10), say(language, "steps", "pas"), "bits")
    return curves(
        say(language, "To the entropy of the French text", "Vers l'entropie du texte français"), series, frame, axes
    )


def schedules(language: Language) -> str:
    """The rate by the step."""
    points = [(step, warmup_cosine(step, 100, peak=1.0, warmup=10, final=0.0)) for step in range(101)]
    frame = Frame((0, 100), (0, 1))
    axes = frame.axes((0, 10, 50, 100), (0, 0.5, 1), say(language, "step", "pas"), "η / η_max")
    return curves(say(language, "Warm-up and cosine", "Échauffement et cosinus"), {"η": points}, frame, axes)


def backpropagation(language: Language) -> str:
    """The graph of a loss, with what comes back."""
    scores = [Box(70, 80 + 70 * place, f"z{place} = {2 - place}") for place in range(3)]
    exps = [Box(210, 80 + 70 * place, "exp") for place in range(3)]
    rest = [Box(330, 150, "+"), Box(420, 150, "log"), Box(510, 150, "− z0"), Box(600, 150, "L")]
    there = [(place, place + 3, "") for place in range(3)]
    placed = [*scores, *exps, *rest]
    drawn = boxes(
        say(language, "There: values. Back: gradients.", "Aller : valeurs. Retour : gradients."),
        placed,
        [*there, (6, 7, ""), (7, 8, ""), (8, 9, "")],
        300,
    )
    joins = [line((230, 80 + 70 * place), (318, 150)) for place in range(3)]
    back = [
        text(70, 112 + 70 * place, f"← {value}", "middle", COLORS[1])
        for place, value in enumerate(("−0.335", "0.245", "0.090"))
    ]
    both = [text(600, 182, "0.408", "middle"), *joins, *back]
    return drawn.replace("</svg>", "\n".join(both) + "\n</svg>")
