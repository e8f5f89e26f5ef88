"""lmkit vectors evaluate"""

from typing import TYPE_CHECKING, Any

from lmkit.cli.command import command
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, Form, form_of
from lmkit.cli.options.vectors import Vectors
from lmkit.cli.options.vectors.rows import load_rows, refuse_shared_stdin
from lmkit.cli.options.vectors.sets import MADE, Evaluating, Sets, tell_undefined
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.small_tables import write_small_table

if TYPE_CHECKING:
    from lmkit.vectors.evaluation.evaluating import Evaluation

COLUMNS = ("set", "section", "figure", "value", "low", "high", "answered", "all")
NAMED = 10  # words without a vector that are named


@command(short="Measure vectors on similarities and analogies.", after="analogy")
def evaluate(
    options: Evaluating,
    vectors: Vectors,
    sets: Sets,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Measure vectors: against people's judgements of similarity, and by analogies, always with how much of a set is covered.

    \b
    lmkit vectors evaluate vectors.safetensors wordsim353.tsv simlex999.txt questions-words.txt

    What a set is shows in its lines. spearman: rank correlation of cosines with judgements. 3cosadd, 3cosmul: share of analogies
    a : b = c : d whose best answer is d; the words of a question are no answers. low and high are the 95 % interval of a
    bootstrap over pairs or questions. Pairs and questions with words that have no vector are left out, and counted: `answered`
    of `all`. With the defaults, accuracies are those of gensim's evaluate_word_analogies. VECTORS may be a matrix of `lmkit
    cooc` (.npz), of which analogies take long.

    Memory: the vectors, of which lmkit's own format is mapped from disk, and some 20 MB for each thread.
    """
    from lmkit.vectors.evaluation.evaluating import evaluate_vectors

    form = form_of(as_, json=json)
    refuse_shared_stdin(vectors, *sets)
    with progress(options.quiet):
        result = evaluate_vectors(
            load_rows(vectors), sets, options.settings(), resources=shared.resources(options.workers)
        )
    for name, missing in result.oov.items():
        if missing:
            more = " …" if len(missing) > NAMED else ""
            rendering.narrate(
                options.quiet,
                f"{name}: {len(missing):,} of its words have no vector, or a zero one: {' '.join(missing[:NAMED])}{more}",
            )
    tell_undefined(options.quiet, result.figures)
    if form == "json":
        rendering.write_json(result.as_dict())
    else:
        show(result, form)


def show(result: "Evaluation", form: Form) -> None:
    """One row a figure, and what made them."""
    rows: list[list[Any]] = []
    for figure in result.figures:
        values = (figure.value, figure.low, figure.high, figure.answered, figure.all)
        rows.append([figure.set, figure.section or "", figure.figure, *values])
    rows += [[None, None, name, getattr(result, name), None, None, None, None] for name in MADE]
    write_small_table(COLUMNS, rows, form=form, facts=lambda row: row[2] in MADE)
