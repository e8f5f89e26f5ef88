"""The manifest of a folder of shards: what its files are, by size and digest, and how they are put together."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lmkit.engine.files.own_files import Fields, check_version, damage_told
from lmkit.engine.files.tensors import DTYPE_NAMES, DTYPES, parse_json
from lmkit.engine.shards.cuts import Cut, Joint, Sizes
from lmkit.errors import DataError
from lmkit.version import __version__

KIND = "lmkit shards"
FORMAT = 1
SHARD_KINDS = INDEX, SHARD = "index", "shard"  # kinds of the files that are parts, and how their names begin
NAME = re.compile(rf"(?:{INDEX}|{SHARD}-\d{{5,}})-[0-9a-f]{{16}}\.safetensors")
DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Member:
    """A file of the folder."""

    file: str
    bytes: int
    sha256: str

    def __post_init__(self) -> None:
        if (
            not NAME.fullmatch(self.file)
            or not DIGEST.fullmatch(self.sha256)
            or not is_size(self.bytes)
            or not self.bytes
        ):
            raise ValueError("what is said of a file is damaged")


@dataclass(frozen=True)
class Shard:
    """A shard, and what it holds."""

    member: Member
    begins: str  # what with, for people
    sizes: Sizes


@dataclass(frozen=True)
class Manifest:
    """All that is said of a folder."""

    said: Fields  # of the arrays, as in a file of lmkit's own
    cuts: Mapping[str, tuple[Cut, np.dtype[Any]]]  # by the names of the arrays that are cut, with their types
    index: Member
    shards: tuple[Shard, ...]

    @property
    def members(self) -> list[Member]:
        """All its files."""
        return [self.index, *(shard.member for shard in self.shards)]

    @property
    def size(self) -> int:
        """The bytes of its files."""
        return sum(member.bytes for member in self.members)

    @property
    def joint(self) -> Joint:
        """How the shards are put together."""
        return Joint([shard.sizes for shard in self.shards])

    def as_json(self) -> bytes:
        """The manifest as it is written, the same for the same content."""
        values = {
            "kind": KIND,
            "format": FORMAT,
            "version": __version__,
            "lmkit": self.said,
            "tensors": {
                name: {"dtype": DTYPE_NAMES[dtype], "by": cut.by, "level": cut.level}
                for name, (cut, dtype) in sorted(self.cuts.items())
            },
            "index": vars(self.index),
            "shards": [
                vars(shard.member)
                | {"begins": shard.begins, "entries": dict(shard.sizes.entries), "places": dict(shard.sizes.places)}
                for shard in self.shards
            ],
        }
        return json.dumps(values, ensure_ascii=False, indent=1).encode() + b"\n"


def read_manifest(data: bytes, name: str) -> Manifest:
    """The manifest in these bytes. DataError for one that is damaged, of another program, or of a newer format."""
    with damage_told(name, "Write the shards again, or put the file back as it was."):
        values = parse_json(data.decode())
        if values["kind"] != KIND:
            raise ValueError("it is none of lmkit's")
        check_format(values, name)
        check_version(values["lmkit"], name)
        cuts = {
            one: (Cut(said["by"], said["level"]), np.dtype(DTYPES[said["dtype"]]))
            for one, said in values["tensors"].items()
        }
        manifest = Manifest(values["lmkit"], cuts, Member(**values["index"]), tuple(map(shard_of, values["shards"])))
        check_sizes(manifest)
        return manifest


def check_format(values: Mapping[str, Any], name: str) -> None:
    """DataError for a manifest of a newer format, whatever else stands in it."""
    if not is_size(values["format"]) or not values["format"]:
        raise ValueError(f"there is no format {values['format']!r}")
    if values["format"] > FORMAT:
        raise DataError(
            f"{name}: written by lmkit {values.get('version', '(unknown)')} in format {values['format']} of shards; lmkit {__version__} reads "
            f"formats up to {FORMAT}.",
            "Upgrade lmkit.",
        )


def shard_of(values: dict[str, Any]) -> Shard:
    """A shard as the manifest has it."""
    begins, entries, places = (values.pop(name) for name in ("begins", "entries", "places"))
    return Shard(Member(**values), str(begins), Sizes(by_level(entries), by_level(places)))


def by_level(values: dict[str, int]) -> dict[int, int]:
    """Sizes by level. ValueError for what is none."""
    if not all(map(is_size, values.values())):
        raise ValueError("what the shards hold is damaged")
    return {int(level): size for level, size in values.items()}


def check_sizes(manifest: Manifest) -> None:
    """ValueError unless the files are as large, at least, as what is said to be in them; each is another one."""
    if len({member.file for member in manifest.members}) != len(manifest.members):
        raise ValueError("a file is named twice")
    if manifest.cuts and not manifest.shards:
        raise ValueError("there are no shards")
    for cut, _ in manifest.cuts.values():
        manifest.joint.length(cut)  # KeyError where a level is missing
    for shard in manifest.shards:
        lengths = ((shard.sizes.length(cut), dtype) for cut, dtype in manifest.cuts.values())
        if sum(length * dtype.itemsize for length, dtype in lengths) > shard.member.bytes:
            raise ValueError(f"{shard.member.file} is too small for what it is said to hold")


def is_size(value: Any) -> bool:
    """Whether this is a whole number from 0 on."""
    return type(value) is int and value >= 0
