"""From files to blocks of lines to ids."""

import bz2
import errno
import gzip
import io
import lzma
import os
import tracemalloc
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import pyarrow as pa
import pytest

import lmkit
from lmkit.engine.files.tensors import write_tensors
from lmkit.errors import DataError, UsageError
from lmkit.text.reading import BLOCK_BYTES
from lmkit.text.sources.blocks import Block, checked, has_controls
from lmkit.text.sources.opening import SMALL, Rejoined, not_opened, read_whole, unreadable
from lmkit.text.sources.reading import read_blocks
from lmkit.text.sources.whole_models import read_own
from tests.conftest import text_file

TEXT = "le chat\n\nboit du lait\n"


def listed(text: bytes | str, order: int = 1, **settings: object) -> dict[str, int]:
    """The counts of a text."""
    data = text if isinstance(text, bytes) else text.encode()
    return dict(lmkit.list_ngrams(lmkit.count_ngrams(io.BytesIO(data), order, settings=lmkit.TextSettings(**settings))))  # type: ignore[arg-type]


def zstd(data: bytes) -> bytes:
    """The data compressed with zstd."""
    packed: bytes = pa.compress(data, codec="zstd", asbytes=True)
    return packed


def two_parts(compress: object) -> object:
    """Compression in two members one after the other, as `cat a.gz b.gz` makes."""
    return lambda data: compress(data[:7]) + compress(data[7:])  # type: ignore[operator]


@pytest.mark.parametrize(
    "compress",
    [
        bytes,
        gzip.compress,
        bz2.compress,
        lzma.compress,
        zstd,
        two_parts(gzip.compress),
        two_parts(bz2.compress),
        two_parts(lzma.compress),
    ],
)
def test_compression_is_recognised_by_the_first_bytes(tmp_path: Path, compress: object) -> None:
    packed = text_file(tmp_path, compress(TEXT.encode()), "whatever.txt")  # type: ignore[operator]
    assert b"".join(block.data for block in read_blocks(packed)) == TEXT.encode()


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zstd])
def test_a_damaged_compressed_file_is_an_error_that_names_it(tmp_path: Path, compress: object) -> None:
    packed = compress(TEXT.encode() * 100)  # type: ignore[operator]
    path = text_file(tmp_path, packed[: len(packed) - 12], "cut.gz")
    with pytest.raises(DataError, match=r"cut\.gz: (the compressed file is damaged|reading failed)"):
        list(read_blocks(path))


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 5, 8, 100])
def test_blocks_are_whole_lines_with_their_place(block_bytes: int) -> None:
    data = b"ab\ncdefghij\n\nk"
    blocks = list(read_blocks(io.BytesIO(data), reading=lmkit.Reading(block_bytes=block_bytes)))
    assert b"".join(block.data for block in blocks) == data + b"\n"
    for block in blocks:
        assert block.data.endswith(b"\n")
        assert data[block.offset :].startswith(block.data.rstrip(b"\n"))
        assert block.first_line == 1 + data[: block.offset].count(b"\n")


@pytest.mark.parametrize(
    "text",
    [
        b"a b\nc\n",
        b"a b\nc",
        b"a b\r\nc\r\n",
        b"\xef\xbb\xbfa b\nc\n",
        b"a\tb\nc\n",
        b"  a \v b\f\nc \n",
        b"a b\n\n \n\t\r\nc\n\n",
    ],
)
def test_line_ends_separators_and_byte_order_marks_do_not_matter(text: bytes) -> None:
    assert listed(text, 2) == {"<s> a": 1, "a b": 1, "b </s>": 1, "<s> c": 1, "c </s>": 1}


def test_a_byte_order_mark_is_dropped_in_each_file_and_only_at_its_start() -> None:
    mark = b"\xef\xbb\xbf"
    counts = lmkit.count_ngrams([io.BytesIO(mark + b"a\n"), io.BytesIO(mark + b"a\n" + mark + b"b\n")], 1)
    assert dict(lmkit.list_ngrams(counts)) == {"a": 2, "\ufeffb": 1}


def test_no_break_spaces_stay_inside_tokens() -> None:
    assert listed("dit\u00a0: oui\u202f!\n") == {"dit\u00a0:": 1, "oui\u202f!": 1}


def test_blank_lines_are_nothing_or_empty_sentences() -> None:
    assert listed("a\n\n \nb\n", 2) == {"<s> a": 1, "a </s>": 1, "<s> b": 1, "b </s>": 1}
    assert listed("a\n\n \nb\n", 2, blank_lines="sentence")["<s> </s>"] == 2


@pytest.mark.parametrize("block_bytes", [1, 4, 1000])
def test_invalid_utf8_is_an_error_with_line_and_byte_offset(tmp_path: Path, block_bytes: int) -> None:
    path = text_file(tmp_path, b"caf\xc3\xa9\nna\xc3\xafve caf\xe9 noir\n", "latin.txt")
    with pytest.raises(DataError) as caught:
        list(read_blocks(path, reading=lmkit.Reading(block_bytes=block_bytes)))
    assert str(caught.value) == (
        f"{path}:2: invalid UTF-8 (byte 0xe9) at byte offset 16.\n"
        "The text may be in another encoding, such as Latin-1: convert it with iconv -f LATIN1 -t UTF-8. "
        "Or use --encoding-errors replace to put U+FFFD in the place of bad bytes."
    )


@pytest.mark.parametrize("byte", range(128))
def test_control_bytes_but_white_space_are_found_wherever_they_stand(byte: int) -> None:
    for text in (b"%c", b"%cab", b"a\n%c\t", "é%c".encode()):
        assert has_controls(text % byte) == (byte == 127 or (byte < 32 and byte not in b"\t\n\v\f\r"))


@pytest.mark.parametrize("byte", [0, 1, 8, 14, 27, 31, 127])
def test_control_bytes_are_errors_or_replaced(byte: int) -> None:
    data = b"a\nb " + bytes([byte]) + b"c\n"
    with pytest.raises(DataError, match=rf"^<stream>:2: control byte 0x{byte:02x} at byte offset 4\."):
        list(read_blocks(io.BytesIO(data)))
    (block,) = read_blocks(io.BytesIO(data), reading=lmkit.Reading(encoding_errors="replace"))
    assert block.data.decode() == "a\nb \ufffdc\n"


def test_replacement_marks_invalid_utf8() -> None:
    (block,) = read_blocks(io.BytesIO(b"caf\xe9 noir\n"), reading=lmkit.Reading(encoding_errors="replace"))
    assert block.data.decode() == "caf\ufffd noir\n"


def test_a_long_line_takes_its_memory_once_where_bad_bytes_are_replaced() -> None:
    """Half of the bytes become three each: the text is twice as long as what was read."""
    data = b"a\xff" * (4 << 20) + b"\n"
    block = Block(data, "x", 1, 0)
    tracemalloc.start()
    try:
        text = checked(block, "replace").data
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert text == "a\ufffd".encode() * (4 << 20) + b"\n"
    assert peak < 1.5 * len(text)


def test_a_line_longer_than_a_block_is_one_sentence() -> None:
    words = b"mot " * 30_000
    counts = lmkit.count_ngrams(io.BytesIO(words + b"\nfin\n"), 2, reading=lmkit.Reading(block_bytes=1000))
    assert (counts.sentences, counts["mot mot"]) == (2, 29_999)


class Endless(io.RawIOBase):
    """A stream of one byte without end, which counts what is read of it."""

    def __init__(self, byte: bytes) -> None:
        self.byte, self.size = byte, 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer."""
        buffer[:] = self.byte * len(buffer)
        self.size += len(buffer)
        return len(buffer)


def test_what_is_no_text_is_refused_in_its_first_block_though_no_line_ends() -> None:
    stream = Endless(b"\0")
    with pytest.raises(DataError, match=r"^<stream>:1: control byte 0x00 at byte offset 0\."):
        list(read_blocks(cast(BinaryIO, stream)))
    assert stream.size <= 2 * BLOCK_BYTES


def test_the_control_byte_of_a_line_without_end_is_told_at_its_place_though_a_letter_is_cut() -> None:
    data = "é".encode() * 600 + b"\x01" + "é".encode() * 600
    with pytest.raises(DataError, match=r"^<stream>:1: control byte 0x01 at byte offset 1200\."):
        list(read_blocks(io.BytesIO(data), lmkit.Reading(block_bytes=1001)))


def test_a_line_without_end_is_refused_once_it_takes_an_eighth_of_the_memory() -> None:
    stream = Endless(b"a")
    with pytest.raises(DataError, match=r"^<stream>: a line is longer than 8,388,608 bytes\.\nIs it text\?"):
        list(read_blocks(cast(BinaryIO, stream), lmkit.Reading(memory=64 << 20)))
    assert stream.size <= (8 << 20) + 2 * BLOCK_BYTES


def test_a_line_without_end_takes_the_memory_of_what_replaces_its_bad_bytes() -> None:
    stream = Endless(b"\xe9")  # each becomes U+FFFD, of three bytes
    reading = lmkit.Reading(encoding_errors="replace", memory=64 << 20)
    with pytest.raises(DataError, match=r"^<stream>: a line is longer than 8,388,608 bytes\."):
        list(read_blocks(cast(BinaryIO, stream), reading))
    assert stream.size <= (8 << 20) // 3 + 2 * BLOCK_BYTES


def test_what_is_read_whole_is_refused_beyond_its_limit() -> None:
    stream: Any = Endless(b"a")
    with pytest.raises(DataError, match=r"^bomb holds more than 16 MB, decompressed if it is compressed"):
        read_whole(stream, "bomb", SMALL)
    assert stream.size <= SMALL + BLOCK_BYTES
    assert read_whole(io.BytesIO(b"ab"), "small", 2) == b"ab"


def test_an_own_file_is_read_no_further_than_its_header_says() -> None:
    whole = io.BytesIO()
    write_tensors({"a": np.arange(1000)}, {}, whole)
    data = whole.getvalue()
    for start in (data[:512], (100).to_bytes(8, "little") + b'{"' + bytes(502)):
        endless: Any = Endless(b"\0")
        rest: Any = io.BufferedReader(Rejoined(data[512:] if start == data[:512] else b"", endless, "bomb"), 1 << 16)
        read = read_own(rest, start, "bomb")
        assert read == (data + b"\0" if start == data[:512] else start)


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        lmkit.count_ngrams(tmp_path / "none.txt")
    assert str(caught.value) == (
        f"cannot read {tmp_path}/none.txt: No such file or directory.\nCheck the name of the file and its permissions."
    )


@pytest.mark.parametrize("text", [b"", b"\n\n", b" \t\r\n"])
def test_a_text_without_a_sentence_is_an_error(text: bytes) -> None:
    with pytest.raises(DataError, match="there is no sentence in the text"):
        lmkit.count_ngrams(io.BytesIO(text))


@pytest.mark.parametrize("word", ["<s>", "</s>", "<unk>"])
def test_reserved_words_are_errors_that_name_the_line(word: str) -> None:
    with pytest.raises(DataError, match=rf"^<stream>:3: the text contains the reserved word {word}\."):
        listed(f"a\n\nb {word} c\n")


def test_reserved_words_can_be_skipped() -> None:
    assert listed("<s> a b </s>\n<unk>\nb\n", 2, reserved="skip") == {"<s> a": 1, "a b": 1, "b </s>": 2, "<s> b": 1}


def test_the_unknown_word_can_be_kept_and_the_sentence_marks_cannot() -> None:
    assert listed("a <unk> b\n", reserved="keep") == {"a": 1, "<unk>": 1, "b": 1}
    with pytest.raises(DataError, match="reserved word <s>"):
        listed("<s> a\n", reserved="keep")


def test_lower_case_keeps_accents_and_word_numbers_follow_the_lowered_text() -> None:
    assert listed("Élan ÉLAN élan Ɖe ŊU\n", lowercase=True) == {"élan": 3, "ɖe": 1, "ŋu": 1}


def test_normalization_joins_composed_and_decomposed_letters() -> None:
    assert listed("caf\u00e9 cafe\u0301\n", normalize="none") == {"caf\u00e9": 1, "cafe\u0301": 1}
    assert listed("caf\u00e9 cafe\u0301\n") == {"caf\u00e9": 2}


def test_a_vocabulary_file_fixes_words_and_their_ids(tmp_path: Path) -> None:
    words = text_file(tmp_path, "chat\t17\n<unk>\nlait\n\nlicorne\n", "words.txt")
    counts = lmkit.count_ngrams(text_file(tmp_path, TEXT), 2, vocabulary=words)
    assert [word.decode() for word in counts.vocabulary.words] == ["</s>", "<s>", "<unk>", "chat", "lait", "licorne"]
    assert dict(lmkit.list_ngrams(counts)) == {
        "<s> <unk>": 2, "<unk> chat": 1, "chat </s>": 1, "<unk> <unk>": 1, "<unk> lait": 1, "lait </s>": 1,
    }  # fmt: skip


def test_a_vocabulary_line_of_several_words_is_an_error(tmp_path: Path) -> None:
    words = text_file(tmp_path, "chat\nde la\n", "words.txt")
    with pytest.raises(DataError, match=r"words\.txt:2: a vocabulary has one word a line, here are several: 'de la'"):
        lmkit.count_ngrams(text_file(tmp_path, TEXT), vocabulary=words)


def test_contradictory_limits_are_refused(tmp_path: Path) -> None:
    text = text_file(tmp_path, TEXT)
    with pytest.raises(UsageError, match="a cutoff and a vocabulary were both given"):
        lmkit.count_ngrams(text, cutoff=2, vocabulary=text)
    with pytest.raises(UsageError, match="the order is 0"):
        lmkit.count_ngrams(text, 0)


def test_words_are_numbered_by_first_occurrence_whatever_the_blocks() -> None:
    text = b"z y x\nw z\nv u\n"
    for block_bytes in (1, 6, 100):
        counts = lmkit.count_ngrams(io.BytesIO(text), 1, reading=lmkit.Reading(block_bytes=block_bytes))
        assert b" ".join(counts.vocabulary.words[3:]) == b"z y x w v u"


def test_memory_does_not_grow_with_the_length_of_the_text() -> None:
    """Counting a text twice, a hundred times, keeps runs proportional to the distinct n-grams."""
    from lmkit.ngrams.counting.collecting import RunCollector
    from lmkit.ngrams.counting.runs import count_block
    from tests.conftest import train_text

    tokens = lmkit.encode_text(train_text("fr"))
    (block,) = tokens.blocks()
    types = len(tokens.vocabulary)
    run = count_block(block, 3, types)
    collector = RunCollector(lmkit.Resources(memory=1 << 30), room=40 * run.nbytes())
    largest = 0
    for _ in range(200):
        collector.add(run, types)
        largest = max(largest, collector.held)
    assert largest <= 40 * run.nbytes() * 4 / 9
    assert collector.finish(3, types)[0].counts[0][3:].sum() == 200 * run.counts[0][3:].sum()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"encoding_errors": "ignore"}, "encoding_errors is 'ignore'; it must be strict or replace."),
        ({"block_bytes": 0}, "block_bytes is 0; it must be 1 or more."),
    ],
)
def test_a_reading_that_makes_no_sense_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(lmkit.UsageError) as caught:
        lmkit.Reading(**wrong)
    assert str(caught.value) == message


def test_a_reading_that_says_how_much_is_taken_at_a_time_is_not_changed() -> None:
    assert lmkit.Reading(block_bytes=7).in_blocks_of(100).bytes_at_a_time == 7
    assert lmkit.Reading().in_blocks_of(100).bytes_at_a_time == 100


@pytest.mark.parametrize(
    ("number", "told"),
    [(errno.EMFILE, "ulimit -n"), (errno.EIO, "The disk, or the way to it"), (errno.EACCES, "Check the name")],
)
def test_what_to_do_depends_on_why_a_file_cannot_be_opened(number: int, told: str) -> None:
    assert told in not_opened("x", OSError(number, os.strerror(number))).remedy


@pytest.mark.parametrize(
    ("number", "told"), [(errno.EIO, "The disk, or the way to it"), (None, "If the file is compressed")]
)
def test_what_to_do_depends_on_why_reading_fails(number: int | None, told: str) -> None:
    error = OSError("Invalid data stream") if number is None else OSError(number, os.strerror(number))
    assert told in unreadable(error, "x").remedy
