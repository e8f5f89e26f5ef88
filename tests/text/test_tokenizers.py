"""Tokenizers and the shape of words: French, English, Ewe, Kabiye; idempotence; one type for one word however it is written."""

import io
import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.errors import UsageError
from tests.conftest import CORPORA, LANGUAGES, Run, text_file

WORDS = lmkit.TextSettings(tokenizer="words")
NLTK = ("nltk:toktok", "nltk:treebank", "nltk:tweet", "nltk:wordpunct")


def words(text: str, **settings: object) -> str:
    """The tokens of a line, a space between two."""
    (tokens,) = lmkit.tokenize(text, lmkit.TextSettings(tokenizer="words", **settings))  # type: ignore[arg-type]
    return " ".join(tokens)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L'eau qu'il boit, aujourd'hui.", "L' eau qu' il boit , aujourd'hui ."),
        ("L’eau jusqu’à lorsqu’on puisqu’il quoiqu’elle quelqu’un", "L’ eau jusqu’ à lorsqu’ on puisqu’ il quoiqu’ elle quelqu’ un"),
        ("l' eau d'aujourd’hui", "l' eau d' aujourd’hui"),
        ("D'ABORD C'EST", "D' ABORD C' EST"),
        ("presqu'île entr'ouvert grand'mère", "presqu'île entr'ouvert grand'mère"),  # not elision: one word each
        ("« Où ? »", "« Où ? »"),
        ("arc-en-ciel, peut-être : rendez-vous !", "arc-en-ciel , peut-être : rendez-vous !"),
        ("Le prix : 12,5 % (1.000.000 F)…", "Le prix : 12,5 % ( 1.000.000 F ) …"),
        ("attends... oui....", "attends ... oui ... ."),
        ("don't o'clock the neighbour's dogs' 'quoted'", "don't o'clock the neighbour's dogs ' ' quoted '"),
        ("thirty-two rock'n'roll", "thirty-two rock'n'roll"),
        ("ɖɔ̃ ŋútsu ƒe ɣeyiɣi, ʋuʋu? ɛyʊ ɩna", "ɖɔ̃ ŋútsu ƒe ɣeyiɣi , ʋuʋu ? ɛyʊ ɩna"),
        ("e\u0301te\u0301 a\u0300", "été à"),
        ("n\u0303\u0301o", "ñ́o"),
        ("👩‍🚀 ok 👍🏽!", "👩‍🚀 ok 👍🏽 !"),
        ("drapeau 🇹🇬🇫🇷 👩🏾\u200d🌾ok", "drapeau 🇹🇬 🇫🇷 👩🏾\u200d🌾 ok"),
        ("M. Koffi, etc.) à l'O.N.U., c.-à-d. J.-C. MM. Mr. Jr.'s", "M. Koffi , etc. ) à l' O.N.U. , c.-à-d. J.-C. MM. Mr. Jr.'s"),
        ("J. R. R. É. Zola LL.AA.II.RR. at 5 p.m.", "J. R. R. É. Zola LL.AA.II.RR. at 5 p.m."),
        ("He said no. My chap. You and I. Il y en a. Me. On y va.", "He said no . My chap . You and I . Il y en a . Me . On y va ."),
        ("Voir www.a-b.org, a.b@example.org: https://example.org/a?b=c!", "Voir www.a-b.org , a.b@example.org : https://example.org/a?b=c !"),
        ("n° 5 N°5 12/05/2024 8:30. (-5) −1,5 12:30-13:45", "n° 5 N° 5 12/05/2024 8:30 . ( -5 ) −1,5 12:30-13:45"),
        ("Va-t'en donne-m’en va-t-il Rubis-sur-l'ongle", "Va-t' en donne-m’ en va-t-il Rubis-sur-l'ongle"),
        ("zero\u200bwidth\ufeff space", "zero width space"),
        ("co\u00adopère می\u200cخواهم", "co\u00adopère می\u200cخواهم"),
        ("a_b C3PO x2", "a_b C3PO x2"),
        ("1,2,3 3.14abc -5 3-4", "1,2,3 3.14 abc -5 3-4"),
        ("日本語", "日本語"),
        ("$5 §3 50%", "$ 5 § 3 50 %"),
    ],
)  # fmt: skip
def test_words_are_apart_from_punctuation(text: str, expected: str) -> None:
    assert words(text) == expected
    assert words(expected) == expected


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", ["train", "test"])
def test_words_in_lower_case_give_the_tokenized_corpora(language: str, part: str) -> None:
    settings = lmkit.TextSettings(tokenizer="words", lowercase=True)
    lines = [
        line
        for piece in lmkit.tokenized_lines(CORPORA / f"{language}.{part}.txt", settings)
        for line in piece.to_pylist()
    ]
    assert lines == (CORPORA / f"{language}.{part}.tok").read_text(encoding="utf-8").splitlines()


SHAPES = [
    "M.",
    "etc.",
    "O.N.U.",
    "c.-à-d.",
    "U.S",
    "example.org",
    "n°",
    "12/05",
    ":30",
    "-5",
    "-t'",
    "en",
    "🇹",
    "🇬",
    "👍",
    "🏽",
    "\u200d",
    "\u20e3",
    "h",
]
EMOJI = st.one_of(
    st.sampled_from(["🇹🇬", "🏴\U000e0067\U000e0062\U000e007f", "#\ufe0f\u20e3", "❤\ufe0f"]),
    st.lists(
        st.tuples(st.sampled_from("👍👩🌾❤🚀"), st.sampled_from(["", "\ufe0f", "🏻", "🏽", "🏿"])).map("".join),
        min_size=1,
        max_size=4,
    ).map("\u200d".join),
)


@given(st.lists(EMOJI, max_size=6))
def test_an_emoji_is_one_token_whatever_it_is_made_of(emoji: list[str]) -> None:
    assert words("".join(emoji), normalize="none").split() == emoji


@given(st.lists(st.sampled_from([*SHAPES, " ", ".", "a", "'"]), max_size=8).map("".join), st.booleans())
def test_tokenizing_abbreviations_numbers_and_emoji_again_changes_nothing(text: str, lower: bool) -> None:
    once = words(text, lowercase=lower)
    assert words(once, lowercase=lower) == once


LINES = st.lists(
    st.text(st.one_of(st.characters(exclude_categories=["Cs", "Cc"]), st.sampled_from("aé'’- .,1\u0301\u00a0«"))),
    max_size=5,
)


@given(LINES, st.sampled_from(["words", "whitespace"]), st.sampled_from(["nfc", "nfkc", "none"]), st.booleans())
def test_tokenizing_again_changes_nothing(lines: list[str], tokenizer: str, form: str, lower: bool) -> None:
    settings = lmkit.TextSettings(tokenizer=tokenizer, normalize=form, lowercase=lower)  # type: ignore[arg-type]
    once = lmkit.tokenize("\n".join(lines), settings)
    again = lmkit.tokenize("\n".join(" ".join(line) for line in once), settings)
    assert again == once
    assert len(once) == len(lines) or not lines


@given(LINES)
def test_no_letter_is_lost_or_split_from_its_mark(lines: list[str]) -> None:
    for line, tokens in zip(lines, lmkit.tokenize("\n".join(lines), WORDS), strict=False):
        kept = "".join(unicodedata.normalize("NFC", line).split())
        separators = "\u0085\u200b\ufeff"
        assert "".join(tokens) == "".join(c for c in kept if c not in separators and unicodedata.category(c)[0] != "Z")
        for token in tokens[1:]:  # a token begins with a mark only if a space, or nothing, stood before it
            first = unicodedata.category(token[0])[0]
            assert first != "M" or any(
                f"{space}{token[0]}" in unicodedata.normalize("NFC", line)
                for space in line
                if space.isspace() or space in separators
            )


@given(LINES, st.sampled_from(["words", "whitespace"]))
def test_composed_and_decomposed_text_give_equal_counts(lines: list[str], tokenizer: str) -> None:
    settings = lmkit.TextSettings(tokenizer=tokenizer)
    found = []
    for form in ("NFC", "NFD"):
        text = unicodedata.normalize(form, "\n".join(["début", *lines])).encode()
        found.append(dict(lmkit.list_ngrams(lmkit.count_ngrams(io.BytesIO(text), 2, settings=settings))))
    assert found[0] == found[1]


@pytest.mark.parametrize("language", ["ewe", "kabiye"])
def test_ewe_and_kabiye_words_keep_their_tones(language: str, tmp_path: Path) -> None:
    folder = Path(os.environ.get("LMKIT_TEXTS", "no-such-folder"))
    path = folder / f"{language}-udhr.txt"
    if not path.is_file():
        pytest.skip(reason="set LMKIT_TEXTS to a folder with the declaration of human rights in Ewe and Kabiye")
    counts = []
    for form in ("NFC", "NFD"):
        text = unicodedata.normalize(form, path.read_text(encoding="utf-8"))
        counts.append(dict(lmkit.list_ngrams(lmkit.count_ngrams(text_file(tmp_path, text, form), 1, settings=WORDS))))
    assert counts[0] == counts[1]
    assert len(counts[0]) > 300
    assert not [word for word in counts[0] if unicodedata.category(word[0]).startswith("M")]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "« L’Été 2026 » ß Ⅷ ﬁn"),
        ({"normalize": "nfkc"}, "« L’Été 2026 » ß VIII fin"),
        ({"lowercase": True}, "« l’été 2026 » ß ⅷ ﬁn"),
        ({"casefold": True}, "« l’été 2026 » ss ⅷ fin"),
        ({"unify_quotes": True}, '" L\'Été 2026 " ß Ⅷ ﬁn'),
        ({"fold_numbers": True}, "« L’Été 0000 » ß Ⅷ ﬁn"),
        ({"strip_accents": True}, "« L’Ete 2026 » ß Ⅷ ﬁn"),
    ],
)
def test_each_option_shapes_words_in_its_own_way(settings: dict[str, object], expected: str) -> None:
    text = unicodedata.normalize("NFD", "« L’Été 2026 » ß Ⅷ ﬁn")
    (tokens,) = lmkit.tokenize(text, lmkit.TextSettings(**settings))  # type: ignore[arg-type]
    assert " ".join(tokens) == expected


def test_a_grave_accent_is_a_quote_whatever_stands_beside_it() -> None:
    """Also in text of ASCII alone: characters are shaped a block at a time."""
    settings = lmkit.TextSettings(unify_quotes=True)
    assert lmkit.tokenize("`a' `é'", settings) == [["'a'", "'é'"]]
    characters = lmkit.TextSettings(unify_quotes=True, unit="character")
    assert lmkit.tokenize("`a", characters) + lmkit.tokenize("`é", characters) == [["'", "a"], ["'", "é"]]


def test_compatibility_forms_can_be_several_words() -> None:
    assert lmkit.tokenize("a\u00a8b", lmkit.TextSettings(normalize="nfkc")) == [["a", "\u0308b"]]


def test_a_mark_that_is_stripped_leaves_no_token() -> None:
    text = io.BytesIO("a \u0301 b\n".encode())
    counts = lmkit.count_ngrams(text, 2, settings=lmkit.TextSettings(strip_accents=True))
    assert counts["a b"] == 1


@pytest.mark.parametrize("tokenizer", NLTK)
def test_nltks_tokenizers_are_nltks(tokenizer: str) -> None:
    from nltk import tokenize as nltk_tokenize

    text = "He said: \"I can't pay $5.50, sorry…\" Isn't it?"
    theirs = {
        "nltk:toktok": nltk_tokenize.ToktokTokenizer,
        "nltk:treebank": nltk_tokenize.TreebankWordTokenizer,
        "nltk:tweet": nltk_tokenize.TweetTokenizer,
        "nltk:wordpunct": nltk_tokenize.WordPunctTokenizer,
    }[tokenizer]()
    assert lmkit.tokenize(text, lmkit.TextSettings(tokenizer=tokenizer)) == [theirs.tokenize(text)]


def test_block_size_and_threads_change_no_count(tmp_path: Path) -> None:
    lines = (CORPORA / "fr.train.txt").read_bytes().splitlines(keepends=True)
    path = text_file(tmp_path, b"".join(lines[:60]))
    expected = lmkit.count_ngrams(path, 3, settings=WORDS, resources=lmkit.Resources(workers=1))
    for block_bytes, workers in ((50, 1), (777, 3), (10**6, 2)):
        found = lmkit.count_ngrams(
            path,
            3,
            settings=WORDS,
            reading=lmkit.Reading(block_bytes=block_bytes),
            resources=lmkit.Resources(workers=workers),
        )
        assert found.vocabulary.same_as(expected.vocabulary)
        assert all((one == other).all() for one, other in zip(found.counts, expected.counts, strict=True))


def test_a_model_applies_its_tokenizer_to_what_it_scores(lmkit_run: Run, tmp_path: Path) -> None:
    arguments = ["ngram", "train", "-n", "3", "--kneser-ney", "--tokenizer", "words", "--lowercase"]
    lmkit_run(*arguments, CORPORA / "fr.train.txt", "-o", tmp_path / "raw")
    lmkit_run("ngram", "train", "-n", "3", "--kneser-ney", CORPORA / "fr.train.tok", "-o", tmp_path / "tok")
    raw = lmkit_run("perplexity", tmp_path / "raw", CORPORA / "fr.test.txt").out.splitlines()
    tok = lmkit_run("perplexity", tmp_path / "tok", CORPORA / "fr.test.tok").out.splitlines()
    assert raw[:8] == tok[:8]
    assert "|tokenizer:words|lowercase:yes|normalize:nfc|" in raw[-1]
    other = lmkit_run("perplexity", tmp_path / "raw", CORPORA / "fr.test.txt", "--tokenizer", "whitespace")
    assert (other.code, other.err) == (
        2,
        (
            "lmkit: tokenizer is whitespace here, but the model was made with tokenizer words.\n"
            "The model applies its own setting: leave the option out, or train a model with tokenizer whitespace (--force scores all the same).\n"
        ),
    )


def test_an_unknown_tokenizer_is_told_with_the_nearest_name(lmkit_run: Run) -> None:
    result = lmkit_run("tokenize", "--tokenizer", "word", CORPORA / "fr.test.txt")
    assert (result.code, result.err) == (
        2,
        (
            "lmkit: tokenizer is 'word'; it must be one of: whitespace, words, nltk:toktok, nltk:treebank, nltk:tweet, "
            "nltk:wordpunct, character, byte, or a .json or .model file (did you mean words?).\n"
        ),
    )
    both = lmkit_run("tokenize", "--tokenizer", "byte", "--unit", "character", CORPORA / "fr.test.txt")
    assert (both.code, both.err) == (
        2,
        "lmkit: tokenizer byte and unit character contradict each other.\nLeave one of them out.\n",
    )


def test_tokenize_prints_every_line_as_one(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, "L'eau !\r\n\n \t\n fin")
    assert lmkit_run("tokenize", "--tokenizer", "words", path).out == "L' eau !\n\n\nfin\n"
    assert lmkit_run("tokenize", path).out == "L'eau !\n\n\nfin\n"
    assert lmkit_run("tokenize", "--tokenizer", "character", path).out.splitlines()[0] == "L ' e a u ␣ !"
    assert lmkit_run("tokenize", "--tokenizer", "nltk:wordpunct", path).out.splitlines()[0] == "L ' eau !"


def test_settings_of_older_files_are_what_they_were() -> None:
    old = {"tokenizer": "whitespace", "lowercase": False, "reserved": "error", "blank_lines": "skip"}
    assert lmkit.TextSettings.from_dict(old).normalize == "none"
    with pytest.raises(
        UsageError, match=r"^normalize is 'nfd'; it must be one of: none, nfc, nfkc \(did you mean nfc\?\)\.$"
    ):
        lmkit.TextSettings(normalize="nfd")  # type: ignore[arg-type]


def test_force_reads_a_text_otherwise_than_the_model_s(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit_run(
        "ngram",
        "train",
        "-n",
        "2",
        "--kneser-ney",
        "--tokenizer",
        "words",
        CORPORA / "fr.train.txt",
        "-o",
        tmp_path / "m",
    )
    result = lmkit_run(
        "perplexity", tmp_path / "m", CORPORA / "fr.test.txt", "--tokenizer", "whitespace", "--force", "--json"
    )
    assert result.code == 0
    assert "|tokenizer:whitespace|" in result.out
