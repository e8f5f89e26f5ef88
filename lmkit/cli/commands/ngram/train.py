"""lmkit ngram train"""

from typing import TYPE_CHECKING, Annotated, Any

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import by_class, smoothing_flags
from lmkit.cli.options import groups as shared
from lmkit.cli.options.output_format import Shards, ToModel
from lmkit.cli.options.resuming import resumable
from lmkit.cli.options.sharing import BESIDE_RESUME, SharingOut
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.errors import UsageError
from lmkit.smoothing.registry import with_flags

if TYPE_CHECKING:
    from lmkit.ngrams.counting.counts import NgramCounts
    from lmkit.text.sources.names import TextFile

ROWS = [row for row in with_flags().values() if row.in_training is not None]  # counted and smoothed in one step
OPTIONS = [option for row in ROWS for option in row.flags.values() if option.field in (row.in_training or ())]
SHORTCUTS = " or ".join(f"--{row.name}" for row in ROWS)


@command(short="Count n-grams of orders 1 to N.", rewrite=smoothing_flags.complete_bare)
@resumable(
    "ngram train",
    "files",
    alone={"lists": "--counts, which reads lists"} | BESIDE_RESUME,
)
@smoothing_flags.in_place
def train(
    options: by_class.CountingClasses,
    files: shared.Files = None,
    order: Annotated[
        int | None,
        Option(
            "-n",
            "--order",
            metavar="N",
            help="Length of the longest n-grams [default: 3; with --counts, of the longest in the files].",
            min=1,
        ),
    ] = None,
    lists: Annotated[
        bool,
        Option("--counts", help="The files are lists of n-grams with their counts: of SRILM, Google, lmkit count."),
    ] = False,
    switches: Annotated[
        Any, smoothing_flags.switches(ROWS, "Write the model `lmkit smooth --{name}` would make of the counts.")
    ] = None,
    flags: Annotated[Any, smoothing_flags.flags(OPTIONS, f"With {SHORTCUTS}: {{help}}")] = None,
    output: shared.Output = None,
    to: ToModel = None,
    kenlm: shared.Kenlm = None,
    shards: Shards = None,
) -> None:
    """Count n-grams of orders 1 to N: a counts file, which is also their maximum-likelihood model.

    \b
    lmkit ngram train -n 5 corpus.txt.gz -o counts.safetensors
    lmkit ngram train -n 5 --kneser-ney corpus.txt -o kn5.arpa     # counts and smooths in one step
    cat corpus.txt | lmkit ngram train | lmkit smooth --kneser-ney | lmkit perplexity - test.txt
    lmkit ngram train --counts srilm.counts.gz -o counts.safetensors
    lmkit ngram train -n 5 --classes classes.tsv --kneser-ney corpus.txt -o class5.safetensors

    Memory: about 50 bytes for each distinct n-gram of orders 1 to N; past --memory, the disk is used. With --counts, 150 a line.
    """
    wanted = smoothing_flags.wanted(switches)
    if len(wanted) > 1:
        raise UsageError(f"one model is written, and {len(wanted)} are wanted.", f"Give one of {SHORTCUTS}.")
    told = smoothing_flags.told(flags)
    for name in smoothing_flags.given(flags) if not wanted else ():
        raise UsageError(f"--{name} is for {SHORTCUTS}.", "Give both, or smooth the counts with `lmkit smooth`.")
    target = outputs.check_output(output, "model", to=to)
    outputs.check_form(target, kenlm=kenlm, shards=shards, order=order, of_classes=options.classes is not None)
    options.sharing()
    classes = options.read_classes()
    if lists:
        refuse_for_lists(options)
    texts = options.texts(files)
    with progress(options.quiet, texts, "reading counts" if lists else "counting n-grams"):
        rendering.workers_told(options.quiet, options.resources(), texts)
        made: Any = options.by_class(read_or_count(texts, order, options, lists=lists), classes)
        if wanted:
            made = with_flags()[wanted[0]].estimate(made, **told, resources=options.resources())
            for line in rendering.discounts_in_words(made):
                rendering.narrate(options.quiet, line)
        outputs.write_result(made, target, kenlm=kenlm, shards=shards)


def refuse_for_lists(options: SharingOut) -> None:
    """UsageError for options that are for texts, where lists are read."""
    if options.is_told() or options.encoding_errors != "strict":
        raise UsageError(
            "--format, --field, --no-header, --skip-bad-lines and --encoding-errors are for texts, and --counts reads lists."
        )
    if sharing := options.sharing():
        raise UsageError(f"{sharing} shares texts out, and --counts reads lists.", "Leave it out.")


def read_or_count(texts: "list[TextFile]", order: int | None, options: SharingOut, *, lists: bool) -> "NgramCounts":
    """The counts in lists, or of texts; tells what they are."""
    if lists:
        from lmkit.ngrams.counting.from_lists import read_counts

        how = options.for_counting()
        del how["reading"]
        counts = read_counts(texts, order, **how)
    else:
        counts = options.counts(texts, 3 if order is None else order)
    rendering.narrate(options.quiet, rendering.counts_in_words(counts))
    return counts
