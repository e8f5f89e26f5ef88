"""Orders that are finished, merged or linked to their histories: after a kill, that is not done again."""

from collections.abc import Callable

import numpy as np

from lmkit.engine.journal.pieces import Pieces
from lmkit.engine.journal.steps import Made, Steps
from lmkit.engine.scratch import Scratch
from lmkit.ngrams.counting.chain import Link
from lmkit.ngrams.counting.run_merging import NO_MAP, Below, Finish, Merged
from lmkit.ngrams.trie.orders import Order


def kept_merging(pieces: Pieces | None, order: int, scratch: Scratch, made_of: str = "") -> Finish | None:
    """What `merge_runs` asks before it merges an order; None where nothing is kept. made_of: what tells whether the runs are others."""
    if pieces is None:
        return None
    steps = Steps(pieces, names_of("merged", order), scratch, made_of)

    def finish(length: int, merge: Callable[[], Merged]) -> Merged:
        def take() -> Made:
            starts, suffixes, counts, below = merge()
            handed_on = {} if below.places is NO_MAP else {"places": below.places, "firsts": np.array(below.firsts)}
            return {"starts": starts, "suffixes": suffixes, "counts": counts}, handed_on

        kept, handed_on = steps.step(name_of("merged", length), take)
        firsts: list[int] = handed_on["firsts"].tolist() if handed_on else []
        below = Below(len(kept["suffixes"]), handed_on.get("places", NO_MAP), firsts)
        return kept["starts"], kept["suffixes"], kept["counts"], below

    return finish


def kept_linking(pieces: Pieces | None, order: int, scratch: Scratch) -> Link | None:
    """What `chain_of` asks before it links an order; None where nothing is kept."""
    if pieces is None:
        return None
    steps = Steps(pieces, names_of("linked", order), scratch)

    def link(length: int, make: Callable[[], Order]) -> Order:
        def take() -> Made:
            made = make()
            return {"indptr": made.indptr, "indices": made.indices}, {}

        kept, _ = steps.step(name_of("linked", length), take)
        return Order(kept["indptr"], kept["indices"])

    return link


def names_of(work: str, order: int) -> list[str]:
    """The names of all steps of a kind of work on the orders above that of words."""
    return [name_of(work, length) for length in range(2, order + 1)]


def name_of(work: str, length: int) -> str:
    """The name of a kind of work on the n-grams of a length."""
    return f"{work}-{length}"
