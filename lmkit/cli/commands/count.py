"""lmkit count"""

from typing import Annotated, Literal

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.output_format import ToModelOrTable
from lmkit.cli.options.printed_form import As, form_of
from lmkit.cli.options.sharing import SharingOut
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress


@command(short="List n-grams with their counts.", topic="Text", known_as=("ngrams", "bigrams", "freq"))
def count(
    options: SharingOut,
    files: shared.Files = None,
    order: Annotated[int, Option("-n", "--order", metavar="N", help="Length of the n-grams.", min=1)] = 1,
    top: Annotated[int | None, Option(metavar="K", help="Only the K first; 0: all.", min=0)] = None,
    min_count: Annotated[int, Option(metavar="K", help="Only n-grams seen at least K times.", min=1)] = 1,
    sort: Annotated[Literal["count", "ngram"], Option(help="Most frequent first, or by code point.")] = "count",
    no_markers: Annotated[bool, Option("--no-markers", help="Leave out n-grams with <s> or </s>.")] = False,
    json: shared.JsonOption = False,
    as_: As = None,
    output: Annotated[
        str | None,
        Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Keep all orders 1…N as a counts file (.safetensors, .arpa), or write the list (.tsv, .csv, .parquet).",
        ),
    ] = None,
    to: ToModelOrTable = None,
) -> None:
    """List n-grams with their counts: `ngram TAB count`, words joined by one space.

    \b
    lmkit count corpus.txt | head
    lmkit count -n 2 --no-markers --top 20 corpus.txt
    lmkit count -n 2 corpus.txt -o bigrams.csv

    Most frequent first, ties by code point. Order 1 lists words only; higher orders have <s> and </s>.

    Memory: about 50 bytes for each distinct n-gram of orders 1 to N; past --memory, the disk is used.
    """
    from lmkit.engine.files.table_files import Table
    from lmkit.ngrams.counting.listing import ngram_listing

    form = form_of(as_, json=json)
    listed = {"--top": top is not None, "--min-count": min_count > 1, "--sort": sort != "count"}
    target = None if output is None and to is None else outputs.check_output(output, "model", "table", to=to)
    outputs.refuse_with_output(target, listed | {"--no-markers": no_markers}, json=json, asked=as_)
    options.sharing()
    texts = options.texts(files)
    with progress(options.quiet, texts, "counting n-grams"):
        rendering.workers_told(options.quiet, options.resources(), texts)
        counts = options.counts(texts, order)
    if target is not None and target.kind == "model":
        outputs.write_result(counts, target)
        return
    listing = ngram_listing(counts, by=sort, top=top or None, min_count=min_count, markers=not no_markers)
    outputs.write_listing(Table(("ngram", "count"), listing), target, form)
