"""lmkit count"""

from typing import Annotated, Literal

import typer

from lmkit.cli.options import groups as shared
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress


@shared.grouped
def count(
    options: shared.Counting,
    files: shared.Files = None,
    order: Annotated[int, typer.Option("-n", "--order", metavar="N", help="Length of the n-grams.", min=1)] = 1,
    top: Annotated[int | None, typer.Option(metavar="K", help="Only the K first.", min=0)] = None,
    min_count: Annotated[int, typer.Option(metavar="K", help="Only n-grams seen at least K times.", min=1)] = 1,
    sort: Annotated[Literal["count", "ngram"], typer.Option(help="Most frequent first, or by code point.")] = "count",
    no_markers: Annotated[bool, typer.Option("--no-markers", help="Leave out n-grams with <s> or </s>.")] = False,
    json: shared.JsonOption = False,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Keep all orders 1…N as a counts file, and list nothing."),
    ] = None,
) -> None:
    """List n-grams with their counts: `ngram TAB count`, words joined by one space.

    \b
    lmkit count corpus.txt | head
    lmkit count -n 2 --no-markers --top 20 corpus.txt

    Most frequent first, ties by code point. Order 1 lists words only; higher orders have <s> and </s>.

    Memory: about 50 bytes for each distinct n-gram of orders 1 to N; past --memory, the disk is used.
    """
    from lmkit.ngrams.counting.count import count_ngrams
    from lmkit.ngrams.counting.listing import ngram_listing

    listed = {"--top": top is not None, "--min-count": min_count > 1, "--sort": sort != "count"}
    rendering.refuse_with_output(output, listed | {"--no-markers": no_markers, "--json": json})
    if output is not None:
        rendering.check_output(output)
    texts = options.texts(files)
    with progress(options.quiet, texts, "counting n-grams") as on_bytes:
        counts = count_ngrams(texts, order, **options.for_counting(), on_bytes=on_bytes)
    if output is not None:
        rendering.write_result(counts, output)
        return
    for ngrams, values in ngram_listing(counts, by=sort, top=top, min_count=min_count, markers=not no_markers):
        columns = [rendering.text_column(ngrams, json), rendering.number_column(values, json)]
        rendering.write_rows(("ngram", "count"), columns, json)
