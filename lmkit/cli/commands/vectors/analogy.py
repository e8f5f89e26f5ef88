"""lmkit vectors analogy"""

from typing import TYPE_CHECKING, Annotated

from lmkit.cli.command import command
from lmkit.cli.declared import Argument, Option
from lmkit.cli.options import groups as shared
from lmkit.cli.options.numbers import all_if_zero
from lmkit.cli.options.printed_form import As, form_of
from lmkit.cli.options.vectors import Vectors
from lmkit.cli.options.vectors.rows import Top, load_rows, refuse_shared_stdin
from lmkit.cli.output.forms.protocol import Cells, number_cells, word_cells
from lmkit.cli.output.forms.registry import Form, write_block
from lmkit.errors import UsageError
from lmkit.vectors.queries.names import METHODS, TOP, Method

if TYPE_CHECKING:
    from lmkit.vectors.queries.analogies import Answers
    from lmkit.vectors.queries.rows import Rows


@command(short="Answer what is to one word as another to a third.", after="neighbours")
def analogy(
    vectors: Vectors,
    words: Annotated[
        list[str] | None,
        Argument(metavar="[WORD...]", help="The first is to the second as the third to the answer: homme roi femme."),
    ] = None,
    questions: Annotated[
        str | None,
        Option(
            metavar="FILE",
            help="Questions, one a line: three words, or four, the last of which is the right answer; lines as `: section` are left out; - is standard input.",
        ),
    ] = None,
    method: Annotated[
        Method, Option(help="3CosAdd: the cosine with b - a + c; 3CosMul: cosines with b and c over that with a.")
    ] = METHODS[0],
    top: Top = TOP,
    workers: shared.Workers = None,
    json: shared.JsonOption = False,
    as_: As = None,
) -> None:
    """Answer analogies, a : b = c : ?. The answer is the word nearest to b - a + c, and none of the three.

    \b
    lmkit vectors analogy vectors.safetensors homme roi femme        # homme : roi = femme : ?, roi - homme + femme
    lmkit vectors analogy vectors.safetensors --questions questions.txt --top 1 --method mul

    Prints `a TAB b TAB c TAB answer TAB score`, best first; of questions that have the right answer also that, last.
    Vectors are taken with length 1. mul is (cos(d,b)+1)/2 * (cos(d,c)+1)/2 / ((cos(d,a)+1)/2 + 0.001).

    Memory: the vectors, of which lmkit's own format is mapped from disk, and some 20 MB.
    """
    from lmkit.vectors.queries.analogies import analogies
    from lmkit.vectors.queries.questions import read_words

    form = form_of(as_, json=json)
    if (questions is None) == (not words):
        raise UsageError(
            "three words are needed, or --questions FILE.", "homme roi femme asks for homme : roi = femme : ?"
        )
    if questions is None:
        asked: list[tuple[str, ...]] = [tuple(words or [])]
        if len(asked[0]) != 3:
            raise UsageError(
                f"{len(asked[0])} words were given, and an analogy is asked with three.",
                "homme roi femme asks for homme : roi = femme : ?",
            )
    else:
        refuse_shared_stdin(vectors, questions)
        asked = read_words(questions, 3, 4, sections=True)
    rows = load_rows(vectors)
    found = analogies(
        rows,
        [(a, b, c) for a, b, c, *_ in asked],
        method=method,
        top=all_if_zero(top),
        resources=shared.resources(workers),
    )
    show(rows, found, asked, form)


def show(rows: "Rows", found: "Answers", asked: list[tuple[str, ...]], form: Form) -> None:
    """One row an answer."""
    from lmkit.engine.columns import as_texts, texts_at

    names = ["a", "b", "c", "answer", "score"]
    columns = [
        *(word_cells([question[place] for question in asked], found.question) for place in range(3)),
        Cells(as_texts(texts_at(rows.words.arrow_words(), found.row))),
        number_cells(found.score),
    ]
    if any(len(question) == 4 for question in asked):
        expected = [question[3] if len(question) == 4 else "" for question in asked]
        names.append("expected")
        columns.append(word_cells(expected, found.question))
    write_block(names, columns, form)
