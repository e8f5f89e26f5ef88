"""Messages as rows of tables, which engines carry from machine to machine: payloads compressed, and in pieces."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from lmkit.engine.runners.payloads import compressed, decompressed
from lmkit.engine.runners.protocol import DRIVER, Message, Payload
from lmkit.engine.runners.spark_faults import SHARE
from lmkit.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

PIECE = 16 << 20  # bytes of a payload in a row: far below what a cell, a batch or a message of an engine may hold
ADDRESS = ("target", "source", "part", "piece", "pieces")  # the columns of numbers
PAYLOAD, TOLD = (
    "payload",
    "told",
)  # the columns of bytes: to a target; to the driver, so that it need not read the others
COLUMNS = ", ".join(
    [*(f"{name} long" for name in ADDRESS), "kind string", f"{PAYLOAD} binary", f"{TOLD} binary"]
)  # as SQL has them


def schema() -> "pa.Schema":
    """The columns as Arrow has them."""
    import pyarrow as pa

    numbers = [(name, pa.int64()) for name in ADDRESS]
    return pa.schema([*numbers, ("kind", pa.string()), (PAYLOAD, pa.binary()), (TOLD, pa.binary())])


def packed_rows(message: Message) -> "Iterator[pa.RecordBatch]":
    """The rows of a message, each a batch by itself."""
    import pyarrow as pa

    data = memoryview(compressed(message.payload))
    pieces = [data[start : start + PIECE] for start in range(0, len(data), PIECE)]
    column, other = (TOLD, PAYLOAD) if message.target == DRIVER else (PAYLOAD, TOLD)
    for number, piece in enumerate(pieces):
        address = (message.target, message.source, message.part, number, len(pieces))
        row: dict[str, list[Any]] = {name: [value] for name, value in zip(ADDRESS, address, strict=True)}
        row |= {"kind": [message.kind], column: [piece], other: [None]}
        yield pa.RecordBatch.from_pydict(row, schema=schema())


def messages_in(batches: "Iterable[pa.RecordBatch]", column: str) -> Iterator[Message]:
    """The messages in rows, each as soon as all its pieces have come, whatever order they come in; still compressed. column: of their bytes. DataError if some are missing."""
    waiting: dict[tuple[int, int, str, int], dict[int, Payload]] = {}
    for batch in batches:
        *numbers, kinds, payloads = (batch.column(name) for name in (*ADDRESS, "kind", column))
        for row, payload in enumerate(payloads):
            if not payload.is_valid:
                continue
            target, source, part, piece, pieces = (each[row].as_py() for each in numbers)
            key = (target, source, kinds[row].as_py(), part)
            found = waiting.setdefault(key, {})
            found[piece] = memoryview(payload.as_buffer())
            if len(found) == pieces:
                del waiting[key]
                yield Message(*key[:3], joined(found), part)
    if waiting:
        raise DataError(f"{len(waiting)} messages between steps of the work did not come whole.", SHARE)


def joined(pieces: dict[int, Payload]) -> Payload:
    """The bytes of pieces by number."""
    return pieces[0] if len(pieces) == 1 else b"".join(pieces[number] for number in range(len(pieces)))


def opened(messages: Iterable[Message]) -> Iterator[Message]:
    """The messages, no longer compressed."""
    for each in messages:
        yield Message(each.target, each.source, each.kind, decompressed(each.payload), each.part)
