"""Checksums of arrays, and files of lmkit's own in which something is otherwise than it was written."""

import io
import json
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import lmkit
from lmkit.engine.files.checksums import BLOCK, PAGE, PIECE, Bytes, changed, checksums_of
from lmkit.engine.files.mapped import fill
from lmkit.engine.files.tensors import header_of, read_tensors
from lmkit.errors import DataError
from tests.summed import said_otherwise, summed
from tests.vectors.small import vectors_of

Save = Callable[[], bytes]


def sums_of(data: Bytes) -> str:
    """The sums of an array."""
    return checksums_of({"x": data}, lambda: None)["x"].sums


def random_bytes(size: int) -> Bytes:
    """Some bytes."""
    return np.random.default_rng(size).integers(0, 256, size, np.uint8)


def test_sums_are_those_of_rows_and_columns_worked_out_one_by_one() -> None:
    import hashlib

    data = random_bytes(2 * PAGE + 13)
    padded = data.tobytes() + bytes(-len(data) % PAGE)
    words = [int.from_bytes(padded[at : at + 8], "little") for at in range(0, len(padded), 8)]
    rows = [sum(words[at : at + 512]) % 2**64 for at in range(0, len(words), 512)]
    columns = [0] * 512
    for place, word in enumerate(words):
        columns[place % 512] ^= word
    numbers = b"".join(number.to_bytes(8, "little") for number in rows + columns)
    assert sums_of(data) == hashlib.sha256(numbers).hexdigest()[:32]


@pytest.mark.parametrize("size", [0, 1, 7, 8, PAGE - 1, PAGE, BLOCK + 5, PIECE, PIECE + BLOCK + 9, 2 * PIECE + PAGE])
def test_sums_in_a_file_are_those_in_memory_wherever_the_array_stands(size: int) -> None:
    data = random_bytes(size)
    for before in (0, 1, 8, 4095):
        file = bytes(before) + data.tobytes()
        assert changed(partial(fill, file), {"x": (before, len(file))}, {"x": sums_of(data)}) is None
        assert changed(partial(fill, file), {"x": (before, len(file))}, {"x": sums_of(data)[::-1]}) == "x"


@pytest.mark.parametrize("bit", range(8))
def test_every_bit_of_the_last_bytes_counts(bit: int) -> None:
    data = random_bytes(PAGE + 11)
    for place in (0, PAGE - 1, PAGE, PAGE + 10):
        other = data.copy()
        other[place] ^= 1 << bit
        assert sums_of(other) != sums_of(data)


@pytest.mark.parametrize("size", [8, 64, PAGE])
@pytest.mark.parametrize("distance", [1, 3, 64])
def test_words_and_pages_that_change_places_are_found(size: int, distance: int) -> None:
    data = random_bytes(80 * PAGE)
    other = data.copy()
    first, second = slice(size, 2 * size), slice((1 + distance) * size, (2 + distance) * size)
    other[first], other[second] = data[second], data[first]
    assert sums_of(other) != sums_of(data)


def test_a_bit_that_goes_up_and_another_that_goes_down_in_the_same_column_are_found() -> None:
    """Neither the sum nor the exclusive or of all words would tell them."""
    data = np.zeros(4 * PAGE, np.uint8)
    data[0] = 1
    other = np.zeros(4 * PAGE, np.uint8)
    other[2 * PAGE] = 1
    assert sums_of(other) != sums_of(data)


def saved(value: Any, **how: Any) -> bytes:
    """The bytes of a file."""
    stream = io.BytesIO()
    lmkit.save(value, stream, **how)
    return stream.getvalue()


def toy_counts() -> lmkit.NgramCounts:
    """The bigrams of two sentences."""
    return lmkit.count_ngrams(io.BytesIO(b"a b\nb a\n"), 2)


FILES: dict[str, Save] = {
    "counts": lambda: saved(toy_counts()),
    "model": lambda: saved(lmkit.laplace(toy_counts())),
    "probabilities": lambda: saved(lmkit.laplace(toy_counts()).with_values()),
    "compact": lambda: saved(toy_counts(), compact=True),
    "vectors": lambda: saved(vectors_of({"a": [3, 4], "b": [0, 1]})),
}


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_bit_is_refused(name: str) -> None:
    """In every fourth byte: `python -m tests.flips` flips all bits of all bytes."""
    data = FILES[name]()
    generator = random.Random(len(data))  # noqa: S311
    for place in range(len(data) % 4, len(data), 4):
        damaged = bytearray(data)
        damaged[place] ^= 1 << generator.randrange(8)
        with pytest.raises(DataError):
            lmkit.load(io.BytesIO(damaged))


@pytest.mark.parametrize("name", FILES)
def test_files_that_end_too_late_or_too_early_are_refused(name: str) -> None:
    data = FILES[name]()
    for damaged in (data + b"\0", data + bytes(65 << 20), data[:-1], data[:-8]):
        with pytest.raises(DataError, match=r"the file is damaged or cut short \("):
            lmkit.load(io.BytesIO(damaged))


def moved(data: bytes, places: dict[str, list[int]]) -> bytes:
    """The file with arrays listed as standing elsewhere, and a right header."""
    old = header_of(data)
    header = json.loads(old)
    for name, place in places.items():
        header[name]["data_offsets"] = place
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return said_otherwise(len(text).to_bytes(8, "little") + text + data[8 + len(old) :])


def test_arrays_that_overlap_or_leave_something_out_are_refused() -> None:
    data = saved(toy_counts())
    header = json.loads(header_of(data))
    first, last = header["counts.1"]["data_offsets"]
    for place, told in (
        ([first - 8, last - 8], "overlaps"),
        ([first + 8, last + 8], "comes after bytes of no array"),
        ([last, first], "where array counts.1 stands is damaged"),
        ([first, float(last)], "where array counts.1 stands is damaged"),
    ):
        with pytest.raises(DataError, match=told):
            lmkit.load(io.BytesIO(moved(data, {"counts.1": place})))


def test_a_file_without_checksums_is_damaged_and_an_older_one_is_not() -> None:
    from safetensors.numpy import save

    tensors, metadata = read_tensors(saved(toy_counts()))
    for version, fits in ((6, False), (5, True)):
        said = json.loads(metadata["lmkit"]) | {"format_version": version}
        data = save(dict(tensors), {"lmkit": json.dumps(said)})
        if fits:
            assert lmkit.load(io.BytesIO(data)).ngrams() == toy_counts().ngrams()
        else:
            with pytest.raises(DataError, match="its header is not as it was written"):
                lmkit.load(io.BytesIO(data))


def test_an_array_without_sums_is_damaged() -> None:
    data = saved(toy_counts())
    sums = json.loads(read_tensors(data)[1]["sums"])
    del sums["counts.2"]
    with pytest.raises(DataError, match=r"damaged or cut short \('counts\.2'\)"):
        lmkit.load(io.BytesIO(said_otherwise(data, sums=json.dumps(sums))))


def test_a_file_written_twice_is_the_same_file() -> None:
    assert all(save() == save() for save in FILES.values())
    data = saved(toy_counts())
    assert summed(data) == data
