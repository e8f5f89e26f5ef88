"""lmkit compare"""

import math
from typing import TYPE_CHECKING, Annotated, Any

from lmkit.cli.command import command
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, Form, form_of
from lmkit.cli.options.spelling import SpellUnknown, spelled
from lmkit.cli.output import github, rendering
from lmkit.cli.output.forms.documents import markdown_of
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.signatures import with_short_signatures
from lmkit.cli.output.small_tables import markdown_table, write_small_table
from lmkit.cli.output.unspelled import tell_unspelled
from lmkit.engine.remote.names import shown
from lmkit.errors import GateError, UsageError
from lmkit.evaluation.gates import LOWEST_MARGIN
from lmkit.scoring.resampling import FEWEST_SAMPLES, SAMPLES, TESTS, Test

if TYPE_CHECKING:
    from lmkit.evaluation.gates import Gate
    from lmkit.evaluation.judging import Resampling
    from lmkit.evaluation.outcome import Check
    from lmkit.scoring.comparison import Comparison
    from lmkit.scoring.protocol import Model
    from lmkit.text.settings import TextSettings

COLUMNS = ("figure", "a", "b", "difference", "low", "high")
FACTS = ("model", "comparable", "signature", "test", "samples", "seed")  # rows that are no figures
A_TOKEN = (
    "perplexity",
    "perplexity_ratio",
    "perplexity_excluding_oov",
    "perplexity_excluding_oov_ratio",
    "cross_entropy_bits",
    "cross_entropy_bits_excluding_oov",
    "log10_prob_per_token",
)
A_UNIT = (  # of the text, whatever the tokens are
    "bits_per_byte",
    "byte_perplexity",
    "byte_perplexity_ratio",
    "bits_per_character",
    "word_perplexity",
    "word_perplexity_ratio",
)


FailWorseBy = Annotated[
    float | None,
    Option(
        "--fail-worse-by",
        metavar="SHARE",
        help="Exit with 3 if B is worse than A by more than this share of its perplexity (0: at all; -0.02: unless it is 2 % better).",
        min=LOWEST_MARGIN,
    ),
]
Significant = Annotated[
    bool, Option("--significant", help="With --fail-worse-by: only if the 95 % interval of the test lies beyond it.")
]


@command(short="Compare two models on a text.", after="generate", topic="Measure", known_as=("diff", "significance"))
def compare(
    options: shared.Scoring,
    a: Annotated[str, Argument(metavar="A", help="A model or counts; - is standard input.")],
    b: Annotated[str, Argument(metavar="B", help="Another one.")],
    files: shared.Files = None,
    test: Annotated[Test, Option(help="How sure the difference is.")] = TESTS[0],
    samples: Annotated[int, Option(metavar="N", help="Samples of the test.", min=FEWEST_SAMPLES)] = SAMPLES,
    seed: Annotated[int, Option(metavar="N", help="Of the random numbers of the test.", min=0)] = 0,
    spell_unknown: SpellUnknown = None,
    strict: Annotated[bool, Option("--strict", help="Refuse models whose perplexities cannot be compared.")] = False,
    fail_worse_by: FailWorseBy = None,
    significant: Significant = False,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Compare two models on a text: all figures of both, their differences (B - A, or B / A), and how sure these are.

    \b
    lmkit compare kn3.safetensors kn5.safetensors test.txt
    lmkit compare katz.arpa.gz kn5.safetensors test.txt --test bootstrap-t --json --samples 10000
    lmkit compare kn5.safetensors characters.safetensors test.txt --spell-unknown built-in
    lmkit compare published.safetensors new.safetensors test.txt --fail-worse-by 0.01 --significant    # a gate for CI

    low and high are the 95 % interval of a paired test over sentences; p_value is two-sided. With fewer than 50 sentences
    the bootstrap finds too many differences: bootstrap-t and randomization hold their level better. Perplexities can be
    compared only if both models predict the same tokens from the same vocabulary. If they do not, bits per byte and
    word perplexity come first, and the perplexities are marked; --strict refuses.

    Memory: both models, some 400 MB for the text, and 100 bytes a sentence.
    """
    from lmkit.evaluation.judging import Resampling
    from lmkit.scoring.comparison import compare as measure
    from lmkit.storage import load_scoring

    form = form_of(as_, json=json)
    refuse_one_input(a, b, files)
    gate = gate_of(shown(a), fail_worse_by, significant=significant)
    texts = options.texts(files)
    loaded = (load_scoring(shared.model_source(model), options.unknown_word) for model in (a, b))
    one, other = (spelled(model, spell_unknown) for model in loaded)
    with progress(options.quiet, texts, "scoring"):
        settings = options.settings(one.settings), options.settings(other.settings)
        how: dict[str, Any] = {"reading": options.reading(), "resources": shared.resources(options.workers)}
        drawn: dict[str, Any] = {"test": test, "samples": samples, "seed": seed}
        result = measure(one, other, texts, strict=strict, settings=settings, **drawn, **how)
    for note in notes(result):
        rendering.narrate(options.quiet, note)
    tell_unspelled(options.quiet, {"a": result.a.unspelled, "b": result.b.unspelled})
    names = shown(a), shown(b)
    resampling = Resampling(**drawn, workers=options.workers)
    check = None if gate is None else judged(gate, result, names, (one, other), settings, resampling)
    show(result, names, check, form)
    if check is not None:
        github.summarize(in_markdown(result, check, names))
        refuse_failure(check, options.quiet)


def refuse_one_input(a: str, b: str, files: list[str] | None) -> None:
    """UsageError where standard input would be two things."""
    if a == b == "-":
        raise UsageError("both models would be read from standard input.", "Name a file for one of them.")
    for model in (a, b):
        shared.refuse_shared_stdin(model, files)


def gate_of(baseline: str, margin: float | None, *, significant: bool) -> "Gate | None":
    """What must hold of B, if something must."""
    from lmkit.evaluation.gates import NO_WORSE, Gate

    if significant and margin is None:
        raise UsageError("--significant is for --fail-worse-by.", "Give both.")
    return None if margin is None else Gate(NO_WORSE, baseline=baseline, margin=margin, significant=significant)


def show(result: "Comparison", names: tuple[str, str], check: "Check | None", form: Form) -> None:
    """The figures of both models, by their names, and what came of the gate."""
    if form != "json":
        from lmkit.cli.output.forms import rounding

        told = rows(result, {"a": names[0], "b": names[1]}, is_short=False)
        if form == "table":  # each row is of another kind
            told = [[None if value is None else rounding.shown(value) for value in row] for row in told]
        write_small_table(COLUMNS, told, form=form, facts=lambda row: row[0] in FACTS)
        return
    figures = result.as_dict() | ({} if check is None else {"gate": told_of(check)})
    figures |= {side: {"model": name} | figures[side] for side, name in zip(("a", "b"), names, strict=True)}
    rendering.write_json(figures)


def judged(
    gate: "Gate",
    result: "Comparison",
    names: tuple[str, str],
    models: "tuple[Model, Model]",
    settings: "tuple[TextSettings, TextSettings]",
    how: "Resampling",
) -> "Check":
    """Whether B is no worse than A, but for a margin."""
    from lmkit.evaluation.judging import Found, check_no_worse

    measured = result.measured if gate.significant and result.measured is not None else (None, None)
    baseline, found = map(Found, names, (result.a, result.b), measured, models, settings)
    return check_no_worse(gate, found, baseline, how)


def told_of(check: "Check") -> dict[str, Any]:
    """What came of the gate, as JSON values."""
    return {name: value for name, value in check.as_dict().items() if name != "line"}


def in_markdown(result: "Comparison", check: "Check", names: tuple[str, str]) -> str:
    """The comparison as the summary of a job."""
    table = rows(result, {"a": names[0], "b": names[1]}, is_short=True)
    title = f"### lmkit compare {markdown_of(names[0])} {markdown_of(names[1])}: {check.status}"
    return f"{title}\n\n{markdown_of(check.reason)}\n\n{markdown_table(COLUMNS, table)}"


def refuse_failure(check: "Check", quiet: bool) -> None:
    """GateError if B is worse than it may be; says what has to be known of it, if not."""
    if check.status == "fail":
        raise GateError(check.reason)
    if check.reason:
        rendering.narrate(quiet, check.reason)


def notes(result: "Comparison") -> list[str]:
    """What has to be known to read the figures."""
    told = []
    if not result.comparable:
        told.append(
            f"the perplexities cannot be compared: {'; '.join(result.reasons)}. "
            "Compare bits per byte or character, or word perplexity."
        )
    if result.bootstrap is None:
        impossible = [name for name in ("a", "b") if getattr(result, name).zero_probability_tokens]
        told.append(f"no interval: some tokens have probability 0 under {' and '.join(impossible)}.")
    elif result.over == "known_tokens":
        told.append("OOV tokens have probability 0 under both models: the difference is that of known tokens.")
    if result.bootstrap is not None and result.bootstrap.sentences < 2:
        told.append("no interval: there is but one sentence to draw from.")
    if result.bootstrap is not None and result.bootstrap.warning:
        told.append(result.bootstrap.warning)
    return told


def rows(result: "Comparison", models: dict[str, str], *, is_short: bool) -> list[list[Any]]:
    """The rows of the table: what can be compared comes first. is_short: signatures say what differs from the defaults."""
    figures = [rendering.flattened(each.shown()) for each in (result.a, result.b)]
    if is_short:
        figures = list(map(with_short_signatures, figures))
    differences = {name: value for name, value in result.differences().items() if not math.isnan(value)}
    first, second = (A_TOKEN, A_UNIT) if result.comparable else (A_UNIT, A_TOKEN)
    ends = interval(result)
    table: list[list[Any]] = [
        ["model", models["a"], models["b"]],
        ["comparable", None, None, "yes" if result.comparable else "no"],
    ]
    if result.bootstrap is not None:
        drawn = result.bootstrap
        table.append(["p_value", None, None, drawn.p_value])
    names = dict.fromkeys((*first, *second, *figures[0], *figures[1]))
    for name in sorted(names, key="signature".__eq__):  # that comes last
        values: list[Any] = [each.get(name) for each in (*figures, differences)]
        if values != [None, None, None]:
            table.append([name, *values, *ends.get(name, ())])
    if result.bootstrap is not None:
        table += [[name, None, None, getattr(drawn, name)] for name in ("test", "samples", "seed")]
    return [row + [None] * (len(COLUMNS) - len(row)) for row in table]


def interval(result: "Comparison") -> dict[str, tuple[float, float]]:
    """The ends of the intervals of the figures that have one."""
    found = result.as_dict()["bootstrap"]
    if found is None or found["low"] is None:
        return {}
    return {
        found["figure"]: (found["low"], found["high"]),
        found["ratio_figure"]: (found["ratio_low"], found["ratio_high"]),
    }
