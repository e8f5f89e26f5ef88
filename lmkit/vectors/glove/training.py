"""GloVe from a matrix of counts to word vectors: the start, sweeps, and going on with them another time."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lmkit.engine.journal.checkpoint import checkpoint
from lmkit.engine.linear_algebra import one_blas_thread
from lmkit.engine.resources import Resources
from lmkit.errors import DataError, UsageError
from lmkit.vectors.choices import DIMENSIONS
from lmkit.vectors.glove.alternating import Alternation
from lmkit.vectors.glove.descent import Descent
from lmkit.vectors.glove.keeping import Way
from lmkit.vectors.glove.objective import Cells, objective
from lmkit.vectors.glove.parameters import DONE, SAID, State
from lmkit.vectors.glove.settings import (
    LEARNING_RATE,
    RIDGE,
    SWEEPS,
    GloveSweep,
    Optimizer,
    Settings,
    Start,
)
from lmkit.vectors.glove.starting import random_start, svd_start
from lmkit.vectors.word_matrix import WordMatrix, check_counts
from lmkit.vectors.word_vectors import WordVectors


def glove_vectors(
    matrix: WordMatrix,
    dimensions: int | None = None,
    *,
    optimizer: Optimizer | None = None,
    sweeps: int | None = None,
    ridge: float | None = None,
    learning_rate: float | None = None,
    x_max: float | None = None,
    start: Start | None = None,
    seed: int | None = None,
    begin: WordVectors | None = None,
    watch: Callable[[GloveSweep], None] = lambda _: None,
    resources: Resources = Resources(),
) -> WordVectors:
    """GloVe's vectors w + w̃ of the words of a square matrix of counts, the most frequent words first.

    They make J = Σ f(X)(w·w̃ + b + b̃ − ln X)² small, f(X) = min(1, (X / x_max)^¾), over the cells that are not 0
    (Pennington, Socher & Manning 2014).

    dimensions: 100 if nothing is said. optimizer: "als" (default), alternating least squares of J + λ‖·‖², with this ridge λ (0.1); or
    "adagrad", as published, at this learning rate η (0.05). sweeps: of least squares (3), or passes through the cells (15).
    start: "svd", singular vectors of the PPMI (of "als", if nothing is said); or "random", as published (of "adagrad").
    begin: vectors to go on from, made of
    the same matrix, with their settings where no others are given: so many sweeps more give the same bits as all of them at once. watch: is told of each sweep.

    UsageError for settings that make no sense; DataError for a matrix that is not square, not of counts, or empty, and for
    an objective that is no number any more. No bit depends on the number of threads.
    """
    check_counts(matrix, "GloVe learns")
    matrix = matrix.most_frequent_first()
    state = None if begin is None else begun(begin, matrix, dimensions, start)
    numbers = {"x_max": x_max, "ridge": ridge, "learning_rate": learning_rate, "seed": seed}
    settings = settings_of(state, optimizer, start, {name: each for name, each in numbers.items() if each is not None})
    sweeps = SWEEPS[settings.optimizer] if sweeps is None else sweeps
    if sweeps < 1:
        raise UsageError(f"{sweeps} sweeps are asked; it must be 1 or more.")
    with one_blas_thread():
        if begin is None:
            details = matrix.details | {"start": settings.starts_from}
        else:
            details = {name: value for name, value in begin.details.items() if name not in (*SAID, DONE)}
        counts, wanted = matrix.matrix, DIMENSIONS if dimensions is None else dimensions
        kept = checkpoint("glove", [matrix.words.utf8, counts.indptr, counts.indices, counts.data])
        way = Way(kept, lambda: state or started(matrix, wanted, settings, resources), sweeps)
        cells = Cells.of_counts(counts, settings.x_max)
        state = trained(way, cells, settings, watch, resources.workers)
    details |= settings.details() | {DONE: state.done}
    return WordVectors(matrix.words, state.parameters.published, "glove", details, state.named())


def settings_of(
    begin: State | None, optimizer: Optimizer | None, start: Start | None, given: dict[str, float]
) -> Settings:
    """The settings as they are given; of those that are not, as training began, if it did."""
    if optimizer is None:
        optimizer = "als" if begin is None or begin.squares is None else "adagrad"
    others = {"learning_rate"} if optimizer == "als" else {"ridge"}
    known = {} if begin is None else {name: each for name, each in begin.said.items() if name not in others}
    numbers: dict[str, Any] = known | given
    if "seed" in numbers:
        numbers["seed"] = int(numbers["seed"])
    return Settings(optimizer, start=start, **numbers)


def started(matrix: WordMatrix, dimensions: int, settings: Settings, resources: Resources) -> State:
    """What training begins with. UsageError for a number of dimensions that the matrix has no room for."""
    words = len(matrix.words)
    if not 1 <= dimensions <= words:
        raise UsageError(
            f"{dimensions} dimensions are asked of {words} words; it must be 1 to {words}.",
            "Give another number of them, or more text.",
        )
    if settings.starts_from == "random":
        return State(random_start(words, dimensions, settings.seed))
    return State(svd_start(matrix, dimensions, settings.seed, resources))


def begun(vectors: WordVectors, matrix: WordMatrix, dimensions: int | None, start: Start | None) -> State:
    """What training goes on from. UsageError for what has been settled otherwise, DataError for vectors of other words."""
    if start is not None:
        raise UsageError(f"the start is {start}, and training goes on from vectors.", "Leave one of them out.")
    if dimensions not in (None, vectors.dimensions):
        raise UsageError(
            f"{dimensions} dimensions are asked, and the vectors to go on from have {vectors.dimensions}.",
            "Leave the number out, or train from the start.",
        )
    if not vectors.words.same_as(matrix.words):
        raise DataError(
            f"the vectors to go on from are of other words ({len(vectors)}) than the matrix ({len(matrix.words)}), or in another order.",
            "Give the matrix or text, and the options of counting, that they were made with.",
        )
    if any(setting not in vectors.details.items() for setting in matrix.details.items()):
        raise DataError(
            "the matrix was counted with other options than that which the vectors to go on from were made of.",
            f"They were made so: {vectors.signature()}.",
        )
    return State.of(vectors)


def trained(
    way: Way, cells: Cells, settings: Settings, watch: Callable[[GloveSweep], None], workers: int | None
) -> State:
    """The state at the end of the way, whose parameters are changed in place. DataError when the objective is no number any more."""
    state = way.state
    parameters = state.parameters
    method: Alternation | Descent
    if settings.optimizer == "als":
        method = Alternation(cells, parameters, settings.ridge or RIDGE, workers)
    else:
        method = Descent.begin(cells, parameters, state.squares, settings.learning_rate or LEARNING_RATE, settings.seed)
    for number in range(state.done + 1, way.last + 1):
        in_double = way.sweep(number, method)
        sweep = GloveSweep(number, objective(cells, parameters, workers), method.beside(), in_double)
        if not np.isfinite(sweep.total):
            raise DataError(
                f"after sweep {number}, GloVe's objective is no number any more.",
                "Give a lower learning rate (of adagrad), or a higher ridge (of als).",
            )
        watch(sweep)
    return State(parameters, method.squares, way.last, settings.numbers())
