"""lmkit evaluate"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

from lmkit.cli.command import command
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, Form, form_of
from lmkit.cli.output import files as outputs
from lmkit.cli.output import github, rendering
from lmkit.cli.output.forms.documents import markdown_of
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.signatures import short
from lmkit.cli.output.small_tables import markdown_table, write_small_table
from lmkit.cli.output.unspelled import tell_unspelled
from lmkit.errors import DataError, GateError, LmkitError, Place, UsageError
from lmkit.escaping import visible

if TYPE_CHECKING:
    from lmkit.engine.files.output_formats import Output
    from lmkit.evaluation.outcome import Outcome, PairOutcome

FIGURES = (
    "perplexity",
    "perplexity_excluding_oov",
    "cross_entropy_bits",
    "word_perplexity",
    "bits_per_byte",
    "tokens",
    "oov",
    "oov_rate",
)


@command(
    short="Measure models on texts, with gates, for CI.",
    after="compare",
    topic="Measure",
    known_as=("test", "eval", "gate"),
)
def evaluate(
    suite: Annotated[str, Argument(metavar="SUITE", help="A TOML file: models, texts, gates; - is standard input.")],
    json: shared.JsonOption = False,
    as_: As = None,
    junit: Annotated[
        str | None, Option("--junit", metavar="FILE", help="Write the gates as JUnit XML (.xml), too.")
    ] = None,
    workers: Annotated[
        int | None, Option(metavar="N", help="Pairs measured at the same time [default: the cores].", min=1)
    ] = None,
    quiet: shared.Quiet = False,
) -> None:
    """Measure models on texts and check gates, as a suite describes them: for CI.

    \b
    lmkit evaluate suite.toml
    lmkit evaluate suite.toml --json --junit report.xml

    \b
    [models]                          # paths are relative to the suite
    kn5 = "kn5.safetensors"
    katz = "katz.arpa.gz"
    [texts]
    test = "test.txt"
    [gates]                           # for every pair
    max_oov_rate = 0.05
    [[gate]]
    model = "kn5"
    max_perplexity = 120
    no_worse_than = "katz"

    docs/topics/suites.md has all keys. Exit codes: 3 if a gate fails, 1 if the suite is wrong or a pair could not be measured.

    Memory: the models, of which lmkit's own format is mapped from disk, and some 100 MB for each worker.
    """
    from lmkit.evaluation.junit import as_junit
    from lmkit.evaluation.running import evaluate as run_suite
    from lmkit.evaluation.suite import read_suite

    form = form_of(as_, json=json)
    target = checked_junit(junit)
    with told_to_ci(suite, target):
        found = read_suite(shared.model_source(suite))
        texts = [path for pair in found.pairs for path in pair.text.paths]
        with progress(quiet, texts, "scoring", one_stage=True):
            outcome = run_suite(found, resources=shared.resources(workers))
    if target is not None:
        outputs.write_output(target, as_junit(outcome))
    github.summarize(in_markdown(outcome))
    if form == "json":
        rendering.write_json(outcome.as_dict())
    else:
        show(outcome, quiet, form)
    for note in notes(outcome, passed=True):
        rendering.narrate(quiet, note)
    measured = [(name_of(pair), pair.figures) for pair in outcome.pairs if pair.figures]
    unspelled = {name: figures.unspelled for name, figures in measured if figures.unspelled}
    tell_unspelled(quiet, unspelled, "the key spell_unknown of a model charges these, too")
    refuse_failures(outcome)


@contextmanager
def told_to_ci(suite: str, target: "Output | None") -> Iterator[None]:
    """Within this block, what keeps the suite from being run stands in the report and in the summary of the job, too."""
    from lmkit.evaluation.junit import error_as_junit

    try:
        yield
    except LmkitError as error:
        if target is not None:
            outputs.write_output(target, error_as_junit(suite, error))
        listed = "".join(f"- {markdown_of(line)}\n" for line in error.remedy.splitlines())
        github.summarize(f"### lmkit evaluate {markdown_of(suite)}: error\n\n{markdown_of(error.message)}\n\n{listed}")
        raise


def in_markdown(outcome: "Outcome") -> str:
    """The outcome as the summary of a job: whether all is well, what is not, and the figures."""
    status = "error" if outcome.errors else "failed" if outcome.count("fail") else "passed"
    title = f"### lmkit evaluate {markdown_of(outcome.suite.name)}: {status}"
    figures = table_of(outcome, for_people=True)
    notes_ = [*errors_of(outcome), *notes(outcome, passed=False), *notes(outcome, passed=True)]
    listed = "".join(f"- {markdown_of(note)}\n" for note in notes_)
    return f"{title}\n\n{markdown_table(*figures)}\n{listed}"


def checked_junit(junit: str | None) -> "Output | None":
    """Where the report goes: found now, and not after the work."""
    if junit in ("", "-"):
        raise UsageError("--junit needs the name of a file.", "/dev/stdout is one, where standard output is free.")
    return None if junit is None else outputs.check_output(junit, "report", option="--junit")


def show(outcome: "Outcome", quiet: bool, form: Form) -> None:
    """One row a pair: its figures, its gates of each kind, and the worst of all. On a terminal signatures are told apart."""
    names, rows = table_of(outcome, for_people=form == "table")
    if form == "table":
        signatures = {pair.pair.model.name: pair.figures.signature for pair in outcome.pairs if pair.figures}
        for model, signature in signatures.items():
            rendering.narrate(quiet, f"{model}: {short(signature)}")
    write_small_table(names, rows, form=form)


def table_of(outcome: "Outcome", *, for_people: bool) -> tuple[list[str], list[list[Any]]]:
    """The columns, and a row for each pair. for_people: what came of it first, and no signature."""
    kinds = list(dict.fromkeys(check.gate.kind for check in outcome.checks))
    names = ["text", "model", *FIGURES, *kinds, "status", "signature"]
    rows = [row(pair, kinds) for pair in outcome.pairs]
    if not for_people:
        return names, rows
    order = [0, 1, len(names) - 2, *range(2, len(names) - 2)]
    return [names[place] for place in order], [[each[place] for place in order] for each in rows]


def row(pair: "PairOutcome", kinds: list[str]) -> list[Any]:
    """The row of a pair."""
    figures: dict[str, Any] = pair.shown()["figures"] or {}
    gates = [" ".join(check.status for check in pair.checks if check.gate.kind == kind) for kind in kinds]
    shown = [figures.get(name) for name in FIGURES]
    return [pair.pair.text.name, pair.pair.model.name, *shown, *gates, pair.status, figures.get("signature", "")]


def notes(outcome: "Outcome", *, passed: bool) -> list[str]:
    """What is to be said of gates that passed, or of those that did not, pair by pair."""
    return [
        visible(
            f"{pair.pair.model.name} on {pair.pair.text.name}: {check.gate.kind} ({outcome.suite.name}:{check.gate.line}): {check.reason}"
        )
        for pair in outcome.pairs
        for check in pair.checks
        if check.reason and not pair.error and (check.status == "pass") is passed
    ]


def refuse_failures(outcome: "Outcome") -> None:
    """DataError if a pair was not measured, GateError if a gate fails; both list all that did not go well."""
    failed = f"{outcome.count('fail')} of {len(outcome.checks)} gates failed"
    places = [
        Place(outcome.suite.name, check.gate.line, f"{name_of(pair)}: {check.gate.kind}: {check.reason}")
        for pair in outcome.pairs
        for check in pair.checks
        if check.status != "pass"
    ]
    if outcome.errors:
        found = [Place(outcome.suite.name, 0, error) for error in errors_of(outcome)]
        raise DataError(
            f"{outcome.errors} of {len(outcome.pairs)} pairs could not be measured, and {failed}.",
            "\n".join([*errors_of(outcome), *notes(outcome, passed=False)]),
            [*found, *places],
        )
    if outcome.count("fail"):
        raise GateError(f"{failed}.", "\n".join(notes(outcome, passed=False)), places)


def errors_of(outcome: "Outcome") -> list[str]:
    """Why pairs were not measured: a line for each text and reason, with the models."""
    models: dict[tuple[str, str], list[str]] = {}
    for pair in outcome.pairs:
        if pair.error:
            models.setdefault((pair.pair.text.name, pair.error), []).append(pair.pair.model.name)
    return [f"{visible(', '.join(names))} on {visible(text)}: {error}" for (text, error), names in models.items()]


def name_of(pair: "PairOutcome") -> str:
    """What was measured on what."""
    return f"{pair.pair.model.name} on {pair.pair.text.name}"
