"""Changes to safetensors files that know what they are made of: what the header says, and the numbers in the arrays; right checksums go with them."""

import io
import json
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.files.checksums import checksums_of
from lmkit.engine.files.own_files import KEY, metadata_of, with_digest
from lmkit.engine.files.tensors import DTYPES, read_tensors, write_tensors
from tests.hostile.mutators import ODD_NUMBERS, changed_value, odd_value

NAMES = {np.dtype(dtype): name for name, dtype in DTYPES.items()}


def change_said(chance: Random, data: bytes) -> bytes:
    """What is said of the arrays is other."""
    arrays, metadata = read_tensors(data)
    said = json.loads(metadata[KEY])
    for _ in range(chance.choice((1, 1, 2))):
        said = changed_value(chance, said)
    return signed(arrays, metadata | {KEY: json.dumps(said)})


def change_number(chance: Random, data: bytes) -> bytes:
    """A number of an array is one that stands out, or a neighbour of what it was."""
    arrays, metadata = read_tensors(data)
    name = chance.choice([name for name, array in arrays.items() if array.size] or [""])
    if not name:
        return data
    array = arrays[name].copy()
    flat = array.reshape(-1)
    for _ in range(chance.choice((1, 1, 3))):
        flat[chance.randrange(len(flat))] = number_for(chance, flat)
    return signed({**arrays, name: array}, metadata)


def number_for(chance: Random, flat: NDArray[Any]) -> Any:
    """A number that an array of this type can hold."""
    if flat.dtype.kind == "f":
        return chance.choice((0.0, -0.0, 1.0, -1.0, 5.0, -99.0, np.nan, np.inf, -np.inf, 1e30, 1e-40))
    limits = np.iinfo(flat.dtype)
    near = int(flat[chance.randrange(len(flat))]) + chance.choice((-1, 0, 1))
    number = int(chance.choice((near, len(flat), len(flat) - 1, *(n for n in ODD_NUMBERS if isinstance(n, int)))))
    return min(max(number, limits.min), limits.max)


def change_array(chance: Random, data: bytes) -> bytes:
    """An array is missing, longer or shorter, of another type, or another one."""
    arrays, metadata = read_tensors(data)
    name = chance.choice(list(arrays))
    array = arrays[name]
    found: dict[str, NDArray[Any]] = dict(arrays)
    match chance.randrange(7):
        case 0:
            del found[name]
        case 1:
            found[name] = array[:-1]
        case 2:
            found[name] = np.concatenate([array, array[:1]])
        case 3:
            found[name] = array.astype(chance.choice(list(NAMES)))
        case 4:
            other = chance.choice(list(arrays))
            found[name], found[other] = found[other], found[name]
        case 5:
            found[name] = np.sort(array, axis=None)[::-1].reshape(array.shape)
        case _:
            found[name] = array.reshape(chance.choice(((-1, 1), (1, -1))))
    return signed(found, metadata)


def change_header(chance: Random, data: bytes) -> bytes:
    """The header of the file itself is other; its checksum, if it has one, no longer goes with it."""
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    name = chance.choice(list(header))
    header[name] = changed_value(chance, header[name]) if chance.random() < 0.8 else odd_value(chance, header[name])
    text = json.dumps(header).encode("utf-8", "surrogatepass")
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data[8 + size :]


def change_matrix(chance: Random, data: bytes) -> bytes:
    """An array of an .npz file is other, or a number in one."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    name = chance.choice([name for name, array in arrays.items() if array.dtype.kind in "iuf" and array.size])
    if chance.random() < 0.6:
        flat = arrays[name].copy().reshape(-1)
        flat[chance.randrange(len(flat))] = number_for(chance, flat)
        arrays[name] = flat.reshape(arrays[name].shape)
    elif chance.random() < 0.8:
        arrays[name] = changed_array(chance, arrays[name])
    else:
        del arrays[name]
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def changed_array(chance: Random, array: NDArray[Any]) -> NDArray[Any]:
    """An array that is shorter, longer, of another type, or of another shape."""
    match chance.randrange(4):
        case 0:
            return array[:-1]
        case 1:
            return np.concatenate([array, array[:1]])
        case 2:
            return array.astype(chance.choice(list(NAMES)))
        case _:
            return array.reshape(chance.choice(((-1, 1), (1, -1))))


def signed(arrays: dict[str, NDArray[Any]], metadata: dict[str, str]) -> bytes:
    """A file of these arrays, as lmkit writes it, with the checksums that are right for them; as others do, if it is theirs."""
    stream = io.BytesIO()
    if KEY not in metadata:
        write_tensors(arrays, metadata, stream)
        return stream.getvalue()
    said = metadata_of({}, checksums_of(arrays, lambda: None)) | {KEY: metadata[KEY]}
    write_tensors(arrays, said, stream, finished=with_digest)
    return stream.getvalue()


MATRICES = (change_matrix, change_matrix, change_matrix)
TENSORS = (change_said, change_said, change_number, change_number, change_array, change_header)
