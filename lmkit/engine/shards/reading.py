"""Opening a folder of shards: the bytes of the one file of lmkit's own that has the same content.

All digests are looked at, because all bytes are read anyway. What is put together is held in memory, or in a temporary file if it would take more than
a quarter of that.
"""

import mmap
import os
from functools import partial
from pathlib import Path

import numpy as np

from lmkit.engine.files.checksums import digest_of
from lmkit.engine.files.mapped import Buffer, fill
from lmkit.engine.files.own_files import Tensors, damage_told, metadata_of, with_digest
from lmkit.engine.files.tensors import new_header, read_tensors
from lmkit.engine.memory import default_memory
from lmkit.engine.progress import stage
from lmkit.engine.remote.names import NotThereError, is_remote, shown
from lmkit.engine.scratch import DiskScratch
from lmkit.engine.shards.manifest import Manifest, Member, read_manifest
from lmkit.engine.shards.places import MANIFEST, within
from lmkit.engine.system.errors import remedy_for
from lmkit.engine.threads import map_in_order
from lmkit.errors import DataError

FilePath = str | os.PathLike[str]
SHOWN_DIGITS = 12  # of a digest
NO_ROOM = "Name a folder on a larger disk in the variable TMPDIR."
REMEDY = "Put the file back as it was, copy the folder again, or write the shards again."


class ShardsError(DataError):
    """Files of a folder of shards are missing, or are not what the manifest says."""

    def __init__(self, faults: list[str]) -> None:
        """faults: all of them, in words."""
        more = f" {len(faults) - 1} more of its files are missing or not what they were." if len(faults) > 1 else ""
        super().__init__(faults[0] + more, REMEDY)
        self.faults = faults


def manifest_of(folder: FilePath) -> Manifest:
    """The manifest of a folder. DataError if there is none, or it is damaged or of a newer format."""
    place = within(folder, MANIFEST)
    try:
        data = bytes(bytes_of(place))
    except FileNotFoundError:
        raise DataError(
            f"cannot read {shown(os.fspath(folder))}: there is no {MANIFEST} in it, without which nothing says what its files are.",
            "Was its writing broken off, or only a part copied? Write the shards, or copy all files of the folder, again.",
        ) from None
    except OSError as error:
        raise unreadable(place, error) from None
    return read_manifest(data, shown(os.fspath(place)))


def joined(folder: FilePath, memory: int | None = None) -> mmap.mmap:
    """The bytes of the file that has all that the shards have.

    memory: bytes beyond which they are in a temporary file (default: a quarter of the machine's). Of shards that are written over meanwhile, they are
    those of the new ones. ShardsError for files that are missing or not what they were, all of them; DataError as above.
    """
    manifest = manifest_of(folder)
    while True:
        try:
            return put_together(folder, manifest, memory)
        except ShardsError:
            former, manifest = manifest, manifest_of(folder)
            if manifest == former:
                raise


def put_together(folder: FilePath, manifest: Manifest, memory: int | None) -> mmap.mmap:
    """The same of the shards that this manifest names."""
    whole, faults = None, list[str]()
    lost = [] if is_remote(folder) else faults_of_sizes(folder, manifest)
    try:
        index = tensors_of(folder, manifest.index)
        if not lost:  # else there may be no room for what is not there
            with damage_told(title(folder, manifest.index), REMEDY):
                whole, arrays = room_for(manifest, index, default_memory() // 2 if memory is None else memory)
    except ShardsError as error:
        faults = error.faults
    joint = manifest.joint

    def put(number: int) -> list[str]:
        try:
            member, sizes = manifest.shards[number].member, manifest.shards[number].sizes
            tensors = tensors_of(folder, member)
            expected = {name: (dtype, (sizes.length(cut),)) for name, (cut, dtype) in manifest.cuts.items()}
            if {name: (array.dtype, array.shape) for name, array in tensors.items()} != expected:
                return [f"{title(folder, member)} does not hold what the manifest says."]
        except ShardsError as error:
            return error.faults
        for name, array in tensors.items() if whole is not None else ():
            joint.put(number, array, manifest.cuts[name][0], arrays[name])
        return []

    advance = stage("opening shards", len(manifest.shards))
    for found in map_in_order(put, range(len(manifest.shards)), 1 if is_remote(folder) else None):
        faults += found
        advance(1)
    if faults or whole is None:
        raise ShardsError(faults or lost)
    return whole


def faults_of_sizes(folder: FilePath, manifest: Manifest) -> list[str]:
    """Which files are missing or of another size, in words."""
    found = []
    for member in manifest.members:
        try:
            data_of(folder, member)
        except ShardsError as error:
            found += error.faults
    return found


def room_for(manifest: Manifest, index: Tensors, memory: int) -> tuple[mmap.mmap, Tensors]:
    """The bytes of the whole file, and its arrays that are cut, which are yet to be filled in. memory: as above."""
    forms = {name: (array.dtype, array.shape) for name, array in index.items()}
    forms |= {name: (dtype, (manifest.joint.length(cut),)) for name, (cut, dtype) in manifest.cuts.items()}
    head, places = new_header(forms, metadata_of(manifest.said, manifest.checksums), with_digest)
    last = max(places, key=places.__getitem__)
    size = len(head) + places[last] + forms[last][0].itemsize * int(np.prod(forms[last][1], dtype=object))
    # That in memory is shared, if with nobody: what is told to be given back keeps its content then.
    whole = DiskScratch(larger=NO_ROOM, other=NO_ROOM).room(size) if size > memory else mmap.mmap(-1, size)
    whole[: len(head)] = head
    for name, array in index.items():
        start = len(head) + places[name]
        whole[start : start + array.nbytes] = array.tobytes()
    arrays = {
        name: np.frombuffer(whole, forms[name][0], forms[name][1][0], len(head) + places[name])
        if forms[name][1][0]
        else np.zeros(0, forms[name][0])
        for name in manifest.cuts
    }
    return whole, arrays


def tensors_of(folder: FilePath, member: Member) -> Tensors:
    """The arrays of a file. ShardsError if it is missing, or of another size or digest than it was; DataError if it is as it was, and no such file."""
    data = data_of(folder, member)
    digest = digest_of(partial(fill, data), 0, len(data))
    if digest != member.sha256:
        raise ShardsError(
            [
                f"{title(folder, member)} has the SHA-256 {digest[:SHOWN_DIGITS]}…, and had {member.sha256[:SHOWN_DIGITS]}…: it is damaged, or of another model."
            ]
        )
    with damage_told(title(folder, member), REMEDY):  # its digest is right: whoever wrote it did not mean it to be read
        return read_tensors(data)[0]


def data_of(folder: FilePath, member: Member) -> Buffer:
    """The bytes of a file. ShardsError if it is missing, or of another size than it was."""
    place, called = within(folder, member.file), title(folder, member)
    try:
        data = bytes_of(place)
    except (FileNotFoundError, NotThereError):
        raise ShardsError([f"{called} is missing."]) from None
    except OSError as error:
        raise unreadable(place, error) from None
    if len(data) != member.bytes:
        raise ShardsError(
            [
                f"{called} has {len(data):,} bytes, and had {member.bytes:,}: it is cut short, damaged, or of another model."
            ]
        )
    return data


def title(folder: FilePath, member: Member) -> str:
    """What a file is called in messages."""
    return shown(os.fspath(within(folder, member.file)))


def bytes_of(place: FilePath) -> Buffer:
    """The bytes of a file, mapped if it is here. FileNotFoundError, other OSErrors; of one elsewhere NotThereError, other DataErrors."""
    if is_remote(place):
        from lmkit.engine.remote.opening import opened_remote

        with opened_remote(os.fspath(place)) as stream:
            return stream.read()
    with Path(place).open("rb") as file:
        is_empty = not os.fstat(file.fileno()).st_size
        return b"" if is_empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def unreadable(place: FilePath, error: OSError) -> DataError:
    """The error for a file that is there and cannot be read."""
    return DataError(
        f"cannot read {shown(os.fspath(place))}: {error.strerror or error}.",
        remedy_for(error, "Check its permissions."),
    )
