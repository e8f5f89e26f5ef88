"""Attention of queries, keys and values that are typed in."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lmkit.cli.commands.plot.output import needs_ascii, terminal_colors, write_picture
from lmkit.cli.options.neural.tabulating import Tabulating
from lmkit.cli.output import rendering
from lmkit.cli.output.small_tables import write_small_table
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.engine.files.output_formats import Output
    from lmkit.neural.functions.attention import Attended

OUTPUT = "output"  # what stands in place of a key in the row of the mixture


@dataclass(frozen=True, eq=False)
class Given:
    """What was typed in, and what attention makes of it."""

    queries: list[str]
    keys: list[str]
    values: list[str]  # none: the mixture is not shown
    attended: "Attended"


def attend(queries: list[str], keys: list[str], values: list[str], *, scaled: bool, causal: bool) -> Given:
    """Attention of vectors that are typed in. UsageError where they do not fit each other."""
    from lmkit.neural.functions.attention import attention, causal_mask
    from lmkit.vectors.queries.rows import typed_vectors

    if values and len(values) != len(keys):
        raise UsageError(
            f"there are {len(keys)} keys and {len(values)} values.", "Give a --value for each --key, or none."
        )
    if causal and len(queries) != len(keys):
        raise UsageError(
            f"--causal is for words that attend to each other: there are {len(queries)} queries and {len(keys)} keys.",
            "Give as many of both.",
        )
    both = typed_vectors([*queries, *keys])
    asked, offered = both[: len(queries)], both[len(queries) :]
    mixed = typed_vectors(values) if values else offered
    mask = causal_mask(len(keys)) if causal else None
    return Given(queries, keys, values, attention(asked, offered, mixed, mask, scaled=scaled))


def show(given: Given, options: Tabulating, target: "Output | None") -> None:
    """Write the table or its picture wherever it is wanted."""
    if options.draws(target):
        from lmkit.plots.heat.text import heat_map_text
        from lmkit.plots.neural.heat_maps import attention_map

        shown = attention_map(given.attended.weights, given.queries, given.keys, options.title)
        if (picture := options.picture(target)) is not None:
            write_picture(picture, shown, [shown.title, *given.queries, *given.keys], options.quiet)
        if options.plot:
            columns, ascii_only = shutil.get_terminal_size().columns, needs_ascii(options.ascii)
            text = heat_map_text(shown, columns, ascii_only=ascii_only, colors=terminal_colors())
            rendering.write(text.encode())
    if options.tabulates(target):
        names = ["query", "key", "score", "weight", *(["value", "weighted"] if given.values else [])]
        write_small_table(names, list(rows_of(given)), target, form=options.form)


def rows_of(given: Given) -> Iterator[list[Any]]:
    """A row for each query and key; with values, one more for what the query gets."""
    from lmkit.vectors.queries.rows import typed_vectors

    output, weights, scores = given.attended
    values = typed_vectors(given.values)
    for place, query in enumerate(given.queries):
        for number, key in enumerate(given.keys):
            row = [query, key, float(scores[place, number]), float(weights[place, number])]
            weighted = [given.values[number], written(weights[place, number] * values[number])] if given.values else []
            yield row + weighted
        if given.values:
            yield [query, OUTPUT, None, None, None, written(output[place])]


def written(vector: Any) -> str:
    """A vector as one types it."""
    return rendering.figure_as_text([float(number) for number in vector])
