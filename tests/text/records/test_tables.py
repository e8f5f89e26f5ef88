"""Records of Parquet: no more of them is held than a block."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lmkit.text.reading import Reading
from lmkit.text.records.tables import table_records
from lmkit.text.sources.names import TextFile

LONG = "ab-" * 7000
WRITTEN = (
    10  # times the bytes of a block that the rows of a batch may take: of lists and views, there are more than texts
)


ARROW = int(pa.__version__.partition(".")[0])


@pytest.mark.parametrize(
    ("type_", "held"),
    [
        (pa.string(), lambda text: text),
        (pa.large_string(), lambda text: text),
        pytest.param(
            pa.string_view(),
            lambda text: text,
            marks=pytest.mark.skipif(
                ARROW < 24, reason="Arrow before 24 does not read such texts once where many rows name them"
            ),
        ),
        (pa.binary(), lambda text: text and text.encode()),
        (pa.dictionary(pa.int8(), pa.string()), lambda text: text),
    ],
    ids=lambda value: str(value) if isinstance(value, pa.DataType) else "held",
)
def test_rows_that_name_a_text_come_a_block_at_a_time_as_they_are(tmp_path: Path, type_: Any, held: Any) -> None:
    columns = {
        "text": ["a b", "c", None] * 100,
        "nested": [{"tags": ["x", None]}, None, {"tags": []}] * 100,
        "other": pa.array([held(text) for text in (LONG, "c", None)] * 100, type=type_),
    }
    path = tmp_path / "named.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=70)
    expected = pq.ParquetFile(path).read()
    with path.open("rb") as stream:
        text = TextFile(str(path), field="text")
        found: Any = [each.records for each in table_records(stream, text, Reading(block_bytes=50_000))]
    assert path.stat().st_size < 50_000
    assert max(len(records) for records in found) < 10
    assert max(records.batch.nbytes for records in found) < WRITTEN * 50_000
    joined = pa.Table.from_batches([records.batch for records in found])
    assert joined.equals(expected)
    assert joined.schema.equals(expected.schema, check_metadata=True)
