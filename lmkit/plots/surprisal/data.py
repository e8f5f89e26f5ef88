"""Surprisal as a table or as JSON."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from lmkit.engine.arrow import text_to_arrow, texts_to_arrow
from lmkit.engine.columns import as_lines, numbers_as_text, texts_at
from lmkit.plots.data import json_value
from lmkit.plots.surprisal.view import View
from lmkit.scoring.surprisal import Surprisal

DECIMALS = 7  # of bits in a table


def as_tsv(
    found: Iterable[Surprisal], *, with_line: bool, signature: str | None = None
) -> Iterator[memoryview | bytes]:
    """A header, and a row for each token, block by block: its line if wanted, the token, bits, order (of n-grams), whether it is unknown.

    signature: the last column, if given.
    """
    for number, block in enumerate(found):
        if number == 0:  # no header where there is an error instead
            names = ["line"] * with_line + ["token", "bits"] + ["order"] * (block.orders is not None) + ["oov"]
            names += ["signature"] * (signature is not None)
            yield ("\t".join(names) + "\n").encode()
        yield rows_of(block, with_line=with_line, signature=signature)


def rows_of(found: Surprisal, *, with_line: bool, signature: str | None) -> memoryview:
    """The rows of a block."""
    columns: list[Any] = [numbers_as_text(found.token_lines)] if with_line else []
    columns += [
        texts_at(texts_to_arrow(found.words), found.places),
        numbers_as_text(np.round(found.bits, DECIMALS) + 0.0),
        *([] if found.orders is None else [numbers_as_text(found.orders)]),
        numbers_as_text(found.oov.astype(np.int8)),
    ]
    return as_lines([*columns, *([] if signature is None else [text_to_arrow(signature)])])


def as_json(sentences: Iterable[Surprisal], view: View) -> Iterator[str]:
    """One object, piece by piece: `plot`, `title`, `signature`, `sentences`, each with its `line` and its `points`."""
    about = {"plot": "surprisal", "title": view.title, "signature": view.signature}
    start = json.dumps(about, ensure_ascii=False)
    yield start[:-1] + ', "sentences": ['
    for number, sentence in enumerate(sentences):
        columns = {"token": sentence.tokens, "bits": sentence.bits.tolist()}
        columns |= {} if sentence.orders is None else {"order": sentence.orders.tolist()}
        columns |= {"oov": sentence.oov.tolist()}
        points = [
            dict(zip(columns, map(json_value, values), strict=True)) for values in zip(*columns.values(), strict=True)
        ]
        line = {"line": int(sentence.lines[0]), "points": points}
        yield ", " * (number > 0) + json.dumps(line, ensure_ascii=False)
    yield "]}\n"
