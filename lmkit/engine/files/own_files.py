"""Files of lmkit's own: safetensors, whose metadata say under `lmkit` what the arrays mean, and in which format they are.

From format 6 on they have checksums: of each array (see `checksums`), and of the header, which covers these and all else that it says.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, BinaryIO

from numpy.typing import NDArray

from lmkit.engine.files.checksums import Checksums, changed, checksums_of, not_digested
from lmkit.engine.files.mapped import Buffer, fill
from lmkit.engine.files.tensors import array_of, header_of, parse_json, tensors_listed, write_tensors
from lmkit.engine.scratch import Scratch
from lmkit.errors import DataError, UsageError
from lmkit.version import __version__

FORMAT_VERSION = 6
LAST_WITHOUT_CHECKSUMS = 5
KEY, SUMS, DIGESTS = (
    "lmkit",
    "sums",
    "sha256",
)  # in the metadata: what is said, the checksums of each array; all are JSON
OF_HEADER = "header_sha256"  # of the whole header, with zeros in place of these digits
NO_DIGEST = "0" * 64
BEFORE_DIGEST = b'{"__metadata__": {"%s": "' % OF_HEADER.encode()  # what a header begins with

Fields = dict[str, Any]
Tensors = dict[str, NDArray[Any]]


def write_own_file(
    tensors: Mapping[str, NDArray[Any]], fields: Fields, stream: BinaryIO, scratch: Scratch | None = None
) -> None:
    """Write the arrays and what is said of them (JSON values; `kind` among them) as a file of lmkit's own."""
    checksums = checksums_of(tensors, (scratch or Scratch()).release)
    write_tensors(tensors, metadata_of(said_of(fields), checksums), stream, scratch, with_digest)


def said_of(fields: Fields) -> Fields:
    """What files of lmkit's own say of their arrays: also in which format they are, and what wrote them."""
    return {"format_version": FORMAT_VERSION, "version": __version__} | fields


def metadata_of(said: Fields, checksums: Mapping[str, Checksums]) -> dict[str, str]:
    """The same, and the checksums of the arrays, as the metadata of a file, whose header `with_digest` finishes."""
    return {
        OF_HEADER: NO_DIGEST,
        SUMS: json.dumps({name: one.sums for name, one in sorted(checksums.items())}),
        DIGESTS: json.dumps({name: one.sha256 for name, one in sorted(checksums.items())}),
        KEY: json.dumps(said, ensure_ascii=False),
    }


def with_digest(header: bytes) -> bytes:
    """The header with its digest in place of the zeros."""
    return header.replace(NO_DIGEST.encode(), hashlib.sha256(header).hexdigest().encode(), 1)


def described(data: Buffer, name: str) -> tuple[Tensors, Fields]:
    """The arrays of a file, and what lmkit says of them.

    DataError for a file of another program, or of a newer format; ValueError and its like for one that is not as it was written.
    """
    start, entries, metadata = tensors_listed(data)
    fields = fields_in(data, metadata, name)
    tensors = {each: array_of(data, start, each, entry) for each, entry in entries.items()}
    if is_summed(fields):
        damaged = changed(partial(fill, data), places_of(start, entries), parse_json(metadata[SUMS]))
        if damaged is not None:
            raise ValueError(f"array {damaged} is not as it was written")
    return tensors, fields


def places_of(start: int, entries: Mapping[str, Fields]) -> dict[str, tuple[int, int]]:
    """Where each array of a file begins and ends. start: where the arrays begin."""
    return {
        name: (start + entry["data_offsets"][0], start + entry["data_offsets"][1]) for name, entry in entries.items()
    }


def fields_in(data: Buffer, metadata: Mapping[str, str], name: str) -> Fields:
    """What lmkit says of a file. Errors as for `described`; the arrays are not looked at."""
    if KEY not in metadata:
        raise DataError(
            f"{name}: a safetensors file, but not one of lmkit's.",
            "Models come from `lmkit ngram train` and `lmkit smooth`.",
        )
    fields: Fields = parse_json(metadata[KEY])
    check_version(fields, name)
    if is_summed(fields) or OF_HEADER in metadata:
        check_header(header_of(data))
    return fields


def is_summed(fields: Fields) -> bool:
    """Whether a file of which this is said has checksums."""
    return bool(fields["format_version"] > LAST_WITHOUT_CHECKSUMS)


def check_header(header: bytes) -> None:
    """ValueError unless the header is as it was written."""
    start, end = len(BEFORE_DIGEST), len(BEFORE_DIGEST) + len(NO_DIGEST)
    written = header[:start] + NO_DIGEST.encode() + header[end:]
    if not header.startswith(BEFORE_DIGEST) or hashlib.sha256(written).hexdigest().encode() != header[start:end]:
        raise ValueError("its header is not as it was written")


def check_digests(data: Buffer, name: str) -> None:
    """DataError unless the arrays of a file have the SHA-256 that they were written with; older files have none."""
    with damage_told(name):
        start, entries, metadata = tensors_listed(data)
        if is_summed(fields_in(data, metadata, name)):
            damaged = not_digested(partial(fill, data), places_of(start, entries), parse_json(metadata[DIGESTS]))
            if damaged is not None:
                raise ValueError(f"array {damaged} has another SHA-256 than it was written with")


def kind_of(data: Buffer, name: str) -> str:
    """What the bytes of a file hold: "counts", "model", or what another family calls its own."""
    with damage_told(name):
        return str(fields_in(data, tensors_listed(data)[2], name)["kind"])


@contextmanager
def damage_told(name: str, remedy: str = "Write it again.") -> Iterator[None]:
    """Within this block, what goes wrong with the bytes of a file is a DataError."""
    try:
        yield
    except (LookupError, ValueError, TypeError, AttributeError, OverflowError, RecursionError, UsageError) as error:
        reason = getattr(error, "message", str(error)).removesuffix(".") or type(error).__name__
        raise DataError(f"{name}: the file is damaged or cut short ({reason}).", remedy) from None


def check_version(fields: Fields, name: str) -> None:
    """DataError for a file of a newer format, whatever else stands in it."""
    version = fields["format_version"]
    if type(version) is not int or version < 1:
        raise ValueError(f"there is no format {version!r}")
    if version > FORMAT_VERSION:
        raise DataError(
            f"{name}: written by lmkit {fields.get('version', '(unknown)')} in format {version}; lmkit {__version__} reads "
            f"formats up to {FORMAT_VERSION}.",
            "Upgrade lmkit.",
        )
