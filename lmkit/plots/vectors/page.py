"""A map of words as one HTML page: the picture in it is text, which shows a word and its coordinates when one points at it."""

import unicodedata
from collections.abc import Iterator
from html import escape

from lmkit.engine.wording import display_width
from lmkit.locales import said
from lmkit.plots.curves.picture import COLORS
from lmkit.plots.page import UNKNOWN, page_foot, page_head
from lmkit.plots.vectors.layout import Layout, laid_out, left_out_text
from lmkit.plots.vectors.placement import Room
from lmkit.plots.vectors.word_map import WordMap

FONT_SIZE, DOT = 13.0, 2.5  # of labels; radius
ROOM = Room(920.0, 640.0, 5.0, reach=(1.0, 3.0))
BELOW = 30.0  # the picture: the label of the axis
NARROW, WIDE = 0.42, 1.0  # ems of letters, not less than common fonts have; of all others OTHER
OTHER = 0.68
RULES = """svg { width: 100%; height: auto; }
svg text { font-size: FONT_SIZEpx; fill: var(--letters); }
svg .axis { fill: var(--soft); }
svg .edge { stroke: var(--soft); fill: none; }
svg circle { fill: var(--letters); }
svg .far { stroke: var(--soft); stroke-width: .5; }
svg g:hover text { font-weight: bold; }
""".replace("FONT_SIZE", f"{FONT_SIZE:g}")


def map_page(word_map: WordMap) -> Iterator[str]:
    """The page, piece by piece: a heading, a key, the picture, the signature."""
    layout = page_layout(word_map)
    yield from page_head(said(word_map.title), RULES)
    yield '<p class="key">' + said("Point at a word for its coordinates. Both axes have the same scale.")
    if left_out := layout.left_out():
        yield escape(said(f" Without label: {left_out_text(word_map, left_out)}; point at their dots."))
    width, height = ROOM.width, ROOM.height + BELOW
    yield f'</p>\n<svg{UNKNOWN} viewBox="-{BELOW:g} 0 {width + BELOW:g} {height:g}" role="img" aria-label="{escape(said(word_map.title))}">\n'
    yield f'<path class="edge" d="M0 0V{ROOM.height:g}H{width:g}"/>\n'
    first, second = map(escape, map(said, word_map.labels))
    yield f'<text class="axis" x="{width / 2:g}" y="{height - 8:g}" text-anchor="middle">{first}</text>\n'
    yield f'<text class="axis" transform="translate(-10 {ROOM.height / 2:g}) rotate(-90)" text-anchor="middle">{second}</text>\n'
    yield from pair_lines(word_map, layout)
    yield from word_marks(word_map, layout)
    yield "</svg>\n"
    yield page_foot(word_map.signature)


def page_layout(word_map: WordMap) -> Layout:
    """Where points and labels of the page stand; upwards, as everywhere else than in SVG."""
    return laid_out(word_map, ROOM, lambda word: (label_width(word), FONT_SIZE * 1.2))


def label_width(word: str) -> float:
    """The width of a label in whatever font the reader has: rather too much than too little."""
    ems = 0.0
    for letter in word:
        wide = unicodedata.category(letter) == "Lu" or letter in "mwMW—…œæ%@"
        ems += (NARROW if letter in "iljtfrI.,;:!|'’`()[]-" else WIDE if wide else OTHER) * display_width(letter)
    return ems * FONT_SIZE + 2


def pair_lines(word_map: WordMap, layout: Layout) -> Iterator[str]:
    """An arrow for each pair, from its first word to its second, in a colour of its own."""
    words = word_map.shown()
    for number, (start, end) in enumerate(word_map.pairs):
        color = COLORS[number % len(COLORS)].replace("#000000", "currentColor")
        (x1, y1), (x2, y2) = ((x, ROOM.height - y) for x, y in layout.points[[start, end]].tolist())
        yield f'<defs><marker id="a{number}" viewBox="0 0 10 10" refX="14" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
        yield f'<path d="M0 1L10 5L0 9z" fill="{color}"/></marker></defs>'
        yield f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}" marker-end="url(#a{number})">'
        yield f"<title>{escape(words[start])} → {escape(words[end])}</title></line>\n"


def word_marks(word_map: WordMap, layout: Layout) -> Iterator[str]:
    """A dot for each word, with its label if there is room, and what it says when one points at it."""
    marks = zip(
        word_map.shown(),
        word_map.points.tolist(),
        layout.points.tolist(),
        layout.boxes,
        layout.leads(ROOM),
        strict=True,
    )
    for word, (first, second), (x, y), box, lead in marks:
        yield f'<g><title>{escape(word)}{said(":")} {first:.4g}, {second:.4g}</title><circle cx="{x:.1f}" cy="{ROOM.height - y:.1f}" r="{DOT:g}"/>'
        if lead is not None:
            yield f'<line class="far" x1="{x:.1f}" y1="{ROOM.height - y:.1f}" x2="{lead[0]:.1f}" y2="{ROOM.height - lead[1]:.1f}"/>'
        if box[0] == box[0]:  # no NaN: there was room
            middle, base = (box[0] + box[2]) / 2, ROOM.height - (box[1] + box[3]) / 2 + FONT_SIZE * 0.34
            yield f'<text x="{middle:.1f}" y="{base:.1f}" text-anchor="middle">{escape(word)}</text>'
        yield "</g>\n"
