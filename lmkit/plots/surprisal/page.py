"""Surprisal as one HTML page: no scripts, nothing from the network, light and dark, readable without colour."""

import math
from collections.abc import Iterable, Iterator
from html import escape

from lmkit.locales import said, to_say
from lmkit.plots.page import UNKNOWN, page_foot, page_head
from lmkit.plots.surprisal.view import INFINITE, View, in_total, written_bits
from lmkit.scoring.surprisal import Surprisal

FULL_SHARE = 0.6  # of the colour in the ground of a token that has all of it: letters stay readable on it
FROM_UNKNOWN = {
    "word": to_say(", from an unknown word"),
    "character": to_say(", from an unknown character"),
    "byte": to_say(", from an unknown byte"),
}
RULES = """ol { padding-left: 3.5rem; }
li { margin-bottom: 1.2rem; }
li::marker, .sum, small { color: var(--soft); }
.s { display: flex; flex-wrap: wrap; margin: 0; }
.words { gap: .3rem; }
.t { padding: .1rem .25rem; border-radius: .2rem; text-align: center;
  background: rgb(var(--color) / calc(var(--b) * FULL_SHARE%)); }
.t small { display: block; font-size: .65rem; color: var(--letters); font-variant-numeric: tabular-nums; }
.units .t { padding: 0 .03rem; border-radius: 0; white-space: pre; }
.t i { display: block; margin: .1rem auto 0; width: .3rem; height: calc(var(--b) * 1.2rem); background: currentColor; }
.u { outline: .1rem dashed; outline-offset: -.1rem; }
.sum { font-size: .8rem; margin: .2rem 0; }
.ramp { display: inline-block; width: 8rem; height: .8rem; vertical-align: middle; border: 1px solid var(--soft);
  background: linear-gradient(to right, rgb(var(--color) / 0%), rgb(var(--color) / FULL_SHARE%)); }
"""


def surprisal_page(sentences: Iterable[Surprisal], view: View) -> Iterator[str]:
    """The page, piece by piece: a heading, a key, and for each sentence its tokens and their sum."""
    yield from page_start(view)
    for sentence in sentences:
        tokens = "\n".join(token_spans(sentence, view))
        total = said(in_total(float(sentence.bits.sum()), len(sentence.bits)))
        kind = "words" if view.unit == "word" else "units"
        line = int(sentence.lines[0])
        yield f'<li value="{line}"><p class="s {kind}"{UNKNOWN} dir="auto">\n{tokens}\n</p>\n<p class="sum">{total}</p></li>\n'
    yield "</ol>\n"
    yield page_foot(view.signature)


def page_start(view: View) -> Iterator[str]:
    """All that comes before the first sentence."""
    yield from page_head(said(view.title), RULES.replace("FULL_SHARE", f"{FULL_SHARE * 100:g}"))
    below = "below each token its bits" if view.unit == "word" else "the bar below each token: its bits"
    yield f'<p class="key">0 <span class="ramp"></span> {escape(said(view.full_color))}{said("; ")}{said(below)}. '
    yield said('<span class="t u" style="--b:0">dashed</span>: unknown, read as &lt;unk&gt;. ')
    yield said("Point at a token for its bits and the length of the n-gram that gave its probability.") + "</p>\n<ol>\n"


def token_spans(sentence: Surprisal, view: View) -> Iterator[str]:
    """The tokens of a sentence, with number or bar."""
    columns = (sentence.tokens, sentence.bits.tolist(), sentence.order_list(), sentence.oov.tolist())
    for token, bits, order, oov in zip(*columns, strict=True):
        exact = f"{INFINITE} bits" if math.isinf(bits) else f"{bits:.4g} bits"
        source = FROM_UNKNOWN[view.unit] if oov else "" if order is None else to_say(f", from a {order}-gram")
        title = f"{exact}{said(source)}"
        if view.unit != "word":
            title = f"{view.label(token)}{said(':')} {title}"
        kind = "t u" if oov else "t"
        below = f"<small>{written_bits(bits)}</small>" if view.unit == "word" else "<i></i>"
        label = f"<bdi>{escape(view.label(token))}</bdi>"
        yield f'<span class="{kind}" style="--b:{view.shade(bits):.3g}" title="{escape(title)}">{label}{below}</span>'
