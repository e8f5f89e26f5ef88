"""lmkit perplexity"""

import math
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any, Literal

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import by_class
from lmkit.cli.options import groups as shared
from lmkit.cli.options.mixing import Decay, Mix, mixed
from lmkit.cli.options.printed_form import As, Form, form_of
from lmkit.cli.options.spelling import SpellUnknown, spelled
from lmkit.cli.output import rendering
from lmkit.cli.output.forms.protocol import Cells, number_cells, word_cells
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.record_rows import RecordRows
from lmkit.cli.output.records import write_record
from lmkit.cli.output.signatures import with_short_signatures
from lmkit.cli.output.small_tables import row_writer
from lmkit.cli.output.standard import while_read
from lmkit.cli.output.unspelled import tell_unspelled
from lmkit.errors import GateError, UsageError

if TYPE_CHECKING:
    from lmkit.scoring.figures import Perplexity, ScoreTotals
    from lmkit.scoring.perplexity import ScoredBlock
    from lmkit.scoring.protocol import Model
    from lmkit.text.sources.names import TextFile

SENTENCE_COLUMNS = ("line", "log10_prob", "tokens", "oov", "perplexity")

By = Annotated[
    Literal["corpus", "file", "record", "sentence", "token"],
    Option(help="One figure, or one for each file, record (line, JSON object, row), sentence or token."),
]
Nltk = Annotated[
    str | None,
    Option(
        metavar="NAME",
        help="The figure that this model of NLTK gives, from counts: MLE, Lidstone:0.1, KneserNeyInterpolated:0.75, ...",
    ),
]
Id = Annotated[
    str | None,
    Option(
        metavar="FIELD",
        help="With --by record: the field or column that names records, nested as a.b [default: the number of the line or row].",
    ),
]
FailAbove = Annotated[
    float | None,
    Option(metavar="X", help="Exit with 3 if the perplexity of the corpus (of a file, with --by file) is above X."),
]


@command(
    short="Measure how well a model predicts text.", after="smooth", topic="Measure", known_as=("ppl", "score", "query")
)
def perplexity(
    options: by_class.ScoringClasses,
    model: shared.Model,
    files: shared.Files = None,
    by: By = "corpus",
    mix: Mix = None,
    decay: Decay = None,
    spell_unknown: SpellUnknown = None,
    nltk: Nltk = None,
    id: Id = None,
    json: shared.JsonOption = False,
    as_: As = None,
    fail_above: FailAbove = None,
) -> None:
    """Measure how well a model predicts text: perplexity with and without unknown words, cross-entropy, and more.

    \b
    lmkit perplexity kn5.safetensors test.txt --json
    lmkit perplexity kn5.arpa.gz --by sentence corpus.txt | awk '$5 < 500'
    lmkit perplexity kn5.safetensors pages.jsonl --by record --id url
    lmkit perplexity kn5.safetensors test.txt --fail-above 120      # a gate for CI
    lmkit perplexity a.arpa test.txt --mix b.arpa:0.3               # 0.7 a + 0.3 b, word by word
    lmkit perplexity kn5.safetensors test.txt --mix cache:1000:0.08 # and what the last 1,000 words were
    lmkit perplexity kn5.safetensors test.txt --spell-unknown built-in   # bits a byte that compare with other models'

    A record is a line of text, a JSON object, or a row of CSV, TSV or Parquet; its figures are those of all its lines together, each
    a sentence of its own, and undefined where it has no text. A model remembers lower case and normalization and applies them again.

    Memory: the model, of which lmkit's own format is mapped from disk, and some 200 MB for the text.
    """
    from lmkit.scoring import perplexity as scoring
    from lmkit.text.limits import no_sentence

    form = form_of(as_, json=json)
    shared.refuse_shared_stdin(model, files)
    refuse_contradictions(by, mix, decay, spell_unknown, nltk, id, fail_above)
    texts = options.texts(files)
    if nltk is not None:
        show_nltk(shared.model_source(model), nltk, texts, form, options)
        return
    scorable = spelled(mixed(options.opened(model), model, mix, decay, options.unknown_word), spell_unknown)
    settings = options.settings(scorable.settings)
    how = options.for_scoring(settings)
    with progress(options.quiet, texts, "scoring"):
        if by == "file":
            shown = (while_read if fail_above is None else iter)(scoring.perplexity_by_file(scorable, texts, **how))
            check_gate(fail_above, show_files(shown, form, len(texts) > 1, options.quiet))
            return
        if by == "corpus":
            result = scoring.perplexity(scorable, texts, **how)
        else:
            rows = RecordRows(id_field=id, with_file=len(texts) > 1, form=form)
            totals = show_by(by, scorable, texts, rows, how, ends_early=fail_above is None)
            result = totals.figures(scorable.signature(settings))
    if not (result.sentences or (by == "record" and rows.number)):
        raise no_sentence(texts)
    show_whole(by, result, form, quiet=options.quiet)
    check_gate(fail_above, {"": result})


def show_whole(by: str, result: "Perplexity", form: Form, *, quiet: bool) -> None:
    """The figures of the corpus, if they are asked for, and what flatters them and those of records."""
    if by == "corpus":
        write_record(form, result.as_dict(), result.shown())
    if by in ("corpus", "record"):  # that have bits a byte
        tell_unspelled(quiet, {"": result.unspelled})


def refuse_contradictions(
    by: str,
    mix: list[str] | None,
    decay: float | None,
    spell_unknown: str | None,
    nltk: str | None,
    id_field: str | None,
    fail_above: float | None,
) -> None:
    """UsageError for options that do nothing beside the others."""
    if fail_above is not None and math.isnan(fail_above):
        raise UsageError("--fail-above is not a number.")
    if id_field is not None and by != "record":
        raise UsageError("--id names the records of --by record.", "Add --by record, or leave it out.")
    others = (mix or None, decay, spell_unknown, fail_above)
    if nltk is not None and (by != "corpus" or any(each is not None for each in others)):
        raise UsageError(
            "--nltk gives NLTK's one figure, and takes no --by, --mix, --decay, --spell-unknown or --fail-above."
        )


def show_nltk(counts: str, name: str, texts: "list[TextFile]", form: Form, options: shared.Scoring) -> None:
    """The figures of one of NLTK's models."""
    from lmkit.peers.nltk import NltkModel
    from lmkit.scoring.result import finite_or_none
    from lmkit.storage import load_counts

    kind, _, parameter = name.partition(":")
    try:
        value = float(parameter) if parameter else None
    except ValueError:
        raise UsageError(f"--nltk {name!r}: {parameter!r} is not a number.", "Write it as Lidstone:0.1.") from None
    loaded = load_counts(counts)
    model = NltkModel(loaded, kind, value)  # type: ignore[arg-type]
    settings = options.settings(loaded.settings)
    figures = vars(model.perplexity(texts, settings, options.reading()))
    write_record(form, {key: finite_or_none(figure) for key, figure in figures.items()}, figures)


def show_files(
    figures: "Iterator[tuple[str, Perplexity]]", form: Form, with_file: bool, quiet: bool
) -> "dict[str, Perplexity]":
    """One row a file, named if there are several; returns the figures by name."""
    shown: dict[str, Perplexity] = {}
    with ExitStack() as opened:
        for name, result in figures:
            named = {"file": name} if with_file else {}
            row = named | rendering.flattened(result.shown())
            row = with_short_signatures(row) if form == "table" else row
            if not shown:
                table = opened.enter_context(row_writer(form, list(row)))
            table.write(list(row.values()), named | result.as_dict())
            shown[name] = result
    tell_unspelled(quiet, {"": sum(result.unspelled for result in shown.values())})
    return shown


def show_by(
    by: str, model: "Model", texts: "list[TextFile]", rows: RecordRows, how: dict[str, Any], *, ends_early: bool
) -> "ScoreTotals":
    """One row a record, sentence or token of the texts; returns the sums of all. ends_early: where nobody reads any more."""
    from lmkit.scoring.figures import ScoreTotals
    from lmkit.scoring.perplexity import score_text
    from lmkit.scoring.records import score_records

    totals, printed = ScoreTotals(model.order), while_read if ends_early else iter
    if by == "record":
        for records in printed(score_records(model, texts, **how)):
            totals.add(records.scores)
            rows.write(records.block, records.figures().shown())
        rows.end()
        return totals
    cells = sentence_cells if by == "sentence" else token_cells
    for scored in printed(score_text(model, texts, **how)):
        totals.add(scored.scores)
        rows.write_cells(cells(scored, with_file=rows.with_file))
    rows.end()
    return totals


def token_cells(scored: "ScoredBlock", *, with_file: bool) -> dict[str, Cells]:
    """One row a token of a block."""
    from lmkit.scoring.tokens import scored_tokens

    found = scored_tokens(scored.block, scored.scores)
    return file_cells(scored, len(found.places), with_file=with_file) | {
        "line": number_cells(found.token_lines),
        "token": word_cells(found.words, found.places),
        "log10_prob": number_cells(found.log10_probs),
        **({} if found.orders is None else {"order": number_cells(found.orders)}),
        "oov": number_cells(found.oov),
    }


def sentence_cells(scored: "ScoredBlock", *, with_file: bool) -> dict[str, Cells]:
    """One row a sentence of a block."""
    from lmkit.scoring.sentences import sentence_sums

    sums = sentence_sums(scored)
    values = (sums.numbers, sums.log10_probs, sums.tokens, sums.oov, sums.perplexities)
    columns = dict(zip(SENTENCE_COLUMNS, map(number_cells, values), strict=True))
    return file_cells(scored, len(sums.numbers), with_file=with_file) | columns


def file_cells(scored: "ScoredBlock", rows: int, *, with_file: bool) -> dict[str, Cells]:
    """The name of the file in each row of a block, if there are several."""
    import numpy as np

    return {"file": word_cells([scored.block.source], np.zeros(rows, np.int64))} if with_file else {}


def check_gate(limit: float | None, figures: "dict[str, Perplexity]") -> None:
    """GateError if a perplexity is above the limit, infinite or undefined. figures: by file, or of all that was read, under no name."""
    if limit is None:
        return
    for name, result in figures.items():
        if not result.perplexity <= limit:
            raise GateError(
                f"the perplexity of {name or 'the corpus'} is {result.perplexity:.10g}, above the limit of {limit:.10g}."
            )
