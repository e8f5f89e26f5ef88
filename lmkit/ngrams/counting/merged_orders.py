"""Merged orders that are finished: after a kill, they are not merged again."""

from collections.abc import Callable

import numpy as np

from lmkit.engine.journal.pieces import Pieces
from lmkit.engine.journal.steps import Made, Steps
from lmkit.engine.scratch import Scratch
from lmkit.ngrams.counting.run_merging import NO_MAP, Below, Finish, Merged


def kept_orders(pieces: Pieces | None, order: int, scratch: Scratch, made_of: str = "") -> Finish | None:
    """What `merge_runs` asks before it merges an order; None where nothing is kept. made_of: what tells whether the runs are others."""
    if pieces is None:
        return None
    steps = Steps(pieces, [name_of(length) for length in range(2, order + 1)], scratch, made_of)

    def finish(length: int, merge: Callable[[], Merged]) -> Merged:
        def take() -> Made:
            starts, suffixes, counts, below = merge()
            handed_on = {} if below.places is NO_MAP else {"places": below.places, "firsts": np.array(below.firsts)}
            return {"starts": starts, "suffixes": suffixes, "counts": counts}, handed_on

        kept, handed_on = steps.step(name_of(length), take)
        firsts: list[int] = handed_on["firsts"].tolist() if handed_on else []
        below = Below(len(kept["suffixes"]), handed_on.get("places", NO_MAP), firsts)
        return kept["starts"], kept["suffixes"], kept["counts"], below

    return finish


def name_of(length: int) -> str:
    """The name of the merging of n-grams of a length."""
    return f"merged-{length}"
