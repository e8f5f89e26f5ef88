"""Word vectors as files: what is written is read back to the last bit, by gensim too."""

import gzip
import io
import mmap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.engine.files import mapped
from lmkit.engine.files.own_files import described, write_own_file
from lmkit.errors import DataError, UsageError, VectorsWarning
from lmkit.vectors.files.own import write_own_vectors
from lmkit.vectors.files.text_writing import write_text_vectors
from tests.conftest import TOY, Run

WORDS = ["le", "été", "nan", '"', "</s>", "e\u0301", "12", "1e5"]
SUFFIXES = [".safetensors", "", ".txt", ".vec", ".bin", ".txt.gz", ".vec.gz", ".glove.txt", ".glove.txt.gz"]
FOREIGN = [suffix for suffix in SUFFIXES if suffix not in ("", ".safetensors")]


def vectors_of(words: list[str], matrix: Any, **more: Any) -> lmkit.WordVectors:
    """The words with these vectors."""
    vocabulary = lmkit.Vocabulary.from_words([word.encode() for word in words])
    return lmkit.WordVectors(vocabulary, np.array(matrix, np.float32), "svd", {"window": 5}, **more)


def odd_vectors() -> lmkit.WordVectors:
    """Vectors of values of all sizes, zeros among them."""
    generator = np.random.default_rng(1)
    matrix = generator.standard_normal((len(WORDS), 5)) * 10.0 ** generator.integers(-30, 30, (len(WORDS), 5))
    matrix[1], matrix[2, 0] = 0, -0.0
    return vectors_of(WORDS, matrix)


def bits(vectors: lmkit.WordVectors) -> list[list[int]]:
    """The bits of the values."""
    found: list[list[int]] = vectors.matrix.view(np.uint32).tolist()
    return found


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_written_is_read_back_to_the_last_bit(tmp_path: Path, suffix: str) -> None:
    vectors = odd_vectors()
    lmkit.save(vectors, tmp_path / f"v{suffix}")
    found = lmkit.load_vectors(tmp_path / f"v{suffix}")
    assert found.words.same_as(vectors.words)
    assert bits(found) == bits(vectors)
    assert np.array_equal(found.norms, vectors.norms)


def digits_of(number: str) -> str:
    """The digits of a number that count."""
    return number.lower().partition("e")[0].lstrip("-").replace(".", "").strip("0")


@given(
    st.lists(
        st.floats(width=32, allow_nan=False, allow_infinity=False, max_value=2.0**100, min_value=-(2.0**100)),
        min_size=1,
    )
)
def test_the_fewest_digits_give_back_all_bits(values: list[float]) -> None:
    vectors = vectors_of(["le"], [values])
    stream = io.BytesIO()
    write_text_vectors(vectors, stream)
    for text, value in zip(stream.getvalue().split()[3:], vectors.matrix[0], strict=True):
        fewest = np.format_float_scientific(value, unique=True)
        assert [digits_of(text.decode()), float(text)] == [digits_of(fewest), float(fewest)]
    assert bits(lmkit.load_vectors(io.BytesIO(stream.getvalue()))) == bits(vectors)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # gensim leaves such files open
@pytest.mark.parametrize("suffix", FOREIGN)
def test_gensim_reads_what_is_written(tmp_path: Path, suffix: str) -> None:
    models = pytest.importorskip("gensim.models", reason="pip install 'lmkit[word2vec]'")
    vectors = odd_vectors()
    path = tmp_path / f"v{suffix}"
    lmkit.save(vectors, path)
    found = models.KeyedVectors.load_word2vec_format(
        str(path), binary=suffix == ".bin", no_header=suffix.startswith(".glove")
    )
    assert found.index_to_key == WORDS
    assert np.array_equal(found.vectors, vectors.matrix)


@pytest.mark.parametrize("binary", [True, False])
def test_what_gensim_writes_is_read(tmp_path: Path, binary: bool) -> None:
    models = pytest.importorskip("gensim.models", reason="pip install 'lmkit[word2vec]'")
    vectors = odd_vectors()
    keyed = models.KeyedVectors(vectors.dimensions)
    keyed.add_vectors(WORDS, vectors.matrix)
    keyed.save_word2vec_format(str(tmp_path / "v"), binary=binary)
    found = lmkit.load_vectors(tmp_path / "v")
    assert [word.decode() for word in found.words.words] == WORDS
    assert bits(found) == bits(vectors)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_vectors_give_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    written = []
    for name in ("a", "b"):
        lmkit.save(odd_vectors(), tmp_path / f"{name}{suffix}")
        written.append((tmp_path / f"{name}{suffix}").read_bytes())
    assert written[0] == written[1]


def test_text_is_as_other_tools_have_it() -> None:
    vectors = vectors_of(["le", "chat"], [[0.1, -2], [1 / 3, 1e-7]])
    expected = b"le 0.1 -2\nchat 0.33333334 1e-7\n"
    for suffix, text in ((".txt", b"2 2\n" + expected), (".vec", b"2 2\n" + expected), (".glove.txt", expected)):
        for packed, unpack in ((suffix, bytes), (f"{suffix}.gz", gzip.decompress)):
            stream = io.BytesIO()
            write_text_vectors(vectors, stream, packed)
            assert unpack(stream.getvalue()) == text
    stream = io.BytesIO()
    write_text_vectors(vectors, stream, decimals=2)
    assert stream.getvalue() == b"2 2\nle 0.1 -2\nchat 0.33 0\n"


def test_words_with_blanks_are_written_as_text_which_is_told_and_not_as_binary(tmp_path: Path) -> None:
    vectors = vectors_of(["le", "new york", "a\tb c"], [[1, 2.5], [3, 4], [5, 6]])
    with pytest.warns(VectorsWarning, match=r"^2 words have blanks in them, the first is 'new york': lmkit reads such"):
        lmkit.save(vectors, tmp_path / "v.txt")
    assert lmkit.load_vectors(tmp_path / "v.txt").words.same_as(vectors.words)
    with pytest.raises(DataError, match="'new york' has a blank in it, and in the binary format of word2vec"):
        lmkit.save(vectors, tmp_path / "v.bin")
    lmkit.save(vectors, tmp_path / "v.safetensors")
    assert lmkit.load_vectors(tmp_path / "v.safetensors").words.same_as(vectors.words)
    for name in ("v.txt", "v.bin"):
        with pytest.raises(DataError, match=r"^'a\\nb' has a"):
            lmkit.save(vectors_of(["a\nb"], [[1.0]]), tmp_path / name)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_vectors_without_a_length_are_not_written(tmp_path: Path, suffix: str, value: float) -> None:
    vectors = vectors_of(["le", "chat"], [[1, 2], [value, 4]])
    with pytest.raises(
        DataError, match="1 of 2 vectors have values that are no finite numbers, the first that of 'chat'"
    ):
        lmkit.save(vectors, tmp_path / f"v{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_what_is_asked_of_models_only_is_refused(tmp_path: Path) -> None:
    vectors = odd_vectors()
    with pytest.raises(
        UsageError, match=r"cannot write word vectors as \.arpa\.\nEnd the name in \.safetensors, \.bin"
    ):
        lmkit.save(vectors, tmp_path / "v.arpa")
    for name in ("v.safetensors", "v.bin", "v.txt"):
        with pytest.raises(UsageError, match="compact: for n-gram models, and not for word vectors"):
            lmkit.save(vectors, tmp_path / name, compact=True)
        with pytest.raises(UsageError, match="kenlm, precision: for n-gram models"):
            lmkit.save(vectors, tmp_path / name, kenlm="trie", precision="double")
    with pytest.raises(UsageError):
        lmkit.save(vectors, io.BytesIO(), compact=True)
    with pytest.raises(UsageError, match=r"cannot write a model or counts as \.vec"):
        lmkit.save(lmkit.count_ngrams(io.BytesIO(b"le chat\n"), 2), tmp_path / "v.vec")
    assert list(tmp_path.iterdir()) == []


def test_own_files_keep_everything_and_are_mapped_unless_they_are_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapped, "READ_WHOLE", 0)
    state: dict[str, Any] = {"contexts": np.arange(6, dtype=np.float32).reshape(2, 3), "biases": np.ones(2)}
    vectors = vectors_of(["le", "chat"], [[3, 4, 0], [0, 0, 0]], state=state)
    lmkit.save(vectors, tmp_path / "v")
    found = lmkit.load_vectors(tmp_path / "v")
    assert (found.method, found.details, found.signature()) == ("svd", {"window": 5}, vectors.signature())
    assert found.norms.tolist() == [5, 0]
    assert {name: array.tolist() for name, array in found.state.items()} == {
        name: array.tolist() for name, array in state.items()
    }
    for array in (found.matrix, found.norms, *found.state.values()):
        base: Any = array
        while isinstance(base, np.ndarray):
            base = base.base
        assert isinstance(base.obj if isinstance(base, memoryview) else base, mmap.mmap)


def damaged(**changed: Any) -> bytes:
    """A file of lmkit's own in which some arrays are others."""
    stream = io.BytesIO()
    write_own_vectors(vectors_of(["le", "chat"], [[3, 4], [0, 0]]), stream)
    tensors, fields = described(stream.getvalue(), "v")
    stream = io.BytesIO()
    write_own_file(tensors | changed, fields, stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    "changed",
    [
        {"vectors": np.zeros((3, 2), np.float32)},
        {"vectors": np.zeros((2, 2), np.float64)},
        {"vectors": np.zeros(4, np.float32)},
        {"vectors": np.zeros((2, 0), np.float32)},
        {"vectors": np.array([[3, np.nan], [0, 0]], np.float32)},
        {"vectors": np.array([[3, 4], [0, -np.inf]], np.float32)},
        {"norms": np.array([5, np.nan], np.float32)},
        {"norms": np.array([5, -1], np.float32)},
        {"norms": np.zeros((2, 1), np.float32)},
        {"norms": np.zeros(3, np.float32)},
        {"vocabulary_offsets": np.array([0, 2, 2])},
        {"vocabulary_offsets": np.array([0, 2, 7])},
        {"vocabulary_offsets": np.array([[0, 2, 6]])},
        {"vocabulary_offsets": np.array([0])},
        {"vocabulary": np.frombuffer(b"le\xffhat", np.uint8)},
    ],
    ids=lambda changed: " ".join(f"{name} {array.tolist()}" for name, array in changed.items()),
)
def test_an_own_file_that_is_damaged_is_told(changed: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=r"<stream>: the file is damaged or cut short \("):
        lmkit.load_vectors(io.BytesIO(damaged(**changed)))


def test_an_own_file_that_is_cut_short_is_told() -> None:
    data = damaged()
    for end in range(9, len(data)):
        with pytest.raises(DataError):
            lmkit.load_vectors(io.BytesIO(data[:end]))


@pytest.mark.parametrize("method", ["svd", "glove"])
def test_what_makes_vectors_writes_them_in_any_format(lmkit_run: Run, tmp_path: Path, method: str) -> None:
    piped = lmkit_run("vectors", method, "-q", "-d", 3, TOY, "--to", "txt").out
    assert piped.splitlines()[0] == "11 3"
    lmkit_run("vectors", method, "-q", "-d", 3, TOY, "-o", tmp_path / "v.vec")
    assert (tmp_path / "v.vec").read_text(encoding="utf-8") == piped
    assert lmkit_run("vectors", method, "-d", 3, TOY, "--to", "npz").code == 2
