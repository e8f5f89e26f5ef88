"""lmkit vocabulary frequencies"""

from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, form_of
from lmkit.cli.output import files as outputs
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.records import write_record

COLUMNS = ("rank", "count")


@command(short="Measure word counts: Zipf's law.", after="growth", known_as=("zipf",))
def frequencies(
    options: shared.Threaded,
    files: shared.Files = None,
    min_count: Annotated[int, Option(metavar="K", help="Fit Zipf's law to words seen K times or more.", min=1)] = 10,
    first: Annotated[
        int, Option("--fit-from", formerly=("--from",), metavar="R", help="Fit it from rank R on.", min=1)
    ] = 1,
    last: Annotated[
        int | None, Option("--fit-to", formerly=("--to",), metavar="R", help="Fit it up to rank R.", min=1)
    ] = None,
    points: shared.Points = None,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Measure how frequent words are: Zipf's law, the most likely law of counts, hapax legomena, counts of counts, entropy.

    \b
    lmkit vocabulary frequencies corpus.txt
    lmkit vocabulary frequencies corpus.txt --fit-from 10 --fit-to 5000 --data ranks.tsv --json

    zipf: f(r) = C r^-s, count_law: the share of words seen c times is as c^-alpha from x_min on (Clauset, Shalizi and
    Newman 2009), both by maximum likelihood. --data writes the count of each rank.

    Memory: about 200 bytes for each distinct word.
    """
    from lmkit.engine.files.table_files import Table
    from lmkit.statistics.frequencies import word_frequencies

    form = form_of(as_, json=json)
    target = None if points is None else outputs.check_output(points, "table", option="--data")
    texts = options.texts(files)
    with progress(options.quiet, texts, "counting words"):
        result = word_frequencies(
            texts,
            min_count=min_count,
            from_rank=first,
            to_rank=last,
            **options.for_scoring(),
        )
    if target is not None:
        import numpy as np

        outputs.write_output(target, Table(COLUMNS, [(np.arange(1, result.types + 1), result.counts)]))
    if points != "-":
        write_record(form, result.as_dict(), result.shown())
