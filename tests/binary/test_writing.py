"""KenLM's binary files as lmkit writes them, beside those that build_binary writes, and what is read out of them."""

import gzip
import io
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import lmkit
from lmkit.binary.content import Content
from lmkit.binary.hashing import slots_for
from lmkit.binary.header import KINDS, read_header
from lmkit.binary.reading import read_kenlm
from lmkit.binary.writing import write_kenlm
from lmkit.binary.writing_probing import write_probing
from lmkit.binary.writing_trie import write_trie
from lmkit.saving import Structure
from lmkit.storage import load_scoring
from tests.backoff_models import random_arpa, read
from tests.binary.models import FOLDER, TEXT, binary
from tests.conftest import Run, text_file, train_text

STRUCTURES: tuple[Structure, ...] = ("probing", "trie")
TRAINED_ON = train_text("fr")


def written(model: Any, structure: str) -> bytes:
    """The bytes of the file of a model."""
    stream = io.BytesIO()
    write_kenlm(model, stream, structure)
    return stream.getvalue()


def arpa_file(folder: Path, *, with_unk: bool = True) -> Path:
    """The ARPA file that most files of build_binary are made of."""
    data = gzip.decompress((FOLDER / "fr.arpa.gz").read_bytes())
    if not with_unk:
        data = re.sub(rb"\n[^\n]*\t<unk>\t[^\n]*", b"", data)
        data = re.sub(rb"ngram 1=(\d+)", lambda found: b"ngram 1=%d" % (int(found[1]) - 1), data)
    return text_file(folder, data, "fr.arpa")


def never_predicting_bos(trie: bytes) -> bytes:
    """A trie with the log10 probability of <s> that stands for 0; that of lmplz is 0, which stands for 1."""
    header = read_header(trie, "it")
    types = header.counts[0]
    words = trie.split(b"\0")[-types - 1 : -1]
    words[0] = words[0][-len(b"<unk>") :]
    at = header.size + 8 * (types + 1) + 16 * words.index(b"<s>")
    assert trie[at : at + 4] == bytes(4)
    return trie[:at] + np.array([-99], "<f4").tobytes() + trie[at + 4 :]


def parts_of(data: bytes) -> list[NDArray[Any]]:
    """The parts of a probing file: what is at fixed places, and hash tables in the order of their keys, free slots last."""
    header = read_header(data, "it")
    at, found = header.size + 8, [np.frombuffer(data[: header.size + 8], np.uint8)]

    def table(record: list[tuple[str, str]], slots: int) -> None:
        nonlocal at
        taken = np.frombuffer(data, np.dtype(record), slots, at)
        at += taken.nbytes
        found.extend([taken["key"] != 0, np.sort(taken, order="key")])

    table([("key", "<u8"), ("id", "<u4")], slots_for(header.counts[0], header.multiplier))
    size = 8 * (header.counts[0] + 1)
    found.append(np.frombuffer(data[at : at + size], np.uint8))
    at += size
    for length, count in enumerate(header.counts[1:], start=2):
        backoff = [("backoff", "<u4")] if length < header.order else []
        table([("key", "<u8"), ("prob", "<u4"), *backoff], slots_for(count, header.multiplier))
    return [*found, np.frombuffer(data[at:], np.uint8)]


@pytest.mark.parametrize(("name", "with_unk"), [("trie", True), ("nounk.trie", False)])
def test_a_trie_has_the_bytes_that_build_binary_writes(tmp_path: Path, name: str, with_unk: bool) -> None:
    model = lmkit.load(arpa_file(tmp_path, with_unk=with_unk))
    assert written(model, "trie") == never_predicting_bos(binary(name))


def test_hash_tables_have_the_entries_and_fill_the_slots_of_build_binarys(tmp_path: Path) -> None:
    # Entries that come to the same slot take the free ones after it in another order, which no one notices who looks them up.
    found, expected = (
        parts_of(data) for data in (written(lmkit.load(arpa_file(tmp_path)), "probing"), binary("listed.probing"))
    )
    assert [part.tobytes() for part in found] == [part.tobytes() for part in expected]


@pytest.mark.parametrize("name", ["trie", "pruned.trie"])
def test_a_trie_that_is_read_is_written_again_as_it_was(binaries: Path, name: str) -> None:
    assert written(lmkit.load(binaries / f"{name}.bin"), "trie") == never_predicting_bos(binary(name))


def test_missing_suffixes_are_put_in_as_build_binary_puts_them_in(tmp_path: Path) -> None:
    model = lmkit.load(text_file(tmp_path, random_arpa(32, 4), "missing.arpa"))
    assert written(model, "trie") == binary("missing.trie")


def scores_of(model: Any, text: Any) -> NDArray[np.float64]:
    """The log10 probability of each token."""
    return np.concatenate([block.scores.log10_probs for block in lmkit.score_text(model, text)])


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("order", [2, 6])
def test_a_model_of_the_shortest_and_longest_orders_keeps_its_scores(
    tmp_path: Path, structure: Structure, order: int
) -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(TRAINED_ON, order))
    lmkit.save(model, tmp_path / "x.binary", kenlm=structure)
    assert scores_of(load_scoring(tmp_path / "x.binary"), TEXT) == pytest.approx(scores_of(model, TEXT), abs=1e-5)


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("name", ["kneser_ney", "witten_bell", "katz", "laplace", "maximum_likelihood"])
def test_any_smoothing_keeps_its_scores(tmp_path: Path, structure: Structure, name: str) -> None:
    model = getattr(lmkit, name)(lmkit.count_ngrams(TRAINED_ON, 3))
    lmkit.save(model, tmp_path / "x.binary", kenlm=structure)
    found, expected = (scores_of(each, TEXT) for each in (load_scoring(tmp_path / "x.binary"), model))
    possible = np.isfinite(expected)
    assert found[possible] == pytest.approx(expected[possible], abs=1e-5)
    assert (found[~possible] <= -99).all()  # what stands for the log10 of 0


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("seed", range(6))
def test_ngrams_without_their_suffixes_keep_their_scores(tmp_path: Path, structure: Structure, seed: int) -> None:
    model = read(re.sub(r"\t(?=\d)", "\t-", random_arpa(seed, 4)))  # without backoffs above 1
    lmkit.save(model, tmp_path / "x.binary", kenlm=structure)
    text = text_file(tmp_path, "a b a b c d\nd d a c b\nb a a c\na c d a a\n")
    found, expected = (scores_of(each, text) for each in (load_scoring(tmp_path / "x.binary"), model))
    possible = np.isfinite(expected)
    assert found[possible] == pytest.approx(expected[possible], abs=1e-4)
    assert (found[~possible] <= -99).all()


def test_counts_are_written_as_their_maximum_likelihood_model(tmp_path: Path) -> None:
    counts = lmkit.count_ngrams(TRAINED_ON, 2)
    lmkit.save(counts, tmp_path / "x.klm")
    assert (tmp_path / "x.klm").read_bytes() == written(lmkit.maximum_likelihood(counts), "probing")


def test_how_text_is_read_is_told_to_be_lost(tmp_path: Path, lmkit_run: Run) -> None:
    asked = ("ngram", "train", "--quiet", "-n", 2, TRAINED_ON, "-o", tmp_path / "x.binary")
    told = lmkit_run(*asked, "--lowercase", "--sentences", "document").err
    assert told == (
        "lmkit: KenLM's files do not hold how text is read for the model: sentences is document; lowercase is yes.\n"
        "Give these options again where the file is scored with; other programs need such text.\n"
    )
    assert lmkit_run(*asked).err == ""


def test_an_order_that_kenlm_does_not_read_is_refused_before_a_model_is_pruned(tmp_path: Path, lmkit_run: Run) -> None:
    model = tmp_path / "m.safetensors"
    lmkit_run("ngram", "train", "--quiet", "-n", 7, "--kneser-ney", "--discount-fallback", TRAINED_ON, "-o", model)
    for command in (("prune", model, "--keep", 9), ("restrict", model, "--vocabulary", TEXT), ("mix", model, model)):
        result = lmkit_run("ngram", *command, "-o", tmp_path / "x.binary")
        assert (result.code, result.out) == (1, "")
        assert "KenLM's binary files are of orders 2 to 6" in result.err


def test_the_price_of_unknown_histories_is_told_to_be_lost() -> None:
    model = lmkit.stupid_backoff(lmkit.count_ngrams(TRAINED_ON, 2))
    with pytest.warns(lmkit.ModelWarning) as told:
        written(model, "probing")
    assert str(told[0].message) == (
        "the model (stupid-backoff) backs off from histories that are not stored at a price, and KenLM does so for nothing: "
        "its scores will be others.\nMeasure with lmkit, or use another smoothing."
    )


def test_threads_change_no_byte(tmp_path: Path) -> None:
    content = Content.of(lmkit.load(arpa_file(tmp_path)))
    for write in (write_probing, write_trie):
        streams = io.BytesIO(), io.BytesIO()
        for workers, stream in enumerate(streams, start=1):
            write(content, stream, workers)
        assert streams[0].getvalue() == streams[1].getvalue()


@pytest.mark.parametrize(
    ("order", "remedy"),
    [
        (1, "Make one of longer n-grams, or write .arpa."),
        (7, "Make it of its counts again, with -n 6, or write .arpa."),
    ],
)
def test_orders_that_kenlm_does_not_read_are_refused_before_any_work(
    tmp_path: Path, lmkit_run: Run, order: int, remedy: str
) -> None:
    result = lmkit_run("ngram", "train", "-n", order, tmp_path / "missing.txt", "-o", tmp_path / "x.binary")
    told = f"KenLM's binary files are of orders 2 to 6, and this model is of order {order}."
    assert (result.code, result.err) == (1, f"lmkit: {told}\n{remedy}\n")
    with pytest.raises(lmkit.DataError, match=re.escape(told)):
        lmkit.save(lmkit.count_ngrams(TRAINED_ON, order), tmp_path / "x.binary")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["smooth", "--kneser-ney", "x", "--kenlm", "trie", "-o", "x.arpa"],
            "trie is the structure of a binary file of KenLM, and .arpa is none.\nEnd the name in .binary, .bin, .mmap or .klm.",
        ),
        (
            ["smooth", "--all", "--held-out", TEXT, "x", "--kenlm", "trie"],
            "--kenlm: it says how a file is made, and none is written.\nGive -o FILE.",
        ),
        (
            ["ngram", "convert", "x", "--compact", "-o", "x.bin"],
            "a compact file is one of lmkit's own, and .bin is KenLM's.\nEnd the name in .safetensors.",
        ),
    ],
)
def test_what_is_for_other_files_is_refused(lmkit_run: Run, arguments: list[Any], told: str) -> None:
    result = lmkit_run(*arguments)
    assert (result.code, result.err) == (2, f"lmkit: {told}\n")


def test_from_python_the_same_is_refused(tmp_path: Path) -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(TRAINED_ON, 2))
    structure: Any = "tree"
    with pytest.raises(lmkit.UsageError, match="kenlm is 'tree'; it must be probing or trie"):
        lmkit.save(model, tmp_path / "x.binary", kenlm=structure)
    with pytest.raises(lmkit.UsageError, match="trie is the structure of a binary file of KenLM, and "):
        lmkit.save(model, io.BytesIO(), kenlm="trie")
    with pytest.raises(lmkit.DataError, match="only n-gram models can be written for KenLM"):
        lmkit.save(read_kenlm(binary("probing"), "it"), tmp_path / "x.binary")
    assert list(tmp_path.iterdir()) == []


def test_commands_that_write_models_write_them_for_kenlm(tmp_path: Path, lmkit_run: Run) -> None:
    counts, kept = tmp_path / "counts.safetensors", tmp_path / "kn.safetensors"
    assert lmkit_run("ngram", "train", "-n", 3, TRAINED_ON, "-o", counts).code == 0
    assert lmkit_run("smooth", "--kneser-ney", counts, "-o", kept).code == 0
    model = lmkit.load(kept)
    other, words = tmp_path / "wb.safetensors", tmp_path / "words.txt"
    assert lmkit_run("smooth", "--witten-bell", counts, "-o", other).code == 0
    assert lmkit_run("vocabulary", "list", kept, "-o", words).code == 0
    for structure in STRUCTURES:
        smoothed, converted = (tmp_path / f"{name}.{structure}.binary" for name in ("smoothed", "converted"))
        assert lmkit_run("smooth", "--kneser-ney", counts, "--kenlm", structure, "-o", smoothed).code == 0
        assert lmkit_run("ngram", "convert", kept, "--kenlm", structure, "-o", converted).code == 0
        assert smoothed.read_bytes() == converted.read_bytes() == written(model, structure)
        for name, *arguments in (
            ("trained", "train", "-n", 3, "--kneser-ney", TRAINED_ON),
            ("pruned", "prune", kept, "--history", counts, "--keep", 10**6),
            ("restricted", "restrict", kept, "--vocabulary", words),
            ("mixed", "mix", kept, other, "--weight", "0.5,0.5"),
        ):
            path = tmp_path / f"{name}.{structure}.klm"
            result = lmkit_run("ngram", *arguments, "--quiet", "--kenlm", structure, "-o", path)
            assert (result.code, result.err) == (0, "")
            assert KINDS[read_header(path.read_bytes(), name).number].name == structure
        assert (tmp_path / f"trained.{structure}.klm").read_bytes() == smoothed.read_bytes()
    mixed = lmkit_run("ngram", "mix", kept, kept, "--weight", "0.5,0.5", "-o", tmp_path / "mixed.bin")
    assert mixed.code == 0
    assert scores_of(load_scoring(tmp_path / "mixed.bin"), TEXT) == pytest.approx(scores_of(model, TEXT), abs=1e-5)


@pytest.mark.skipif(not (shutil.which("query") and shutil.which("build_binary")), reason="KenLM is not on PATH")
@pytest.mark.parametrize("structure", STRUCTURES)
def test_query_finds_the_perplexity_that_lmkit_finds(tmp_path: Path, structure: Structure) -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(TRAINED_ON, 4))
    lmkit.save(model, tmp_path / "x.binary", kenlm=structure)
    with TEXT.open("rb") as text:
        result = subprocess.run(
            ["query", "-v", "summary", tmp_path / "x.binary"],
            stdin=text,
            capture_output=True,
            check=True,
        )
    told = re.search(rb"Perplexity including OOVs:\s*(\S+)", result.stdout + result.stderr)
    assert told is not None
    assert float(told[1]) == pytest.approx(lmkit.perplexity(model, TEXT).perplexity, rel=1e-5)
