"""Files of word vectors of other tools, as they are found: whatever is wrong with them is told, with the line."""

import bz2
import gzip
import io
import lzma
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.errors import DataError, VectorsWarning
from lmkit.vectors.files.binary import read_binary_vectors
from lmkit.vectors.files.text import read_text_vectors
from tests.conftest import CASES, text_file


def read(data: bytes | str) -> lmkit.WordVectors:
    """The vectors of a file with these bytes, of which nothing is told."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", VectorsWarning)
        return lmkit.load_vectors(io.BytesIO(data if isinstance(data, bytes) else data.encode()))


def as_lists(vectors: lmkit.WordVectors) -> tuple[list[str], list[list[float]]]:
    """The words, and their vectors."""
    return [word.decode() for word in vectors.words.words], vectors.matrix.tolist()


def error_of(data: bytes | str) -> str:
    """What is said of a file with these bytes."""
    with pytest.raises(DataError) as error:
        read(data)
    return str(error.value)


def packed(*values: float) -> bytes:
    """Numbers in single precision, as word2vec has them."""
    return np.array(values, "<f4").tobytes()


WRITTEN = {  # le 0.5 -2 and chat 1 3, as programs write them
    "word2vec text": b"2 2\nle 0.5 -2\nchat 1 3\n",
    "word2vec.c, which ends lines with a blank": b"2 2\nle 0.500000 -2.000000 \nchat 1.000000 3.000000 \n",
    "GloVe": b"le 0.5 -2\nchat 1 3\n",
    "no newline at the end": b"le 0.5 -2\nchat 1 3",
    "CRLF": b"2 2\r\nle 0.5 -2\r\nchat 1 3\r\n",
    "CRLF and blanks at the end": b"le 0.5 -2 \r\nchat 1 3 \r\n",
    "a byte order mark": b"\xef\xbb\xbf2 2\nle 0.5 -2\nchat 1 3\n",
    "a byte order mark and no header": b"\xef\xbb\xbfle 0.5 -2\nchat 1 3\n",
    "TABs": b"le\t0.5\t-2\nchat\t1\t3\n",
    "a TAB and blanks": b"2 2\nle\t0.5 -2\nchat\t1 3\n",
    "blanks in a row": b"2  2\nle  0.5 -2\nchat 1   3\n",
    "blank lines": b"2 2\nle 0.5 -2\n\nchat 1 3\n\n",
    "all sorts of numbers": b"le +.5 -2e0\nchat 1. 0.3E+1\n",
    "word2vec binary": b"2 2\nle " + packed(0.5, -2) + b"\nchat " + packed(1, 3) + b"\n",
    "gensim's binary": b"2 2\nle " + packed(0.5, -2) + b"chat " + packed(1, 3),
}


@pytest.mark.parametrize("data", WRITTEN.values(), ids=WRITTEN)
def test_vectors_are_the_same_however_they_are_written(data: bytes) -> None:
    assert as_lists(read(data)) == (["le", "chat"], [[0.5, -2.0], [1.0, 3.0]])


@pytest.mark.parametrize("block_bytes", [1, 7, 1 << 20])
@pytest.mark.parametrize("data", WRITTEN.values(), ids=WRITTEN)
def test_blocks_change_nothing(data: bytes, block_bytes: int) -> None:
    reader = read_binary_vectors if packed(1, 3) in data else read_text_vectors
    found = reader(io.BytesIO(data), block_bytes=block_bytes)
    assert as_lists(found) == (["le", "chat"], [[0.5, -2.0], [1.0, 3.0]])


@pytest.mark.parametrize(
    "compress",
    [gzip.compress, bz2.compress, lzma.compress, lambda data: pa.Codec("zstd").compress(data, asbytes=True)],
    ids=["gz", "bz2", "xz", "zst"],
)
@pytest.mark.parametrize("name", ["x.vec", "x.bin", "x.safetensors"])
def test_files_are_told_by_their_content_compressed_or_not(
    tmp_path: Path, compress: Callable[[bytes], bytes], name: str
) -> None:
    for data in (WRITTEN["word2vec text"], WRITTEN["GloVe"], WRITTEN["word2vec binary"]):
        for stored in (data, compress(data)):
            path = text_file(tmp_path, stored, name)
            assert as_lists(lmkit.load_vectors(path)) == (["le", "chat"], [[0.5, -2.0], [1.0, 3.0]])
            assert as_lists(lmkit.load(path)) == as_lists(read(data))


def test_a_word_with_blanks_is_what_stands_before_the_last_values() -> None:
    words = ["new york", ". . .", "1 2/3", "No 5", "le", "at name@domain.com", "12", "3.5"]
    rows = [f"{word} 0.25 -1.5" for word in words]
    for lines in (rows, [f"{row} " for row in rows], [f"{len(rows)} 2", *rows]):
        assert as_lists(read("\n".join(lines) + "\n")) == (words, [[0.25, -1.5]] * len(words))


def test_words_that_mean_something_to_others_are_words() -> None:
    words = [
        "nan",
        "NA",
        "",
        '"',
        '"a',
        "#N/A",
        "null",
        "inf",
        "</s>",
        "'",
        "\\",
        "\\n",
        "1e5",
        "a,b",
        "\ufeffx",
        "e\u0301",
        "é",
    ]
    words = [word for word in words if word]
    assert as_lists(read("".join(f"{word} 1 2\n" for word in ["le", *words])))[0] == ["le", *words]


@given(
    st.lists(
        st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs")), min_size=1).filter(
            lambda word: not word.isdigit()
        ),
        min_size=1,
        unique=True,
    ),
    st.integers(1, 9),
    st.integers(1, 200),
)
def test_any_words_and_values_are_read(words: list[str], dimensions: int, block_bytes: int) -> None:
    matrix = np.random.default_rng(len(words)).standard_normal((len(words), dimensions), dtype=np.float32)
    rows = [f"{word} {' '.join(map(str, row))}" for word, row in zip(words, matrix, strict=True)]
    data = "\n".join([f"{len(words)} {dimensions}", *rows]).encode()
    found = read_text_vectors(io.BytesIO(data), block_bytes=block_bytes)
    assert [word.decode() for word in found.words.words] == words
    assert np.array_equal(found.matrix, matrix)
    records = b"".join(word.encode() + b" " + row.tobytes() for word, row in zip(words, matrix, strict=True))
    found = read_binary_vectors(io.BytesIO(b"%d %d\n" % matrix.shape + records), block_bytes=block_bytes)
    assert [word.decode() for word in found.words.words] == words
    assert np.array_equal(found.matrix, matrix)


RAGGED = "Lines are a word and its values, with blanks between: the line is damaged, or the file is of another kind."


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("2 2\nle 1 2\nchat 3\n", "<stream>:3: the vector of 'chat' has 1 values, and not 2, as the first line says."),
        (
            "2 2\nle 1 2\nchat 3 4 5\n",
            "<stream>:3: the vector of 'chat' has 3 values, and not 2, as the first line says.",
        ),
        ("le .1 .2\nchat .3\n", "<stream>:2: the vector of 'chat' has 1 values, and not 2, as most lines have."),
        (
            "le .1 .2\n\nchat .3 .4 .5\n",
            "<stream>:3: the vector of 'chat' has 3 values, and not 2, as most lines have.",
        ),
        ("1 3\nle 1 2\n", "<stream>:2: the vector of 'le' has 2 values, and not 3, as the first line says."),
        ("le 1 2\nchat\n", "<stream>:2: the vector of 'chat' has 0 values, and not 2, as most lines have."),
        ("le 1 2\nchat 1 x\n", "<stream>:2: value 2 of 'chat' is no number: 'x'."),
        ("le 1 2\nchat 1_0 2\n", "<stream>:2: value 1 of 'chat' is no number: '1_0'."),
        ("2 2\nle 1 2\nchat 0,5 2\n", "<stream>:3: value 1 of 'chat' is no number: '0,5'."),
    ],
)
def test_a_line_that_is_not_as_the_others_is_named(data: str, message: str) -> None:
    assert error_of(data) == f"{message}\n{RAGGED}"


@pytest.mark.parametrize("value", ["nan", "-inf", "1e39"])
def test_values_that_are_no_finite_numbers_are_named(value: str) -> None:
    shown = str(np.float64(value)) if value != "1e39" else "inf"
    for data in (f"2 2\nle 1 2\nchat 1 {value}\n", f"2 2\nle 1 2\na chat 1 {value}\n"):
        word = data.splitlines()[2].rsplit(" ", 2)[0]
        assert error_of(data).startswith(
            f"<stream>:3: value 2 of '{word}' is {shown}, and no finite number of 32 bits.\n"
        )
    binary = b"2 2\nle " + packed(1, 2) + b"\nchat " + packed(1, float(shown))
    assert error_of(binary).startswith(f"<stream>: word 2: value 2 of 'chat' is {shown}, and no finite number")


@pytest.mark.parametrize(("said", "words"), [(3, 2), (1, 2)])
def test_a_first_line_that_says_another_number_of_words_is_told(said: int, words: int) -> None:
    rows = "".join(f"w{number} 1 2\n" for number in range(words))
    assert error_of(f"{said} 2\n{rows}") == (
        f"<stream>: the first line says {said} words, and {words} follow.\n"
        "The file is cut short or damaged: fetch it again. Or take its first line out: the others tell how many values there are."
    )


def test_a_binary_file_that_is_cut_short_says_where() -> None:
    data = WRITTEN["word2vec binary"]
    for end in range(16, len(data) - 1):
        message = error_of(data[:end]) if b"le " in data[:end] else ""
        assert "the first line says 2 words, and after" in message, data[:end]
    assert error_of(data[:-5]) == (
        "<stream>: the first line says 2 words, and after 1 the file ends within the vector of 'chat', after 4 of 8 bytes.\n"
        "The file is damaged or cut short: fetch it again."
    )
    assert error_of(data + b"et " + packed(1, 2)).startswith("<stream>: the first line says 2 words, and more follow.")


def test_of_words_that_come_again_the_first_is_kept() -> None:
    text = b"le 1 2\nchat 3 4\nle 5 6\nchat 7 8\nle 9 10\ndort 0 1\n"
    binary = b"3 2\n" + b"".join(word + b" " + packed(at, 1) for at, word in enumerate([b"le", b"le", b"la"]))
    for data, found, message in (
        (text, (["le", "chat", "dort"], [[1, 2], [3, 4], [0, 1]]), "3 words come again, the first 'le' on line 3"),
        (binary, (["le", "la"], [[0, 1], [2, 1]]), "'le' comes again on word 2"),
    ):
        with pytest.warns(VectorsWarning) as told:
            assert as_lists(lmkit.load_vectors(io.BytesIO(data))) == found
        assert [str(each.message) for each in told] == [f"<stream>: {message}: the first vector of each is kept."]


def test_lines_without_a_word_are_left_out() -> None:
    with pytest.warns(VectorsWarning, match=r"2 lines have no word, the first line 3: left out\.$"):
        assert as_lists(lmkit.load_vectors(io.BytesIO(b"4 2\nle 1 2\n 3 4\nla 5 6\n  7 8\n")))[0] == ["le", "la"]
    with pytest.warns(VectorsWarning), pytest.raises(DataError, match="no line has a word"):
        lmkit.load_vectors(io.BytesIO(b"1 2\n 3 4\n"))


def test_words_that_are_no_utf_8_are_told_or_replaced() -> None:
    text = b"2 2\nle 1 2\nt\xe9 3 4\n"
    binary = b"2 2\nle " + packed(1, 2) + b"t\xe9 " + packed(3, 4)
    assert error_of(text).startswith("<stream>:3: invalid UTF-8 (byte 0xe9).\nThe file may be in another encoding")
    assert error_of(binary).startswith("<stream>: word 2: invalid UTF-8 (byte 0xe9) in 't\ufffd'.\n")
    for data in (text, binary):
        found = lmkit.load_vectors(io.BytesIO(data), encoding_errors="replace")
        assert as_lists(found) == (["le", "t\ufffd"], [[1, 2], [3, 4]])


def test_line_ends_that_are_cr_are_told() -> None:
    assert error_of("le 1 2\rchat 3 4\r") == (
        "<stream>:1: the line ends are CR, not newlines.\nConvert them with tr '\\r' '\\n'."
    )


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"le chat dort .\n", "text, and not a word and the values of its vector on each line"),
        (b"le 20\nchat 4\n", "text, and not a word and the values of its vector on each line"),
        (b"le chat\t20\ndort\t4\n", "a list of n-grams with their counts"),
        ((CASES / "base.arpa").read_bytes(), "an ARPA file"),
        ((CASES / "fst").read_bytes(), "a transducer of OpenFst"),
        ((CASES / "cooccurrence.bin").read_bytes(), "binary data"),
    ],
)
def test_what_is_no_file_of_vectors_is_told_by_its_kind(data: bytes, what: str) -> None:
    assert error_of(data).startswith(f"<stream> holds no word vectors: it looks like {what}.\n")


def test_a_file_of_another_family_is_told(tmp_path: Path, toy_counts: Path) -> None:
    with pytest.raises(
        DataError,
        match=r"^.*toy\.safetensors holds n-gram counts, and word vectors are needed\.\n.*`lmkit vectors successors` takes it",
    ):
        lmkit.load_vectors(toy_counts)
    for data in WRITTEN.values():
        with pytest.raises(DataError, match="holds word vectors, and n-gram counts are needed"):
            lmkit.load_counts(text_file(tmp_path, data))


def test_files_without_a_vector_are_told() -> None:
    assert error_of(b"").startswith("<stream> holds no word vectors: it is empty.")
    assert error_of(b"0 3\n").startswith("<stream>: the file holds no word vectors: no word follows its first line.")
    assert error_of(b"2 0\nle\nchat\n").startswith("<stream>:1: vectors of 0 values")
