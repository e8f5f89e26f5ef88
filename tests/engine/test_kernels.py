"""The compiled kernels: each gives what its slower form of public functions gives, and SciPy's package is left alone."""

import subprocess
import sys
from importlib import import_module
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from lmkit.engine import kernels
from lmkit.engine.arrow import bytes_to_arrow, text_to_arrow, texts_to_arrow, to_arrow, to_numpy
from lmkit.engine.sparse import row_sums
from tests.conftest import ROOT

NUMBERS: list[Any] = [*(np.dtype(f"{kind}{size}") for kind in "iu" for size in (1, 2, 4, 8)), np.float32, np.float64]
MANY = kernels.LEAST_FOR_ARROW


def only_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take what pyarrow keeps to itself away."""
    import_module("pyarrow.compute")  # it is made of the other
    monkeypatch.setitem(sys.modules, "pyarrow._compute", None)
    monkeypatch.setattr(kernels, "arrow_function", kernels.arrow_function.__wrapped__)


def run(code: str) -> str:
    """What a program prints that Python runs by itself."""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, check=True)
    return ended.stdout.decode().strip()


def test_kernels_come_without_the_package_around_them() -> None:
    names = "[name for name in sys.modules if name.split('.')[0] in ('scipy', 'pyarrow', 'pandas')]"
    assert run(f"import sys; from lmkit.engine import kernels; print(kernels.coo_tocsr is None, {names})") == "False []"


def test_the_package_is_whole_when_it_comes_after_its_kernels() -> None:
    product = "print(scipy.sparse.csr_array([[1, 2]]) @ [3, 4], scipy.sparse._sparsetools.coo_tocsr is not None)"
    assert run(f"from lmkit.engine import kernels; import scipy.sparse; {product}") == "[11] True"


def test_kernels_are_those_of_the_package_when_they_come_after_it() -> None:
    same = "print(scipy.sparse._sparsetools is sys.modules['scipy.sparse._sparsetools'], kernels.coo_tocsr is None)"
    assert run(f"import sys, scipy.sparse; from lmkit.engine import kernels; {same}") == "True False"


def test_without_the_file_of_the_kernels_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.machinery.PathFinder.find_spec", lambda *_: None)
    assert kernels.sparse_kernels() is None


@pytest.mark.parametrize("missing", [None, "csr_matvec"])
@pytest.mark.parametrize("index", [np.int32, np.int64])
@pytest.mark.parametrize("dtype", NUMBERS)
def test_rows_are_added_up_in_the_dtype_of_their_values(
    monkeypatch: pytest.MonkeyPatch, dtype: Any, index: Any, missing: str | None
) -> None:
    if missing:
        monkeypatch.setattr(kernels, missing, None)
    found = row_sums(np.array([0, 2, 2, 5], index), np.array([1, 2, 3, 4, 5], dtype))
    assert (found.tolist(), found.dtype) == ([3, 0, 12], dtype)


def test_rows_beyond_the_entries_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"^the rows end at 6 of 5 columns and 5 values$"):
        row_sums(np.array([0, 2, 6]), np.ones(5))


@pytest.mark.parametrize("missing", [None, "csr_column_index1"])
@pytest.mark.parametrize("places", [np.int32, np.int64])
@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_ones_are_added_in_place_as_often_as_each_place_comes(
    monkeypatch: pytest.MonkeyPatch, dtype: Any, places: Any, missing: str | None
) -> None:
    if missing:
        monkeypatch.setattr(kernels, missing, None)
    counter = np.array([10, 20, 30, 40], dtype)
    kernels.add_ones(counter, np.array([3, 1, 3, 3], places))
    kernels.add_ones(counter[:2], np.array([0], places))
    kernels.add_ones(counter, np.array([], places))
    assert (counter.tolist(), counter.dtype) == ([11, 21, 30, 43], dtype)


@pytest.mark.parametrize("missing", [None, "coo_matvec"])
@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_values_are_scattered_to_their_places(monkeypatch: pytest.MonkeyPatch, dtype: Any, missing: str | None) -> None:
    if missing:
        monkeypatch.setattr(kernels, missing, None)
    found = kernels.scatter(np.array([7, 8, 9], dtype), np.array([1, 2, 0], dtype))
    assert (found.tolist(), found.dtype) == ([9, 7, 8], dtype)
    assert kernels.scatter(np.zeros(0, dtype), np.zeros(0, dtype)).tolist() == []


OF_ALL_KINDS = [
    *(np.arange(50).astype(dtype) for dtype in NUMBERS),
    np.arange(50) % 3 == 0,
    np.linspace(0, 1, 50).astype(np.float16),
    np.arange(50) * 1j,
    np.array([f"word {number}".encode() for number in range(50)]),
    np.array([f"word {number}" for number in range(50)], object),
    np.arange(100)[::2],
    np.array(["NaT", "2026-01-01"] * 25, "datetime64[s]"),
    np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324] * 10),
]


@pytest.mark.parametrize("private", [True, False])
@pytest.mark.parametrize("number", [0, 1, MANY - 1, MANY, MANY + 7])
@pytest.mark.parametrize("values", OF_ALL_KINDS, ids=lambda values: str(values.dtype))
def test_values_are_taken_bit_for_bit_as_numpy_takes_them(
    monkeypatch: pytest.MonkeyPatch, values: NDArray[Any], number: int, private: bool
) -> None:
    if not private:
        only_public(monkeypatch)
    values.flags.writeable = False  # as those of a file are
    places = np.random.default_rng(1).integers(0, len(values), number)
    for given in (places, places.astype(np.int32), places.astype(np.uint8), np.repeat(places.astype(np.int16), 2)[::2]):
        found = kernels.take(values, given)
        assert (type(found), found.dtype) == (np.ndarray, values.dtype)
        assert found.tobytes() == values[places].tobytes()
        assert found.flags.writeable
        assert not np.shares_memory(found, values)


def test_few_values_are_taken_without_arrow() -> None:
    few = "kernels.take(np.arange(9), np.arange(3)).tolist(), 'pyarrow' in sys.modules"
    assert run(f"import sys, numpy as np; from lmkit.engine import kernels; print({few})") == "[0, 1, 2] False"


@pytest.mark.parametrize(
    "values",
    [*OF_ALL_KINDS[: len(NUMBERS)], OF_ALL_KINDS[len(NUMBERS)], OF_ALL_KINDS[-1]],
    ids=lambda values: str(values[:1]),
)
def test_numbers_go_to_arrow_and_back(values: NDArray[Any]) -> None:
    for given in (values, values[:0], values[1:], values[::3]):
        there = to_arrow(given)
        there.validate(full=True)
        assert (there.type, repr(there.to_pylist())) == (pa.array(given).type, repr(given.tolist()))
        for piece in (there, there[3:], there[3:11]):
            back = to_numpy(piece)
            assert back.dtype == values.dtype
            assert back.tobytes() == np.asarray(piece).tobytes()


def test_nulls_do_not_go_to_numpy() -> None:
    with pytest.raises(ValueError, match=r"^1 values are null, which NumPy does not have$"):
        to_numpy(pa.array([1, None]))


@pytest.mark.parametrize("texts", [[], [""], ["a", "", "wörter", "a b"]])
def test_texts_go_to_arrow(texts: list[str]) -> None:
    assert texts_to_arrow(texts).equals(pa.array(texts, pa.large_string()))
    written = [text.encode() for text in texts]
    assert bytes_to_arrow(written).equals(pa.array(written, pa.large_binary()))
    assert [text_to_arrow(text) for text in texts] == [pa.scalar(text, pa.large_string()) for text in texts]


@pytest.mark.parametrize("private", [True, False])
def test_arrow_is_called_with_and_without_options(monkeypatch: pytest.MonkeyPatch, private: bool) -> None:
    if not private:
        only_public(monkeypatch)
    texts = texts_to_arrow(["abc", "b", "abc"])
    assert kernels.call_arrow("replace_substring", texts, pattern="b", replacement="x").to_pylist() == [
        "axc",
        "x",
        "axc",
    ]
    assert kernels.call_arrow("dictionary_encode", texts).indices.to_pylist() == [0, 1, 0]
    assert kernels.call_arrow("cast", to_arrow(np.array([1.5, 2])), target_type=pa.large_string()).to_pylist() == [
        "1.5",
        "2",
    ]
    with pytest.raises(pa.ArrowInvalid, match=r"truncated"):
        kernels.call_arrow("cast", to_arrow(np.array([1.5])), target_type=pa.int8())
