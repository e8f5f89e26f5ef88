"""Files of lmkit's own: safetensors, whose metadata say under `lmkit` what the arrays mean, and in which format they are."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

from numpy.typing import NDArray

from lmkit.engine.files.tensors import Buffer, parse_json, read_tensors, write_tensors
from lmkit.engine.scratch import Scratch
from lmkit.errors import DataError, UsageError
from lmkit.version import __version__

FORMAT_VERSION = 5
KEY = "lmkit"  # under which the metadata say it

Fields = dict[str, Any]
Tensors = dict[str, NDArray[Any]]


def write_own_file(
    tensors: Mapping[str, NDArray[Any]], fields: Fields, stream: BinaryIO, scratch: Scratch | None = None
) -> None:
    """Write the arrays and what is said of them (JSON values; `kind` among them) as a file of lmkit's own."""
    write_tensors(tensors, metadata_of(said_of(fields)), stream, scratch)


def said_of(fields: Fields) -> Fields:
    """What files of lmkit's own say of their arrays: also in which format they are, and what wrote them."""
    return {"format_version": FORMAT_VERSION, "version": __version__} | fields


def metadata_of(said: Fields) -> dict[str, str]:
    """The same as the metadata of a file."""
    return {KEY: json.dumps(said, ensure_ascii=False)}


def described(data: Buffer, name: str) -> tuple[Tensors, Fields]:
    """The arrays of a file, and what lmkit says of them. DataError for a file of another program, or of a newer format."""
    tensors, metadata = read_tensors(data)
    if KEY not in metadata:
        raise DataError(
            f"{name}: a safetensors file, but not one of lmkit's.",
            "Models come from `lmkit ngram train` and `lmkit smooth`.",
        )
    fields: Fields = parse_json(metadata[KEY])
    check_version(fields, name)
    return tensors, fields


def kind_of(data: Buffer, name: str) -> str:
    """What the bytes of a file hold: "counts", "model", or what another family calls its own."""
    with damage_told(name):
        return str(described(data, name)[1]["kind"])


@contextmanager
def damage_told(name: str, remedy: str = "Write it again.") -> Iterator[None]:
    """Within this block, what goes wrong with the bytes of a file is a DataError."""
    try:
        yield
    except (LookupError, ValueError, TypeError, AttributeError, OverflowError, RecursionError, UsageError) as error:
        reason = str(error).partition("\n")[0].removesuffix(".") or type(error).__name__  # not what else to choose
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
