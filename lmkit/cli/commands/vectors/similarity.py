"""lmkit vectors similarity"""

from typing import Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.printed_form import As, form_of
from lmkit.cli.options.vectors.rows import MeasureOption, Typed, load_rows, refuse_shared_stdin
from lmkit.cli.output import rendering
from lmkit.cli.output.forms.protocol import number_cells, word_cells
from lmkit.cli.output.forms.registry import Form, write_block
from lmkit.cli.output.small_tables import write_small_table
from lmkit.errors import UsageError
from lmkit.vectors.queries.names import FIGURES, MEASURES, Measure


@command(short="Measure how alike two words are.", after="word2vec", known_as=("cosine",))
def similarity(
    vectors: Annotated[
        str | None, Argument(metavar="[VECTORS]", help="As for `lmkit vectors neighbours`; needless for two --vector.")
    ] = None,
    words: Annotated[list[str] | None, Argument(metavar="[WORD WORD]", help="The two words.")] = None,
    vector: Typed = None,
    pairs: Annotated[
        str | None,
        Option(metavar="FILE", help="Pairs of words, one a line with a TAB between them; - is standard input."),
    ] = None,
    measure: MeasureOption = MEASURES[0],
    explain: Annotated[bool, Option("--explain", help="Show the formula with its numbers.")] = False,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Measure how alike two words are, or two vectors that are typed in: `word TAB word TAB similarity`.

    \b
    lmkit vectors similarity vectors.safetensors chat chien
    lmkit vectors similarity --vector 1,2 --vector 2,3 --explain     # 8/√65 = 0.9922778767
    lmkit vectors similarity vectors.safetensors --pairs pairs.tsv --measure euclidean

    With --measure euclidean the figure is the distance, which is 0 for equal vectors. VECTORS may be a matrix of `lmkit cooc`
    (.npz), whose rows are vectors, too.

    Memory: the vectors, of which lmkit's own format is mapped from disk.
    """
    form = form_of(as_, json=json)
    operands = [*(words or []), *(vector or [])]
    if pairs is not None:
        if operands or vectors is None or explain:
            raise UsageError("--pairs takes VECTORS, and neither words nor --vector nor --explain.")
        measure_pairs(vectors, pairs, measure, form)
        return
    if len(operands) != 2:
        raise UsageError(
            f"two words or vectors are compared, and {len(operands)} given.",
            "Give VECTORS and two words, or two --vector, or --pairs FILE.",
        )
    measure_two(vectors, words or [], vector or [], measure, explain, form)


def measure_two(
    file: str | None, words: list[str], typed: list[str], measure: Measure, explain: bool, form: Form
) -> None:
    """One line for two words or vectors, and how it comes about."""
    import numpy as np

    from lmkit.vectors.queries.explaining import explained
    from lmkit.vectors.queries.lookup import rows_of
    from lmkit.vectors.queries.measures import measured, refuse_zero
    from lmkit.vectors.queries.rows import typed_vectors

    operands = [*words, *typed]
    if file is None:
        found = typed_vectors(typed)
    else:
        rows = load_rows(file)
        found = np.concatenate((rows.vectors_at(rows_of(rows, words)), typed_vectors(typed, rows.dimensions)))
    if measure == "cosine":
        refuse_zero(operands, np.linalg.norm(found, axis=1))
    steps = (
        explained(found[0], found[1], measure, (words[0], words[1]) if len(words) == 2 else ("a", "b"))
        if explain
        else []
    )
    value = measured(found[:1], found[1:], measure).item()
    if form == "json":
        shown = {"a": operands[0], "b": operands[1], FIGURES[measure]: value}
        rendering.write_json(shown | ({"explained": steps} if explain else {}))
        return
    if explain and form in ("plain", "table"):
        for line in steps:
            rendering.write_line(line)
    elif form == "plain":
        rendering.write_line("\t".join([*operands, rendering.figure_as_text(value)]))
    else:
        write_small_table(("a", "b", FIGURES[measure]), [(*operands, value)], form=form)


def measure_pairs(file: str, pairs: str, measure: Measure, form: Form) -> None:
    """One row a pair."""
    import numpy as np

    from lmkit.vectors.queries.measures import similarities
    from lmkit.vectors.queries.questions import read_words

    refuse_shared_stdin(file, pairs)
    rows, asked = load_rows(file), [(a, b) for a, b in read_words(pairs, 2)]
    values = similarities(rows, asked, measure)
    places = np.arange(len(asked))
    columns = [word_cells([pair[side] for pair in asked], places) for side in (0, 1)]
    write_block(("a", "b", FIGURES[measure]), [*columns, number_cells(values)], form)
