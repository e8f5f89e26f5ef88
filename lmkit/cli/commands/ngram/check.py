"""lmkit ngram check"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from lmkit.cli.command import EndedError, command
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.output_format import ToModel
from lmkit.cli.options.printed_form import As, form_of, option_given
from lmkit.cli.output import files as outputs
from lmkit.cli.output import rendering
from lmkit.cli.output.forms.registry import DATA, Form
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.small_tables import row_writer
from lmkit.engine.remote.names import shown
from lmkit.engine.wording import numbered
from lmkit.errors import UsageError
from lmkit.locales import said

if TYPE_CHECKING:
    from lmkit.checking.inspection import Inspection
    from lmkit.checking.report import CheckReport
    from lmkit.engine.files.output_formats import Output

COLUMNS = ("level", "line", "kind", "message")
SHOWN = 20  # problems of one level and kind that the table shows


Checked = Annotated[
    str,
    Argument(
        metavar="MODEL", help="A model or counts: lmkit's own, ARPA of any tool, or KenLM's trie; - is standard input."
    ),
]


@command(short="Find and repair what is wrong with a model.", after="info")
def check(
    model: Checked,
    every: Annotated[
        bool, Option("--all-histories", formerly=("--all",), help="Sum up the probabilities after all histories.")
    ] = False,
    samples: Annotated[
        int, Option(metavar="N", help="Sum them up after N histories, the empty one, and <s>.", min=0)
    ] = 1000,
    seed: Annotated[int, Option(metavar="S", help="Draws other histories.", min=0)] = 0,
    tolerance: Annotated[float, Option(metavar="X", help="How far a sum may be from 1.", min=0)] = 1e-3,
    json: shared.JsonOption = False,
    as_: As = None,
    strict: Annotated[bool, Option("--strict", help="Exit with 1 for warnings, too.")] = False,
    repair: Annotated[bool, Option("--repair", help="Write a repaired model to -o FIXED.")] = False,
    renormalize: Annotated[
        bool, Option("--renormalize", help="With --repair: compute all backoffs anew, so that sums are 1.")
    ] = False,
    output: Annotated[
        str | None,
        Option("--output", "-o", metavar="FIXED", help="Where --repair writes: .arpa, .arpa.gz or .safetensors."),
    ] = None,
    to: ToModel = None,
    quiet: shared.Quiet = False,
) -> None:
    """Find all that is wrong with a model or counts, and repair models.

    \b
    lmkit ngram check theirs.arpa.gz
    lmkit ngram check kn5.safetensors --all-histories --tolerance 1e-6
    lmkit ngram check broken.arpa --repair -o fixed.arpa

    Lists format errors, missing and repeated n-grams, impossible values, odd marks, and histories after which the
    probabilities do not sum to 1. Exits with 1 if there are errors (with --repair: errors that are left). The table
    shows 20 problems of each kind, --json 10,000; with -o - it is on standard error.

    Memory: about 60 bytes an n-gram of ARPA; lmkit's own files are mapped from disk, and take 8 bytes an n-gram,
    with --all-histories 24.
    """
    from lmkit.checking.inspection import inspect
    from lmkit.checking.report import report

    form = form_of(as_, json=json)
    target = check_options(repair, renormalize, output, to, printed=option_given(as_, json=json))
    to_stdout = target is not None and target.path == "-"
    source = shared.model_source(model)
    sums: dict[str, Any] = {"samples": None if every else samples, "seed": seed, "tolerance": tolerance}
    with progress(quiet, [source]):
        found = inspect(source)
        result = report(found, **sums)
    if form == "json":
        rendering.write_json(result.as_dict())
    elif not (to_stdout and quiet):
        show_table(result, "plain" if to_stdout else form, rendering.tell if to_stdout else rendering.write_line)
    narrate_report(result, quiet, shards_in_words(model))
    if target is not None:
        result = repair_into(target, found, renormalize=renormalize, quiet=quiet, sums=sums)
    if found.listed is not None and not renormalize:
        hint(result, repair, quiet)
    if not result.ok or (strict and result.warnings):
        raise EndedError(1)


def check_options(
    repair: bool, renormalize: bool, output: str | None, to: str | None, *, printed: str | None
) -> "Output | None":
    """What is to be written; UsageError for options that need another, and an output that cannot be written."""
    if repair != (output is not None):
        raise UsageError("--repair and -o FIXED go together.", "Give both, or neither to check only.")
    if renormalize and not repair:
        raise UsageError("--renormalize belongs to --repair.", "Add --repair -o FIXED.")
    if printed and output == "-":
        raise UsageError(f"{printed} and -o - would both write to standard output.", "Give a file with -o.")
    if to is not None and not repair:
        raise UsageError("--to is for what --repair writes.", "Add --repair -o FIXED, or leave it out.")
    return outputs.check_output(output, "model", to=to) if repair else None


def repair_into(
    target: "Output", found: "Inspection", *, renormalize: bool, quiet: bool, sums: dict[str, Any]
) -> "CheckReport":
    """What is still wrong with the repaired model, which is written."""
    from lmkit.checking.repair import repair_model

    with progress(quiet):
        repaired = repair_model(found, renormalize=renormalize, **sums)
        outputs.write_result(repaired.model, target)
    for change in repaired.repairs.in_words():
        rendering.narrate(quiet, change)
    report = in_words(repaired.report)
    output = shown(str(target.path))
    rendering.narrate(quiet, f"the repaired model: {report}" if target.path == "-" else f"wrote {output}: {report}")
    return repaired.report


def show_table(result: "CheckReport", form: Form, write: Callable[[str], None]) -> None:
    """One row a problem, at most SHOWN of each level and kind."""
    spoken = said if form == "table" else str  # data are the same in all languages
    shown: dict[tuple[str, str], int] = {}
    with row_writer(form, COLUMNS, write) as table:
        table.begin()
        for problem in result.problems:
            key = problem.level, problem.kind
            shown[key] = shown.get(key, 0) + 1
            if shown[key] <= SHOWN or form in DATA:
                table.write((problem.level, problem.line, problem.kind, spoken(problem.message)))
            elif shown[key] == SHOWN + 1:
                more = result.totals[problem.level][problem.kind] - SHOWN
                table.write((problem.level, None, problem.kind, spoken(f"and {more:,} more")))


def shards_in_words(model: str) -> str:
    """In how many shards a model is, if it is in any."""
    from lmkit.engine.shards.places import is_folder_of_shards
    from lmkit.engine.shards.reading import manifest_of

    if not is_folder_of_shards(model):
        return ""
    number = len(manifest_of(model).shards)
    return f", in {numbered(number, 'shard')}"


def narrate_report(result: "CheckReport", quiet: bool, shards: str) -> None:
    """Say what was checked, and how it is. shards: of how many it is, in words."""
    ngrams = " ".join(f"{number:,}" for number in result.ngrams.values())
    kind = {"arpa": "ARPA", "model": "model", "counts": "counts"}[result.format]
    rendering.narrate(
        quiet, f"{result.source}: {kind} of order {result.order}{shards}, n-grams {ngrams}: {in_words(result)}"
    )
    if result.largest_deviation is not None:
        word = result.largest_deviation_history
        where = f"after {word!r}" if word else "of the 1-grams"
        rendering.narrate(
            quiet,
            f"{result.histories:,} sums of probabilities: at most {result.largest_deviation:.3g} from 1, {where}",
        )


def hint(result: "CheckReport", repaired: bool, quiet: bool) -> None:
    """Say which options would help against the errors that there are."""
    sums = "sum" in result.totals["error"]
    others = len(result.totals["error"]) > sums
    if others and not repaired:
        rendering.narrate(quiet, "--repair -o FIXED writes the model without what is wrong with its n-grams")
    if sums:
        rendering.narrate(
            quiet, "--repair --renormalize -o FIXED computes its backoffs anew, so that probabilities sum to 1"
        )


def in_words(result: "CheckReport") -> str:
    """The numbers of errors, warnings and notes."""
    return (
        f"{numbered(result.errors, 'error')}, {numbered(result.warnings, 'warning')}, {numbered(result.notes, 'note')}"
    )
