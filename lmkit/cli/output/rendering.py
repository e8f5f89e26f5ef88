"""Data to stdout as bytes, narration and progress to stderr. Data never passes through markup of any kind."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from lmkit.errors import DataError, UsageError

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from lmkit.ngrams.backoff.model import NgramModel, Precision
    from lmkit.ngrams.counting.counts import NgramCounts

PIECE = 1 << 16  # rows turned into text at a time
DECIMALS = 7  # of log10 probabilities in tables; --json gives all digits


def write(data: bytes | memoryview) -> None:
    """Write to stdout."""
    output_stream().write(data)


def output_stream() -> BinaryIO:
    """Stdout for bytes; DataError if it is closed."""
    if sys.stdout is None:
        raise DataError("standard output is closed.", "Let it go to a terminal, a file or a pipe.")
    return cast(BinaryIO, WholeWrites(sys.stdout.buffer))


class WholeWrites:
    """A binary stream that writes all it is given: a raw one, as stdout is under python -u, may take only a part."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, data: Any) -> int:
        """Write all bytes of the data."""
        left = memoryview(data).cast("B") if len(data) else memoryview(b"")
        size = len(left)
        while left:
            left = left[self._stream.write(left) :]
        return size

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def stdout_is_terminal() -> bool:
    """Whether stdout is a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def write_line(text: str) -> None:
    """Write a line to stdout."""
    write(text.encode() + b"\n")


def write_json(value: Any) -> None:
    """Write a JSON object on one line; infinite and undefined numbers must have become None."""
    write_line(json.dumps(value, ensure_ascii=False, allow_nan=False))


def write_figures(figures: dict[str, Any]) -> None:
    """Write figures as lines `name TAB value`."""
    for name, value in flattened(figures).items():
        write_line(f"{name}\t{figure_as_text(value)}")


def flattened(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures, those within others under joined names."""
    flat: dict[str, Any] = {}
    for name, value in figures.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{key}": item for key, item in flattened(value).items()}
        else:
            flat[name] = value
    return flat


def figure_as_text(value: Any) -> str:
    """A figure with ten significant digits; inf and nan as such."""
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, list | tuple):
        return " ".join(map(figure_as_text, value))
    return str(value)


def write_result(value: "NgramModel | NgramCounts", output: str | None, precision: "Precision" = "single") -> None:
    """Write a model or counts to a file or to stdout (precision: of counts that become ARPA)."""
    from lmkit.storage import save

    save(value, output_target("-" if output is None else output), precision=precision)


def output_target(output: str) -> Any:
    """The file, or stdout for -, that a binary result goes to."""
    return output_stream() if output == "-" else output


def refuse_with_output(output: str | None, given: dict[str, bool]) -> None:
    """UsageError for options of a list when -o writes a file instead."""
    names = [name for name, is_given in given.items() if is_given]
    if output is not None and names:
        raise UsageError(
            f"{', '.join(names)}: -o writes everything to a file, and no list.", "Leave one or the other out."
        )


def check_output(output: str | None) -> None:
    """Fail now, and not after the work, where a binary result could not be written."""
    from lmkit.storage import is_arpa_name

    if output in (None, "-"):
        if stdout_is_terminal():
            raise UsageError(
                "the result is binary and standard output is a terminal.",
                "Give a file with -o FILE, or pipe it into the next command.",
            )
    else:
        check_text_output(output)
        is_arpa_name(output)  # refuses what would look like ARPA and not be


def check_text_output(output: str | None, option: str = "-o") -> None:
    """Fail now, and not after the work, where a list could not be written to a file."""
    if output in (None, "-"):
        return
    if not output:
        raise UsageError(f"the name after {option} is empty.")
    if not Path(output).parent.is_dir():
        raise DataError(f"cannot write {output}: there is no folder {Path(output).parent}.", "Make it first.")


def write_table(
    names: Sequence[str], columns: "Sequence[pa.Array[Any]]", output: str | None, start: bytes = b""
) -> None:
    """Write columns of text as TSV, after a header if there are names, to a file (whole or not at all) or to stdout.

    start: bytes that the output begins with.
    """
    from lmkit.engine.columns import as_lines
    from lmkit.storage import whole_file

    with nullcontext(output_stream()) if output in (None, "-") else whole_file(str(output)) as stream:
        stream.write(start + ("\t".join(names) + "\n").encode() if names else start)
        stream.write(as_lines(list(columns)))


def narrate(quiet: bool, message: str) -> None:
    """Tell what was done, on stderr."""
    if not quiet:
        tell(f"lmkit: {message}")


def tell(message: str) -> None:
    """Print to stderr; if nobody reads that, the work goes on all the same."""
    if sys.stderr is None:
        return
    try:
        print(message, file=sys.stderr, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def write_header(names: Sequence[str]) -> None:
    """Write the header line of a table."""
    write_line("\t".join(names))


def write_rows(names: Sequence[str], columns: "Sequence[pa.Array[Any]]", as_json: bool) -> None:
    """Write the rows of columns of text: TSV, or JSON lines (the texts must be JSON values then)."""
    import pyarrow as pa

    from lmkit.engine.columns import as_lines

    if not as_json:
        write(as_lines(list(columns)))
        return
    pieces: list[Any] = []
    for place, (name, column) in enumerate(zip(names, columns, strict=True)):
        pieces += [pa.scalar(("{" if place == 0 else ", ") + json.dumps(name) + ": ", pa.large_string()), column]
    write(as_lines([*pieces, pa.scalar("}", pa.large_string())], separator=""))


def number_column(values: "NDArray[Any]", as_json: bool, decimals: int | None = DECIMALS) -> "pa.Array[Any]":
    """Numbers as text: rounded to some decimals in TSV, with all digits in JSON, where null is what is not finite."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from lmkit.engine.columns import numbers_as_text

    if values.dtype.kind == "b":
        no, yes = (pa.scalar(text, pa.large_string()) for text in (("false", "true") if as_json else ("0", "1")))
        return pc.if_else(pa.array(values), yes, no)
    if values.dtype.kind != "f":
        return numbers_as_text(values)
    if not as_json:
        return numbers_as_text((values if decimals is None else np.round(values, decimals)) + 0.0)
    texts = numbers_as_text(values)
    return pc.if_else(pa.array(np.isfinite(values)), texts, pa.scalar("null", pa.large_string()))


def word_column(words: Sequence[str], places: "NDArray[Any]", as_json: bool) -> "pa.Array[Any]":
    """Words (places into a list of distinct ones) as text; quoted in JSON."""
    import pyarrow as pa

    texts = [json.dumps(word, ensure_ascii=False) for word in words] if as_json else list(words)
    return pa.array(texts, pa.large_string()).take(pa.array(places))


def text_column(texts: "pa.Array[Any]", as_json: bool) -> "pa.Array[Any]":
    """Texts that may all differ, quoted in JSON. Of control characters they hold white space at most."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not as_json:
        return texts
    for character in '\\"\t\n\v\f\r':
        texts = pc.replace_substring(texts, character, json.dumps(character)[1:-1])
    quote = pa.scalar('"', pa.large_string())
    return pc.binary_join_element_wise(quote, texts, quote, pa.scalar("", pa.large_string()))


def counts_in_words(counts: "NgramCounts") -> str:
    """One line on what was counted."""
    ngrams = " ".join(f"{number:,}" for number in counts.ngrams().values())
    return (
        f"{counts.tokens:,} tokens in {counts.sentences:,} sentences; n-grams of orders 1 to {counts.order}: {ngrams}"
    )


def discounts_in_words(model: "NgramModel") -> Iterator[str]:
    """One line on the discounts of each order."""
    for entry in model.parameters.get("discounts", []):
        values = " ".join(f"{value:.6g}" for value in entry["d"])
        n = " ".join(map(str, entry["counts_of_counts"]))
        yield f"order {entry['order']}: discounts {values} ({entry['source']}; n1 to n4: {n})"
