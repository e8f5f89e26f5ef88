"""lmkit explain"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from lmkit.cli.command import command
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, form_of
from lmkit.cli.output import rendering
from lmkit.cli.output.records import write_lines
from lmkit.cli.output.signatures import with_short_signatures
from lmkit.cli.output.small_tables import write_small_table
from lmkit.cli.output.terminal.tables import hanging
from lmkit.errors import UsageError
from lmkit.locales import said

if TYPE_CHECKING:
    from lmkit.scoring.explaining.explanation import ExplainedWord

COLUMNS = ("word", "read_as", "step", "counts", "formula", "numbers", "value")
LONGEST_FRACTION = 50  # characters of a product that are shown


@command(short="Show how probabilities come about.", after="classify", topic="Look", known_as=("why",))
def explain(
    model: Annotated[
        str,
        Argument(
            metavar="MODEL",
            help="A model of any family or counts: lmkit's own, ARPA, KenLM's trie, or a recipe; - is standard input.",
        ),
    ],
    sentence: Annotated[str, Argument(metavar="SENTENCE", help="The sentence, in quotes.")],
    counts: Annotated[
        str | None,
        Option(metavar="COUNTS", help="The counts that the model was made from, if it has not kept them."),
    ] = None,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Show how the probability of each word of a sentence comes about, order by order, with the numbers in the formula.

    \b
    lmkit explain kn3.safetensors "l' eau est claire"
    lmkit explain kn5.safetensors --counts counts.safetensors "l' eau est claire"

    c: count; N1+(• h): number of distinct words before h, N1+(h •): after h; C: sum over the words after h; V: words that
    can be predicted; h′: h without its first word; γ: what is left for the order below.

    Interpolated models are their counts; others of up to a million n-grams keep them. The rest, and those of other tools, show the probabilities and
    backoffs that they store. Of a mixture, each word has the probabilities that its models give it, and their weighted sum.
    Of a neural model, each has its logit z, the softmax, its place among all words, the entropy of the distribution, and what is most probable there.

    Memory: lmkit's own files are mapped from disk.
    """
    from lmkit.scoring.explaining.explanation import sentence_figures
    from lmkit.scoring.result import finite_or_none
    from lmkit.smoothing.explaining import explain as explain_sentence
    from lmkit.storage import load_counts, load_explained

    form = form_of(as_, json=json)
    if model == "-" and counts == "-":
        raise UsageError("the model and the counts would both be read from standard input.", "Give one as a file.")
    value = load_explained(shared.model_source(model))
    given = None if counts is None else load_counts(shared.model_source(counts))
    explained = explain_sentence(value, sentence, given)
    figures = sentence_figures(explained) | {"signature": value.signature()}
    if form == "json":
        finite = {name: finite_or_none(figure) for name, figure in figures.items()}
        rendering.write_json({"words": [word.as_dict() for word in explained]} | finite)
        return
    if form not in ("plain", "table"):
        write_small_table(COLUMNS, rows_of(explained), form=form)
        return
    for word in explained:
        show_word(word, hanging if form == "table" else str)
    if len(figures["fraction"] or "") > LONGEST_FRACTION or figures["fraction"] is None:
        del figures["fraction"]
    if form == "table":
        write_lines({name: rendering.figure_as_text(value) for name, value in with_short_signatures(figures).items()})
    else:
        rendering.write_figures(figures)


def rows_of(explained: "Sequence[ExplainedWord]") -> list[tuple[Any, ...]]:
    """A row for each step of each word."""
    return [
        (word.word, word.read_as, step.name, step.counts, step.formula, step.numbers, float(step.value))
        for word in explained
        for step in word.steps
    ]


def show_word(word: "ExplainedWord", laid_out: Callable[[str], str]) -> None:
    """The steps of a word, from the lowest order up. laid_out: what makes lines that fit of one that may be long."""
    from lmkit.scoring.explaining.explanation import shown

    rendering.write_line(word.word if word.word == word.read_as else f"{word.word} ({said('unknown:')} {word.read_as})")
    for step in word.steps:
        if step.counts:
            rendering.write_line(laid_out(f"    {said(step.counts)}"))
        parts = [said(step.name), said(step.formula), said(step.numbers)]
        value, decimal = shown(step.value), f"{float(step.value):.7g}"
        parts += [value] if value not in (step.numbers, decimal) else []
        rendering.write_line(laid_out("  " + " = ".join([*filter(None, parts), decimal])))
    rendering.write_line("")
