"""Folders as subjects: as the bytes of an archive, which is unpacked to be read. A change is one to a file of it; what names that file by its digest follows."""

import hashlib
import io
import json
import shutil
import tarfile
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from lmkit.engine.files.checksums import checksums_of
from lmkit.engine.files.tensors import read_tensors
from tests.hostile.mutators import BYTES, JSON, change_json
from tests.hostile.tensor_files import TENSORS

PACKED = ".tar"
MANIFEST = "manifest.json"
Files = dict[str, bytes]  # by name


def packed(files: Files) -> bytes:
    """The archive of files."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def files_of(data: bytes) -> Files:
    """The files of an archive."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        members = [(member.name, archive.extractfile(member)) for member in archive]
    return {name: stream.read() for name, stream in members if stream is not None}


def packed_folder(folder: Path) -> bytes:
    """The archive of the files in a folder."""
    return packed({file.name: file.read_bytes() for file in sorted(folder.iterdir())})


def placed(data: bytes, path: Path) -> str:
    """Put what a subject has where commands read it, which is the name without the suffix of an archive; gives that."""
    if path.suffix != PACKED:
        path.write_bytes(data)
        return path.name
    folder = path.with_suffix("")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files_of(data).items():
        (folder / name).write_bytes(content)
    return folder.name


def change_file(chance: Random, data: bytes) -> bytes:
    """A file of the folder is other, gone, or another one."""
    files = files_of(data)
    name = chance.choice(list(files))
    match chance.randrange(12):
        case 0:
            del files[name]
        case 1:
            files[name] = files[chance.choice(list(files))]
        case _:
            files[name] = chance.choice(JSON if name.endswith(".json") else (*TENSORS, *BYTES))(chance, files[name])
    if MANIFEST in files and name != MANIFEST:
        files[MANIFEST] = signed_again(files, name)
    return packed(files)


def change_manifest(chance: Random, data: bytes) -> bytes:
    """What is said of the shards is other."""
    files = files_of(data)
    files[MANIFEST] = change_json(chance, files[MANIFEST])
    return packed(files)


def signed_again(files: Files, name: str) -> bytes:
    """The manifest with the size and the digest that a file of shards has now; with the checksums of its arrays, too, if they are whole."""
    said: dict[str, Any] = json.loads(files[MANIFEST])
    data = files.get(name, b"")
    member = next(one for one in (said["index"], *said["shards"]) if one["file"] == name)
    member |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    if len(said["shards"]) == 1 or member is said["index"]:
        with suppress(Exception):  # of what is no such file any more
            found = checksums_of(read_tensors(data)[0], lambda: None)
            said["checksums"] |= {each: vars(one) for each, one in found.items() if each in said["checksums"]}
    return json.dumps(said).encode()


FOLDERS = (change_file,)
SHARDS = (change_file, change_file, change_manifest)
