"""Every command that takes a model takes KenLM's binary files, or says why it cannot."""

import gzip
import json
import shutil
from pathlib import Path

import pytest

import lmkit
from lmkit.storage import load, load_scoring
from tests.binary.models import ENDLESS, SCORES, TEXT, arpa_ngrams
from tests.conftest import CORPORA, ROOT, Run
from tests.documentation.test_documentation import check_screens
from tests.shell_lines import run_line

HASHED = "holds a binary model of KenLM with hashes in place of its n-grams or words, which can be scored and not listed, and"
REMEDY = "Give the model that it was made from, as ARPA or as a file of lmkit's own; or make a trie of that, which has words: lmkit ngram convert --kenlm trie."
NO_WORDS = (
    "{}: this binary model of KenLM keeps only hashes of its words, which cannot be listed.\n"
    "It can be scored; for all else, make it again from the ARPA file, without -v.\n"
)
HASHED_FILES = ("probing.bin", "probing.nowords.bin", "trie.nowords.bin")


@pytest.fixture(autouse=True)
def _in_the_folder(binaries: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands are run in the folder with all files."""
    monkeypatch.chdir(binaries)


def total(name: str) -> float:
    """What KenLM gives the whole text."""
    return sum(float(row[f"{name}:log10"]) for row in SCORES)


@pytest.mark.parametrize("name", ["probing", "probing.nowords", "trie", "trie.nowords", "trie.q5b4a22"])
@pytest.mark.parametrize("compressed", [False, True])
def test_perplexity_of_a_file_plain_or_compressed(
    lmkit_run: Run, binaries: Path, tmp_path: Path, name: str, compressed: bool
) -> None:
    model = binaries / f"{name}.bin"
    if compressed:
        (tmp_path / "m.gz").write_bytes(gzip.compress(model.read_bytes()))
        model = tmp_path / "m.gz"
    figures = json.loads(lmkit_run("perplexity", model, TEXT, "--json").out)
    assert figures["log10_prob"] == pytest.approx(total(name), abs=1e-3)
    assert figures["tokens"] == len(SCORES)


@pytest.mark.parametrize("name", ["probing", "trie"])
def test_a_model_from_standard_input(binaries: Path, name: str) -> None:
    result = run_line(f"cat {binaries}/{name}.bin | lmkit perplexity -q - {TEXT} --json")
    assert json.loads(result.stdout)["log10_prob"] == pytest.approx(total(name), abs=1e-3)


def test_a_trie_becomes_arpa_and_the_same_model_again(lmkit_run: Run, tmp_path: Path) -> None:
    arpa = tmp_path / "fr.arpa"
    assert lmkit_run("ngram", "convert", "trie.bin", "-o", arpa).code == 0
    lines = arpa.read_text(encoding="utf-8").splitlines()
    assert {line.split("\t")[1] for line in lines if "\t" in line} == {
        ngram for order in arpa_ngrams() for ngram in order
    }
    own, again = load("trie.bin"), load(arpa)
    assert own.vocabulary.same_as(again.vocabulary)
    assert lmkit.perplexity(again, TEXT).log10_prob == pytest.approx(lmkit.perplexity(own, TEXT).log10_prob, abs=1e-4)


def test_a_trie_predicts_generates_and_is_checked_as_any_other_model(lmkit_run: Run) -> None:
    first = lmkit_run("next", "trie.bin", "--top", 1).out.splitlines()[1].split("\t")
    bigrams = arpa_ngrams()[1]
    best = max((ngram for ngram in bigrams if ngram.startswith("<s> ")), key=lambda ngram: bigrams[ngram][0])
    assert first[0] == best.removeprefix("<s> ")
    assert float(first[2]) == pytest.approx(bigrams[best][0], abs=1e-6)
    assert lmkit_run("generate", "-q", "trie.bin", "--count", 2, "--seed", 1).out.count("\n") == 2
    assert lmkit_run("ngram", "check", "trie.bin").code == 0
    assert lmkit_run("explain", "trie.bin", "le").code == 0


@pytest.mark.parametrize("file", HASHED_FILES)
@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (("ngram", "convert", "{}", "-o", "{tmp}/x.arpa"), "n-gram counts or a model are needed"),
        (("ngram", "convert", "{}", "-o", "{tmp}/x.safetensors"), "n-gram counts or a model are needed"),
        (("ngram", "check", "{}"), "n-gram counts or a model are needed"),
        (("ngram", "prune", "{}", "--keep", "9", "-o", "{tmp}/x.arpa"), "an n-gram model is needed"),
        (
            ("ngram", "prune", "trie.bin", "--history", "{}", "--keep", "9", "-o", "{tmp}/x.arpa"),
            "n-gram counts or a model are needed",
        ),
        (("ngram", "restrict", "{}", "--vocabulary", str(TEXT), "-o", "{tmp}/x.arpa"), "an n-gram model is needed"),
        (("explain", "{}", "le"), "n-gram counts or a model are needed"),
        (("next", "{}", "le"), "a model that can say which word comes next is needed"),
        (("generate", "{}"), "a model that can say which word comes next is needed"),
        (("entropy", "--model", "{}", str(TEXT)), "an n-gram model is needed"),
        (("smooth", "--laplace", "{}", "-o", "{tmp}/x.arpa"), "n-gram counts are needed"),
    ],
)
def test_what_lists_ngrams_says_that_a_file_has_hashes(
    lmkit_run: Run, tmp_path: Path, file: str, arguments: tuple[str, ...], needed: str
) -> None:
    result = lmkit_run(*(argument.format(file, tmp=tmp_path) for argument in arguments))
    assert (result.code, result.out) == (1, "")
    assert result.err.endswith(f"lmkit: {file} {HASHED} {needed}.\n{REMEDY}\n")
    assert not list(tmp_path.iterdir())


def test_the_library_refuses_a_model_of_hashes_by_its_name(tmp_path: Path) -> None:
    model = load_scoring("probing.bin")
    with pytest.raises(lmkit.DataError, match=r"^only n-gram models can be pruned, and this is another one \(kenlm-"):
        lmkit.prune(model, 1e-6)  # type: ignore[call-overload]
    with pytest.raises(lmkit.DataError, match="which can be scored and not listed, and"):
        lmkit.save(model, tmp_path / "x.safetensors")
    assert not list(tmp_path.iterdir())


def test_models_of_hashes_are_compared_mixed_and_evaluated(lmkit_run: Run, tmp_path: Path) -> None:
    figures = json.loads(lmkit_run("compare", "probing.bin", "trie.q8b8.bin", TEXT, "--json").out)
    assert figures["comparable"]
    expected = (total("probing") - total("trie.q8b8")) / len(SCORES) / 0.30102999566398
    assert figures["difference"]["cross_entropy_bits"] == pytest.approx(expected, abs=1e-4)
    mixed = json.loads(lmkit_run("perplexity", "probing.bin", "--mix", "trie.bin", TEXT, "--json").out)
    assert mixed["log10_prob"] == pytest.approx(total("probing"), abs=1e-3)
    assert "mixture:0.5*kenlm-probing+0.5*kenlm-trie" in mixed["signature"]
    shutil.copy(TEXT, tmp_path / "text")
    shutil.copy("probing.nowords.bin", tmp_path)
    (tmp_path / "suite.toml").write_text(
        '[texts]\ntest = "text"\n[models.hashed]\npath = "probing.nowords.bin"\ntexts = "test"\n'
    )
    assert lmkit_run("evaluate", tmp_path / "suite.toml").code == 0


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("probing.nowords.bin", "trie.nowords.bin", ""),
        ("probing.nowords.bin", "trie.bin", ""),
        ("trie.bin", "probing.nowords.bin", ""),
        ("xyz", "probing.nowords.bin", "the vocabularies differ (3 words only in a, 110 only in b)"),
        ("probing.nowords.bin", "xyz", "the vocabularies differ (110 words only in a, 3 only in b)"),
    ],
)
def test_hashes_tell_how_many_words_two_models_do_not_share(
    lmkit_run: Run, tmp_path: Path, one: str, other: str, reason: str
) -> None:
    xyz = tmp_path / "xyz.arpa"  # with words that `fr.arpa` has not
    xyz.write_text(
        "\\data\\\nngram 1=6\n\n\\1-grams:\n"
        + "".join(f"-1\t{w}\n" for w in ("<unk>", "<s>", "</s>", "xx", "yy", "zz"))
        + "\n\\end\\\n"
    )
    paths = [xyz if name == "xyz" else name for name in (one, other)]
    figures = json.loads(lmkit_run("compare", *paths, TEXT, "--json").out)
    assert [each for each in figures["reasons"] if "vocabular" in each] == [reason] * bool(reason)


def test_words_that_are_not_stored_cannot_be_listed(lmkit_run: Run) -> None:
    for command in (
        ("vocabulary", "compare", "trie.nowords.bin", TEXT),
        ("perplexity", "trie.bin", "--mix", "trie.nowords.bin", TEXT),
    ):
        result = lmkit_run(*command)
        assert (result.code, result.err) == (1, "lmkit: " + NO_WORDS.format("trie.nowords.bin"))
    assert lmkit_run("vocabulary", "compare", "probing.bin", TEXT).code == 0


@pytest.mark.parametrize("name", ["probing.nowords", "trie.nowords"])
def test_selection_needs_no_words(lmkit_run: Run, name: str) -> None:
    for models in (("{}", "--against", "trie.q8b8.bin"), ("trie.q8b8.bin", "--against", "{}")):
        expected, found = (
            lmkit_run("filter", *(part.format(file) for part in models), TEXT, "--keep", "20%")
            for file in ("trie.bin", f"{name}.bin")
        )
        assert (found.code, found.out) == (0, expected.out)
        assert found.out
        assert "words and the one of --against" not in found.err


def test_reserved_words_in_texts_are_found_by_hash_too(lmkit_run: Run, tmp_path: Path) -> None:
    text = tmp_path / "text"
    for word in ("<s>", "</s>", "<unk>"):
        text.write_text(f"le {word}\n")
        for file in HASHED_FILES:
            assert f"the text contains the reserved word {word}" in lmkit_run("perplexity", file, text).err
    text.write_text("le <UNK>\n")
    for file in HASHED_FILES:
        assert "oov\t1\n" in lmkit_run("perplexity", file, text).out


@pytest.mark.parametrize("name", ENDLESS)
def test_a_model_without_an_end_of_sentences_is_warned_of(binaries: Path, name: str) -> None:
    with pytest.warns(
        lmkit.ModelWarning, match="</s> is not among the 1-grams, or has probability 0: no sentence can end"
    ):
        model = load_scoring(binaries / f"{name}.bin")
    scores = lmkit.score_sentence(model, "a b x")
    assert [score.log10_prob for score in scores] == pytest.approx([-0.5, -0.2, -0.2 - 1.0, -float("inf")])


def test_text_commands_take_no_binary_model_for_text(lmkit_run: Run) -> None:
    result = lmkit_run("count", "trie.bin")
    assert result.err == (
        "lmkit: trie.bin is not text: it looks like a binary model of KenLM.\n"
        "It is a model, perhaps: commands take it as MODEL, before the text; `lmkit vocabulary list` lists its words.\n"
    )


def test_the_screens_of_the_documentation_are_what_is_printed(tmp_path: Path) -> None:
    shutil.copytree(CORPORA, tmp_path / "corpora")
    shutil.copy("probing.bin", tmp_path / "lm.probing.bin")
    shutil.copy("trie.q8b8.bin", tmp_path / "lm.trie.bin")
    assert check_screens((ROOT / "docs" / "topics" / "kenlm.md").read_text(encoding="utf-8"), tmp_path) > 0
