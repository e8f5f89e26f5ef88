"""lmkit next"""

from typing import TYPE_CHECKING, Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, Form, form_of
from lmkit.cli.output import rendering
from lmkit.cli.output.forms.registry import table_writer

if TYPE_CHECKING:
    from lmkit.scoring.generating.prediction import NextWords

COLUMNS = ("word", "probability", "log10_prob", "order")
DIGITS = 10  # of probabilities in the table


@command(short="Predict the next word.", after="explain", topic="Look", known_as=("predict", "continue"))
def next_words(
    model: shared.Model,
    history: Annotated[
        str,
        Argument(metavar="[HISTORY]", help="The words before it, in quotes; none: the first word of a sentence."),
    ] = "",
    top: Annotated[int, Option(metavar="K", help="Only the K most probable words; 0: all.", min=0)] = 10,
    start: Annotated[
        bool, Option("--start/--no-start", help="Whether the history begins the sentence, after <s>.")
    ] = True,
    json: shared.JsonOption = False,
    as_: As = None,
    quiet: shared.Quiet = False,
) -> None:
    """Predict the next word: its whole smoothed distribution, unseen continuations included, most probable first.

    \b
    lmkit next kn5.safetensors "l' eau"
    lmkit next kn5.arpa.gz "of the" --no-start --top 0 --json

    </s> and <unk> are listed, too. `order` is the length of the n-gram that gave the probability.
    The history is shaped as the model wants; its unknown words are <unk>.

    Memory: the model, of which lmkit's own format is mapped from disk, and some 50 bytes a word of the vocabulary.
    """
    from lmkit.scoring.generating.prediction import next_words as predict
    from lmkit.storage import load_predicting

    form = form_of(as_, json=json)
    found = predict(load_predicting(shared.model_source(model)), history, start=start, top=top or None)
    if found.oov:
        rendering.narrate(quiet, f"not in the vocabulary, read as <unk>: {' '.join(found.oov)}")
    if not found.probabilities.any():
        rendering.narrate(quiet, "no word has a probability above 0 after this history")
    if form == "json":
        show_json(found)
    else:
        show_table(found, form)


def show_table(found: "NextWords", form: Form) -> None:
    """One row a word."""
    import numpy as np

    from lmkit.cli.output.forms.protocol import Cells, number_cells, word_cells

    probabilities = np.array([float(f"{value:.{DIGITS}g}") for value in found.probabilities.tolist()])
    names = COLUMNS if found.orders is not None else COLUMNS[:-1]
    columns = [
        word_cells(found.words, np.arange(len(found.words))),
        Cells(found.probabilities, plain=rendering.number_column(probabilities, as_json=False, decimals=None)),
        number_cells(found.log10_probs),
        *([] if found.orders is None else [number_cells(found.orders)]),
    ]
    with table_writer(form) as table:
        table.begin(names)
        table.write(columns)


def show_json(found: "NextWords") -> None:
    """One object; log10_prob is null where the probability is 0."""
    import math

    log10_probs = [value if math.isfinite(value) else None for value in found.log10_probs.tolist()]
    columns = [found.words, found.probabilities.tolist(), log10_probs]
    columns += [] if found.orders is None else [found.orders.tolist()]
    rows = [dict(zip(COLUMNS, values, strict=False)) for values in zip(*columns, strict=True)]
    rendering.write_json({"history": found.history, "oov": found.oov, "signature": found.signature, "next": rows})
