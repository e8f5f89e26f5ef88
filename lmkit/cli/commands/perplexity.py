"""lmkit perplexity"""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from lmkit.cli.command import command
from lmkit.cli.declared import Option
from lmkit.cli.options import by_class
from lmkit.cli.options import groups as shared
from lmkit.cli.options.mixing import Decay, Mix, mixed
from lmkit.cli.options.spelling import SpellUnknown, spelled
from lmkit.cli.output import rendering
from lmkit.cli.output.progress_bar import progress
from lmkit.cli.output.record_rows import RecordRows
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

    shared.refuse_shared_stdin(model, files)
    refuse_contradictions(by, mix, decay, spell_unknown, nltk, id, fail_above)
    texts = options.texts(files)
    if nltk is not None:
        show_nltk(shared.model_source(model), nltk, texts, json, options)
        return
    scorable = spelled(mixed(options.opened(model), model, mix, decay, options.unknown_word), spell_unknown)
    settings = options.settings(scorable.settings)
    how = options.for_scoring(settings)
    with progress(options.quiet, texts, "scoring"):
        if by == "file":
            shown = (while_read if fail_above is None else iter)(scoring.perplexity_by_file(scorable, texts, **how))
            check_gate(fail_above, show_files(shown, json, len(texts) > 1, options.quiet))
            return
        if by == "corpus":
            result = scoring.perplexity(scorable, texts, **how)
        else:
            rows = RecordRows(id_field=id, with_file=len(texts) > 1, as_json=json)
            totals = show_by(by, scorable, texts, rows, how, ends_early=fail_above is None)
            result = totals.figures(scorable.signature(settings))
    if not (result.sentences or (by == "record" and rows.number)):
        raise no_sentence(texts)
    show_whole(by, result, as_json=json, quiet=options.quiet)
    check_gate(fail_above, {"the corpus": result})


def show_whole(by: str, result: "Perplexity", *, as_json: bool, quiet: bool) -> None:
    """The figures of the corpus, if they are asked for, and what flatters them and those of records."""
    if by == "corpus":
        rendering.write_record(as_json, result.as_dict(), result.shown())
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


def show_nltk(counts: str, name: str, texts: "list[TextFile]", as_json: bool, options: shared.Scoring) -> None:
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
    if as_json:
        rendering.write_json({key: finite_or_none(figure) for key, figure in figures.items()})
    else:
        rendering.write_figures(figures)


def show_files(
    figures: "Iterator[tuple[str, Perplexity]]", as_json: bool, with_file: bool, quiet: bool
) -> "dict[str, Perplexity]":
    """One row a file, named if there are several; returns the figures by name."""
    shown: dict[str, Perplexity] = {}
    for name, result in figures:
        named = {"file": name} if with_file else {}
        if as_json:
            rendering.write_json(named | result.as_dict())
        else:
            row = named | rendering.flattened(result.shown())
            if not shown:
                rendering.write_header(list(row))
            rendering.write_line("\t".join(map(rendering.figure_as_text, row.values())))
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
        return totals
    show = show_sentences if by == "sentence" else show_tokens
    header = not rows.as_json
    for scored in printed(score_text(model, texts, **how)):
        totals.add(scored.scores)
        show(scored, rows.as_json, rows.with_file, header)
        header = False
    return totals


def show_tokens(scored: "ScoredBlock", as_json: bool, with_file: bool, header: bool) -> None:
    """One row a token of a block."""
    from lmkit.scoring.tokens import scored_tokens

    found = scored_tokens(scored.block, scored.scores)
    columns = {
        "line": rendering.number_column(found.token_lines, as_json),
        "token": rendering.word_column(found.words, found.places, as_json),
        "log10_prob": rendering.number_column(found.log10_probs, as_json),
        "order": None if found.orders is None else rendering.number_column(found.orders, as_json),
        "oov": rendering.number_column(found.oov, as_json),
    }
    shown = {name: column for name, column in columns.items() if column is not None}
    show_rows(tuple(shown), list(shown.values()), scored, as_json, with_file, header)


def show_sentences(scored: "ScoredBlock", as_json: bool, with_file: bool, header: bool) -> None:
    """One row a sentence of a block."""
    from lmkit.scoring.sentences import sentence_sums

    sums = sentence_sums(scored)
    values = (sums.numbers, sums.log10_probs, sums.tokens, sums.oov, sums.perplexities)
    columns = [rendering.number_column(value, as_json) for value in values]
    show_rows(SENTENCE_COLUMNS, columns, scored, as_json, with_file, header)


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
