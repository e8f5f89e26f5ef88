"""Vectors of many dimensions as points of two: principal components, or t-SNE where scikit-learn is there."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.linear_algebra import one_blas_thread
from lmkit.errors import DataError

Method = Literal["pca", "tsne"]
NEARLY_EQUAL = 1 - 1e-6  # of two coordinates, of which the first one decides on the sign
NOTHING = 1e-12  # of the largest singular value
START = 1e-4  # standard deviation of the points that t-SNE starts from, as its authors have it
EXACT = 1000  # words up to which it is computed from all pairs
MOST_NEIGHBOURS = 30.0  # of t-SNE: its perplexity; a third of the words, if they are few


@dataclass(frozen=True, eq=False)
class Projected:
    """The points of rows, and what their axes are."""

    points: NDArray[np.float64]  # (rows, 2)
    labels: tuple[str, str]  # of the axes
    settings: dict[str, Any]  # as signatures have them


def principal_components(rows: NDArray[np.floating]) -> Projected:
    """The projection of rows (rows, dimensions) on the two directions in which they differ most: of the centred rows, U Σ of the SVD.

    The labels say the share of the variance along each. Signs are fixed: the point farthest from the middle is on the positive side
    (of points equally far, the first one). DataError where all rows are the same.
    """
    centred = rows.astype(np.float64) - rows.mean(axis=0, dtype=np.float64)
    with one_blas_thread():
        left, singular, _ = np.linalg.svd(centred, full_matrices=False)
    singular[singular <= singular.max(initial=0.0) * NOTHING] = 0.0  # what rounding leaves of directions that are none
    variances = singular**2
    if not variances.sum() > 0:
        raise DataError(
            f"the vectors of these {len(rows)} words are all the same: there is no direction in which they differ.",
            "Choose other words.",
        )
    points = np.zeros((len(rows), 2))
    found = min(2, len(singular))  # fewer where vectors have one dimension
    points[:, :found] = left[:, :found] * singular[:found]
    shares = np.zeros(2)
    shares[:found] = variances[:found] / variances.sum()
    farthest = np.abs(points)
    deciding = (farthest >= farthest.max(axis=0) * NEARLY_EQUAL).argmax(axis=0)
    points *= np.where(points[deciding, [0, 1]] < 0, -1.0, 1.0)
    labels = (
        f"first principal component, {shares[0]:.1%} of the variance",
        f"second principal component, {shares[1]:.1%} of the variance",
    )
    return Projected(points + 0.0, labels, {"projection": "pca"})


def neighbour_embedding(rows: NDArray[np.floating]) -> Projected:
    """The t-SNE of rows (rows, dimensions) by scikit-learn (van der Maaten & Hinton 2008), which starts from their principal components.

    Near points were near; distances between groups mean nothing. Nothing is drawn by lot. DataError where scikit-learn is not
    installed, and where all rows are the same.
    """
    manifold = import_manifold()
    from threadpoolctl import threadpool_limits

    start = principal_components(rows).points
    start *= START / start.std(axis=0).max()
    perplexity = min(MOST_NEIGHBOURS, (len(rows) - 1) / 3)
    method = "exact" if len(rows) <= EXACT else "barnes_hut"
    embedding = manifold.TSNE(perplexity=perplexity, init=start.astype(np.float32), method=method, random_state=0)
    with threadpool_limits(1):
        points = np.asarray(embedding.fit_transform(rows.astype(np.float64)), np.float64)
    labels = ("t-SNE, first coordinate", "t-SNE, second coordinate")
    return Projected(points, labels, {"projection": "tsne", "perplexity": perplexity})


def import_manifold() -> Any:
    """scikit-learn's module of embeddings; DataError where it is not installed."""
    try:
        from sklearn import manifold
    except ImportError:
        raise DataError(
            "t-SNE is computed by scikit-learn, which is not installed.",
            "Install it with: pip install 'lmkit[tsne]'. Without it there are principal components: --projection pca.",
        ) from None
    return manifold
