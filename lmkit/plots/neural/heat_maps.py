"""Positions and weights of attention as heat maps."""

from collections.abc import Sequence

import numpy as np

from lmkit.engine.arrays import FloatArray
from lmkit.errors import UsageError
from lmkit.locales import to_say
from lmkit.plots.heat.heat_map import MOST_CELLS, HeatMap


def positions_map(table: FloatArray, title: str | None = None) -> HeatMap:
    """A row for each position, a column for each dimension. UsageError for more than can be seen."""
    length, dimensions = table.shape
    if table.size > MOST_CELLS:
        raise UsageError(
            f"{length:,} × {dimensions:,} cells are more than one can see.",
            "Take a lower --length or fewer --dimensions.",
        )
    return HeatMap(
        title or f"Sinusoidal positions: {length:,} × {dimensions:,} dimensions",
        tuple(map(str, range(length))),
        tuple(map(str, range(dimensions))),
        table.astype(np.float64),
        cells=to_say("value"),
        logarithmic=False,
        signature="",
        kind="positions",
        sides=(to_say("position"), to_say("dimension")),
        zero_is_empty=False,
    )


def attention_map(
    weights: FloatArray, queries: Sequence[str], keys: Sequence[str], title: str | None = None
) -> HeatMap:
    """A row for each query, a column for each key: how much of the key's value the query takes."""
    return HeatMap(
        title or "Attention: how much each query takes of each key",
        tuple(queries),
        tuple(keys),
        weights.astype(np.float64),
        cells=to_say("weight"),
        logarithmic=False,
        signature="",
        kind="attention",
        sides=(to_say("query"), to_say("key")),
    )
