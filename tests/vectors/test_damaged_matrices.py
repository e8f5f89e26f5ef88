"""Files of matrices that are damaged: told as such, wherever a matrix is needed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lmkit
from lmkit.errors import DataError
from tests.conftest import CORPORA, Run


@pytest.fixture(scope="module")
def arrays(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is in the file of a small matrix."""
    path = tmp_path_factory.mktemp("matrix") / "x.npz"
    counts = lmkit.cooccurrence(lmkit.encode_text(CORPORA / "toy.tok"), window=1)
    lmkit.save_matrix(path, counts)
    return dict(np.load(path))


def changed(values: Any, place: int, value: Any) -> Any:
    """A copy of the array with another value in one place."""
    copy = np.array(values)
    copy[place] = value
    return copy


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda x: {"indices": changed(x["indices"], 3, 10**6)}, "indices"),
        (lambda x: {"indices": changed(x["indices"], 3, -1)}, "indices"),
        (lambda x: {"indptr": changed(x["indptr"], 2, 10**6)}, "ind"),
        (lambda x: {"word_offsets": x["word_offsets"][:5]}, "columns and 4 words"),
        (lambda x: {"word_offsets": changed(x["word_offsets"], 2, 10**6)}, "the words do not fit their offsets"),
        (lambda x: {"words": np.full_like(x["words"], 0xFF)}, "the words are no UTF-8"),
        (lambda x: {"data": x["data"].astype(str)}, "."),
        (lambda _: {"word_offsets": np.ndarray(10**7, "V0")}, "word_offsets.npy is said to be larger than it is"),
    ],
)
def test_a_damaged_matrix_is_told(
    lmkit_run: Run, tmp_path: Path, arrays: dict[str, Any], change: Any, told: str
) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, **(arrays | change(arrays)))
    with pytest.raises(DataError, match=rf"x\.npz is not a matrix that lmkit wrote: .*{told}"):
        lmkit.load_matrix(path)
    for command in (("plot", "cooc", path), ("vectors", "neighbours", path, "le"), ("vectors", "svd", path, "-d", 2)):
        result = lmkit_run(*command)
        assert (result.code, result.err.splitlines()[-1]) == (
            1,
            "It is damaged or cut short, perhaps: make it again with `lmkit cooc -o X.npz`.",
        )


def test_a_matrix_that_is_not_there_cannot_be_read(lmkit_run: Run, tmp_path: Path) -> None:
    path = tmp_path / "none.npz"
    for command in (("plot", "cooc", path), ("vectors", "neighbours", path, "le")):
        result = lmkit_run(*command)
        assert (result.code, result.err) == (
            1,
            f"lmkit: cannot read {path}: No such file or directory.\nCheck the name of the file and its permissions.\n",
        )
