"""lmkit perplexity"""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lmkit.cli import options as shared
from lmkit.cli import rendering
from lmkit.errors import DataError, GateError, UsageError

if TYPE_CHECKING:
    from lmkit.ngrams.perplexity import Perplexity, ScoredBlock

TOKEN_NAMES = ("line", "token", "log10_prob", "order", "oov")
SENTENCE_NAMES = ("line", "log10_prob", "tokens", "oov", "perplexity")
FILE_NAMES = (
    "perplexity", "perplexity_excluding_oov", "cross_entropy_bits", "log10_prob", "tokens", "sentences", "oov", "zero_probability_tokens",
)  # fmt: skip


@shared.grouped
def perplexity(
    options: shared.Reading,
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL", help="A model or counts: lmkit's own, or ARPA, plain or compressed; - is standard input."
        ),
    ],
    files: shared.Files = None,
    by: Annotated[
        Literal["corpus", "file", "sentence", "token"],
        typer.Option(help="One figure, or one for each file, sentence or token."),
    ] = "corpus",
    json: shared.JsonOption = False,
    fail_above: Annotated[
        float | None,
        typer.Option(
            metavar="X", help="Exit with 3 if the perplexity of the corpus (of a file, with --by file) is above X."
        ),
    ] = None,
) -> None:
    """Measure how well a model predicts text: perplexity with and without unknown words, cross-entropy, and more.

    \b
    lmkit perplexity kn5.safetensors test.txt --json
    lmkit perplexity kn5.arpa.gz --by sentence corpus.txt | awk '$5 < 500'
    lmkit perplexity kn5.safetensors test.txt --fail-above 120      # a gate for CI

    A model remembers lower case and normalization and applies them again.

    Memory: the model, of which lmkit's own format is mapped from disk, and some 200 MB for the text.
    """
    from lmkit.ngrams.perplexity import ScoreTotals, as_model, perplexity_by_file, score_text
    from lmkit.storage import load

    if model == "-" and "-" in (files or ["-"]):
        raise UsageError(
            "the model comes from standard input, so the text needs a FILE of its own.", "lmkit perplexity - test.txt"
        )
    texts = shared.text_files(files)
    scorable = as_model(load(model))
    settings = options.settings(scorable.settings)
    totals = ScoreTotals(scorable.order)
    with rendering.progress(options.quiet, texts) as on_bytes:
        blocks = score_text(
            scorable, texts, settings=settings, encoding_errors=options.encoding_errors, on_bytes=on_bytes
        )
        if by == "file":
            figures = perplexity_by_file(scorable, blocks)
            show_files(figures, json)
            check_gate(fail_above, figures)
            return
        if by in ("sentence", "token"):
            show = show_sentences if by == "sentence" else show_tokens
            header = not json
            for scored in blocks:
                show(scored, json, len(texts) > 1, header)
                header = False
                totals.add(scored.scores)
        else:
            for scored in blocks:
                totals.add(scored.scores)
    if not totals.sentences:
        raise DataError(
            f"{', '.join(texts)}: there is no sentence in the text, so perplexity is undefined.",
            "It is empty, or has only blank lines.",
        )
    result = totals.figures(scorable.signature())
    if by == "corpus":
        (rendering.write_json if json else rendering.write_figures)(result.as_dict() if json else vars(result))
    check_gate(fail_above, {"the corpus": result})


def show_files(figures: "dict[str, Perplexity]", as_json: bool) -> None:
    """One row a file."""
    if not as_json:
        rendering.write_header(("file", *FILE_NAMES))
    for name, result in figures.items():
        if as_json:
            rendering.write_json({"file": name, **result.as_dict()})
        else:
            rendering.write_line(
                "\t".join([name, *(rendering.figure_as_text(getattr(result, field)) for field in FILE_NAMES)])
            )


def show_tokens(scored: "ScoredBlock", as_json: bool, with_file: bool, header: bool) -> None:
    """One row a token of a block."""
    import numpy as np

    block, scores = scored.block, scored.scores
    is_end = np.zeros(len(scores.log10_probs), bool)
    is_end[scores.ends - 1] = True
    words = [word.decode() for word in block.surface_words] + ["</s>"]
    places = np.full(len(is_end), len(words) - 1)
    places[~is_end] = block.surface
    lines = np.repeat(block.sentence_lines, np.diff(scores.ends, prepend=0))
    columns = [
        rendering.number_column(lines, as_json),
        rendering.word_column(words, places, as_json),
        rendering.number_column(scores.log10_probs, as_json),
        rendering.number_column(scores.matched_orders, as_json),
        rendering.number_column(scores.oov, as_json),
    ]
    show_rows(TOKEN_NAMES, columns, scored, as_json, with_file, header)


def show_sentences(scored: "ScoredBlock", as_json: bool, with_file: bool, header: bool) -> None:
    """One row a sentence of a block."""
    from lmkit.ngrams.perplexity import sentence_figures

    figures = sentence_figures(scored)
    values = (figures.lines, figures.log10_probs, figures.tokens, figures.oov, figures.perplexities)
    columns = [rendering.number_column(value, as_json) for value in values]
    show_rows(SENTENCE_NAMES, columns, scored, as_json, with_file, header)


def show_rows(
    names: tuple[str, ...], columns: list[Any], scored: "ScoredBlock", as_json: bool, with_file: bool, header: bool
) -> None:
    """The rows of a block, under the name of its file if there are several, after a header if it is the first."""
    import numpy as np

    if with_file:
        names = ("file", *names)
        columns = [rendering.word_column([scored.block.source], np.zeros(len(columns[0]), np.int64), as_json), *columns]
    if header:
        rendering.write_header(names)
    rendering.write_rows(names, columns, as_json)


def check_gate(limit: float | None, figures: "dict[str, Perplexity]") -> None:
    """GateError if a perplexity is above the limit, infinite or undefined."""
    if limit is None:
        return
    for name, result in figures.items():
        if not result.perplexity <= limit:
            raise GateError(f"the perplexity of {name} is {result.perplexity:.10g}, above the limit of {limit:.10g}.")
