"""Models that come compressed or through a pipe: they are read into memory, lmkit's own files no further than they say that they go."""

from typing import IO

from lmkit.engine.files.tensors import looks_like_safetensors, said_in_header
from lmkit.text.sources.opening import SMALL, read_whole
from lmkit.text.sources.recognition import is_recipe


def read_whole_model(stream: IO[bytes], start: bytes, name: str) -> bytes:
    """The bytes of a model of which these were read. DataError for more than the memory holds."""
    if looks_like_safetensors(start):
        return read_own(stream, start, name)
    return start + read_whole(stream, name, SMALL if is_recipe(start) else None)


def read_own(stream: IO[bytes], start: bytes, name: str) -> bytes:
    """The bytes of a safetensors file of which these were read, and one more if there are more than its header says.

    Of a header that is none, nothing follows: whoever reads it says what is wrong. DataError for more than the memory holds.
    """
    header_end = 8 + int.from_bytes(start[:8], "little")
    head = start + read_whole(stream, name, take=max(header_end - len(start), 0))
    return head + read_whole(stream, name, take=max(said_end(head[:header_end]) + 1 - len(head), 0))


def said_end(head: bytes) -> int:
    """Where a file ends, as its header says; where that ends, if it says nothing of the kind."""
    try:
        _, entries, _ = said_in_header(head)
        return len(head) + max((int(entry["data_offsets"][1]) for entry in entries.values()), default=0)
    except (ValueError, KeyError, TypeError, AttributeError, LookupError, RecursionError, OverflowError):
        return len(head)
