"""Files of other tools that are given as models: what they are is said, and what to do."""

from pathlib import Path

import pytest

import lmkit
from lmkit.text.sources.recognition import BINARY, refuse_no_model
from tests.conftest import CASES, Run, text_file

MODELS = "Models are lmkit's own files (.safetensors), ARPA files, or KenLM's binary files, plain or compressed."


@pytest.mark.parametrize(
    ("name", "what", "remedy"),
    [
        ("p.pkl", "a Python pickle", MODELS),
        ("utf16.arpa", "UTF-16 text", "Convert it with iconv -f UTF-16 -t UTF-8."),
    ],
)
@pytest.mark.parametrize("command", [("perplexity",), ("ngram", "check"), ("ngram", "info"), ("smooth", "--laplace")])
def test_a_file_of_another_tool_is_told_by_its_kind(
    lmkit_run: Run, command: tuple[str, ...], name: str, what: str, remedy: str
) -> None:
    text = [CASES / "t.txt"] if command == ("perplexity",) else []
    result = lmkit_run(*command, CASES / name, *text, *(["-o", "/dev/null"] if command[0] == "smooth" else []))
    message = f"lmkit: {CASES / name} is not a model that lmkit reads: it looks like {what}.\n{remedy}\n"
    assert (result.code, result.out, result.err) == (1, "", message)


def test_unknown_binary_data_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(lmkit.DataError, match="it looks like binary data"):
        lmkit.load(text_file(tmp_path, b"\x01\x00\x02\x00" * 300))


@pytest.mark.parametrize("command", [("perplexity",), ("ngram", "check"), ("smooth", "--laplace")])
def test_an_empty_file_is_no_model_and_is_called_empty(
    lmkit_run: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    empty = text_file(tmp_path, b"")
    result = lmkit_run(*command, empty, *([CASES / "t.txt"] if command == ("perplexity",) else []))
    message = (
        f"lmkit: {empty}: this is not a model: it is empty.\n"
        "The command that was to write it failed, perhaps: its own message says why.\n"
    )
    assert (result.code, result.out, result.err) == (1, "", message)


@pytest.mark.parametrize(("place", "mark"), [(place, mark) for place, mark, _, _ in BINARY], ids=str)
def test_no_remedy_for_a_model_is_about_texts(place: int, mark: bytes) -> None:
    with pytest.raises(lmkit.DataError) as refused:
        refuse_no_model(bytes(place) + mark + b"\x00\xff", "x")
    assert "--field" not in str(refused.value)
    assert "--encoding-errors" not in str(refused.value)
    assert "sentence" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("upperS.arpa", "<s> and </s> are not among the 1-grams (the file has <S> and </S>)"),
        ("zero.arpa", "it has no n-grams"),
    ],
)
def test_why_every_text_has_probability_0_is_said(lmkit_run: Run, tmp_path: Path, name: str, reason: str) -> None:
    converted = tmp_path / "own.safetensors"
    assert reason in lmkit_run("ngram", "convert", CASES / name, "-o", converted).err
    for model in (CASES / name, converted):
        result = lmkit_run("perplexity", "-q", model, CASES / "t.txt")
        assert result.out.startswith("perplexity\tinf\n")
        assert result.err.startswith(
            f"lmkit: {model}: {reason}: no sentence can end, and every text has probability 0.\n"
        )


def test_a_model_whose_sentences_end_gives_no_warning(lmkit_run: Run) -> None:
    assert lmkit_run("perplexity", "-q", CASES / "base.arpa", CASES / "t.txt").err == ""


def test_perplexity_by_record_gives_one_figure_for_each_record(lmkit_run: Run) -> None:
    result = lmkit_run("perplexity", "-q", CASES / "base.arpa", CASES / "docs.jsonl", "--by", "record")
    records = (CASES / "docs.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(result.out.splitlines()) == 1 + len(records)


@pytest.mark.parametrize("name", ["srilm.counts", "2gm-0001"])
def test_counts_of_other_tools_are_read_by_train_and_named_where_they_are_no_model(
    lmkit_run: Run, tmp_path: Path, name: str
) -> None:
    counts, model = tmp_path / "counts.safetensors", tmp_path / "x.arpa"
    assert lmkit_run("ngram", "train", "--count-lists", CASES / name, "-o", counts).code == 0
    assert lmkit_run("smooth", "-q", "--witten-bell", counts, "-o", model).code == 0
    assert lmkit_run("ngram", "check", "-q", "--all-histories", model).code == 0
    refused = lmkit_run("smooth", "--witten-bell", CASES / name)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == (
        f"lmkit: {CASES / name} is not a model that lmkit reads: it looks like a list of n-grams with their counts.\n"
        "Make a counts file of it: `lmkit ngram train --count-lists`.\n"
    )


@pytest.mark.parametrize("name", ["glove_vocab.txt", "kaldi_words.txt"])
def test_word_lists_of_other_tools_are_read(lmkit_run: Run, name: str) -> None:
    result = lmkit_run("count", "--vocabulary", CASES / name, CASES / "t.txt")
    assert result.code == 0
    assert "le\t2\n" in result.out
