"""lmkit filter"""

import os
from typing import TYPE_CHECKING

from lmkit.cli.command import command
from lmkit.cli.options import groups as shared
from lmkit.cli.options.filtering import Filtering, Plan
from lmkit.cli.options.output_format import RecordsOutput
from lmkit.cli.output import rendering
from lmkit.cli.output import standard as standard_output
from lmkit.cli.output.files import check_output, write_output
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.record_files import check_places, open_output
from lmkit.errors import UsageError

if TYPE_CHECKING:
    from lmkit.filtering.filtering import FilterSummary
    from lmkit.filtering.sorting import Sorter
    from lmkit.filtering.thresholds import Thresholds
    from lmkit.text.sources.names import TextFile


@command(short="Keep the records that a model finds good.", after="perplexity")
def filter(  # noqa: A001 (the name of the command)
    options: Filtering,
    model: shared.Model,
    files: shared.Files = None,
    output: RecordsOutput = None,
    json: shared.JsonOption = False,
) -> None:
    """Keep the records of a text that a model finds good, as they stand: lines, JSON lines, CSV, TSV, Parquet.

    \b
    lmkit filter kn5.safetensors pages.jsonl --max-perplexity 500 -o good.jsonl
    lmkit filter kn5.safetensors pages.parquet --quantiles 0.333,0.667 -o '{bucket}.parquet'
    zcat pages.jsonl.gz | lmkit filter kn5.arpa - --format jsonl --append > measured.jsonl
    lmkit filter kn5.safetensors corpus.txt --keep 10% --rejected rest.txt > best.txt

    The perplexity of a record is that of all its lines together, each a sentence of its own. Records are written as they
    came, byte for byte; with --append, figures are added at their end. What became of them is told on stderr, with --json
    as JSON on standard output, or on stderr where the records go to standard output.

    Memory: the model and some 200 MB for the text; for --quantiles and --keep, which read the text twice, 8 bytes a record,
    and 56 bytes a record in --tmp.
    """
    from lmkit.filtering.filtering import Source, filter_records, find_thresholds
    from lmkit.filtering.measuring import Measuring
    from lmkit.storage import load_scoring

    shared.refuse_shared_stdin(model, files)
    plan = options.plan()
    texts = options.texts(files)
    if plan.reads_twice:
        refuse_pipes(texts)
    target = check_output(output, "thresholds") if options.thresholds_only else None
    sorter = sorter_of(options, plan, None if target else output, texts)
    scoring = load_scoring(shared.model_source(model))
    measuring = Measuring(scoring, options.settings(scoring.settings))
    refuse_other_model(plan.thresholds, measuring.scorer.signature, force=options.force)
    source = Source(measuring, texts, options.reading(), shared.resources(options.workers, tmp=options.tmp))
    with progress(options.quiet, texts, "filtering"):
        if target is not None:
            found = find_thresholds(source, plan.quantiles, sample=plan.sample)
            write_output(target, f"{found.to_json()}\n".encode())
            rendering.narrate(options.quiet, found.in_words())
            return
        summary = filter_records(
            source,
            sorter,
            quantiles=plan.quantiles,
            keep=plan.keep,
            sample=plan.sample,
            open_output=open_output,
            written=standard_output.while_read if prints_only(sorter) else iter,
        )
    tell(summary, options.quiet, as_json=json, on_stdout=not any(file.path == "-" for file in sorter.files))


def sorter_of(options: Filtering, plan: Plan, output: str | None, texts: "list[TextFile]") -> "Sorter":
    """What sorts the records into files. UsageError for names of files that cannot be."""
    from lmkit.filtering.sorting import Sorter
    from lmkit.text.records.outputs import RecordFile

    names = [] if options.thresholds_only else plan.names(output)
    files = [RecordFile.named(name) for name in names]
    rejected = None if options.rejected is None else RecordFile.named(options.rejected)
    check_places([*files, *([rejected] if rejected else [])], texts)
    return Sorter(
        tuple(files),
        rejected,
        plan.criteria,
        plan.thresholds,
        append=options.append,
        prefix=options.prefix,
    )


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
            f"the thresholds were found with another model: {thresholds.signature}\nthis one is: {signature}",
            "Find them with this model (--thresholds-only), or take them all the same with --force.",
        )


def prints_only(sorter: "Sorter") -> bool:
    """Whether nothing is written but to standard output."""
    return sorter.rejected is None and all(file.path == "-" for file in sorter.files)


def tell(summary: "FilterSummary", quiet: bool, *, as_json: bool, on_stdout: bool) -> None:
    """What became of the records."""
    import json

    if not as_json:
        rendering.narrate(quiet, summary.in_words())
    elif on_stdout:
        rendering.write_json(summary.as_dict())
    else:
        rendering.tell(json.dumps(summary.as_dict(), ensure_ascii=False))
