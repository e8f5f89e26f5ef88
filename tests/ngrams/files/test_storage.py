"""Model files: open to other tools, whole or not at all, and never trusted."""

import contextlib
import dataclasses
import io
import json
import os
import random
import threading
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
import scipy.sparse

import lmkit
from lmkit.engine.files.outputs import whole_file
from lmkit.engine.files.own_files import LAST_WITHOUT_CHECKSUMS, write_own_file
from lmkit.errors import DataError, UsageError
from lmkit.ngrams.description import describe
from lmkit.ngrams.files import trust
from lmkit.ngrams.files.schema import parts_of
from tests.conftest import CORPORA, TOY, text_file, train_text
from tests.summed import summed_or_not


def toy_file(folder: Path) -> Path:
    """A model file of the worked example."""
    path = folder / "toy.safetensors"
    lmkit.save(lmkit.kneser_ney(lmkit.count_ngrams(TOY, 3), discount_fallback="fixed"), path)
    return path


def test_the_safetensors_library_opens_a_model(tmp_path: Path) -> None:
    tensors = safetensors.numpy.load_file(toy_file(tmp_path))
    assert set(tensors) == {
        "vocabulary", "vocabulary_offsets", "indptr.2", "indices.2", "indptr.3", "indices.3",
        "counts.1", "counts.2", "counts.3", "codes.1", "codes.2", "discounts",
        "divisors.1", "divisors.2", "divisors.3", "weights.1", "weights.2", "weights.3",
    }  # fmt: skip
    assert bytes(tensors["vocabulary"]).startswith(b"</s><s><unk>lechat")
    assert [tensors[name].dtype for name in ("counts.3", "codes.2", "weights.3")] == [np.uint8, np.uint16, np.float64]


def test_equal_models_are_equal_files(tmp_path: Path) -> None:
    first = toy_file(tmp_path).read_bytes()
    assert toy_file(tmp_path).read_bytes() == first


def test_every_truncation_is_an_error_and_not_a_crash(tmp_path: Path) -> None:
    data = toy_file(tmp_path).read_bytes()
    for length in [*range(0, len(data), 37), len(data) - 1]:
        path = text_file(tmp_path, data[:length], "cut.safetensors")
        with pytest.raises(DataError, match=r"cut\.safetensors"):
            lmkit.load(path)


def test_flipped_bits_with_right_checksums_are_an_error_or_a_model_and_not_a_crash(tmp_path: Path) -> None:
    data = toy_file(tmp_path).read_bytes()
    generator = random.Random(1)  # noqa: S311
    errors = 0
    for _ in range(400):
        damaged = bytearray(data)
        damaged[generator.randrange(len(data))] ^= 1 << generator.randrange(8)
        try:
            model = lmkit.load_model(text_file(tmp_path, summed_or_not(bytes(damaged)), "flipped.safetensors"))
            describe(model)
            lmkit.save(model, tmp_path / "flipped.arpa")
            list(lmkit.score_text(model, CORPORA / "toy.test.tok"))
        except DataError:
            errors += 1
    assert errors > 50


@pytest.mark.parametrize("whole", [trust.WHOLE, 0])
@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("log10_probs.2", 0.25, "the probabilities of order 2 are damaged"),
        ("log10_probs.3", np.nan, "the probabilities of order 3 are damaged"),
        ("prob_values.1", np.inf, "the probabilities of order 1 are damaged"),
        ("backoff_values.1", 101.0, "the backoffs of order 1 are damaged"),
        ("backoff_values.2", np.nan, "the backoffs of order 2 are damaged"),
    ],
)
def test_values_that_cannot_be_are_refused_in_files_of_any_size_with_right_checksums(
    monkeypatch: pytest.MonkeyPatch, whole: int, name: str, value: float, told: str
) -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(train_text("fr"), 3)).with_values()
    tensors, fields = parts_of(model)
    monkeypatch.setattr(trust, "WHOLE", whole)
    for place in (0, len(tensors[name]) // 2, len(tensors[name]) - 1):
        array = tensors[name].copy()
        array[place] = value
        stream = io.BytesIO()
        write_own_file(tensors | {name: array}, fields, stream)
        stream.seek(0)
        with pytest.raises(DataError, match=told):
            lmkit.load(stream)


@pytest.mark.parametrize("name", ["counts", "kneser-ney"])
def test_large_files_from_before_checksums_are_read_whole_as_nothing_else_tells_their_damages(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    counts = lmkit.count_ngrams(TOY, 3)
    value = counts if name == "counts" else lmkit.kneser_ney(counts, discount_fallback="fixed")
    tensors, fields = parts_of(value)
    words = tensors["indices.3"].copy()
    row = int(np.flatnonzero(np.diff(tensors["indptr.3"]) > 1)[-1])
    first = int(tensors["indptr.3"][row])
    words[first : first + 2] = words[first : first + 2][::-1]
    said = {"lmkit": json.dumps({"format_version": LAST_WITHOUT_CHECKSUMS, "version": "0.1"} | fields)}
    monkeypatch.setattr(trust, "WHOLE", 0)
    with pytest.raises(DataError, match="the words of order 3 are not in order"):
        lmkit.load(io.BytesIO(safetensors.numpy.save(tensors | {"indices.3": words}, said)))


def test_flipped_bits_in_counts_with_right_checksums_are_an_error_or_counts_and_not_a_crash(tmp_path: Path) -> None:
    lmkit.save(lmkit.count_ngrams(TOY, 3), tmp_path / "counts")
    data = (tmp_path / "counts").read_bytes()
    generator = random.Random(2)  # noqa: S311
    for _ in range(300):
        damaged = bytearray(data)
        damaged[generator.randrange(len(data))] ^= 1 << generator.randrange(8)
        with contextlib.suppress(DataError, UsageError):
            counts = lmkit.load_counts(text_file(tmp_path, summed_or_not(bytes(damaged)), "flipped"))
            lmkit.kneser_ney(counts, discount_fallback="fixed")
            lmkit.laplace(counts)
            lmkit.merge_counts([counts, counts])


def test_rows_that_wrap_around_are_refused(tmp_path: Path) -> None:
    """Differences of 32-bit integers wrap: -2**31 − (2**31 − 1) is 1."""
    counts = lmkit.count_ngrams(TOY, 3)
    indptr = counts.orders[2].indptr.copy()
    indptr[3:6] = 2**31 - 1, -(2**31), -1
    order = dataclasses.replace(counts.orders[2], indptr=indptr)
    chain = dataclasses.replace(counts.chain, orders=(*counts.orders[:2], order))
    lmkit.save(dataclasses.replace(counts, chain=chain), tmp_path / "wrapped")
    with pytest.raises(DataError, match="the rows of order 3 are damaged"):
        lmkit.load(tmp_path / "wrapped")


def test_a_link_to_a_pipe_is_written_to_directly(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    reader = threading.Thread(target=lambda: (tmp_path / "copy").write_bytes((tmp_path / "pipe").read_bytes()))
    reader.start()
    lmkit.save(lmkit.count_ngrams(TOY, 2), tmp_path / "link")
    reader.join()
    assert (tmp_path / "pipe").is_fifo()
    assert lmkit.load_counts(tmp_path / "copy").ngrams() == {1: 14, 2: 15}


def test_a_safetensors_file_of_others_is_an_error(tmp_path: Path) -> None:
    safetensors.numpy.save_file({"x": np.zeros(3)}, tmp_path / "x.safetensors")
    with pytest.raises(DataError, match=r"x\.safetensors: a safetensors file, but not one of lmkit's"):
        lmkit.load(tmp_path / "x.safetensors")


def test_a_file_of_a_newer_format_is_an_error_that_says_so(tmp_path: Path) -> None:
    path = toy_file(tmp_path)
    path.write_bytes(path.read_bytes().replace(b'format_version\\": 6', b'format_version\\": 9'))
    with pytest.raises(DataError, match="reads formats up to"):
        lmkit.load(path)


def test_models_are_read_from_streams_and_compressed_files(tmp_path: Path) -> None:
    import gzip

    path = toy_file(tmp_path)
    packed = text_file(tmp_path, gzip.compress(path.read_bytes()), "toy.safetensors.gz")
    expected = lmkit.perplexity(lmkit.load_model(path), CORPORA / "toy.test.tok")
    for source in (packed, io.BytesIO(path.read_bytes())):
        assert lmkit.perplexity(lmkit.load_model(source), CORPORA / "toy.test.tok") == expected


def test_a_failed_output_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    final = text_file(tmp_path, "old", "out.txt")

    def fail_half_way() -> None:
        with whole_file(final) as stream:
            stream.write(b"ne")
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        fail_half_way()
    assert final.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]


def test_a_successful_output_replaces_the_old_file_through_links(tmp_path: Path) -> None:
    final = text_file(tmp_path, "old", "out.txt")
    link = tmp_path / "link.txt"
    link.symlink_to(final)
    with whole_file(link) as stream:
        stream.write(b"new")
    assert final.read_text(encoding="utf-8") == "new"
    assert link.is_symlink()


def test_outputs_have_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    plain = text_file(tmp_path, "x", "plain")
    assert toy_file(tmp_path).stat().st_mode == plain.stat().st_mode
    toy_file(tmp_path).chmod(0o640)
    assert toy_file(tmp_path).stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("name", ["missing/x.safetensors", "missing/x.arpa", "."])
def test_an_output_that_cannot_be_written_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=r"^cannot write"):
        lmkit.save(lmkit.count_ngrams(TOY, 2), tmp_path / name)


def test_a_full_disk_is_an_error() -> None:
    if not Path("/dev/full").exists():
        pytest.skip(reason="this system has no /dev/full")
    with pytest.raises(DataError, match=r"^cannot write /dev/full: No space left on device\."):
        lmkit.save(lmkit.count_ngrams(TOY, 2), "/dev/full")


def test_matrices_open_with_scipy_and_carry_their_words(tmp_path: Path) -> None:
    text = lmkit.encode_text(TOY)
    matrix = lmkit.one_hot(text)
    lmkit.save_matrix(tmp_path / "x.npz", lmkit.WordMatrix(matrix, text.vocabulary, "one-hot", {"cutoff": 1}))
    opened = scipy.sparse.load_npz(tmp_path / "x.npz")
    assert (opened != matrix).nnz == 0
    again = lmkit.load_matrix(tmp_path / "x.npz")
    assert (again.matrix != matrix).nnz == 0
    assert again.words.words[:4] == [b"</s>", b"<s>", b"<unk>", b"le"]
    assert (again.cells, again.details) == ("one-hot", {"cutoff": 1})
