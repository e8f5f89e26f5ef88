"""lmkit vocabulary growth"""

from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, form_of
from lmkit.cli.output import files as outputs
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.records import write_record

COLUMNS = ("tokens", "types", "oov_rate_of_next_decade")


@command(short="Measure how it grows: Heaps' law.", after="compare", known_as=("heaps",))
def growth(
    options: shared.Threaded,
    files: shared.Files = None,
    first: Annotated[
        int | None,
        Option(
            "--fit-from",
            formerly=("--from",),
            metavar="N",
            help="Fit from N tokens on [default: a hundredth of the text].",
            min=1,
        ),
    ] = None,
    last: Annotated[
        int | None,
        Option(
            "--fit-to", formerly=("--to",), metavar="N", help="Fit up to N tokens [default: the whole text].", min=1
        ),
    ] = None,
    points: shared.Points = None,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Measure how the vocabulary grows with the text: V(n) types in n tokens, Heaps' law V(n) = K n^beta, new words.

    \b
    lmkit vocabulary growth corpus.txt
    lmkit vocabulary growth corpus.txt --fit-from 10000 --data growth.tsv --json

    The law is fitted by least squares on logarithmic axes to ten points in each decade of n. oov_rate_of_next_decade.N: the
    share of the tokens N+1 to 10 N that are words not among the first N. --data writes the curve.

    Memory: about 200 bytes for each distinct word.
    """
    from lmkit.engine.files.table_files import Table
    from lmkit.statistics.growth import vocabulary_growth

    form = form_of(as_, json=json)
    target = None if points is None else outputs.check_output(points, "table", option="--data")
    texts = options.texts(files)
    with progress(options.quiet, texts):
        result = vocabulary_growth(
            texts,
            from_tokens=first,
            to_tokens=last,
            **options.for_scoring(),
        )
    if target is not None:
        outputs.write_output(target, Table(COLUMNS, [(result.lengths, result.types_at, result.oov_rates)]))
    if points != "-":
        write_record(form, result.as_dict(), result.shown())
