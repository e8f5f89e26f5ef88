"""lmkit compare"""

import math
from typing import TYPE_CHECKING, Annotated, Any

from lmkit.cli.command import command
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, form_of
from lmkit.cli.options.spelling import SpellUnknown, spelled
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.small_tables import write_small_table
from lmkit.cli.output.unspelled import tell_unspelled
from lmkit.engine.remote.names import shown
from lmkit.errors import UsageError
from lmkit.scoring.resampling import FEWEST_SAMPLES, SAMPLES, TESTS, Test
from lmkit.signature import short

if TYPE_CHECKING:
    from lmkit.scoring.comparison import Comparison

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


@command(short="Compare two models on a text.", after="generate")
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
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Compare two models on a text: all figures of both, their differences (B - A, or B / A), and how sure these are.

    \b
    lmkit compare kn3.safetensors kn5.safetensors test.txt
    lmkit compare katz.arpa.gz kn5.safetensors test.txt --test bootstrap-t --json --samples 10000
    lmkit compare kn5.safetensors characters.safetensors test.txt --spell-unknown built-in

    low and high are the 95 % interval of a paired test over sentences; p_value is two-sided. With fewer than 50 sentences
    the bootstrap finds too many differences: bootstrap-t and randomization hold their level better. Perplexities can be
    compared only if both models predict the same tokens from the same vocabulary. If they do not, bits per byte and
    word perplexity come first, and the perplexities are marked; --strict refuses.

    Memory: both models, some 400 MB for the text, and 100 bytes a sentence.
    """
    from lmkit.scoring.comparison import compare as measure
    from lmkit.storage import load_scoring

    form = form_of(as_, json=json)
    if a == b == "-":
        raise UsageError("both models would be read from standard input.", "Name a file for one of them.")
    for model in (a, b):
        shared.refuse_shared_stdin(model, files)
    texts = options.texts(files)
    loaded = (load_scoring(shared.model_source(model), options.unknown_word) for model in (a, b))
    one, other = (spelled(model, spell_unknown) for model in loaded)
    with progress(options.quiet, texts, "scoring"):
        result = measure(
            one,
            other,
            texts,
            test=test,
            samples=samples,
            seed=seed,
            strict=strict,
            settings=(options.settings(one.settings), options.settings(other.settings)),
            reading=options.reading(),
            resources=shared.resources(options.workers),
        )
    for note in notes(result):
        rendering.narrate(options.quiet, note)
    tell_unspelled(options.quiet, {"a": result.a.unspelled, "b": result.b.unspelled})
    if form == "json":
        figures = result.as_dict()
        figures["a"], figures["b"] = {"model": shown(a)} | figures["a"], {"model": shown(b)} | figures["b"]
        rendering.write_json(figures)
    else:
        told = rows(result, {"a": shown(a), "b": shown(b)}, is_short=form == "table")
        write_small_table(COLUMNS, told, form=form, facts=lambda row: row[0] in FACTS)


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
        figures = [each | {"signature": short(each["signature"])} for each in figures]
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
