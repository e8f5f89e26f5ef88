"""lmkit ngram train"""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import by_class, smoothing_flags
from lmkit.cli.options import groups as shared
from lmkit.cli.options.output_format import Shards, ToModel
from lmkit.cli.options.printed_form import As, figures_form
from lmkit.cli.options.resuming import resumable
from lmkit.cli.options.sharing import BESIDE_RESUME, SharingOut
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.made import write_made
from lmkit.cli.output.progress_bar import progress
from lmkit.engine.progress import part
from lmkit.errors import DataError, UsageError
from lmkit.smoothing.registry import with_flags

if TYPE_CHECKING:
    from lmkit.engine.files.output_formats import Output
    from lmkit.ngrams.counting.counts import NgramCounts
    from lmkit.text.sources.names import TextFile

ROWS = [row for row in with_flags().values() if row.in_training is not None]  # counted and smoothed in one step
OPTIONS = [option for row in ROWS for option in row.flags.values() if option.field in (row.in_training or ())]
SHORTCUTS = " or ".join(f"--{row.name}" for row in ROWS)
Order = Annotated[
    int | None,
    Option(
        "-n",
        "--order",
        metavar="N",
        help="Length of the longest n-grams [default: 3; with --count-lists, of the longest in the files].",
        min=1,
    ),
]
Lists = Annotated[
    bool,
    Option(
        "--count-lists",
        formerly=("--counts",),
        help="The files are lists of n-grams with their counts: of SRILM, Google, lmkit count.",
    ),
]


@command(
    short="Count n-grams of orders 1 to N.",
    rewrite=smoothing_flags.complete_bare,
    known_as=("ngram-count", "lmplz", "build"),
)
@resumable(
    "ngram train",
    "files",
    alone={"lists": "--count-lists, which reads lists"} | BESIDE_RESUME,
)
@smoothing_flags.in_place
def train(
    options: by_class.CountingClasses,
    files: shared.Files = None,
    order: Order = None,
    lists: Lists = False,
    switches: Annotated[
        Any, smoothing_flags.switches(ROWS, "Write the model `lmkit smooth --{name}` would make of the counts.")
    ] = None,
    flags: Annotated[Any, smoothing_flags.flags(OPTIONS, f"With {SHORTCUTS}: {{help}}")] = None,
    output: shared.Output = None,
    to: ToModel = None,
    kenlm: shared.Kenlm = None,
    shards: Shards = None,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Count n-grams of orders 1 to N: a counts file, which is also their maximum-likelihood model.

    \b
    lmkit ngram train -n 5 corpus.txt.gz -o counts.safetensors
    lmkit ngram train -n 5 --kneser-ney corpus.txt -o kn5.arpa     # counts and smooths in one step
    cat corpus.txt | lmkit ngram train | lmkit smooth --kneser-ney | lmkit perplexity - test.txt
    lmkit ngram train --count-lists srilm.counts.gz -o counts.safetensors
    lmkit ngram train -n 5 --classes classes.tsv --kneser-ney corpus.txt -o class5.safetensors

    Memory: about 50 bytes for each distinct n-gram of orders 1 to N; past --memory, the disk is used. With --count-lists, 150 a line.
    """
    wanted = smoothing_flags.wanted(switches)
    told = smoothing_flags.told(flags)
    check_flags(wanted, smoothing_flags.given(flags))
    target = outputs.check_output(output, "model", to=to)
    outputs.check_form(target, kenlm=kenlm, shards=shards, order=order, of_classes=options.classes is not None)
    form = figures_form(as_, json=json, on_stdout=target.path != "-")
    options.sharing()
    classes = options.read_classes()
    if lists:
        refuse_for_lists(options)
    texts = options.texts(files)
    with progress(options.quiet, texts, "reading counts" if lists else "counting n-grams", parts=2 + bool(wanted)):
        rendering.workers_told(options.quiet, options.resources(), texts)
        counts = read_or_count(texts, order, options, lists=lists)
        made: Any = options.by_class(counts, classes)
        if wanted:
            part()
            made = smoothed(made, wanted[0], told, target, options)
            for line in rendering.discounts_in_words(made):
                rendering.narrate(options.quiet, line)
        outputs.write_result(made, target, kenlm=kenlm, shards=shards)
        write_made(form, made, on_stdout=target.path != "-", sentences=counts.sentences, tokens=counts.tokens)


def check_flags(wanted: list[str], given: Iterable[str]) -> None:
    """UsageError for several smoothings, and for options of one where none is wanted."""
    if len(wanted) > 1:
        raise UsageError(f"one model is written, and {len(wanted)} are wanted.", f"Give one of {SHORTCUTS}.")
    for name in given if not wanted else ():
        raise UsageError(f"--{name} is for {SHORTCUTS}.", "Give both, or smooth the counts with `lmkit smooth`.")


def smoothed(counts: Any, name: str, told: dict[str, Any], target: "Output", options: SharingOut) -> Any:
    """The model of some counts. Where discounts cannot be estimated, the counts are kept, beside the file that was asked for."""
    from lmkit.smoothing.discounts import DiscountsError

    try:
        return with_flags()[name].estimate(counts, **told, resources=options.resources())
    except DiscountsError as error:
        kept, stays = place_of_counts(target), ""
        where = f"Without --{name}, the counts are written: `lmkit smooth --{name}` makes models of them, with {error.given}, too."
        if kept is not None and os.path.lexists(kept):
            stays = f" There is {kept} already, and it stays as it is."
        elif kept is not None:
            outputs.write_result(counts, outputs.check_output(kept, "model"))
            where = f"The counts are in {kept}: `lmkit smooth --{name}` makes models of them, with {error.given}, too."
        more = f"Use more text or a lower order, or {error.fallback}."
        raise DataError(error.message, f"{error.cause}\n{more}{stays} {where}") from None


def place_of_counts(target: "Output") -> str | None:
    """The file for counts beside a model that cannot be made; None where there is none."""
    from lmkit.engine.remote.names import is_remote
    from lmkit.text.sources.names import is_special

    path = os.fspath(target.path)
    if path == "-" or is_remote(path) or is_special(path):
        return None
    return f"{path.rstrip('/' + os.sep).removesuffix(target.suffix)}.counts.safetensors"


def refuse_for_lists(options: SharingOut) -> None:
    """UsageError for options that are for texts, where lists are read."""
    for given in [*options.told(), *(["--encoding-errors"] if options.encoding_errors != "strict" else [])]:
        raise UsageError(f"{given} is for texts, and --count-lists reads lists.", "Leave it out.")
    if sharing := options.sharing():
        raise UsageError(f"{sharing} shares texts out, and --count-lists reads lists.", "Leave it out.")


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
