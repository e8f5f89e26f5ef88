"""The word that stands for unknown ones, where that is not <unk>."""

import io
from pathlib import Path

import pytest

import lmkit
from tests.conftest import CASES, TOY, Run, text_file
from tests.texts import listed_counts

OOV = lmkit.TextSettings(unknown_word="<OOV>")
KEPT = lmkit.TextSettings(reserved="keep")


def counted(text: str, settings: lmkit.TextSettings, **options: object) -> dict[str, int]:
    """The n-grams of a text with their counts."""
    return listed_counts(lmkit.count_ngrams(io.BytesIO(text.encode()), 2, settings=settings, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize("words", [None, "le\nchat\n", "le\n<OOV>\nchat\n"])
def test_a_named_word_counts_as_the_unknown_one(tmp_path: Path, words: str | None) -> None:
    """Wherever it stands, and whatever the vocabulary says of it: as <unk> does that is kept."""
    text = "le <OOV> chat\n<OOV>\n<OOV> le <OOV>\nun chat\n"
    named, kept = ({"vocabulary": text_file(tmp_path, words)} if words else {} for _ in range(2))
    expected = counted(text.replace("<OOV>", "<unk>"), KEPT, **kept)
    assert counted(text, OOV, **named) == expected
    assert expected["<unk>"] == (4 if words is None else 5)


def test_it_is_oov_in_figures_and_shown_as_it_stands() -> None:
    model = lmkit.witten_bell(lmkit.count_ngrams(TOY, 2))
    found = lmkit.perplexity(model, io.BytesIO(b"le <OOV> le\n"), settings=OOV)
    assert found.oov == 1
    assert found.perplexity == lmkit.perplexity(model, io.BytesIO(b"le zzz le\n")).perplexity


def test_the_unknown_word_itself_stays_reserved() -> None:
    with pytest.raises(lmkit.DataError, match="<stream>:2: the text contains the reserved word <unk>"):
        counted("le <OOV>\n<unk> chat\n", OOV)


@pytest.mark.parametrize(
    "settings",
    [
        lmkit.TextSettings(unknown_word="UNK", lowercase=True),
        lmkit.TextSettings(unknown_word="UNK", tokenizer="words"),
        lmkit.TextSettings(unknown_word="unk", casefold=True, strip_accents=True),
    ],
)
def test_it_is_found_after_words_are_shaped_as_the_text_is(settings: lmkit.TextSettings) -> None:
    found = counted("le UNK chat\n", settings)
    assert (found["<unk>"], found["le"], "unk" in found, "UNK" in found) == (1, 1, False, False)


@pytest.mark.parametrize(
    ("settings", "tokens"),
    [
        (lmkit.TextSettings(unknown_word="<OOV>", tokenizer="words"), "< OOV >"),
        (lmkit.TextSettings(unknown_word="ab", unit="character"), "a b"),
        (lmkit.TextSettings(unknown_word="a b"), "a b"),
    ],
)
def test_a_word_that_is_several_tokens_would_never_be_found(settings: lmkit.TextSettings, tokens: str) -> None:
    with pytest.raises(lmkit.UsageError) as refused:
        counted("le chat\n", settings)
    number = len(tokens.split())
    assert str(refused.value).startswith(
        f"the unknown word {settings.unknown_word!r} is not one token in such a text, but {number}: {tokens}."
    )


def test_files_and_signatures_are_as_before_where_no_word_is_named(tmp_path: Path) -> None:
    assert "unknown" not in str(lmkit.TextSettings().as_dict())
    assert "unknown" not in lmkit.count_ngrams(TOY, 2).signature()
    counts = lmkit.count_ngrams(TOY, 2, settings=OOV)
    assert "|unknown-word:<OOV>|" in counts.signature()
    lmkit.save(counts, tmp_path / "x.safetensors")
    assert lmkit.load_counts(tmp_path / "x.safetensors").settings == OOV


def test_lists_of_counts_may_have_it() -> None:
    found = lmkit.read_counts(io.BytesIO(b"<s> a\t1\na <OOV>\t1\n<OOV> </s>\t1\na\t1\n<OOV>\t1\n"), settings=OOV)
    assert (found["<unk>"], found["a <unk>"], found["<unk> </s>"]) == (1, 1, 1)


def test_an_arpa_file_may_call_it_so(lmkit_run: Run, tmp_path: Path) -> None:
    """Of KenLM's file base.arpa, the same with another name gives the same figures, converted or not."""
    base = (CASES / "base.arpa").read_text(encoding="utf-8")
    assert "\t<unk>" in base
    theirs = text_file(tmp_path, base.replace("<unk>", "<OOV>"), "theirs.arpa")
    text = text_file(tmp_path, "le <OOV> chat\nle chat zzz\n")
    expected = lmkit_run(
        "perplexity",
        "-q",
        CASES / "base.arpa",
        "--reserved",
        "keep",
        text_file(tmp_path, "le <unk> chat\nle chat zzz\n", "kept"),
    )
    figures = [line for line in expected.out.splitlines() if not line.startswith(("signature", "char", "byte", "bits"))]
    assert "oov\t2" in figures
    named = ("--unknown-word", "<OOV>")
    converted = tmp_path / "own.safetensors"
    assert lmkit_run("ngram", "convert", theirs, *named, "-o", converted).code == 0
    for model in (theirs, converted):
        found = lmkit_run("perplexity", "-q", model, text, *named).out.splitlines()
        assert [line for line in found if line in figures] == figures
    compared = lmkit_run("compare", "-q", theirs, CASES / "base.arpa", text, *named).out
    assert "oov\t2\t2\t" in compared


@pytest.mark.parametrize(
    ("lines", "word", "message"),
    [
        (("<unk>", "<unk>"), "le", "le is a word beside <unk>.\nLeave --unknown-word out."),
        (("<unk>", "<X>"), "<OOV>", "<OOV> is not among the 1-grams, and <unk> is neither."),
    ],
)
def test_an_arpa_file_that_calls_nothing_so_is_an_error(
    lmkit_run: Run, tmp_path: Path, lines: tuple[str, str], word: str, message: str
) -> None:
    theirs = text_file(tmp_path, (CASES / "base.arpa").read_text(encoding="utf-8").replace(*lines), "theirs.arpa")
    result = lmkit_run("ngram", "convert", theirs, "--unknown-word", word, "-o", tmp_path / "x.safetensors")
    assert (result.code, result.err) == (1, f"lmkit: {theirs}: {message}\n")
