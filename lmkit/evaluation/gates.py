"""The gates of a suite: what must hold of the figures of a model on a text."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lmkit.evaluation.table import Table, meant

LIMITS = {  # gate -> the figure that it sets a limit to
    "max_perplexity": "perplexity",
    "max_perplexity_excluding_oov": "perplexity_excluding_oov",
    "max_cross_entropy_bits": "cross_entropy_bits",
    "max_oov_rate": "oov_rate",
    "max_zero_probability_tokens": "zero_probability_tokens",
    "max_word_perplexity": "word_perplexity",
    "max_byte_perplexity": "byte_perplexity",
    "max_bits_per_byte": "bits_per_byte",
    "max_bits_per_character": "bits_per_character",
}
NO_WORSE = "no_worse_than"
OF_NO_WORSE = ("margin", "significant")
KINDS = (*LIMITS, NO_WORSE)
LOWEST_MARGIN = -0.99


@dataclass(frozen=True)
class Gate:
    """What must hold of a figure of a model on a text."""

    kind: str  # one of KINDS
    limit: float = 0.0  # of LIMITS
    baseline: str = ""  # of NO_WORSE: the model not to be worse than
    margin: float = 0.0  # of NO_WORSE: how much worse it may be, as a share of the figure of the baseline
    significant: bool = False  # of NO_WORSE: fail only if the test is sure
    line: int = 0  # where it stands in the suite


PairName = tuple[str, str]  # of a model and a text


@dataclass(frozen=True)
class Names:
    """What gates can speak of."""

    pairs: Sequence[PairName]
    models: Sequence[str]
    texts: Sequence[str]


def gates_of_pairs(root: Table, names: Names) -> dict[PairName, list[Gate]]:
    """The gates of each pair: those of [gates], but for kinds that a [[gate]] sets for the pair, and all of its [[gate]]s.

    Problems are noted in the table.
    """
    table = root.table("gates")
    overall = read_gates(table, ())
    general = {gate: set(applicable(table, gate, names.pairs, names, named=False)) for gate in overall}
    special: dict[PairName, list[Gate]] = {pair: [] for pair in names.pairs}
    for one in root.tables("gate"):
        chosen = selected(one, names)
        for gate in read_gates(one, ("model", "text")):
            for pair in applicable(one, gate, chosen, names, named="model" in one.values):
                special[pair].append(gate)
    return {
        pair: [
            *(gate for gate in overall if pair in general[gate] and gate.kind not in {one.kind for one in own}),
            *own,
        ]
        for pair, own in special.items()
    }


def read_gates(table: Table, choice: tuple[str, ...]) -> list[Gate]:
    """The gates of a table, in its order; choice: further keys that it may have."""
    table.known((*choice, *KINDS, *OF_NO_WORSE))
    found = []
    for key in table.values:
        if key in LIMITS:
            limit = table.number(key, 0, 1 if key == "max_oov_rate" else math.inf)
            found.append(Gate(key, limit, line=table.line(key)))
        elif key == NO_WORSE:
            margin = table.number("margin", LOWEST_MARGIN, math.inf)
            significant = table.boolean("significant")
            found.append(Gate(key, 0.0, table.string(key), margin, significant, table.line(key)))
    if NO_WORSE not in table.values:
        for key in OF_NO_WORSE:
            if key in table.values:
                table.problem(f"{key} belongs to {NO_WORSE}, which {table.title} does not have.", key)
    if choice and not found:
        table.problem(f"this gate sets no limit{meant('', KINDS)}")
    return found


def selected(table: Table, names: Names) -> list[PairName]:
    """The pairs that a [[gate]] speaks of: all, unless it names models or texts."""
    models, texts = table.strings("model"), table.strings("text")
    table.names(models or (), names.models, "model", "model")
    table.names(texts or (), names.texts, "text", "text")
    if not (set(models or ()) <= set(names.models) and set(texts or ()) <= set(names.texts)):
        return []
    found = [
        (model, text)
        for model, text in names.pairs
        if (models is None or model in models) and (texts is None or text in texts)
    ]
    for place, named in enumerate(() if table.problems else (models, texts)):
        for name in named or ():
            if name not in {pair[place] for pair in found}:
                key = ("model", "text")[place]
                table.problem(f"{key} {name!r} is in no pair of this gate: see the texts of the models.", key)
    return found


def applicable(table: Table, gate: Gate, pairs: Sequence[PairName], names: Names, *, named: bool) -> list[PairName]:
    """Those of the pairs that the gate is for: no model is compared with itself (named: the gate says which models)."""
    if gate.kind != NO_WORSE:
        return list(pairs)
    if gate.baseline not in names.models:
        if gate.baseline:
            table.names([gate.baseline], names.models, "model", NO_WORSE)
        return []
    found = [pair for pair in pairs if pair[0] != gate.baseline]
    if (named and len(found) < len(pairs)) or (pairs and not found and not table.problems):
        table.problem(f"{gate.baseline} would be compared with itself.", NO_WORSE)
    for text in dict.fromkeys(text for _, text in found):
        if (gate.baseline, text) not in names.pairs and not table.problems:
            table.problem(f"{gate.baseline} is not measured on {text}, where it is needed.", NO_WORSE)
    return found
