"""lmkit ngram train"""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from lmkit.cli.command import command
from lmkit.cli.options import groups as shared
from lmkit.cli.options.discount_fallback import Fallback, complete_fallback
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.errors import UsageError


@command(short="Count n-grams of orders 1 to N.", rewrite=complete_fallback)
def train(
    options: shared.Counting,
    files: shared.Files = None,
    order: shared.Order = 3,
    kneser_ney: Annotated[
        bool, typer.Option("--kneser-ney", help="Write the model `lmkit smooth --kneser-ney` would make of the counts.")
    ] = False,
    discount_fallback: Annotated[
        Fallback | None,
        typer.Option(
            metavar="[fixed|generalised]",
            help="With --kneser-ney, where discounts cannot be estimated: see `lmkit smooth`.",
        ),
    ] = None,
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

    if discount_fallback is not None and not kneser_ney:
        raise UsageError(
            "--discount-fallback is for --kneser-ney.", "Give both, or smooth the counts with `lmkit smooth`."
        )
    target = outputs.check_output(output, "model")
    texts = options.texts(files)
    with progress(options.quiet, texts, "counting n-grams"):
        counts = count_ngrams(texts, order, **options.for_counting())
        rendering.narrate(options.quiet, rendering.counts_in_words(counts))
        if not kneser_ney:
            outputs.write_result(counts, target)
            return
        from lmkit.ngrams.smoothing.kneser_ney import kneser_ney as estimate

        fallback: Any = "generalised" if discount_fallback == "generalized" else discount_fallback
        model = estimate(counts, discount_fallback=fallback, **asdict(options.resources()))
        del counts
        for line in rendering.discounts_in_words(model):
            rendering.narrate(options.quiet, line)
        outputs.write_result(model, target)
