"""Natural discounting (Ristad 1995, A Natural Law of Succession, CS-TR-495-95): how much is new follows from how much was new before.

After a history with n words of q kinds, of V that there are, other words have q (q + 1) / (n (n + 1) + 2 q); nothing
if q is V. As in SRILM 1.7.3 the rest is shared out as the counts have it, not as counts + 1:
f(w|h) = c(hw) / n · (n (n + 1) + q (1 − q)) / (n (n + 1) + 2 q). Raw counts at all orders; a backed-off model.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from lmkit.smoothing.options import Estimation
from lmkit.smoothing.registry import Rules, smoothing
from lmkit.smoothing.steps import Evidence, Parts, by_parts

if TYPE_CHECKING:
    from lmkit.ngrams.backoff.model import NgramModel
    from lmkit.ngrams.counting.counts import NgramCounts
    from lmkit.smoothing.counted_rows import CountedOrder, CountedRows, Rule, Shares


@dataclass(frozen=True, kw_only=True)
class Options(Estimation):
    """Natural discounting has no options of its own."""


def rule_of(order: "CountedOrder") -> "Rule":
    """The rule of an order."""

    def shares(rows: "CountedRows") -> "Shares":
        tokens, types = rows.totals, rows.types()
        left = types * (types + 1.0) / (tokens * (tokens + 1.0) + 2.0 * types)
        left[types == order.events] = 0.0
        own = rows.counts
        own *= rows.of_ngrams((1.0 - left) / tokens)
        return own, left

    return shares


def explained(evidence: Evidence, _model: "NgramModel") -> Parts:
    """c/n d and what d leaves, with the numbers."""
    n, q = evidence.total, evidence.types
    left, numbers = Fraction(0), "all words were seen"
    if q < evidence.events:
        left = Fraction(q * (q + 1), n * (n + 1) + 2 * q)
        numbers = f"{q} · {q + 1} / ({n} · {n + 1} + 2 · {q})"
    own = Fraction(evidence.count, n) * (1 - left)
    return Parts(
        (own, "c/n (1 − γ)", f"{evidence.count}/{n} · (1 − {left})"),
        (left, "γ = q (q + 1) / (n (n + 1) + 2 q)", numbers),
    )


@smoothing(
    "natural",
    title="Ristad's natural discounting; backs off.",
    source=("Ristad", 1995),
    counts="raw",
    forms=("backed-off",),
    options=Options,
    explain=by_parts(explained),
    srilm="-ndiscount",
)
def natural_discounting(_counts: "NgramCounts", _options: Options) -> Rules:
    """The model of Ristad's natural discounting, which backs off. Options: see `Estimation`."""
    return Rules(rule_of)
