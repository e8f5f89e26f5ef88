"""Fields of the tables that a command line names."""

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lmkit.text.sources.names import COMPRESSED, TextFile, format_by_name


def fields(words: Sequence[str]) -> list[str]:
    """The fields of the first file among some words that has any."""
    for word in words:
        text = TextFile(word)
        if format_by_name(text) != "text" and Path(word).is_file():
            try:
                return fields_of(word, format_by_name(text))
            except (OSError, ValueError, ImportError):  # nobody is told at a Tab
                continue
    return []


def fields_of(path: str, found: str) -> list[str]:
    """The fields of a file: of its first record, or those of its header."""
    if found == "parquet":
        from pyarrow.parquet import read_schema

        return list(read_schema(path).names)
    line = first_line(path)
    if found == "jsonl":
        return list(names_in(json.loads(line)))
    return next(csv.reader([line], delimiter="\t" if found == "tsv" else ","), [])


def first_line(path: str) -> str:
    """The first line of a file. ValueError for what is no UTF-8; OSError for what cannot be read."""
    if not path.endswith(COMPRESSED):
        with Path(path).open(encoding="utf-8") as file:
            return file.readline().rstrip("\n")
    from lmkit.text.sources.opening import open_source

    with open_source(path) as stream:
        return stream.readline().decode().rstrip("\n")


def names_in(record: Any, before: str = "") -> Iterator[str]:
    """The names of fields, nested ones as a.b."""
    if isinstance(record, dict):
        for name, value in record.items():
            if isinstance(value, dict):
                yield from names_in(value, f"{before}{name}.")
            else:
                yield before + name
