"""The attention of a sentence as one HTML page: a table of coloured cells for each layer and head, without scripts."""

from collections.abc import Iterator, Sequence
from html import escape

from lmkit.locales import said
from lmkit.plots.attention.view import AttentionView
from lmkit.plots.page import UNKNOWN, page_foot, page_head

RULES = """h2 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
body { max-width: 90rem; }
.heads { display: flex; flex-wrap: wrap; gap: 1.5rem; }
figure { margin: 0; }
figcaption { font-size: .8rem; color: var(--soft); }
table { border-collapse: collapse; font-size: .75rem; line-height: 1.1; }
thead th { writing-mode: vertical-rl; transform: rotate(180deg); text-align: start; padding: .15rem 0; }
th { font-weight: normal; white-space: pre; }
tbody th { text-align: end; padding-inline-end: .3rem; }
td { width: 1.1rem; height: 1.1rem; padding: 0; }
td[title] { border: 1px solid var(--soft); background: rgb(var(--color) / calc(var(--b) * 100%)); }
tr:hover th { font-weight: bold; }
.ramp { display: inline-block; width: 8rem; height: .8rem; vertical-align: middle; border: 1px solid var(--soft);
  background: linear-gradient(to right, rgb(var(--color) / 0%), rgb(var(--color) / 100%)); }
"""


def attention_page(view: AttentionView) -> Iterator[str]:
    """The page, piece by piece: a heading, a key, the heads of each layer, the signature."""
    weights, tokens = view.weights, view.tokens
    yield from page_head(said(view.title), RULES)
    yield said(
        '<p class="key">Rows look, columns are looked at: 0 <span class="ramp"></span> 1. Point at a cell for its weight.</p>\n'
    )
    for layer, of_layer in zip(weights.layers, weights.alpha.tolist(), strict=True):
        yield f'<h2>{said(f"layer {layer}")}</h2>\n<div class="heads">\n'
        for head, rows in zip(weights.heads, of_layer, strict=True):
            yield f"<figure><figcaption>{said(f'head {head}')}</figcaption>\n"
            yield from head_table(rows, tokens)
            yield "</figure>\n"
        yield "</div>\n"
    yield page_foot(weights.signature)


def head_table(rows: Sequence[Sequence[float]], tokens: Sequence[str]) -> Iterator[str]:
    """The weights of a head: a cell for each token that looks and each up to itself."""
    colon = said(":")
    names = [f"<bdi>{escape(token)}</bdi>" for token in tokens]
    yield f"<table{UNKNOWN}>\n<thead><tr><td></td>{''.join(f'<th>{name}</th>' for name in names)}</tr></thead>\n<tbody>\n"
    for place, row in enumerate(rows):
        cells = "".join(
            f'<td style="--b:{weight:.3g}" title="{escape(f"{tokens[place]} → {token}{colon} {weight:.3f}")}"></td>'
            for token, weight in zip(tokens, row[: place + 1], strict=False)
        )
        yield f"<tr><th>{names[place]}</th>{cells}</tr>\n"
    yield "</tbody>\n</table>\n"
