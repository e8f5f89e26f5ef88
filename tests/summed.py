"""Files of lmkit's own that were changed, with the checksums that whoever changes them with intent would give them."""

import contextlib
import io
import json

from lmkit.engine.files.own_files import NO_DIGEST, OF_HEADER, with_digest, write_own_file
from lmkit.engine.files.tensors import header_of, read_tensors


def summed(data: bytes) -> bytes:
    """The file with the checksums of the arrays that it has, and of what it says of them."""
    tensors, metadata = read_tensors(data)
    stream = io.BytesIO()
    write_own_file(tensors, json.loads(metadata["lmkit"]), stream)
    return stream.getvalue()


def summed_or_not(data: bytes) -> bytes:
    """A file with right checksums; as it is, if it has no arrays to take them of."""
    with contextlib.suppress(ValueError, LookupError, TypeError, AttributeError):
        return summed(data)
    return data


def said_otherwise(data: bytes, **metadata: str) -> bytes:
    """The file with other metadata, and a header whose digest is right."""
    old = header_of(data)
    header = json.loads(old)
    header["__metadata__"] |= metadata | {OF_HEADER: NO_DIGEST}
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + with_digest(text) + data[8 + len(old) :]
