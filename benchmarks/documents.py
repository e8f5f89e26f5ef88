"""Documents of about 1 kB from the lines of a text, and the loop that people filter them with: one call of the `kenlm` module a line.

python benchmarks/documents.py make TEXT FOLDER --documents N     writes docs.jsonl and docs.parquet
python benchmarks/documents.py filter MODEL IN OUT                adds figures to each record; the format is that of the name
"""

import argparse
import json
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any

BYTES = 1000  # of a document, at least
ROWS = 1 << 13  # of a row group, and that are in memory at once


def documents(text: Path, number: int) -> Iterator[dict[str, Any]]:
    """So many documents of whole lines, the text from its start again where it ends."""
    lines = text.read_text(encoding="utf-8").splitlines()
    endless = chain.from_iterable(repeat(lines))
    for place in range(number):
        chosen, size = [], 0
        while size < BYTES:
            line = next(endless)
            chosen.append(line)
            size += len(line.encode()) + 1
        yield {"id": place, "url": f"https://example.org/{place}", "text": "\n".join(chosen)}


def make(text: Path, folder: Path, number: int) -> None:
    """Write the documents in both formats."""
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema([("id", pa.int64()), ("url", pa.string()), ("text", pa.string())])
    with (
        (folder / "docs.jsonl").open("w", encoding="utf-8") as lines,
        parquet.ParquetWriter(folder / "docs.parquet", schema) as table,
    ):
        rows: list[dict[str, Any]] = []
        for document in documents(text, number):
            lines.write(json.dumps(document, ensure_ascii=False) + "\n")
            rows.append(document)
            if len(rows) == ROWS:
                table.write_batch(pa.RecordBatch.from_pylist(rows, schema))
                rows = []
        table.write_batch(pa.RecordBatch.from_pylist(rows, schema))


def measured(record: dict[str, Any], model: Any) -> dict[str, Any]:
    """The record with its figures, as the module gives them line by line."""
    log10_prob, tokens = 0.0, 0
    for line in record["text"].split("\n"):
        log10_prob += model.score(line)
        tokens += len(line.split()) + 1
    return record | {"perplexity": 10 ** (-log10_prob / tokens), "log10_prob": log10_prob, "tokens": tokens}


def filter_json_lines(model: Any, source: Path, to: Path) -> None:
    """One record after the other."""
    with source.open(encoding="utf-8") as lines, to.open("w", encoding="utf-8") as out:
        for line in lines:
            out.write(json.dumps(measured(json.loads(line), model), ensure_ascii=False) + "\n")


def filter_parquet(model: Any, source: Path, to: Path) -> None:
    """One row group after the other, as Python objects."""
    import pyarrow as pa
    from pyarrow import parquet

    writer = None
    for batch in parquet.ParquetFile(source).iter_batches(ROWS):
        rows = pa.RecordBatch.from_pylist([measured(record, model) for record in batch.to_pylist()])
        writer = writer or parquet.ParquetWriter(to, rows.schema)
        writer.write_batch(rows)
    if writer:
        writer.close()


def main() -> None:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    jobs = parser.add_subparsers(dest="job", required=True)
    making = jobs.add_parser("make")
    making.add_argument("text", type=Path)
    making.add_argument("folder", type=Path)
    making.add_argument("--documents", type=int, default=20_000)
    filtering = jobs.add_parser("filter")
    filtering.add_argument("model")
    filtering.add_argument("source", type=Path)
    filtering.add_argument("to", type=Path)
    options = parser.parse_args()
    if options.job == "make":
        make(options.text, options.folder, options.documents)
        return
    import kenlm

    work = filter_parquet if options.to.suffix == ".parquet" else filter_json_lines
    work(kenlm.Model(options.model), options.source, options.to)


if __name__ == "__main__":
    main()
