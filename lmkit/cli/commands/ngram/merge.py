"""lmkit ngram merge"""

from typing import TYPE_CHECKING, Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.output_format import Shards, ToModel
from lmkit.cli.options.printed_form import As, figures_form
from lmkit.cli.options.resuming import resumable
from lmkit.cli.options.vocabularies import VocabularyFormat, word_file
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.made import write_made
from lmkit.cli.output.progress_bar import progress
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.ngrams.counting.counts import NgramCounts
    from lmkit.text.word_lists.names import WordFile


@command(short="Add counts files.", after="train")
@resumable("ngram merge", "counts", texts=False)
def merge(
    counts: Annotated[
        list[str], Argument(metavar="COUNTS...", help="Counts files of `lmkit ngram train` or `lmkit count -o`.")
    ],
    output: shared.Output = None,
    to: ToModel = None,
    shards: Shards = None,
    cutoff: Annotated[
        int, Option(metavar="K", help="Words seen fewer than K times in all texts together are <unk>.", min=1)
    ] = 1,
    weight: Annotated[
        list[int] | None,
        Option(metavar="N,N,...", help="Count a text N times: one number for each COUNTS, in their order.", min=1),
    ] = None,
    add_words: Annotated[
        str | None, Option(metavar="FILE", help="Also know these words, one a line, seen or not.")
    ] = None,
    vocabulary_format: VocabularyFormat = "auto",
    workers: shared.Workers = None,
    memory: shared.Memory = None,
    verbose: shared.Verbose = False,
    tmp: shared.Tmp = None,
    quiet: shared.Quiet = False,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Add counts files: the same result as counting the texts together, in this order.

    \b
    lmkit ngram merge monday.safetensors tuesday.safetensors -o week.safetensors
    lmkit ngram merge general.safetensors ours.safetensors --weight 1,5 -o adapted.safetensors
    lmkit ngram merge counts.safetensors --add-words names.txt -o counts2.safetensors

    Weights are whole numbers, because smoothing looks at how many n-grams were seen once, twice, ...; to weight models
    freely, see `lmkit ngram mix`. Files made with other options (order, lower case, …), and files made with a cutoff, are refused.

    Memory: about 40 bytes for each distinct n-gram of the files; past --memory, the disk is used.
    """
    from lmkit.ngrams.counting.adding import merge_counts
    from lmkit.ngrams.counting.limiting import apply_cutoff
    from lmkit.ngrams.counting.weighting import weighted
    from lmkit.storage import load_counts

    check_weights(counts, weight)
    listed = word_file(add_words, vocabulary_format, "--add-words")
    target = outputs.check_output(output, "model", to=to)
    outputs.check_form(target, shards=shards)
    form = figures_form(as_, json=json, on_stdout=target.path != "-")
    with progress(quiet, parts=2):
        loaded = [load_counts(shared.model_source(path)) for path in counts]
        repeated = [weighted(value, times) for value, times in zip(loaded, weight or [1] * len(loaded), strict=True)]
        merged = merge_counts(repeated, shared.resources(workers, memory, tmp, verbose=verbose))
        merged = apply_cutoff(merged, cutoff) if cutoff > 1 else merged
        merged, more = (merged, {}) if listed is None else with_listed(merged, listed, quiet)
        rendering.narrate(quiet, rendering.counts_in_words(merged))
        outputs.write_result(merged, target, shards=shards)
        write_made(form, merged, on_stdout=target.path != "-", **more)


def check_weights(counts: list[str], weights: list[int] | None) -> None:
    """UsageError unless there is a weight for each file, or none."""
    if weights and len(weights) != len(counts):
        raise UsageError(
            f"there are {len(counts)} counts files and {len(weights)} weights.", "Give one for each file: --weight 1,5."
        )


def with_listed(counts: "NgramCounts", words: "WordFile", quiet: bool) -> "tuple[NgramCounts, dict[str, int]]":
    """The counts with the words of a list, and how many of these are new."""
    from lmkit.ngrams.counting.weighting import add_words
    from lmkit.text.word_files import read_vocabulary

    merged, new = add_words(counts, read_vocabulary(words, counts.settings))
    rendering.narrate(quiet, f"{new:,} new words")
    return merged, {"new_words": new}
