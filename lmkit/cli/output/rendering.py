"""Data to stdout as bytes, narration and progress to stderr. Data never passes through markup of any kind."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from lmkit.cli.output import standard as standard_output
from lmkit.cli.output.terminal import on_screen
from lmkit.escaping import visible
from lmkit.locales import said

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from lmkit.classes.model import ClassCounts, ClassModel
    from lmkit.engine.phrases import Column
    from lmkit.engine.resources import Resources
    from lmkit.ngrams.backoff.model import NgramModel
    from lmkit.ngrams.counting.counts import NgramCounts
    from lmkit.text.sources.names import TextFile

PIECE = 1 << 16  # rows turned into text at a time
DECIMALS = 7  # of log10 probabilities in tables; --json gives all digits


def write(data: bytes | memoryview) -> None:
    """Write to stdout as it is: what was made for it, such as a drawing with its colors."""
    standard_output.stream().write(data)


def write_text(lines: bytes | memoryview) -> None:
    """Write lines of texts to stdout: as they are, but what a terminal would obey is made visible there."""
    standard_output.stream(text=True).write(lines)


def write_line(text: str) -> None:
    """Write a line to stdout (see `write_text`)."""
    write_text(text.encode() + b"\n")


def write_lines(lines: Iterable[str]) -> None:
    """Write lines to stdout (see `write_text`)."""
    write_text("".join(f"{line}\n" for line in lines).encode())


def write_json(value: Any, *, on_stdout: bool = True) -> None:
    """Write a JSON object on one line, to stderr where stdout is taken; infinite and undefined numbers must have become None."""
    (write_line if on_stdout else tell)(json.dumps(value, ensure_ascii=False, allow_nan=False))


def write_figures(figures: dict[str, Any]) -> None:
    """Write figures as lines `name TAB value`."""
    for name, value in flattened(figures).items():
        write_line(f"{visible(name)}\t{figure_as_text(value)}")


def flattened(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures, those within others under joined names."""
    from lmkit.scoring.result import flattened

    return flattened(figures)


def figure_as_text(value: Any) -> str:
    """A figure with ten significant digits; inf and nan as such; of a text, what would be no part of its cell is made visible."""
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, list | tuple):
        return " ".join(map(figure_as_text, value))
    return visible(str(value))


def narrate(quiet: bool, message: str) -> None:
    """Tell what was done, in one line on stderr."""
    if not quiet:
        say(visible(f"lmkit: {message}"))


def workers_told(quiet: bool, resources: "Resources", texts: "Sequence[TextFile]" = ()) -> None:
    """Tell, on stderr, of processes that share work on the texts out. DataError first, if one of these is not there."""
    if resources.processes:
        from lmkit.engine.memory import megabytes
        from lmkit.text.sources.opening import refuse_missing

        refuse_missing(texts)
        number, each = resources.shared()
        processes = "1 worker process" if number == 1 else f"{number} worker processes, each"
        narrate(quiet, f"{processes} with {megabytes(each.memory_limit)} of memory")


@cache
def tell_once(message: str) -> None:
    """Tell what was done, on stderr, be it asked for several times."""
    say(visible(f"lmkit: {message}"))


def say(message: str) -> None:
    """Tell people something on stderr, in their language."""
    tell(said(message))


def tell_renamed(former: str, now: str) -> None:
    """Tell that an option has another name."""
    say(f"lmkit: {former} is called {now} now; the old name works in this release, and not in the next.")


def tell(message: str) -> None:
    """Print lines to stderr; if nobody reads that, the work goes on all the same."""
    if sys.stderr is None:
        return
    try:
        with on_screen.cleared():
            print(visible(message, keep="\n\t"), file=sys.stderr, flush=True)
    except OSError:
        standard_output.lead_nowhere(sys.stderr.fileno())


def write_header(names: Sequence[str]) -> None:
    """Write the header line of a table."""
    write_line("\t".join(map(visible, names)))


def rows_of(names: Sequence[str], columns: "Sequence[Column]", as_json: bool) -> memoryview:
    """The rows of columns as lines: TSV, or JSON (the columns must be texts that are JSON values then)."""
    from lmkit.engine.arrow import text_to_arrow
    from lmkit.engine.columns import as_lines
    from lmkit.engine.phrases import lines_of

    if not as_json:
        return lines_of(columns)
    pieces: list[Any] = []
    for place, (name, column) in enumerate(zip(names, columns, strict=True)):
        pieces += [text_to_arrow(("{" if place == 0 else ", ") + json.dumps(name) + ": "), column]
    return as_lines([*pieces, text_to_arrow("}")], separator="")


def number_column(values: "NDArray[Any]", as_json: bool, decimals: int | None = DECIMALS) -> "pa.Array[Any]":
    """Numbers as text: rounded to some decimals in TSV, with all digits in JSON, where null is what is not finite."""
    import numpy as np

    from lmkit.engine.arrow import text_to_arrow, to_arrow
    from lmkit.engine.columns import numbers_as_text
    from lmkit.engine.kernels import call_arrow

    if values.dtype.kind == "b":
        no, yes = map(text_to_arrow, ("false", "true") if as_json else ("0", "1"))
        return call_arrow("if_else", to_arrow(values), yes, no)
    if values.dtype.kind != "f":
        return numbers_as_text(values)
    if not as_json:
        return numbers_as_text((values if decimals is None else np.round(values, decimals)) + 0.0)
    texts = numbers_as_text(values)
    return call_arrow("if_else", to_arrow(np.isfinite(values)), texts, text_to_arrow("null"))


def column(values: "Column", as_json: bool) -> "Column":
    """A column as `rows_of` takes it: numbers with all digits, words that come many times as they are but for JSON."""
    import numpy as np
    import pyarrow as pa

    from lmkit.engine.kernels import call_arrow
    from lmkit.engine.phrases import Phrases

    if isinstance(values, np.ndarray):
        return values if values.dtype.kind in "iu" and not as_json else number_column(values, as_json, decimals=None)
    if not as_json:
        return values
    if isinstance(values, Phrases):
        return json_texts(values.texts())
    if pa.types.is_dictionary(values.type):
        return call_arrow("take", json_texts(values.dictionary), values.indices)
    return json_texts(values)


def json_texts(texts: "pa.Array[Any]") -> "pa.Array[Any]":
    """Texts that may all differ, as JSON quotes them."""
    import numpy as np

    from lmkit.engine.arrow import text_to_arrow, texts_to_arrow
    from lmkit.engine.columns import join_columns, text_bytes
    from lmkit.engine.kernels import call_arrow

    if (np.frombuffer(text_bytes(texts), np.uint8) < ord(" ")).any():
        return texts_to_arrow([json.dumps(text, ensure_ascii=False) for text in texts.to_pylist()])
    for character in '\\"':
        texts = call_arrow("replace_substring", texts, pattern=character, replacement=json.dumps(character)[1:-1])
    quote = text_to_arrow('"')
    return join_columns([quote, texts, quote], "")


def counts_in_words(counts: "NgramCounts") -> str:
    """One line on what was counted."""
    ngrams = " ".join(f"{number:,}" for number in counts.ngrams().values())
    return (
        f"{counts.tokens:,} tokens in {counts.sentences:,} sentences; n-grams of orders 1 to {counts.order}: {ngrams}"
    )


def classes_in_words(counts: "ClassCounts") -> Iterator[str]:
    """One line on what was counted by class, and on what of the text and of the classes did not find to each other."""
    from lmkit.classes.members import CLASSES
    from lmkit.signature import stated

    ngrams = " ".join(f"{number:,}" for number in counts.ngrams().values())
    classes: int = stated(counts.members.details, CLASSES)
    yield f"{classes:,} classes; n-grams of classes of orders 1 to {counts.order}: {ngrams}"
    if counts.unplaced is not None:
        yield from counts.unplaced.in_words()


def discounts_in_words(model: "NgramModel | ClassModel") -> Iterator[str]:
    """One line on the discounts of each order."""
    for entry in model.parameters.get("discounts", []):
        values = " ".join(f"{value:.6g}" for value in entry["d"])
        n = " ".join(map(str, entry["counts_of_counts"]))
        yield f"order {entry['order']}: discounts {values} ({entry['source']}; n1 to n4: {n})"
