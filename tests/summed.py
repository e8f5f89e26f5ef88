"""Files of lmkit's own that were changed, with the checksums that whoever changes them with intent would give them."""

import contextlib
import io
import json

from lmkit.engine.files.own_files import write_own_file
from lmkit.engine.files.tensors import read_tensors


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
