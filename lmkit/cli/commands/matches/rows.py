"""The tables of `lmkit matches`: a row for each token, sentence or record."""

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from lmkit.cli.output.forms.protocol import Cells, number_cells, word_cells
from lmkit.cli.output.forms.registry import DATA, Form, table_writer
from lmkit.cli.output.record_rows import id_cells
from lmkit.cli.output.standard import while_read
from lmkit.errors import GateError

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from lmkit.matching.figures import SpanFigures
    from lmkit.matching.found import Matches
    from lmkit.matching.text import Lines

QUOTED = 50  # tokens of a match in a table; --json has all
SPAN_COLUMNS = ("tokens", "share", "longest", "count", "train", "text")
TOKENS, SPANS = 1 << 16, 1 << 13  # that are printed at a time


class Gate:
    """What has a share above the limit."""

    def __init__(self, limit: float | None) -> None:
        self.limit = limit
        self._first: tuple[str, float] | None = None
        self._others = 0

    def look_at(self, name: str, share: float) -> None:
        """Take in a share; NaN is below any limit."""
        if self.limit is None or not share > self.limit:
            return
        self._others += self._first is not None
        self._first = self._first or (name, share)

    def close(self) -> None:
        """GateError if anything was above the limit."""
        if self._first is not None:
            name, share = self._first
            others = f"; {self._others:,} more are above it" if self._others else ""
            raise GateError(
                f"the share of repeated tokens of {name} is {share:.10g}, above the limit of {self.limit:.10g}{others}."
            )


def show_tokens(found: "Matches", form: Form, *, with_file: bool) -> None:
    """A row for each token."""
    import numpy as np

    names = (*(["file"] if with_file else []), "line", "token", "length", "count", "train")
    words = [word.decode() for word in found.vocabulary.words]
    lines = found.test_lines
    with table_writer(form) as table:
        table.begin(names)
        for start in while_read(range(0, len(found), TOKENS)):
            part = slice(start, min(start + TOKENS, len(found)))
            sentences = lines.of(np.arange(part.start, part.stop))
            columns = [word_cells(lines.names, lines.files[sentences])] if with_file else []
            columns += [
                number_cells(lines.numbers[sentences]),
                word_cells(words, found.ids[part]),
                *(number_cells(values[part]) for values in (found.lengths, found.counts)),
                place_cells(found.train_lines, found.places[part]),
            ]
            table.write(columns)


def show_spans(found: "Matches", by: str, minimum: int, gate: Gate, form: Form, *, with_file: bool) -> None:
    """A row for each sentence, or each record."""
    from lmkit.matching.figures import span_figures

    covered, lines = found.covered(minimum), found.test_lines
    ids = None if found.records is None else found.records.ids
    told = found.records if by == "record" and found.records is not None else lines
    bounds = found.record_bounds if by == "record" else found.sentence_bounds
    names = (*(["file"] if with_file else []), "line" if ids is None else "id", *SPAN_COLUMNS)
    with table_writer(form) as table:
        table.begin(names)
        for start in range(0, len(bounds) - 1, SPANS):
            part = slice(start, min(start + SPANS, len(bounds) - 1))
            spans = span_figures(found, covered, bounds[part.start : part.stop + 1])
            numbers, files = told.numbers[part], told.files[part]
            shares = spans.covered_shares.tolist()
            for file, number, share in zip(files.tolist(), numbers.tolist(), shares, strict=True):
                gate.look_at(f"{lines.names[file]}:{number}", share)
            columns = [word_cells(lines.names, files)] if with_file else []
            columns.append(number_cells(numbers) if ids is None else id_cells(ids[part]))
            table.write(columns + cells_of(found, spans, whole=form in (*DATA, "json")))


def cells_of(found: "Matches", spans: "SpanFigures", *, whole: bool) -> list[Cells]:
    """What is known of spans, and the longest match of each. whole: be it as long as a book."""
    import numpy as np

    from lmkit.engine.arrow import texts_to_arrow

    has_match = spans.ends >= 0
    counts = np.zeros(len(spans.ends), np.int64)
    counts[has_match] = found.counts[spans.ends[has_match]]
    places = np.full(len(spans.ends), -1)  # none
    places[has_match] = found.places[spans.ends[has_match]]
    ends = spans.ends.tolist()
    texts = [(found.quote if whole else partial(quoted, found))(end) if end >= 0 else None for end in ends]
    as_json = texts_to_arrow([json.dumps(text, ensure_ascii=False) for text in texts]) if whole else None
    return [
        number_cells(spans.tokens),
        number_cells(spans.covered_shares),
        number_cells(spans.lengths),
        number_cells(counts),
        place_cells(found.train_lines, places),
        Cells(texts_to_arrow([text or "" for text in texts]), json=as_json),
    ]


def quoted(found: "Matches", token: int) -> str:
    """The beginning of the longest match that ends in a token, as a cell, with single spaces for white space."""
    shown = " ".join(found.quote(token, QUOTED).split())
    return f"{shown} …" if found.lengths[token] > QUOTED else shown


def place_cells(lines: "Lines", places: "NDArray[Any]") -> Cells:
    """(places,) the file and the line that each is on, nothing for -1."""
    return Cells(place_column(lines, places), json=place_column(lines, places, as_json=True))


def place_column(lines: "Lines", places: "NDArray[Any]", *, as_json: bool = False) -> "pa.Array[Any]":
    """(places,) the file and the line that each is on, nothing or null for -1."""
    import numpy as np

    from lmkit.engine.arrow import text_to_arrow, texts_to_arrow, to_arrow
    from lmkit.engine.columns import join_columns, numbers_as_text, texts_at
    from lmkit.engine.kernels import call_arrow

    if not len(places):
        return texts_to_arrow([])
    sentences = np.maximum(lines.of(places), 0)
    names = [json.dumps(f"{name}:", ensure_ascii=False)[:-1] if as_json else f"{name}:" for name in lines.names]
    files, numbers = texts_at(texts_to_arrow(names), lines.files[sentences]), numbers_as_text(lines.numbers[sentences])
    end, none = ('"', "null") if as_json else ("", "")
    shown = join_columns([files, numbers, text_to_arrow(end)], "")
    return call_arrow("if_else", to_arrow(places >= 0), shown, text_to_arrow(none))
