"""KenLM's binary files that are of other versions or machines, cut short, or lie: each is an error that says so, and none hangs."""

import io
import struct
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pytest

import lmkit
from lmkit.binary.hashed import HashedModel
from lmkit.binary.hashing import hash_words, slots_for
from lmkit.binary.header import MAGIC, SANITY, Header, read_header
from lmkit.binary.probing import LONGEST, MIDDLE, WORD
from lmkit.binary.reading import read_kenlm
from tests.binary.models import ENDLESS, SCORED, TEXT, binary
from tests.conftest import CASES, Run

REBUILD = (
    "Make it again from the ARPA file, with build_binary of the current KenLM on a machine of today (x86-64, ARM64)."
)
FETCH = "Fetch or make it again."
SANE = struct.pack("<3f3IQ", 0, 1, -0.5, 1, 2**32 - 1, 0, 1)
PARAMETERS = len(MAGIC) + SANITY.size
COUNTS = PARAMETERS + 20


def refusal(data: bytes) -> str:
    """Why a file is refused, when it is opened or when it scores a text."""
    with pytest.raises(lmkit.DataError) as refused:
        score(read_kenlm(data, "x.bin"))
    return str(refused.value)


def score(model: lmkit.NgramModel | HashedModel) -> None:
    """Score a text; no score may be NaN."""
    text = io.BytesIO(TEXT.read_bytes())
    for block in lmkit.score_text(model, text, resources=lmkit.Resources(workers=1)):
        assert not np.isnan(block.scores.log10_probs).any()


def damage(fault: str) -> str:
    """The message for a file that contradicts itself."""
    return f"x.bin: this binary model of KenLM is damaged: {fault}.\n{FETCH}"


def patched(data: bytes, at: int, new: bytes) -> bytes:
    """The bytes with others in one place."""
    return data[:at] + new + data[at + len(new) :]


def parts_of_probing(data: bytes) -> tuple[Header, int, int, dict[int, int]]:
    """The header, and where the table of words, the 1-grams, and the table of each order begin."""
    header = read_header(data, "x")
    words = header.size + 8
    unigrams = words + WORD.itemsize * slots_for(header.counts[0], header.multiplier)
    at, tables = unigrams + 8 * (header.counts[0] + 1), {}
    for length in range(2, header.order + 1):
        tables[length] = at
        row = MIDDLE if length < header.order else LONGEST
        at += row.itemsize * slots_for(header.counts[length - 1], header.multiplier)
    return header, words, unigrams, tables


@pytest.mark.parametrize("name", [*SCORED, *ENDLESS])
def test_a_header_is_written_as_it_was_read(name: str) -> None:
    data = binary(name)
    header = read_header(data, name)
    assert header.to_bytes() == data[: header.size]


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (
            b"mmap lm http://kheafield.com/code format version 4\n",
            f"x.bin: this binary model of KenLM is of format version 4, and lmkit reads version 5.\n{REBUILD}",
        ),
        (
            b"mmap lm http://kheafield.com/code incomplete\n".ljust(60, b"\0"),
            (
                "x.bin: this binary model of KenLM was never finished: build_binary stopped while it wrote it.\n"
                "Make it again from the ARPA file; the disk may have been full."
            ),
        ),
        (
            MAGIC + struct.pack(">3f3IQ", 0, 1, -0.5, 1, 2**32 - 1, 0, 1),
            (
                "x.bin: this binary model of KenLM was made on a machine that writes numbers big endian, and its files are "
                f"another format.\n{REBUILD}"
            ),
        ),
        (
            MAGIC + struct.pack("<3f2IQ", 0, 1, -0.5, 1, 2**32 - 1, 1) + b"\x05\0\0\0",
            f"x.bin: this binary model of KenLM was made on a machine of 32 bits, and its files are another format.\n{REBUILD}",
        ),
        (MAGIC + bytes(32), damage("the values by which numbers are checked (bytes 56 to 88) are others")),
        (MAGIC[:-1] + b"\1", damage("its first 56 bytes are not those of a binary model of KenLM")),
        (
            MAGIC + SANE + struct.pack("<B3xfIB3xI", 3, 1.5, 1, 1, 0),
            (
                "x.bin: this binary model of KenLM has rest costs (probing hash tables with rest costs), which lmkit does not read.\n"
                "Make it again from the ARPA file, without -r."
            ),
        ),
        (
            MAGIC + SANE + struct.pack("<B3xfIB3xI", 3, 1.5, 6, 1, 0),
            (
                "x.bin: this binary model of KenLM is of a kind that is not known: 6; known are 0 to 5.\n"
                f"It is damaged, or of a newer KenLM. {REBUILD}"
            ),
        ),
        (
            MAGIC + SANE + struct.pack("<B3xfIB3xI", 3, 1.5, 2, 1, 0),
            f"x.bin: this binary model of KenLM (trie) is of version 0 of its kind, and lmkit reads version 1.\n{REBUILD}",
        ),
        (
            MAGIC + SANE + struct.pack("<B3xfIB3xI", 1, 1.5, 0, 1, 0),
            damage("it says that its longest n-grams have 1 words; KenLM's have 2 or more"),
        ),
        (
            MAGIC + SANE + struct.pack("<B3xfIB3xI", 3, float("nan"), 0, 1, 0),
            damage("it says that hash tables have nan times as many slots as entries"),
        ),
        (
            MAGIC + SANE + struct.pack("<B3xfIB3xI", 3, 1.5, 0, 2, 0),
            damage("whether words are stored is 0 or 1, and not 2"),
        ),
    ],
    ids=lambda value: value.split(".\n")[0][-40:] if isinstance(value, str) else "",
)
def test_what_is_wrong_with_a_header_is_said(start: bytes, message: str) -> None:
    assert refusal(start + binary("trie")[len(start) :]) == message


@pytest.mark.parametrize("name", SCORED)
def test_a_file_that_is_cut_short_is_refused_wherever_it_ends(name: str) -> None:
    data = binary(name)
    places = [
        0,
        30,
        55,
        56,
        60,
        87,
        88,
        100,
        107,
        108,
        120,
        *range(150, len(data), max(1, len(data) // 20)),
        len(data) - 1,
    ]
    for size in places:
        message = refusal(data[:size])
        assert "cut short" in message, size
        assert message.endswith(FETCH)
    if name.endswith("nowords"):
        assert refusal(data[:-1]).startswith("x.bin: this binary model of KenLM is cut short: it should have ")


@pytest.mark.parametrize("name", ["probing", "trie", "trie.a22", "trie.q8b8"])
@pytest.mark.parametrize("size", [2**40, 2**62])
def test_more_ngrams_than_the_file_has_room_for_are_refused(name: str, size: int) -> None:
    for length in range(1, 4):
        message = refusal(patched(binary(name), COUNTS + 8 * length, struct.pack("<Q", size)))
        assert message.startswith(
            ("x.bin: this binary model of KenLM is cut short", "x.bin: this binary model of KenLM is damaged")
        )
    assert "cut short" in refusal(patched(binary("probing"), PARAMETERS + 4, struct.pack("<f", 1e30)))


@pytest.mark.parametrize("length", [2, 3, 4])
def test_a_full_table_ends_no_search_and_is_refused(length: int) -> None:
    data = bytearray(binary("probing.nowords"))
    header, _, _, tables = parts_of_probing(bytes(data))
    row = MIDDLE if length < header.order else LONGEST
    slots = slots_for(header.counts[length - 1], header.multiplier)
    table = np.frombuffer(data, row, slots, tables[length])
    table["key"][table["key"] == 0] = 1
    del table
    assert refusal(bytes(data)) == damage(
        f"all {slots} slots of the table of {length}-grams are taken, and it should have {header.counts[length - 1]} entries"
    )


def test_the_ids_of_words_are_checked_when_they_are_looked_up() -> None:
    data = bytearray(binary("probing.nowords"))
    header, words, _, _ = parts_of_probing(bytes(data))
    table = np.frombuffer(data, WORD, slots_for(header.counts[0], header.multiplier), words)
    place = int(np.flatnonzero(table["key"] == hash_words(lmkit.Vocabulary.from_words([b"le"]))[0])[0])
    for wrong in (0, header.counts[0], 2**32 - 1):
        table["id"][place] = wrong
        assert refusal(bytes(data)) == damage(f"a word has the id {wrong:,}, and ids are 1 to {header.counts[0] - 1}")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda data: patched(data, parts_of_probing(data)[2], b"\xff\xff\xff\xff"), "a 1-gram has a log10 probability that is no number"),
        (lambda data: patched(data, parts_of_probing(data)[2] + 4, struct.pack("<f", 101)), "a 1-gram has a log10 backoff that is no number up to 100"),
        (lambda data: patched(data, read_header(data, "x").size, b"\1"), "the table of its words is of version 1, and version 0 is known"),
        (lambda data: patched(data, read_header(data, "x").size + 4, b"\xff\xff"), "it has 65,535 words, and 113 1-grams"),
        (lambda data: data.replace(b"<unk>\0", b"<Unk>\0"), "its words do not begin with <unk>"),
        (lambda data: data + b"more\0", "113 words should stand at its end, and there are 114"),
        (lambda data: data.replace(b"\0le\0", b"\0l \0"), "the vocabulary has words that are none"),
        (lambda data: data.replace(b"\0le\0", b"\0la\0"), "the vocabulary is damaged"),
        (lambda data: data.replace(b"\0le\0", b"\0\xc3(\0"), "the words are no UTF-8"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_hash_tables_is_said(change: Callable[[bytes], bytes], fault: str) -> None:
    data = binary("probing")
    assert change(data) != data
    assert refusal(change(data)) == damage(fault)


def test_values_of_ngrams_in_tables_are_checked_when_they_are_looked_up() -> None:
    data = bytearray(binary("probing"))
    header, _, _, tables = parts_of_probing(bytes(data))
    table = np.frombuffer(data, MIDDLE, slots_for(header.counts[1], header.multiplier), tables[2])
    table["log10_backoff"] = np.nan
    assert refusal(bytes(data)) == damage("a 2-gram has a log10 backoff that is no number up to 100")
    table["log10_prob"] = np.nan
    assert refusal(bytes(data)) == damage("a 2-gram has a log10 probability that is no number")


def unigrams_of_trie(data: bytes) -> int:
    """Where the 1-grams of a trie that is not quantized begin."""
    header = read_header(data, "x")
    return header.size + 8 + 8 * header.counts[0]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda data: patched(data, unigrams_of_trie(data), struct.pack("<f", 0.5)), "a 1-gram has a log10 probability that is no number up to 0"),
        (lambda data: patched(data, unigrams_of_trie(data), b"\xff\xff\xff\xff"), "a 1-gram has a log10 probability that is no number up to 0"),
        (lambda data: patched(data, unigrams_of_trie(data) + 4, b"\xff\xff\xff\x7f"), "a 1-gram has a log10 backoff that is no number up to 100"),
        (lambda data: patched(data, unigrams_of_trie(data) + 8, b"\1"), "the pointers of 1-grams do not ascend from 0 to 186"),
        (lambda data: patched(data, unigrams_of_trie(data) + 16 * 50 + 8, b"\xff" * 8), "the pointers of 1-grams do not ascend from 0 to 186"),
        (lambda data: patched(data, read_header(data, "x").size, b"\x50"), "it has 81 words with <unk>, and 113 1-grams"),
        (lambda data: patched(data, read_header(data, "x").size + 16, b"\xff" * 8), "the hashes of its words do not ascend"),
        (lambda data: patched(data, unigrams_of_trie(data) + 16 * 115, b"\xff" * 12), "a 2-gram has a log10 probability that is no number up to 0"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_trie_is_said(change: Callable[[bytes], bytes], fault: str) -> None:
    assert refusal(change(binary("trie"))) == damage(fault)


def test_what_is_wrong_with_bins_and_compressed_pointers_is_said() -> None:
    quantized, compressed = binary("trie.q8b8"), binary("trie.a22")
    bins = unigrams_of_trie(quantized)
    assert refusal(patched(quantized, bins, b"\3")) == damage(
        "its quantization is of version 3, and version 2 is known"
    )
    for wrong in (0, 26):
        assert refusal(patched(quantized, bins + 1, bytes([wrong]))) == damage(
            f"its values take {wrong} and 8 bits, and may take 1 to 25"
        )
    pointers = unigrams_of_trie(compressed) + 16 * 115
    assert refusal(patched(compressed, pointers, b"\1")) == damage(
        "its pointers are compressed in version 1, and version 0 is known"
    )
    assert refusal(patched(compressed, pointers + 8, b"\1")) == damage("the pointers of 2-grams do not ascend")


def test_a_made_up_header_is_refused_by_every_command(lmkit_run: Run) -> None:
    model, text = CASES / "kenlm.binary", CASES / "t.txt"
    message = f"lmkit: {model}: this binary model of KenLM is damaged: the values by which numbers are checked (bytes 56 to 88) are others.\n{FETCH}\n"
    for command in (
        ("perplexity", model, text),
        ("ngram", "info", model),
        ("smooth", "--laplace", model, "-o", "/dev/null"),
    ):
        result = lmkit_run(*command)
        assert (result.code, result.out, result.err) == (1, "", message)
    assert "the values by which numbers are checked" in lmkit_run("ngram", "check", model).out


@pytest.mark.parametrize("name", [*SCORED, *ENDLESS])
def test_random_damages_are_harmless_or_told(name: str) -> None:
    data, draw = binary(name), np.random.default_rng(list(name.encode()))
    for _ in range(15):
        damaged = bytearray(data)
        at, size = int(draw.integers(len(data))), int(draw.choice([1, 4, 100]))
        damaged[at : at + size] = draw.choice([draw.bytes(size), bytes(size), b"\xff" * size])
        with suppress(lmkit.DataError):
            score(read_kenlm(bytes(damaged), "x.bin"))
