"""lmkit ngram train"""

from typing import Annotated, Any

from lmkit.cli.command import command
from lmkit.cli.options import groups as shared
from lmkit.cli.options import smoothing_flags
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.errors import UsageError
from lmkit.smoothing.registry import with_flags

ROWS = [row for row in with_flags().values() if row.in_training is not None]  # counted and smoothed in one step
OPTIONS = [option for row in ROWS for option in row.flags.values() if option.field in (row.in_training or ())]
SHORTCUTS = " or ".join(f"--{row.name}" for row in ROWS)


@command(short="Count n-grams of orders 1 to N.", rewrite=smoothing_flags.complete_bare)
@smoothing_flags.in_place
def train(
    options: shared.Counting,
    files: shared.Files = None,
    order: shared.Order = 3,
    switches: Annotated[
        Any, smoothing_flags.switches(ROWS, "Write the model `lmkit smooth --{name}` would make of the counts.")
    ] = None,
    flags: Annotated[Any, smoothing_flags.flags(OPTIONS, f"With {SHORTCUTS}: {{help}}")] = None,
    output: shared.Output = None,
) -> None:
    """Count n-grams of orders 1 to N: a counts file, which is also their maximum-likelihood model.

    \b
    lmkit ngram train -n 5 corpus.txt.gz -o counts.safetensors
    lmkit ngram train -n 5 --kneser-ney corpus.txt -o kn5.arpa     # counts and smooths in one step
    cat corpus.txt | lmkit ngram train | lmkit smooth --kneser-ney | lmkit perplexity - test.txt

    Memory: about 50 bytes for each distinct n-gram of orders 1 to N; past --memory, the disk is used.
    """
    from lmkit.ngrams.counting.count import count_ngrams

    wanted = smoothing_flags.wanted(switches)
    if len(wanted) > 1:
        raise UsageError(f"one model is written, and {len(wanted)} are wanted.", f"Give one of {SHORTCUTS}.")
    told = smoothing_flags.told(flags)
    for name in smoothing_flags.given(flags) if not wanted else ():
        raise UsageError(f"--{name} is for {SHORTCUTS}.", "Give both, or smooth the counts with `lmkit smooth`.")
    target = outputs.check_output(output, "model")
    outputs.check_form(target, order=order)
    texts = options.texts(files)
    with progress(options.quiet, texts, "counting n-grams"):
        counts = count_ngrams(texts, order, **options.for_counting())
        rendering.narrate(options.quiet, rendering.counts_in_words(counts))
        if not wanted:
            outputs.write_result(counts, target)
            return
        model = with_flags()[wanted[0]].estimate(counts, **told, resources=options.resources())
        del counts
        for line in rendering.discounts_in_words(model):
            rendering.narrate(options.quiet, line)
        outputs.write_result(model, target)
