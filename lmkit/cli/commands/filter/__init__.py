"""lmkit filter"""

import os
from typing import TYPE_CHECKING

from lmkit.cli.command import command
from lmkit.cli.commands.filter.selection import show_curve, source_of
from lmkit.cli.options import groups as shared
from lmkit.cli.options.filtering import Plan
from lmkit.cli.options.output_format import RecordsOutput
from lmkit.cli.options.printed_form import As, Form, figures_form, form_of
from lmkit.cli.options.selecting import Selecting
from lmkit.cli.options.spelling import spelled
from lmkit.cli.output import rendering
from lmkit.cli.output import standard as standard_output
from lmkit.cli.output.files import check_output, write_output
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.record_files import check_places, open_output, refuse_read
from lmkit.cli.output.records import write_record
from lmkit.cli.output.unspelled import tell_unspelled
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.engine.files.output_formats import Output
    from lmkit.filtering.filtering import FilterSummary, RecordSource
    from lmkit.filtering.sorting import Sorter
    from lmkit.filtering.thresholds import Thresholds
    from lmkit.text.sources.names import TextFile


@command(
    short="Keep the records that a model finds good.", after="perplexity", topic="Filter", known_as=("select", "rank")
)
def filter(  # noqa: A001 (the name of the command)
    options: Selecting,
    model: shared.Model,
    files: shared.Files = None,
    output: RecordsOutput = None,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Keep the records of a text that a model finds good, as they stand: lines, JSON lines, CSV, TSV, Parquet.

    \b
    lmkit filter kn5.safetensors pages.jsonl --max-perplexity 500 -o good.jsonl
    lmkit filter kn5.safetensors pages.parquet --quantiles 0.333,0.667 -o '{bucket}.parquet'
    zcat pages.jsonl.gz | lmkit filter kn5.arpa - --format jsonl --append > measured.jsonl
    lmkit filter kn5.safetensors corpus.txt --keep 10% --rejected rest.txt > best.txt
    lmkit filter law.safetensors web.txt --against web.safetensors --keep 10% -o like-law.txt
    lmkit filter law.safetensors web.txt --against web.safetensors --curve law.dev.txt     # what share is best?

    The perplexity of a record is that of all its lines together, each a sentence of its own. Records are written as they
    came, byte for byte; with --append, figures are added at their end. What became of them is told on stderr, with --json
    as JSON on standard output, or on stderr where the records go to standard output.

    With --against, records are ranked by the difference of the cross-entropies under both models, in bits a token, the lowest
    first; of a parallel text (--bitext), by the sum of both sides (Axelrod, He & Gao 2011).

    Memory: the model and some 350 MB for the text; for --quantiles and --keep, which read the text twice, 8 bytes a record,
    and 40 to 88 bytes a record in --tmp.
    """
    from lmkit.filtering.filtering import filter_source
    from lmkit.storage import load_scoring

    plan = options.plan()
    texts = options.texts(files)
    read = checked_reading(options, plan, model, texts)
    held_out = options.held_out(output)
    target = thresholds_file(options, model, output, read) if options.thresholds_only else None
    sorter = sorter_of(options, plan, model, None if target else output, read)
    on_stdout = not any(file.path == "-" for file in sorter.all_files)
    form = figures_form(as_, json=json, on_stdout=on_stdout or held_out is not None)
    scoring = spelled(load_scoring(shared.model_source(model)), options.spell_unknown)
    source = source_of(options, scoring, texts)
    refuse_other_model(plan.thresholds, source.measuring.model_told, force=options.force)
    with progress(options.quiet, texts, "filtering"):
        if held_out is not None:
            show_curve(options, plan, source, scoring, held_out, form=form or form_of(None))
            return
        if target is not None:
            write_thresholds(source, plan, target, options.quiet)
            return
        summary = filter_source(
            source,
            sorter,
            quantiles=plan.quantiles,
            keep=plan.keep,
            sample=plan.sample,
            open_output=open_output,
            written=standard_output.while_read if prints_only(sorter) else iter,
        )
    tell(summary, options, form, on_stdout=on_stdout)


def write_thresholds(source: "RecordSource", plan: Plan, target: "Output", quiet: bool) -> None:
    """Find the thresholds, and write them."""
    from lmkit.filtering.filtering import find_thresholds

    found = find_thresholds(source, plan.quantiles, sample=plan.sample)
    write_output(target, f"{found.to_json()}\n".encode())
    rendering.narrate(quiet, found.in_words())


def checked_reading(options: Selecting, plan: Plan, model: str, texts: "list[TextFile]") -> "list[TextFile]":
    """All records that are read, of both sides. UsageError for pipes that cannot be."""
    read = [*texts, *(options.other_texts() or [])]
    refuse_shared_pipes(options, model, read)
    if plan.reads_twice:
        refuse_pipes(read)
    return read


def thresholds_file(options: Selecting, model: str, output: str | None, texts: "list[TextFile]") -> "Output":
    """Where thresholds are written. UsageError for a name that cannot be."""
    target = check_output(output, "thresholds")
    refuse_read(target.path, texts, options.files_beside(model))
    return target


def sorter_of(options: Selecting, plan: Plan, model: str, output: str | None, texts: "list[TextFile]") -> "Sorter":
    """What sorts the records into files. UsageError for names of files that cannot be."""
    from lmkit.filtering.sorting import Destination, Sorter
    from lmkit.text.records.outputs import RecordFile

    def destination(output: str | None, rejected: str | None) -> Destination:
        names = plan.names(output, for_records=not options.thresholds_only and options.curve is None)
        return Destination(
            tuple(map(RecordFile.named, names)), None if rejected is None else RecordFile.named(rejected)
        )

    sorter = Sorter(
        destination(output, options.rejected),
        plan.criteria,
        plan.thresholds,
        append=options.append,
        prefix=options.prefix,
        other=None if options.bitext_file is None else destination(options.bitext_output, options.bitext_rejected),
    )
    check_places(sorter.all_files, texts, options.files_beside(model))
    return sorter


def refuse_shared_pipes(options: Selecting, model: str, texts: "list[TextFile]") -> None:
    """UsageError where two of all that is read would come from standard input."""
    from lmkit.text.sources.names import source_name

    named = {"MODEL": model, "--against": options.against, "--bitext": options.bitext}
    named |= {"--bitext-against": options.bitext_against, "--curve": options.curve}
    piped = [name for name, path in named.items() if path == "-"]
    piped += ["the text" for text in texts if source_name(text) == "<stdin>"]
    if len(piped) > 1:
        raise UsageError(f"{piped[0]} and {piped[1]} would both be standard input.", "Name a file for one of them.")


def refuse_pipes(texts: "list[TextFile]") -> None:
    """UsageError for texts that cannot be read twice."""
    from lmkit.text.sources.names import is_special, source_name

    for text in texts:
        if not isinstance(text.source, str | os.PathLike) or text.source == "-" or is_special(text.source):
            raise UsageError(
                f"{source_name(text)} is to be read twice, for --quantiles or --keep, and a pipe can be read only once.",
                "Name a file, or give --thresholds FILE, or a limit such as --max-perplexity.",
            )


def refuse_other_model(thresholds: "Thresholds | None", signature: str, *, force: bool) -> None:
    """UsageError where thresholds are those of another model."""
    if thresholds is not None and thresholds.signature != signature and not force:
        raise UsageError(
            f"the thresholds were found with another model: {thresholds.signature}; this one is: {signature}.",
            "Find them with this model (--thresholds-only), or take them all the same with --force.",
        )


def prints_only(sorter: "Sorter") -> bool:
    """Whether nothing is written but to standard output."""
    return all(file.path == "-" for file in sorter.all_files)


def tell(summary: "FilterSummary", options: Selecting, form: Form | None, *, on_stdout: bool) -> None:
    """What became of the records."""
    if options.append or options.max_bits_per_byte is not None:
        tell_unspelled(options.quiet, {"": summary.unspelled})
    if form is not None:
        write_record(form, summary.as_dict(), on_stdout=on_stdout)
    else:
        rendering.narrate(options.quiet, summary.in_words())
