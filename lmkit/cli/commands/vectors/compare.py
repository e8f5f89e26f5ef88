"""lmkit vectors compare"""

from typing import TYPE_CHECKING, Annotated, Any

from lmkit.cli.command import command
from lmkit.cli.declared import Argument
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, Form, form_of
from lmkit.cli.options.vectors.rows import load_rows, refuse_shared_stdin
from lmkit.cli.options.vectors.sets import MADE, Evaluating, Sets, tell_undefined
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.small_tables import write_small_table

if TYPE_CHECKING:
    from lmkit.vectors.evaluation.comparison import VectorsComparison

COLUMNS = ("set", "section", "figure", "a", "b", "difference", "low", "high", "p_value", "shared", "all")


@command(short="Compare two kinds of vectors on the same sets.", after="evaluate")
def compare(
    options: Evaluating,
    a: Annotated[str, Argument(metavar="A", help="Word vectors (see `lmkit vectors evaluate`); - is standard input.")],
    b: Annotated[str, Argument(metavar="B", help="Others.")],
    sets: Sets,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Compare two kinds of vectors on the pairs and questions that both cover: figures, their difference (B - A), how sure it is.

    \b
    lmkit vectors compare svd.safetensors glove.safetensors wordsim353.tsv questions-words.txt

    low and high are the 95 % interval of the difference by a paired bootstrap over pairs or questions; p_value is two-sided.
    On sets of a few hundred pairs, differences of some hundredths are noise. Each kind answers analogies from its own words.

    Memory: both vectors, of which lmkit's own format is mapped from disk, and some 20 MB for each thread.
    """
    from lmkit.vectors.evaluation.comparison import compare_vectors

    form = form_of(as_, json=json)
    refuse_shared_stdin(a, b, *sets)
    with progress(options.quiet):
        result = compare_vectors(
            load_rows(a), load_rows(b), sets, options.settings(), resources=shared.resources(options.workers)
        )
    tell_undefined(options.quiet, result.differences)
    for each in result.noise():
        rendering.narrate(
            options.quiet,
            f"{each.set}, {each.figure}: the difference of {each.difference:+.3g} on the {each.shared:,} of {each.all:,} that both cover is no more than noise ({each.low:+.3g} to {each.high:+.3g}).",
        )
    if form == "json":
        rendering.write_json(result.as_dict())
    else:
        show(result, form)


def show(result: "VectorsComparison", form: Form) -> None:
    """One row a figure, and what made them."""
    rows: list[list[Any]] = []
    for each in result.differences:
        values = (each.a, each.b, each.difference, each.low, each.high, each.p_value, each.shared, each.all)
        rows.append([each.set, each.section or "", each.figure, *values])
    empty = [None] * (len(COLUMNS) - 5)
    rows += [
        [None, None, "signature", result.signature, None, *empty],
        [None, None, "vectors", result.a, result.b, *empty],
    ]
    write_small_table(COLUMNS, rows, form=form, facts=lambda row: row[2] in MADE)
