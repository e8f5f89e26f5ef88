"""Writing shards, whole or not at all.

The names of files have a part of their digests, so that the files of another content stay as they are. The manifest comes last, and takes the
place of the former one at once; then what that one named, and what writers that were killed have left, is removed.
"""

import hashlib
import os
from typing import BinaryIO, cast

from lmkit.engine.files.checksums import checksums_of
from lmkit.engine.files.own_files import Fields, Tensors, said_of, write_own_file
from lmkit.engine.files.unfinished import is_unfinished
from lmkit.engine.progress import stage
from lmkit.engine.remote.names import shown
from lmkit.engine.shards.cuts import Parts
from lmkit.engine.shards.folders import Folder, written_folder
from lmkit.engine.shards.manifest import INDEX, NAME, SHARD, Manifest, Member, Shard
from lmkit.engine.shards.places import MANIFEST
from lmkit.engine.threads import map_in_order
from lmkit.errors import DataError


class Hashed:
    """A stream that knows the digest and the number of the bytes that were written to it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._digest, self.size = stream, hashlib.sha256(), 0

    def write(self, data: bytes) -> None:
        """Write to the stream."""
        self._digest.update(data)
        self._stream.write(data)
        self.size += len(data)

    def hexdigest(self) -> str:
        """The SHA-256 of what was written."""
        return self._digest.hexdigest()


def write_shards(parts: Parts, path: str | os.PathLike[str]) -> None:
    """Write a folder of shards; one that is there is replaced. DataError if that fails.

    Nothing is removed but what is of this writer, and what was there before it began: in stores, which have no locks, another one may be at work.
    """
    with written_folder(path) as folder:
        former, own = set(folder.names()), set[str]()
        try:
            manifest = written(parts, folder, own)
            folder.put_manifest(manifest.as_json())
        except BaseException:
            for name in own - former:
                folder.remove(name)
            raise
        kept = {member.file for member in manifest.members} | {MANIFEST}
        for name in former - kept:
            if NAME.fullmatch(name) or is_unfinished(name):
                folder.remove(name)
        if not kept <= set(folder.names()):
            raise DataError(
                f"cannot write {shown(os.fspath(path))}: another command has written there meanwhile, and removed files of this one.",
                "Write it again.",
            )


def written(parts: Parts, folder: Folder, own: set[str]) -> Manifest:
    """The manifest of the index and the shards, which are written. own: takes in their names."""

    def shard(number: int) -> Shard:
        member = put(folder, f"{SHARD}-{number:05}", parts.shard(number - 1), parts)
        own.add(member.file)
        return Shard(member, parts.begins[number - 1], parts.sizes(number - 1))

    advance = stage("writing shards", len(parts.spans))
    shards = []
    for one in map_in_order(shard, range(1, len(parts.spans) + 1), None):
        shards.append(one)
        advance(1)
    index = put(folder, INDEX, parts.index(), parts)
    own.add(index.file)
    cuts = {name: (cut, parts.tensors[name].dtype) for name, cut in parts.cuts.items()}
    checksums = checksums_of(parts.tensors, parts.scratch.release)
    return Manifest(said_of(parts.fields), checksums, cuts, index, tuple(shards))


def put(folder: Folder, called: str, tensors: Tensors, parts: Parts) -> Member:
    """A file with these arrays, which is written."""
    kind = called.partition("-")[0]
    found: list[Member] = []
    fields: Fields = {"kind": kind, "of": parts.fields["kind"]}

    def write(stream: BinaryIO) -> str:
        hashed = Hashed(stream)
        write_own_file(tensors, fields, cast(BinaryIO, hashed), parts.scratch)
        digest = hashed.hexdigest()
        found.append(Member(f"{called}-{digest[:16]}.safetensors", hashed.size, digest))
        return found[0].file

    folder.put(called, write)
    return found[0]
