"""Association: how much more often words meet than chance would have it."""

from typing import Any

import numpy as np
from scipy.sparse import csr_array

from lmkit.engine.kernels import row_numbers
from lmkit.errors import UsageError


def ppmi(matrix: Any, *, alpha: float = 1.0, shift: float = 1.0) -> Any:
    """Positive pointwise mutual information of a words × contexts matrix of counts, as a csr_array.

    max(0, log2(p(w,c) / (p(w) p_α(c))) − log2 k), p_α(c) = #(c)^α / Σ #^α, marginals over the whole matrix; in bits.
    alpha: context distribution smoothing; shift: k, the number of negative samples in the equivalence of
    Levy & Goldberg (2014); α and k of Levy, Goldberg & Dagan (2015). Cells that come out as 0 are not stored.
    """
    if not 0 < alpha <= 1:
        raise UsageError(f"alpha is {alpha:g}; it must be above 0 and at most 1.")
    if not 1 <= shift < np.inf:
        raise UsageError(f"the shift is {shift:g}; it must be 1 or more.")
    cells = csr_array(matrix)
    rows = row_numbers(cells.indptr)
    word_sums = np.bincount(rows, weights=cells.data, minlength=cells.shape[0])
    context_sums = np.bincount(cells.indices, weights=cells.data, minlength=cells.shape[1])
    smoothed = context_sums**alpha
    # p(w,c) / (p(w) p_α(c)) = #(w,c) Σ#^α / (#(w) #(c)^α)
    ratios = cells.data * smoothed.sum() / (word_sums[rows] * smoothed[cells.indices])
    values = np.log2(ratios) - np.log2(shift)
    kept = values > 0
    indptr = np.concatenate(([0], np.cumsum(kept)))[cells.indptr].astype(cells.indptr.dtype)
    return csr_array((values[kept], cells.indices[kept], indptr), shape=cells.shape)
