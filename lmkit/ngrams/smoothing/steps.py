"""The formula of each smoothing with the numbers in it, one order at a time."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.smoothing.jelinek_mercer import BUCKETS
from lmkit.signature import stated

Number = Fraction | float
SAME = 1e-5  # relative difference of probabilities that rounding explains
LARGEST_DENOMINATOR = 10_000  # fractions beyond are shown as decimals


@dataclass(frozen=True)
class Evidence:
    """What the counts of an order say of a word after a history."""

    order: int
    highest: bool  # raw counts stand here in Kneser–Ney models, too
    name: str  # p(word | history)
    history: str
    word: str
    count: int
    total: int  # of the words after the history
    types: int  # how many distinct ones
    of_count: tuple[int, ...]  # how many of them were counted once, twice, three times or more
    events: int  # words that can be predicted
    stored_log10_prob: float | None
    log10_backoff: float


@dataclass(frozen=True)
class Step:
    """One order of the path."""

    name: str  # p(word | history)
    counts: str  # what was counted
    formula: str  # in symbols
    numbers: str  # the formula with the numbers in it
    value: Number

    @classmethod
    def given(cls, name: str, numbers: str, value: Number) -> "Step":
        """A step that is no formula of counts."""
        return cls(name, "", "", numbers, value)


def shown(value: Number) -> str:
    """A number for people: a fraction while it is short, else seven digits."""
    if isinstance(value, Fraction) and value.denominator <= LARGEST_DENOMINATOR:
        return str(value)
    return f"{float(value):.7g}"


def as_number(value: Any) -> Number:
    """A parameter as the decimal fraction that was meant, if it has few digits; else as it is."""
    exact = Fraction(str(value))
    return exact if exact.denominator <= 10**6 else Fraction(value)


def counted(evidence: Evidence, smoothing: str) -> str:
    """The counts of an order in words: c(…) occurrences, N1+(…) distinct words."""
    ngram = f"{evidence.history} {evidence.word}".strip()
    rows = f"{evidence.history} •".strip()
    adjusted = "kneser-ney" in smoothing and not evidence.highest
    own = f"N1+(• {ngram})" if adjusted else f"c({ngram})"
    total = f"N1+(• {rows})" if adjusted else f"c({rows})"
    return f"{own} = {evidence.count}, {total} = {evidence.total}, N1+({rows}) = {evidence.types}"


def additive_step(evidence: Evidence, model: NgramModel) -> Step:
    """Maximum likelihood, Laplace, Lidstone: (c + α) / (C + αV)."""
    alpha = as_number(stated(model.details, "alpha", 0))
    counts = counted(evidence, "")
    if not alpha:
        likelihood = Fraction(evidence.count, evidence.total) if evidence.total else Fraction(0)
        why = f"{evidence.count}/{evidence.total}" if evidence.total else f"{evidence.history} was not seen"
        return Step(evidence.name, counts, "c / C", why, likelihood)
    if evidence.word == "<unk>" and model.closed:
        return Step.given(evidence.name, "an unknown word has no probability in a closed vocabulary", Fraction(0))
    value = (evidence.count + alpha) / (evidence.total + alpha * evidence.events)
    a = shown(alpha)
    numbers = f"({evidence.count} + {a}) / ({evidence.total} + {a} · {evidence.events})"
    return Step(evidence.name, counts, "(c + α) / (C + α V)", numbers, value)


def step_of(evidence: Evidence, model: NgramModel, lower: Number, below: str) -> Step:
    """The step of an order; lower: the probability one order down, below: as it is shown."""
    smoothing = model.smoothing
    counts = counted(evidence, smoothing)
    if not evidence.total:
        if smoothing == "stupid-backoff":
            alpha = as_number(stated(model.details, "unseen_backoff"))
            return Step(evidence.name, counts, "α · S(w | h′)", f"{shown(alpha)} · {below}", alpha * lower)
        return Step(evidence.name, counts, "p(w | h′), since h was not seen", below, lower)
    if smoothing == "stupid-backoff":
        return stupid_step(evidence, model, lower, below, counts)
    if smoothing == "katz":
        return katz_step(evidence, model, lower, below, counts)
    own, own_formula, own_numbers, weight, weight_formula, weight_numbers = RULES[family(smoothing)](evidence, model)
    if not smoothing.endswith("backoff"):
        return Step(
            evidence.name,
            f"{counts}; {weight_formula} = {weight_numbers} = {shown(weight)}",
            f"{own_formula} + γ · {'p(w | h′)' if evidence.order > 1 else '1/V'}",
            f"{own_numbers} + {shown(weight)} · {below}",
            own + weight * lower,
        )
    stored = 10.0 ** (evidence.stored_log10_prob or 0.0)
    if evidence.count and abs(float(own) - stored) <= SAME * stored:
        return Step(evidence.name, counts, own_formula, own_numbers, own)
    if evidence.count and evidence.order > 1:  # below, nothing is left for other words
        scaled = f"{own_numbers} / {float(own) / stored:.7g}"
        return Step(evidence.name, counts, f"{own_formula} / Σ f", scaled, stored)
    if evidence.order == 1:  # what is left is shared among the words whose counts give them nothing, or among all
        sharing = round(float(weight) / (stored - float(own)))
        text = f"{weight_formula} = {weight_numbers} = {shown(weight)}"
        numbers = f"{own_numbers} + {shown(weight)} / {sharing}" if evidence.count else f"{shown(weight)} / {sharing}"
        return Step(evidence.name, f"{counts}; {text}", "f + γ / words that share it", numbers, own + weight / sharing)
    return backed_off(evidence, lower, below, f"{counts}; {weight_formula} = {weight_numbers} = {shown(weight)}")


def backed_off(evidence: Evidence, lower: Number, below: str, counts: str) -> Step:
    """An unseen word of a backed-off model, with the backoff that the model stores."""
    backoff = 10.0**evidence.log10_backoff
    formula = "γ p(w | h′) / (1 − Σ p(v | h′) of the v seen after h)"
    return Step(evidence.name, counts, formula, f"{backoff:.7g} · {below}", backoff * float(lower))


def family(smoothing: str) -> str:
    """The smoothing without its form."""
    return smoothing.removesuffix("-backoff")


def stupid_step(evidence: Evidence, model: NgramModel, lower: Number, below: str, counts: str) -> Step:
    """Stupid backoff: c / C, or α times the score below."""
    if evidence.count or evidence.order == 1:
        value = Fraction(evidence.count, evidence.total)
        return Step(evidence.name, counts, "c / C", f"{evidence.count}/{evidence.total}", value)
    alpha = as_number(stated(model.details, "unseen_backoff"))
    return Step(evidence.name, counts, "α · S(w | h′)", f"{shown(alpha)} · {below}", alpha * lower)


def katz_step(evidence: Evidence, model: NgramModel, lower: Number, below: str, counts: str) -> Step:
    """D c / C of seen words, where C may have been raised by 1; for others, what is left is backed off with."""
    if evidence.stored_log10_prob is None:
        return backed_off(evidence, lower, below, counts)
    value = 10.0**evidence.stored_log10_prob
    if not evidence.count:
        return Step(evidence.name, counts, "γ / unseen words", "what the counted words leave", value)
    ratios = model.parameters["good_turing"][evidence.order - 1]["d"]
    ratio = ratios[evidence.count - 1] if evidence.count <= len(ratios) else 1.0
    total = round(ratio * evidence.count / value)
    return Step(evidence.name, counts, "d c/C", f"{ratio:.7g} · {evidence.count}/{total}", value)


Shares = tuple[Number, str, str, Number, str, str]  # f and γ: value, formula, numbers


def discounted(evidence: Evidence, model: NgramModel) -> Shares:
    """(c − D) / C and Σ D / C: Kneser–Ney and absolute discounting."""
    entry = model.parameters["discounts"][evidence.order - 1]
    values = discounts_of(entry)
    discount = values[min(evidence.count, 3) - 1] if evidence.count else Fraction(0)
    own = (evidence.count - discount) / Fraction(evidence.total)
    own_numbers = f"({evidence.count} − {shown(discount)})/{evidence.total}" if evidence.count else "0"
    pairs = list(zip(values, evidence.of_count, strict=True))
    weight = sum((value * number for value, number in pairs), Fraction(0)) / evidence.total
    if len(set(values)) == 1:
        return (
            own,
            "(c − D)/C",
            own_numbers,
            weight,
            "γ = D N1+/C",
            f"{shown(values[0])} · {evidence.types}/{evidence.total}",
        )
    sums = " + ".join(f"{shown(value)} · {number}" for value, number in pairs if number)
    return own, "(c − D)/C", own_numbers, weight, "γ = (D1 N1 + D2 N2 + D3 N3+)/C", f"({sums})/{evidence.total}"


def discounts_of(entry: dict[str, Any]) -> list[Fraction]:
    """D1, D2, D3 of an order as fractions: as the counts of counts give them, or as they were given."""
    n1, n2, n3, n4 = entry["counts_of_counts"]
    if entry["source"] == "estimated":
        y = Fraction(n1, n1 + 2 * n2)
        return (
            [1 - 2 * y * Fraction(n2, n1), 2 - 3 * y * Fraction(n3, n2), 3 - 4 * y * Fraction(n4, n3)]
            if len(entry["d"]) == 3
            else [y] * 3
        )
    values = [Fraction(as_number(value)) for value in entry["d"]]
    return values if len(values) == 3 else values * 3


def witten_bell(evidence: Evidence, _model: NgramModel) -> Shares:
    """C / (C + T) and T / (C + T)."""
    both = evidence.total + evidence.types
    own, weight = Fraction(evidence.count, both), Fraction(evidence.types, both)
    below = f"({evidence.total} + {evidence.types})"
    return own, "c/(C + T)", f"{evidence.count}/{below}", weight, "γ = T/(C + T)", f"{evidence.types}/{below}"


def jelinek_mercer(evidence: Evidence, model: NgramModel) -> Shares:
    """λ c / C and 1 − λ."""
    tables = {entry["order"]: entry["w"] for entry in model.parameters.get("weights", [])}
    bucket = min(evidence.total.bit_length() - 1, BUCKETS - 1)
    taken = as_number(tables[evidence.order][bucket] if tables else stated(model.details, "weight"))
    own = taken * Fraction(evidence.count, evidence.total)
    return (
        own,
        "λ c/C",
        f"{shown(taken)} · {evidence.count}/{evidence.total}",
        1 - taken,
        "γ = 1 − λ",
        f"1 − {shown(taken)}",
    )


RULES = {
    "modified-kneser-ney": discounted,
    "kneser-ney": discounted,
    "absolute": discounted,
    "witten-bell": witten_bell,
    "jelinek-mercer": jelinek_mercer,
}
