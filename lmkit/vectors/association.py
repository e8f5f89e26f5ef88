"""Association: how much more often words meet than chance would have it, and other weights of the cells of counts.

A weighting is chosen by its name, from one table. Marginals are those of the whole matrix; w is the word of a row, c that of a column,
#(w,c) a cell, and p_α(c) = #(c)^α / Σ #^α, which smooths the distribution of contexts (Levy, Goldberg & Dagan 2015).
Cells that are not stored, words that never met, stay so: under `pmi` their value is −∞, and the 0 that stands there is a convention.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from lmkit.engine.kernels import product, row_numbers
from lmkit.engine.pieces import row_pieces
from lmkit.engine.resources import Resources
from lmkit.engine.scratch import Scratch
from lmkit.engine.threads import map_in_order
from lmkit.errors import UsageError
from lmkit.vectors.assembling import Rows, assemble
from lmkit.vectors.choices import Association
from lmkit.vectors.word_matrix import COUNTS, WordMatrix, check_counts

PIECE = 1 << 18  # cells weighted at a time
Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Cells:
    """Stored cells, and what they are compared with; (cells,) each."""

    counts: Values  # #(w,c)
    of_word: Values  # #(w)
    of_context: Values  # #(c)^α
    contexts: float  # Σ #^α
    shift: float  # k

    def pmi(self) -> Values:
        """log2 of p(w,c) / (p(w) p_α(c)) = #(w,c) Σ#^α / (#(w) #(c)^α)."""
        found: Values = np.log2(self.counts * self.contexts / (self.of_word * self.of_context))
        return found


@dataclass(frozen=True)
class AssociationMeasure:
    """A weighting of cells."""

    formula: str  # for people
    values: Callable[[Cells], Values]  # of stored cells; those that come out as 0 are not stored
    options: tuple[str, ...] = ()  # which of alpha and shift shape it


ASSOCIATIONS: dict[Association, AssociationMeasure] = {
    "ppmi": AssociationMeasure(
        "max(0, log2 p(w,c)/(p(w) p_α(c)) − log2 k)",  # k: negative samples in the equivalence of Levy & Goldberg (2014)
        lambda cells: np.maximum(cells.pmi() - np.log2(cells.shift), 0),
        ("alpha", "shift"),
    ),
    "pmi": AssociationMeasure("log2 p(w,c)/(p(w) p_α(c))", Cells.pmi, ("alpha",)),
    "log": AssociationMeasure("ln(1 + #(w,c))", lambda cells: np.log1p(cells.counts)),
    "hellinger": AssociationMeasure(  # the distance of two rows is √2 times that of Hellinger between their distributions
        "√p(c|w)", lambda cells: np.sqrt(cells.counts / cells.of_word)
    ),
}
NONE = "none"  # the cells as they are


def associated(
    matrix: WordMatrix,
    association: str = "ppmi",
    *,
    alpha: float | None = None,
    shift: float | None = None,
    resources: Resources = Resources(),
) -> WordMatrix:
    """The matrix with its counts weighted, in a new matrix: float64, cells that come out as 0 not stored.

    association: a name of `ASSOCIATIONS`. alpha: context distribution smoothing (default: 1), above 0 and at most 1; shift: k
    (default: 1), 1 or more. UsageError for others, and where the association has no use for them; DataError for a matrix that
    holds no counts.
    """
    chosen, used = named_association(association), options_of(association, alpha, shift)
    check_counts(matrix, f"{association} is made")
    scratch = matrix.scratch or Scratch()
    parts = map_in_order(*weighting(matrix.matrix, chosen, **used), resources.workers)
    indptr, indices, values = assemble(parts, scratch)
    weighted = csr_array((values, indices, indptr), shape=matrix.matrix.shape)
    return replace(matrix, matrix=weighted, cells=association, details=matrix.details | used)


def weighting(
    matrix: Any, chosen: AssociationMeasure, alpha: float = 1.0, shift: float = 1.0
) -> tuple[Callable[[tuple[int, int]], Rows], list[tuple[int, int]]]:
    """What weights a range of rows, and the ranges."""
    indptr, indices, counts = matrix.indptr, matrix.indices, matrix.data
    context_sums = np.zeros(matrix.shape[1])
    for first in range(0, len(counts), PIECE):
        here = slice(first, first + PIECE)
        context_sums += np.bincount(indices[here], weights=counts[here], minlength=len(context_sums))
    smoothed = context_sums**alpha
    total = float(smoothed.sum())

    def weigh(rows: tuple[int, int]) -> Rows:
        first, last = rows
        here = slice(int(indptr[first]), int(indptr[last]))
        bounds = indptr[first : last + 1] - indptr[first]
        numbers, columns = row_numbers(bounds), indices[here]
        cells = counts[here].astype(np.float64, copy=False)
        sums = product(bounds, np.zeros_like(columns), cells, np.ones(1))
        values = chosen.values(Cells(cells, sums.take(numbers), smoothed.take(columns), total, shift))
        kept = np.flatnonzero(values)
        lengths = np.bincount(numbers.take(kept), minlength=last - first)
        return lengths, columns.take(kept), values.take(kept)

    return weigh, list(row_pieces(indptr, PIECE))


def named_association(name: str) -> AssociationMeasure:
    """What an association does. UsageError if there is none."""
    for known, weighting_of_it in ASSOCIATIONS.items():
        if known == name:
            return weighting_of_it
    raise UsageError(f"the association is {name!r}; it must be one of: {', '.join(ASSOCIATIONS)}.")


def options_of(association: str, alpha: float | None, shift: float | None) -> dict[str, float]:
    """The alpha and shift that an association uses, as given or 1. UsageError for others, and for values that make no sense."""
    known = named_association(association).options
    given = {name: value for name, value in (("alpha", alpha), ("shift", shift)) if value is not None}
    if unused := given.keys() - set(known):
        raise UsageError(f"{' and '.join(sorted(unused))}: {association} has no use for it.", "Leave it out.")
    if alpha is not None and not 0 < alpha <= 1:
        raise UsageError(f"alpha is {alpha:g}; it must be above 0 and at most 1.")
    if shift is not None and not 1 <= shift < np.inf:
        raise UsageError(f"the shift is {shift:g}; it must be 1 or more.")
    return {name: float(given.get(name, 1.0)) for name in known}


def in_words(association: str, alpha: float | None, shift: float | None) -> str:
    """What becomes of counts, with its options."""
    used = "".join(f", {name} {value:g}" for name, value in options_of(association, alpha, shift).items())
    return f"{association} = {named_association(association).formula}{used}"


def ppmi(
    matrix: WordMatrix, *, alpha: float = 1.0, shift: float = 1.0, resources: Resources = Resources()
) -> WordMatrix:
    """Positive pointwise mutual information of a matrix of counts, in bits: `associated` by the name that most ask for."""
    return associated(matrix, "ppmi", alpha=alpha, shift=shift, resources=resources)


def as_factored(matrix: WordMatrix, association: str, resources: Resources, **options: float | None) -> WordMatrix:
    """The matrix weighted by an association, or as it is (`NONE`), which fits any cells."""
    if association == NONE:
        if told := [name for name, value in options.items() if value is not None]:
            raise UsageError(f"{' and '.join(told)}: without an association there is no use for it.", "Leave it out.")
        return matrix
    if matrix.cells != COUNTS:
        raise UsageError(
            f"the cells of the matrix are {matrix.cells} already, and {association} is made from counts.",
            f"Say --association {NONE} to take them as they are, or give counts.",
        )
    return associated(matrix, association, resources=resources, **options)
