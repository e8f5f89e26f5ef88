"""The header of KenLM's binary files: the magic, values that show how the machine wrote numbers, what the file holds.

The layout is that of KenLM's format 5. Numbers are little endian; everything starts at a multiple of 8 bytes:

    56 bytes        the magic, with the version of the format, padded
    32 bytes        0.0, 1.0, -0.5 (float32), 1, 2³² − 1, 0 (uint32), 1 (uint64)
    20 bytes        order (uint8, padded), multiplier of hash tables (float32), kind, has words (uint8, padded), version of the kind
    8 bytes a order the number of its n-grams (uint64), and padding
"""

import math
import struct
from dataclasses import dataclass

from lmkit.engine.files.mapped import Buffer
from lmkit.errors import DataError

FORMAT_VERSION = 5
FAMILY = b"mmap lm http://kheafield.com/code"  # of all versions
UNFINISHED = FAMILY + b" incomplete"
VERSIONED = FAMILY + b" format version "
MAGIC = (VERSIONED + b"%d\n" % FORMAT_VERSION).ljust(56, b"\0")
SANITY = struct.Struct("<3f3IQ")
SANE = SANITY.pack(0.0, 1.0, -0.5, 1, 2**32 - 1, 0, 1)
PARAMETERS = struct.Struct("<B3xfIB3xI")
COUNT = struct.Struct("<Q")
LEAST_ORDER = 2
MULTIPLIER = 1.5  # slots for each entry of hash tables, as build_binary has it; tries without any say so, too
REBUILD = (
    "Make it again from the ARPA file, with build_binary of the current KenLM on a machine of today (x86-64, ARM64)."
)
FETCH = "Fetch or make it again."


@dataclass(frozen=True)
class Kind:
    """A way of keeping a model in such a file."""

    name: str  # as the signature has it
    title: str
    version: int  # that is read
    is_trie: bool = False
    is_quantized: bool = False  # values are numbers of bins
    is_compressed: bool = False  # the high bits of pointers stand apart


PROBING, REST, TRIE, QUANTIZED_TRIE, COMPRESSED_TRIE, SMALLEST_TRIE = range(6)
KINDS = (  # by the number that stands in the file
    Kind("probing", "probing hash tables", 0),
    Kind("rest-probing", "probing hash tables with rest costs", 0),
    Kind("trie", "trie", 1, is_trie=True),
    Kind("quantized-trie", "trie with quantization", 1, is_trie=True, is_quantized=True),
    Kind("array-trie", "trie with array-compressed pointers", 1, is_trie=True, is_compressed=True),
    Kind(
        "quantized-array-trie",
        "trie with quantization and array-compressed pointers",
        1,
        is_trie=True,
        is_quantized=True,
        is_compressed=True,
    ),
)


@dataclass(frozen=True)
class Header:
    """What a file says of itself."""

    number: int  # of its kind, in KINDS
    counts: tuple[int, ...]  # n-grams of each order, as the file says
    multiplier: float  # slots a hash table has for each entry
    has_words: bool  # whether the words stand at the end

    @property
    def kind(self) -> Kind:
        """How the model is kept."""
        return KINDS[self.number]

    @property
    def order(self) -> int:
        """The length of the longest n-grams."""
        return len(self.counts)

    @property
    def size(self) -> int:
        """Where in the file the header ends."""
        return aligned(len(MAGIC) + SANITY.size + PARAMETERS.size + COUNT.size * self.order)

    def to_bytes(self) -> bytes:
        """The header as it stands in a file."""
        parameters = PARAMETERS.pack(self.order, self.multiplier, self.number, self.has_words, self.kind.version)
        counts = b"".join(map(COUNT.pack, self.counts))
        return (MAGIC + SANE + parameters + counts).ljust(self.size, b"\0")


def aligned(size: int) -> int:
    """The next multiple of 8."""
    return -(-size // 8) * 8


def looks_like_kenlm(start: bytes) -> bool:
    """Whether a file that begins so is, or was to be, a binary file of KenLM, of any version."""
    return start.startswith(FAMILY)


def read_header(data: Buffer, name: str) -> Header:
    """The header of a file. DataError for other versions, machines and kinds, and for what is damaged or cut short."""
    check_magic(data[: len(MAGIC)], name)
    at = len(MAGIC)
    check_sanity(data[at : at + SANITY.size], name)
    at += SANITY.size
    if len(data) < at + PARAMETERS.size:
        raise cut_short(name, at + PARAMETERS.size, len(data))
    order, multiplier, number, has_words, version = PARAMETERS.unpack_from(data, at)
    at += PARAMETERS.size
    check_kind(number, version, name)
    if order < LEAST_ORDER:
        raise damaged(name, f"it says that its longest n-grams have {order} words; KenLM's have 2 or more")
    if not (math.isfinite(multiplier) and multiplier >= 1):
        raise damaged(name, f"it says that hash tables have {multiplier:g} times as many slots as entries")
    if has_words > 1:
        raise damaged(name, f"whether words are stored is 0 or 1, and not {has_words}")
    if len(data) < at + COUNT.size * order:
        raise cut_short(name, at + COUNT.size * order, len(data))
    counts = struct.unpack_from(f"<{order}Q", data, at)
    return Header(number, counts, multiplier, bool(has_words))


def check_magic(magic: bytes, name: str) -> None:
    """DataError unless a file begins as files of this version do."""
    if magic == MAGIC:
        return
    if magic.startswith(UNFINISHED):
        raise DataError(
            f"{name}: this binary model of KenLM was never finished: build_binary stopped while it wrote it.",
            "Make it again from the ARPA file; the disk may have been full.",
        )
    version = magic.removeprefix(VERSIONED).split(b"\n")[0] if magic.startswith(VERSIONED) else b""
    if version.isdigit() and int(version) != FORMAT_VERSION:
        raise DataError(
            f"{name}: this binary model of KenLM is of format version {int(version)}, and lmkit reads version {FORMAT_VERSION}.",
            REBUILD,
        )
    if len(magic) < len(MAGIC):
        raise cut_short(name, len(MAGIC), len(magic))
    raise damaged(name, f"its first {len(MAGIC)} bytes are not those of a binary model of KenLM")


def check_sanity(values: bytes, name: str) -> None:
    """DataError unless numbers are written as this format has them."""
    if values == SANE:
        return
    if len(values) < SANITY.size:
        raise cut_short(name, len(MAGIC) + SANITY.size, len(MAGIC) + len(values))
    if values == struct.pack(">3f3IQ", *SANITY.unpack(SANE)):
        what = "was made on a machine that writes numbers big endian"
    elif values.startswith(SANE[:20] + SANE[24:]):  # where 64 bits begin at any multiple of 4 bytes
        what = "was made on a machine of 32 bits"
    else:
        raise damaged(
            name,
            f"the values by which numbers are checked (bytes {len(MAGIC)} to {len(MAGIC) + SANITY.size}) are others",
        )
    raise DataError(f"{name}: this binary model of KenLM {what}, and its files are another format.", REBUILD)


def check_kind(number: int, version: int, name: str) -> None:
    """DataError unless the model is kept in a way that is read."""
    if number >= len(KINDS):
        raise DataError(
            f"{name}: this binary model of KenLM is of a kind that is not known: {number}; known are 0 to {len(KINDS) - 1}.",
            f"It is damaged, or of a newer KenLM. {REBUILD}",
        )
    kind = KINDS[number]
    if number == REST:
        raise DataError(
            f"{name}: this binary model of KenLM has rest costs ({kind.title}), which lmkit does not read.",
            "Make it again from the ARPA file, without -r.",
        )
    if version != kind.version:
        raise DataError(
            f"{name}: this binary model of KenLM ({kind.title}) is of version {version} of its kind, and lmkit reads version {kind.version}.",
            REBUILD,
        )


def damaged(name: str, fault: str) -> DataError:
    """The error for a file that contradicts itself."""
    return DataError(f"{name}: this binary model of KenLM is damaged: {fault}.", FETCH)


def cut_short(name: str, needed: int, found: int) -> DataError:
    """The error for a file that has fewer bytes than it says."""
    return DataError(
        f"{name}: this binary model of KenLM is cut short: it should have {needed:,} bytes or more, and has {found:,}.",
        FETCH,
    )
