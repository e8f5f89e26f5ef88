"""lmkit ngram merge"""

from typing import Annotated

import typer

from lmkit.cli import options as shared
from lmkit.cli import rendering
from lmkit.cli.progress_bar import progress


def merge(
    counts: Annotated[
        list[str], typer.Argument(metavar="COUNTS...", help="Counts files of `lmkit ngram train` or `lmkit count -o`.")
    ],
    output: shared.Output = None,
    cutoff: Annotated[
        int, typer.Option(metavar="K", help="Words seen fewer than K times in all texts together are <unk>.", min=1)
    ] = 1,
    workers: shared.Workers = None,
    memory: shared.Memory = None,
    tmp: shared.Tmp = None,
    quiet: shared.Quiet = False,
) -> None:
    """Add counts files: the same result as counting the texts together, in this order.

    \b
    lmkit ngram merge monday.safetensors tuesday.safetensors -o week.safetensors

    Files made with other options (order, lower case, …), and files made with a cutoff, are refused.

    Memory: about 40 bytes for each distinct n-gram of the files; past --memory, the disk is used.
    """
    from lmkit.ngrams.counts import apply_cutoff
    from lmkit.ngrams.merging import merge_counts
    from lmkit.storage import load_counts

    rendering.check_output(output)
    with progress(quiet):
        merged = merge_counts(
            [load_counts(shared.model_source(path)) for path in counts], workers, shared.memory_limit(memory, tmp), tmp
        )
        if cutoff > 1:
            merged = apply_cutoff(merged, cutoff)
        rendering.narrate(quiet, rendering.counts_in_words(merged))
        rendering.write_result(merged, output)
