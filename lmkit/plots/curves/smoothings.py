"""The plot of perplexity by order and smoothing."""

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any

import numpy as np

from lmkit.errors import UsageError
from lmkit.locales import to_say
from lmkit.ngrams.counting.counts import NgramCounts
from lmkit.plots.plot import Axis, Curve, Plot
from lmkit.scoring.figures import Perplexity
from lmkit.signature import stated
from lmkit.smoothing.choosing import ALL, Compared, compare_smoothings
from lmkit.smoothing.registry import usual, with_flags
from lmkit.text.sources.names import Texts, source_name, sources

FALLBACK = {"discount_fallback": "generalised"}  # where discounts may not be there to be estimated
LABELS = {False: "perplexity of known words", True: "perplexity, unknown words included"}
FIGURES = ("perplexity", "perplexity_excluding_oov", "cross_entropy_bits", "tokens", "oov")


def perplexity_plot(
    counts: NgramCounts,
    texts: Texts,
    *,
    orders: Sequence[int] = (),
    smoothings: Sequence[str] = (),
    held_out: Texts | None = None,
    with_oov: bool = False,
    title: str | None = None,
    on_result: Callable[[Perplexity], None] | None = None,
    **options: Any,
) -> Plot:
    """The perplexity of texts under models of these smoothings and orders, estimated from the counts.

    orders: default: all that the counts have. smoothings: names in `SMOOTHINGS`, or "all" for all variants of them (default: the usual ones). held_out:
    texts for the weights of Jelinek–Mercer (default: 0.6 for all). with_oov: draw the perplexity that includes unknown
    words; else that of known words. on_result: is told of the figures of each model. options: as all smoothings take them. Discounts that cannot be estimated fall back
    ("generalised"). The texts are read several times.
    """
    chosen = chosen_smoothings(smoothings or usual(), held_out)
    wanted = sorted(set(orders)) or list(range(1, counts.order + 1))
    found: list[list[tuple[int, str, Perplexity]]] = [[] for _ in chosen]  # not the models: they are large
    for number, compared in enumerate(compare_smoothings(counts, texts, wanted, smoothings=chosen, **options)):
        found[number % len(chosen)].append((compared.order, label_of(compared), compared.result))
        if on_result is not None:
            on_result(compared.result)
    column = FIGURES[0 if with_oov else 1]
    name = " + ".join(PurePath(source_name(text)).name for text in sources(texts))
    return Plot(
        kind="perplexity",
        title=title or f"Perplexity of {name} by order",
        x=Axis("order", "order of the model", ticks=tuple(map(float, wanted))),
        y=Axis(column, LABELS[with_oov], logarithmic=True),
        curves=tuple(curve_of(entries, column) for entries in found),
    )


def chosen_smoothings(names: Sequence[str], held_out: Texts | None) -> list[tuple[str, dict[str, Any]]]:
    """The smoothings of these names with their options; UsageError for a name that is none."""
    rows = with_flags()
    weights = {} if held_out is None else {"held_out": held_out}
    chosen: list[tuple[str, dict[str, Any]]] = []
    for name in dict.fromkeys(names):
        if name == "all":
            chosen += [(other, options | weights if "held_out" in options else options) for other, options in ALL]
        elif name not in rows:
            raise UsageError(f"{name!r} is no smoothing.", f"Choose among: {', '.join(rows)}, all.")
        else:
            told = {option: value for option, value in (FALLBACK | weights).items() if rows[name].accepts(option)}
            chosen.append((name, told))
    return chosen


def label_of(compared: Compared) -> str:
    """The name of a smoothing in the legend, with what sets it apart from others."""
    details = compared.model.details
    if compared.tuned:
        return f"{compared.smoothing}, tuned on this text"
    if "weight" in details:
        return to_say(f"{compared.smoothing}, weight {stated(details, 'weight')}")
    if not compared.is_distribution:
        return f"{compared.smoothing} (scores, no probabilities)"
    return f"{compared.smoothing}, α {stated(details, 'alpha'):g}" if "alpha" in details else compared.smoothing


def curve_of(entries: list[tuple[int, str, Perplexity]], shown: str) -> Curve:
    """The curve of one smoothing, its legend with the lowest of the figures shown. entries: order, name and figures."""
    columns: dict[str, Any] = {"order": np.array([order for order, _, _ in entries])}
    columns |= {name: np.array([getattr(result, name) for *_, result in entries]) for name in FIGURES}
    columns["signature"] = [result.signature for *_, result in entries]
    label, lowest = entries[0][1], np.nan_to_num(columns[shown], nan=np.inf).argmin()
    legend = f"{label}: {columns[shown][lowest]:.4g} at order {columns['order'][lowest]}"
    return Curve(legend, {"smoothing": label}, columns)
