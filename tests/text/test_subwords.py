"""Subword tokenizers: training, text to tokens and back, models that hold them. The tokens are those of the library itself."""

import gzip
import hashlib
import io
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import lmkit
from lmkit.errors import DataError, UsageError
from lmkit.text.tokens.joining import join_tokens
from lmkit.text.tokens.subwords.structure import LONGEST_PIECE
from lmkit.text.tokens.subwords.tokenizer import loaded
from lmkit.text.tokens.subwords.unigram import train_unigram
from tests.conftest import CORPORA, Run, text_file, train_text

tokenizers = pytest.importorskip("tokenizers", reason="pip install 'lmkit[subwords]'")

FRENCH = CORPORA / "fr.train.txt"
KINDS = ("bpe", "wordpiece", "unigram")
LOSSLESS = ("bpe", "unigram")
TRAINED = {kind: lmkit.train_tokenizer(FRENCH, kind, 700) for kind in KINDS}  # type: ignore[arg-type]
THEIRS = {kind: tokenizers.Tokenizer.from_str(tokenizer.json) for kind, tokenizer in TRAINED.items()}

# Any text that lmkit reads, but for what ends a line; much white space of all kinds, marks, and what tokenizers write for it.
CHARACTERS = st.one_of(
    st.sampled_from(" \t\u00a0\u3000\u0085\u200b  e\u0301le'’.Ġ<0x41>ɔ̃😀"),
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="▁"),
)
LINES = st.lists(st.text(CHARACTERS, max_size=20), min_size=1, max_size=4)


def composed(text: str) -> str:
    """What lmkit does to text by default."""
    return unicodedata.normalize("NFC", text)


def named(tokens: list[str]) -> list[str]:
    """The library's tokens as lmkit names them."""
    return [{"[UNK]": "<unk>"}.get(token, token) for token in tokens]


@pytest.mark.parametrize("kind", KINDS)
def test_the_library_makes_the_same_tokens_of_the_file(kind: str, tmp_path: Path) -> None:
    theirs = tokenizers.Tokenizer.from_file(str(text_file(tmp_path, TRAINED[kind].json, "tok.json")))
    assert theirs.get_vocab_size() == 700
    for name in ("fr.test.txt", "en.test.txt", "fr.train.tok"):
        lines = (CORPORA / name).read_text(encoding="utf-8").splitlines()
        found = lmkit.tokenize("\n".join(lines), TRAINED[kind].settings())
        assert found == [named(theirs.encode(line).tokens) for line in lines]


@given(LINES)
@example(["", "  a  b", "a ", " ", "a  b"])
def test_bpe_is_what_the_library_learns_from_the_lines_themselves(lines: list[str]) -> None:
    text = "\n".join(composed(line) for line in lines) + "\n"
    theirs = tokenizers.Tokenizer.from_str(TRAINED["bpe"].json)
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=290, min_frequency=2, show_progress=False, initial_alphabet=alphabet
    )
    theirs.train_from_iterator([line for line in text.split("\n") if line] * 2, trainer)
    if text.encode().strip():
        found = lmkit.train_tokenizer(io.BytesIO(text.encode() * 2), "bpe", 290)
        assert json.loads(found.json)["model"] == json.loads(theirs.to_str())["model"]


@pytest.mark.parametrize("kind", KINDS)
@given(LINES)
@example([" "])
@example(["", "  a", "a  ", "a \u00a0 b", "\u00a0 b", " \u0301 a"])
def test_the_library_makes_the_same_tokens_of_any_text(kind: str, lines: list[str]) -> None:
    found = lmkit.tokenize("\n".join(lines), TRAINED[kind].settings(blank_lines="sentence"))
    assert found == [named(THEIRS[kind].encode(composed(line)).tokens) for line in lines]


@pytest.mark.parametrize("kind", LOSSLESS)
@given(LINES)
@example(["<unk><s></s><0x41>▂"])
@example(["  two  spaces  ", "\t", "\u2028"])
def test_tokens_put_together_are_the_text(kind: str, lines: list[str]) -> None:
    tokens = lmkit.tokenize("\n".join(lines), TRAINED[kind].settings(blank_lines="sentence"))
    assert [TRAINED[kind].decode(line) for line in tokens] == [composed(line) for line in lines]
    assert "<unk>" not in {token for line in tokens for token in line}


def test_a_lower_one_eighth_block_is_read_back_as_a_space_by_unigram() -> None:
    tokenizer = TRAINED["unigram"]
    (tokens,) = lmkit.tokenize("a▁b", tokenizer.settings())
    assert tokenizer.decode(tokens) == "a b"


SHAPES: list[tuple[dict[str, Any], str]] = [
    ({"lowercase": True}, "L’ÉTÉ « 2026 » ß"),
    ({"normalize": "nfkc"}, "ﬁn Ⅷ ½ a\u00a8b"),
    ({"strip_accents": True}, "L’été à Lomé"),
    ({"unify_quotes": True}, "L’été « ici »"),
    ({"fold_numbers": True}, "En 2026, ٣ fois"),
    ({"lowercase": True, "strip_accents": True, "unify_quotes": True, "fold_numbers": True}, "L’ÉTÉ « 2026 »"),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("shape", "text"), SHAPES)
def test_the_file_shapes_text_as_lmkit_did_in_training(kind: Any, shape: dict[str, Any], text: str) -> None:
    few = io.BytesIO(b"".join(FRENCH.read_bytes().splitlines(keepends=True)[:60]))
    tokenizer = lmkit.train_tokenizer(few, kind, 400, settings=lmkit.TextSettings(**shape))
    theirs = tokenizers.Tokenizer.from_str(tokenizer.json)
    raw = named(theirs.encode(text).tokens)
    assert lmkit.tokenize(text, tokenizer.settings()) == [raw]  # the file does it
    assert lmkit.tokenize(text, tokenizer.settings(**shape)) == [raw]  # and to shaped text nothing
    shaped = " ".join(lmkit.tokenize(text, lmkit.TextSettings(**shape))[0])
    assert named(theirs.encode(shaped).tokens) == raw


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_text_gives_the_same_file(kind: Any) -> None:
    again = lmkit.train_tokenizer(FRENCH, kind, 700)
    assert again.json == TRAINED[kind].json
    digest = hashlib.sha256(again.json.encode()).hexdigest()
    assert again.name == f"{kind}-700-{digest[:8]}"
    assert (len(again), again.kind) == (700, kind)


def test_compressed_and_several_files_are_one_text(tmp_path: Path) -> None:
    lines = FRENCH.read_bytes().splitlines(keepends=True)
    one = text_file(tmp_path, gzip.compress(b"".join(lines[:100])), "a.gz")
    other = text_file(tmp_path, b"".join(lines[100:]), "b")
    for kind in KINDS:
        assert lmkit.train_tokenizer([one, other], kind, 700).json == TRAINED[kind].json  # type: ignore[arg-type]


def test_merges_of_bytes_are_those_of_the_most_frequent_pairs() -> None:
    # " ab" three times, " b" once: "ab" occurs 3 times, as does " a"; of equals the pair of lower numbers comes first.
    tokenizer = lmkit.train_tokenizer(io.BytesIO(b"ab ab ab b\n"), "bpe", 258)
    assert tokenizer.tokens[256:] == ["ab", "Ġab"]
    assert lmkit.tokenize("ab b aab", tokenizer.settings()) == [["Ġab", "Ġ", "b", "Ġ", "a", "ab"]]


def brute_force_unigram(words: dict[str, int], pieces: dict[str, float]) -> float:
    """The log likelihood of words under pieces, by all ways to cut them."""
    import math

    def total(word: str) -> float:
        return 1.0 if not word else sum(
            math.exp(score) * total(word[len(piece) :]) for piece, score in pieces.items() if word.startswith(piece)
        )  # fmt: skip

    return sum(count * math.log(total(word)) for word, count in words.items())


def test_unigram_pieces_make_the_text_more_probable_than_characters_do() -> None:
    words = {"▁abab": 9, "▁ab": 7, "▁cab": 3, "▁cc": 2}
    characters = dict(train_unigram(list(words), list(words.values()), 4))
    pieces = dict(train_unigram(list(words), list(words.values()), 7))
    assert sorted(characters) == sorted("▁abc")
    assert len(pieces) == 7
    assert set(pieces) > set(characters)
    assert brute_force_unigram(words, pieces) > brute_force_unigram(words, characters) + 10


def test_expected_counts_of_unigram_are_those_of_all_cuts() -> None:
    import numpy as np

    from lmkit.text.tokens.subwords.unigram import SameLength, arcs_of, by_length, candidates, expectations

    codes, weights = by_length(["ab", "a"], [2, 1])
    texts, hashes = candidates(codes, weights, 100)
    groups = [SameLength(weight, arcs_of(code, hashes)) for code, weight in zip(codes, weights, strict=True)]
    probabilities = {"a": 0.5, "b": 0.2, "ab": 0.3}
    scores = np.log([probabilities[text] for text in texts])
    # ab: 0.3 as one, 0.5 · 0.2 = 0.1 as two; so 2 · 3/4 times ab, 2 · 1/4 times a and b; and a once more.
    expected = dict(zip(texts, expectations(groups, scores).tolist(), strict=True))
    assert expected == pytest.approx({"ab": 1.5, "a": 1.5, "b": 0.5})


def test_white_space_within_a_line_is_no_part_of_a_unigram_token() -> None:
    tokenizer = lmkit.train_tokenizer(io.BytesIO("a\tb a\tb a\u00a0b a\u00a0b\n".encode() * 9), "unigram", 380)
    assert lmkit.tokenize("a\tb\u00a0", tokenizer.settings()) == [["▁a", "<0x09>", "b", "<0xC2>", "<0xA0>"]]


@pytest.mark.parametrize("kind", KINDS)
def test_one_line_is_enough(kind: Any) -> None:
    tokenizer = lmkit.train_tokenizer(io.BytesIO(b"le chat"), kind, 4000)
    assert lmkit.tokenize("le chat", tokenizer.settings())[0]
    assert len(tokenizer) < 400


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", [b"", b"\n\n", b" \t\n"])
def test_no_text_is_an_error(kind: Any, text: bytes, tmp_path: Path) -> None:
    path = text_file(tmp_path, text)
    with pytest.raises(DataError, match=f"^{path}: there is no text to train a tokenizer on\\.$"):
        lmkit.train_tokenizer(path, kind, 4000)


@pytest.mark.parametrize(
    ("kind", "size", "least", "error"),
    [
        ("bpe", 255, 256, UsageError),
        ("unigram", 350, 351, UsageError),  # <unk>, 256 bytes, 94 printable characters of ASCII
        ("unigram", 352, 353, DataError),  # and ▁ and é
        ("wordpiece", 2, 3, UsageError),
        ("wordpiece", 5, 6, DataError),  # [UNK], é, l, ##é, ##l, and e that has none
    ],
)
def test_too_few_tokens_for_all_characters_are_an_error(kind: Any, size: int, least: int, error: type) -> None:
    with pytest.raises(error, match=f"^a vocabulary of {size} tokens is too small: .* alone are {least}\\.\nGive a "):
        lmkit.train_tokenizer(io.BytesIO("élé lél e\n".encode()), kind, size)
    if error is DataError:
        assert len(lmkit.train_tokenizer(io.BytesIO("élé lél e\n".encode()), kind, least)) == least


def test_what_a_file_cannot_hold_is_refused() -> None:
    for settings in ({"casefold": True}, {"unit": "byte"}, {"tokenizer": "words"}):
        with pytest.raises(
            UsageError, match=r"^a subword tokenizer is trained on lines of text, in lower case at most"
        ):
            lmkit.train_tokenizer(FRENCH, settings=lmkit.TextSettings(**settings))
    with pytest.raises(
        UsageError, match=r"^the kind of tokenizer is 'word'; it must be one of: bpe, wordpiece, unigram"
    ):
        lmkit.train_tokenizer(FRENCH, "word")  # type: ignore[arg-type]


def unigram_of(piece: str) -> str:
    """The JSON text of a tokenizer with this piece."""
    return json.dumps({"model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], [piece, -1.0]]}})


def test_the_longest_piece_makes_a_token() -> None:
    """A longer one is refused below: the library ends the process where it takes down a tree of 400,000 letters."""
    piece = "a" * LONGEST_PIECE
    assert loaded(unigram_of(piece)).tokens == ["<unk>", piece]


DOUBLING: list[dict[str, Any]] = [
    {"type": "Replace", "pattern": {"String": "x"}, "content": "xx"},
    {"type": "Replace", "pattern": {"Regex": "(?=x)"}, "content": "x"},
    {"type": "ByteLevel"},
    {"type": "Prepend", "prepend": "x"},
]


def shaping_by(*parts: dict[str, Any]) -> str:
    """The JSON text of a tokenizer with these normalizers."""
    model = {"type": "WordLevel", "vocab": {"<unk>": 0, "x": 1}, "unk_token": "<unk>"}
    return json.dumps({"model": model, "normalizer": {"type": "Sequence", "normalizers": parts}})


@pytest.mark.parametrize("part", DOUBLING, ids=json.dumps)
def test_letters_may_become_some_more(part: dict[str, Any]) -> None:
    """But 40 steps, each of which doubles them, are refused below: they would fill any memory."""
    assert loaded(shaping_by(*[part] * 9)).tokens == ["<unk>", "x"]


def test_steps_that_do_not_find_what_others_made_do_not_double_it() -> None:
    blanks = [
        {"type": "Replace", "pattern": {"String": " " * length}, "content": f"<|blank_{length}|>"}
        for length in range(80, 1, -1)
    ]
    assert loaded(shaping_by(*blanks)).tokens == ["<unk>", "x"]


@pytest.mark.parametrize(
    "text",
    [
        *(pytest.param(shaping_by(*[part] * 40), id=f"40 times {json.dumps(part)}") for part in DOUBLING),
        pytest.param(shaping_by({**DOUBLING[0], "content": "x" * 2000}), id="long content"),
        "",
        "{}",
        "[]",
        "no JSON",
        '{"model": {"type": "Other", "vocab": {}}}',
        "\xff",
        pytest.param(unigram_of("a" * (LONGEST_PIECE + 1)), id="long piece"),
    ],
)
def test_a_file_that_is_no_tokenizer_is_told(text: str, lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, text.encode("latin-1"), "tok.json")
    for arguments in (["count", "--tokenizer", path, FRENCH], ["tokenizer", "info", path]):
        result = lmkit_run(*arguments)
        assert (result.code, result.err) == (
            1,
            (
                f"lmkit: {path} is not the JSON file of a tokenizer.\n"
                "Such files are written by `lmkit tokenizer train`, and by the tokenizers library.\n"
            ),
        )


def test_a_file_that_the_library_does_not_read_is_told(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, '{"model": {"type": "BPE", "vocab": {"a": 0}}}', "tok.json")
    result = lmkit_run("tokenizer", "info", path)
    assert result.code == 1
    assert result.err.startswith(f"lmkit: {path} is not read by the tokenizers library: ")
    assert result.err.endswith("\nIs it of a newer one?\n")


def test_a_missing_library_is_told(lmkit_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from lmkit.text.tokens.subwords import tokenizer as subwords

    path = text_file(tmp_path, TRAINED["bpe"].json, "tok.json")
    subwords.loaded.cache_clear()
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    result = lmkit_run("count", "--tokenizer", path, FRENCH)
    assert result.code == 1
    assert result.err.startswith(f"lmkit: the tokenizer {TRAINED['bpe'].name} needs the library tokenizers: ")
    assert result.err.endswith("\nInstall it with: pip install 'lmkit[subwords]'\n")


def foreign(tmp_path: Path, change: Callable[[Any], None] = lambda _: None) -> Path:
    """The file of a tokenizer that lmkit has not trained: words with the space before them, some with white space in them."""
    tokens = ["<unk>", "<s>", "▁", "▁le", "▁chat", "\t", "é", "a\u00a0b"]
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.Unigram([(token, -1.0 - place) for place, token in enumerate(tokens)], unk_id=0)
    )
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    tokenizer.decoder = tokenizers.decoders.Metaspace()
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="<s> $A <s>", special_tokens=[("<s>", 1)]
    )
    change(tokenizer)
    path = tmp_path / "foreign.json"
    tokenizer.save(str(path))
    return path


def test_special_tokens_padding_and_truncation_of_a_file_are_left_out(tmp_path: Path) -> None:
    def change(tokenizer: Any) -> None:
        tokenizer.enable_truncation(2)
        tokenizer.enable_padding(length=4)

    settings = lmkit.read_tokenizer(foreign(tmp_path, change)).settings()
    assert lmkit.tokenize("le chat le\nle", settings) == [["▁le", "▁chat", "▁le"], ["▁le"]]


def test_white_space_in_a_token_is_named(tmp_path: Path) -> None:
    tokenizer = lmkit.read_tokenizer(foreign(tmp_path))
    (tokens,) = lmkit.tokenize("le\té", tokenizer.settings())
    assert tokens == ["▁le", "<U+0009>", "é"]
    assert tokenizer.decode(tokens) == "le\té"


def test_the_unknown_token_of_a_file_is_the_unknown_word(tmp_path: Path) -> None:
    settings = lmkit.read_tokenizer(foreign(tmp_path)).settings
    for reserved in ("error", "skip", "keep"):
        counts = lmkit.count_ngrams(io.BytesIO(b"le chien\n"), 1, settings=settings(reserved=reserved))
        assert counts["<unk>"] == 1


@pytest.mark.parametrize("unknown", ["[UNK]", "<unk>"])
def test_an_unknown_token_counts_as_oov_whatever_its_name(unknown: str, lmkit_run: Run, tmp_path: Path) -> None:
    vocabulary = {unknown: 0, "le": 1, "chat": 2, "dort": 3}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token=unknown))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    path, model = tmp_path / "wordlevel.json", tmp_path / "model"
    made.save(str(path))
    text = text_file(tmp_path, "le chat dort\nle chien dort\n")
    settings = lmkit.read_tokenizer(path).settings()
    lmkit.save(lmkit.laplace(lmkit.count_ngrams(text, 1, settings=settings)), model)
    # 8 events and the words le, chat, dort, <unk>, </s>: 3/13 for le, dort and </s>, 2/13 for chat and <unk>, twice each but chat, <unk>.
    figures = lmkit.perplexity(lmkit.load_model(model), text)
    assert figures.oov == 1
    assert figures.perplexity == pytest.approx(((13 / 3) ** 6 * (13 / 2) ** 2) ** (1 / 8))
    assert figures.perplexity == pytest.approx(4.795622, abs=1e-6)
    assert figures.perplexity_excluding_oov == pytest.approx(4.591747, abs=1e-6)
    assert lmkit_run("tokenizer", "encode", path, text).out.splitlines()[1] == "le <unk> dort"
    ids = lmkit_run("tokenizer", "encode", path, text, "--ids").out
    assert ids.splitlines()[1] == "1 0 3"
    assert lmkit_run("tokenizer", "decode", path, "--ids", text_file(tmp_path, ids, "ids")).out.splitlines()[1] == (
        f"le {unknown} dort"
    )
    assert lmkit_run("tokenizer", "info", path, text, "--json").out.count('"token_coverage": 0.8333') == 1


@pytest.mark.parametrize("unknown", ["[UNK]", "<unk>"])
@pytest.mark.parametrize("kind", ["WordPiece", "Unigram", "BPE"])
def test_the_unknown_token_is_oov_for_every_kind_of_tokenizer(kind: str, unknown: str, tmp_path: Path) -> None:
    tokens = [unknown, "l", "e"]
    models = tokenizers.models
    made = tokenizers.Tokenizer(
        {
            "WordPiece": lambda: models.WordPiece({unknown: 0, "l": 1, "##e": 2}, unk_token=unknown),
            "Unigram": lambda: models.Unigram([(token, -1.0) for token in tokens], unk_id=0),
            "BPE": lambda: models.BPE(dict(zip(tokens, range(3), strict=True)), [], unk_token=unknown),
        }[kind]()
    )
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made.save(str(tmp_path / "tok.json"))
    settings = lmkit.read_tokenizer(tmp_path / "tok.json").settings()
    model = lmkit.laplace(lmkit.count_ngrams(io.BytesIO(b"le x\n"), 1, settings=settings))
    # Counted: l, e, the unknown token, </s>; 8 = 4 events and as many words.
    figures = lmkit.perplexity(model, io.BytesIO(b"le z le\n"))
    assert (figures.tokens, figures.oov) == (6, 1)
    assert figures.perplexity == pytest.approx(4)


def test_a_token_unk_beside_another_unknown_token_is_text(tmp_path: Path) -> None:
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0, "<unk>": 1, "le": 2}, unk_token="[UNK]"))  # noqa: S106
    made.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    made.save(str(tmp_path / "tok.json"))
    tokenizer = lmkit.read_tokenizer(tmp_path / "tok.json")
    (tokens,) = lmkit.tokenize("le <unk> chat", tokenizer.settings())
    assert tokens == ["le", "<U+003C>unk>", "<unk>"]
    assert tokenizer.decode(tokens) == "le <unk> [UNK]"


def test_dropout_of_a_file_is_left_out(tmp_path: Path) -> None:
    found = json.loads(TRAINED["bpe"].json)
    found["model"]["dropout"] = 0.9
    settings = lmkit.read_tokenizer(text_file(tmp_path, json.dumps(found))).settings()
    text = FRENCH.read_text(encoding="utf-8")
    assert lmkit.tokenize(text, settings) == lmkit.tokenize(text, TRAINED["bpe"].settings())


@pytest.mark.parametrize("kind", KINDS)
def test_block_size_and_threads_change_no_count(kind: str) -> None:
    settings = TRAINED[kind].settings()
    expected = lmkit.count_ngrams(FRENCH, 3, settings=settings, resources=lmkit.Resources(workers=1))
    for block_bytes, workers in ((50, 1), (777, 3)):
        found = lmkit.count_ngrams(
            FRENCH,
            3,
            settings=settings,
            reading=lmkit.Reading(block_bytes=block_bytes),
            resources=lmkit.Resources(workers=workers),
        )
        assert found.vocabulary.same_as(expected.vocabulary)
        assert all((one == other).all() for one, other in zip(found.counts, expected.counts, strict=True))


def test_counts_of_parts_merge_to_those_of_the_whole() -> None:
    settings = TRAINED["bpe"].settings()
    lines = FRENCH.read_bytes().splitlines(keepends=True)
    parts = [lmkit.count_ngrams(io.BytesIO(b"".join(part)), 2, settings=settings) for part in (lines[:50], lines[50:])]
    whole = lmkit.count_ngrams(FRENCH, 2, settings=settings)
    merged = lmkit.merge_counts(parts)
    assert merged.vocabulary.same_as(whole.vocabulary)
    assert all((one == other).all() for one, other in zip(merged.counts, whole.counts, strict=True))
    with pytest.raises(DataError) as raised:
        lmkit.merge_counts([parts[0], lmkit.count_ngrams(FRENCH, 2, settings=TRAINED["unigram"].settings())])
    assert str(raised.value) == (
        "the texts were read in different ways: "
        f"tokenizer {TRAINED['bpe'].name} and {TRAINED['unigram'].name}.\nTrain both with the same options."
    )


@pytest.mark.parametrize("name", ["model.safetensors", "model.arpa", "model.arpa.gz"])
def test_a_model_scores_raw_text_without_the_file(name: str, lmkit_run: Run, tmp_path: Path) -> None:
    path, model = text_file(tmp_path, TRAINED["bpe"].json, "tok.json"), tmp_path / name
    training = lmkit_run("ngram", "train", "-n", "3", "--kneser-ney", "--tokenizer", path, FRENCH, "-o", model)
    assert training.code == 0, training.err
    path.unlink()
    # The same tokens, as words between white space.
    lines = THEIRS["bpe"].encode_batch(FRENCH.read_text(encoding="utf-8").splitlines())
    tok = text_file(tmp_path, "".join(" ".join(line.tokens) + "\n" for line in lines), "train.tok")
    words = lmkit.kneser_ney(lmkit.count_ngrams(tok, 3, vocabulary=vocabulary(tmp_path)))
    test = (CORPORA / "fr.test.txt").read_text(encoding="utf-8").splitlines()
    tokens = "".join(" ".join(line.tokens) + "\n" for line in THEIRS["bpe"].encode_batch(test))
    expected = lmkit.perplexity(words, io.BytesIO(tokens.encode()))
    found = json.loads(lmkit_run("perplexity", model, CORPORA / "fr.test.txt", "--json").out)
    assert found["perplexity"] == pytest.approx(expected.perplexity, rel=1e-6)
    assert (found["tokens"], found["oov"]) == (expected.tokens, 0)
    assert f"|sentences:line|unit:word|tokenizer:{TRAINED['bpe'].name}|lowercase:no|" in found["signature"]
    assert "json" not in found["signature"]


def vocabulary(folder: Path) -> Path:
    """A file with all tokens."""
    return text_file(folder, "\n".join(TRAINED["bpe"].tokens), "vocabulary.txt")


def test_no_token_is_unknown_to_a_model_of_subwords() -> None:
    for kind in LOSSLESS:
        model = lmkit.kneser_ney(
            lmkit.count_ngrams(io.BytesIO(b"le chat\n" * 3 + b"la la\n"), 2, settings=TRAINED[kind].settings()),
            discount_fallback="fixed",
        )
        assert lmkit.perplexity(model, io.BytesIO("Ɖekawɔwɔ 😀\n".encode())).oov == 0


def test_another_tokenizer_than_the_models_is_refused(lmkit_run: Run, tmp_path: Path) -> None:
    bpe, unigram = (text_file(tmp_path, TRAINED[kind].json, f"{kind}.json") for kind in LOSSLESS)
    model = tmp_path / "model"
    lmkit_run("ngram", "train", "-n", "2", "--tokenizer", bpe, FRENCH, "-o", model)
    assert lmkit_run("perplexity", model, "--tokenizer", bpe, CORPORA / "fr.test.txt").code == 0
    result = lmkit_run("perplexity", model, "--tokenizer", unigram, CORPORA / "fr.test.txt")
    ours, theirs = TRAINED["bpe"].name, TRAINED["unigram"].name
    assert (result.code, result.err) == (
        2,
        (
            f"lmkit: tokenizer is {theirs} here, but the model was made with tokenizer {ours}.\n"
            f"The model applies its own setting: leave the option out, or train a model with tokenizer {theirs} (--force scores all the same).\n"
        ),
    )


def test_a_tokenizer_that_was_changed_in_a_model_is_refused() -> None:
    settings = TRAINED["bpe"].settings().as_dict()
    with pytest.raises(UsageError, match="but the tokenizer that is stored with it is another one"):
        lmkit.TextSettings.from_dict(settings | {"tokenizer_json": settings["tokenizer_json"] + " "})
    assert "tokenizer_json" not in lmkit.TextSettings().as_dict()
    assert lmkit.TextSettings.from_dict(settings) == TRAINED["bpe"].settings()


def test_lower_case_does_not_touch_the_letters_that_stand_for_bytes(tmp_path: Path) -> None:
    tokenizer = lmkit.train_tokenizer(io.BytesIO("été été\n".encode() * 5), "bpe", 262)
    settings = tokenizer.settings(lowercase=True)
    assert "Ãī" not in str(lmkit.tokenize("ÉTÉ", settings))
    assert lmkit.tokenize("ÉTÉ", settings) == lmkit.tokenize("été", settings)
    words = text_file(tmp_path, "Ġ\nÃ©\nt\n")
    counts = lmkit.count_ngrams(io.BytesIO("É t\n".encode()), 1, settings=settings, vocabulary=words)
    assert [word.decode() for word in counts.vocabulary.words[3:]] == ["Ġ", "Ã©", "t"]


def test_generate_prints_text_and_by_token_shows_pieces(lmkit_run: Run, tmp_path: Path) -> None:
    for kind in KINDS:
        path, model = text_file(tmp_path, TRAINED[kind].json, "tok.json"), tmp_path / "model"
        lmkit_run("ngram", "train", "-n", "5", "--tokenizer", path, FRENCH, "-o", model)
        # Maximum likelihood of order 5 repeats its text: "Le mardi" begins one sentence or another of it.
        out = lmkit_run("generate", model, "--count", 1, "--temperature", 0, "--prompt", "Le mardi").out
        settings = TRAINED[kind].settings()
        lines = FRENCH.read_text(encoding="utf-8").splitlines()
        begun = [join_tokens(tokens, settings) for tokens in lmkit.tokenize("\n".join(lines), settings)]
        assert out.startswith("Le mardi")
        assert out.rstrip("\n") in begun
        shown = lmkit_run("perplexity", model, "--by", "token", text_file(tmp_path, "Le mardi")).out.splitlines()
        pieces = [line.split("\t")[1] for line in shown[1:-1]]
        assert pieces == THEIRS[kind].encode("Le mardi").tokens


def test_generated_json_is_json_whatever_the_text(lmkit_run: Run, tmp_path: Path) -> None:
    path, model = text_file(tmp_path, TRAINED["bpe"].json, "tok.json"), tmp_path / "model"
    text = 'a\t"b"\x0b\x0c\\'
    lmkit_run("ngram", "train", "-n", "3", "--tokenizer", path, text_file(tmp_path, text + "\n"), "-o", model)
    found = json.loads(lmkit_run("generate", model, "--count", 1, "--seed", 1, "--json").out)
    assert found["text"] == text


def test_blank_lines_are_skipped_or_sentences() -> None:
    text = b"le\n\n  \nchat\n"
    for kind in KINDS:
        skipped = lmkit.count_ngrams(io.BytesIO(text), 1, settings=TRAINED[kind].settings())
        kept = lmkit.count_ngrams(io.BytesIO(text), 1, settings=TRAINED[kind].settings(blank_lines="sentence"))
        assert (skipped.sentences, kept.sentences) == (2, 4)


def test_encode_and_decode_are_each_others_inverse(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, TRAINED["bpe"].json, "tok.json")
    text = text_file(tmp_path, "L'eau  dort.\n\n \nÉté 😀\n")
    for option in ([], ["--ids"]):
        encoded = lmkit_run("tokenizer", "encode", path, text, *option).out
        assert (
            lmkit_run("tokenizer", "decode", path, text_file(tmp_path, encoded, "e"), *option).out == text.read_text()
        )
    theirs = [THEIRS["bpe"].encode(line).ids for line in text.read_text().split("\n")[:-1]]
    assert [[int(number) for number in line.split()] for line in encoded.split("\n")[:-1]] == theirs
    bad = lmkit_run("tokenizer", "decode", path, "--ids", text_file(tmp_path, "1 2\n3 700\n", "bad"))
    assert (bad.code, bad.err) == (
        1,
        (
            f"lmkit: {tmp_path / 'bad'}:2: '700' is no id of {TRAINED['bpe'].name}: ids are 0 to 699.\n"
            "Were the tokens themselves written? Then leave --ids out.\n"
        ),
    )


def test_info_measures_how_texts_are_cut(lmkit_run: Run, tmp_path: Path) -> None:
    path = tmp_path / "tok.json"
    assert (
        lmkit_run("tokenizer", "train", "--vocabulary-size", 258, text_file(tmp_path, "ab ab ab b\n"), "-o", path).code
        == 0
    )
    name = lmkit.read_tokenizer(path).name
    assert lmkit_run("tokenizer", "info", path).out == f"tokenizer\t{name}\nmodel\tbpe\nvocabulary_size\t258\n"
    # Ġab, Ġ b, Ġ and the two bytes of é: 6 tokens for 3 words of 6 characters and 7 bytes, 5 and 7 with the spaces between.
    text = text_file(tmp_path, "ab b é\n", "measured")
    found = json.loads(lmkit_run("tokenizer", "info", path, text, "--json").out)
    assert found == {
        "tokenizer": name, "model": "bpe", "vocabulary_size": 258,
        "files": [{
            "file": str(text), "lines": 1, "words": 3, "characters": 6, "bytes": 7, "tokens": 6,
            "tokens_per_word": 2.0, "characters_per_token": 1.0, "bytes_per_token": pytest.approx(7 / 6),
            "token_coverage": pytest.approx(4 / 6), "word_coverage": pytest.approx(2 / 3), "types_used": 5,
        }],
    }  # fmt: skip
    table = lmkit_run("tokenizer", "info", path, text, text).out.splitlines()
    assert table[0].split("\t")[:3] == ["tokenizer", "file", "lines"]
    assert len(table) == 3
    empty = lmkit_run("tokenizer", "info", path, text_file(tmp_path, "", "empty"))
    assert (empty.code, empty.err) == (1, f"lmkit: {tmp_path / 'empty'}: there is no text.\n")


@pytest.mark.parametrize(
    ("kind", "text", "tokens", "covered"),
    [
        ("unigram", "le ʘ", ["▁le", "▁", "<0xCA>", "<0x98>"], 2),
        ("wordpiece", "le ʘ", ["le", "<unk>"], 1),
        ("bpe", "le ʘ", ["Ġle", "Ġ", "Ê", "ĺ"], 2),
    ],
)
def test_bytes_and_the_unknown_token_are_not_covered(
    kind: str, text: str, tokens: list[str], covered: int, tmp_path: Path
) -> None:
    figures = lmkit.subword_figures(TRAINED[kind], text_file(tmp_path, text))
    assert lmkit.tokenize(text, TRAINED[kind].settings()) == [tokens]
    assert (figures.tokens, figures.token_coverage) == (len(tokens), covered / len(tokens))
    assert figures.word_coverage == 1 / 2


def test_train_tells_what_it_made(lmkit_run: Run, tmp_path: Path) -> None:
    path = tmp_path / "tok.json"
    result = lmkit_run(
        "tokenizer", "train", "--algorithm", "wordpiece", "--vocabulary-size", 100_000, FRENCH, "-o", path
    )
    made = lmkit.read_tokenizer(path)
    assert result.code == 0
    assert result.err.endswith(f"lmkit: {made.name}: {len(made):,} tokens, the text does not give more\n")
    assert lmkit_run("tokenizer", "train", "-q", "--vocabulary-size", 700, FRENCH, "-o", "-").out == TRAINED["bpe"].json
    missing = lmkit_run("tokenizer", "train", FRENCH, "-o", tmp_path / "no" / "tok.json")
    assert (missing.code, missing.err) == (
        1,
        f"lmkit: cannot write {tmp_path}/no/tok.json: there is no folder {tmp_path}/no.\nMake it first.\n",
    )


def test_subwords_of_tokenized_text_are_words_to_mixtures_too() -> None:
    settings = TRAINED["bpe"].settings()
    models = [lmkit.kneser_ney(lmkit.count_ngrams(path, 2, settings=settings)) for path in (FRENCH, train_text("en"))]
    mixed = lmkit.mixture(models)
    assert lmkit.perplexity(mixed, CORPORA / "fr.test.txt").oov == 0
    other = lmkit.kneser_ney(lmkit.count_ngrams(FRENCH, 2, settings=TRAINED["unigram"].settings()))
    with pytest.raises(DataError, match=r"^models 1 and 2 are about different words: tokenizer bpe-700-"):
        lmkit.mixture([models[0], other])


@pytest.mark.parametrize(
    "parts",
    [
        {"pre_tokenizer": "Lowercase"},
        {"normalizer": {"String": ""}},
        {"pre_tokenizer": {"type": "Sequence"}},
        {"pre_tokenizer": {"type": "Sequence", "pretokenizers": 1.5}},
        {"normalizer": {"type": {"a": 1}}},
        {"decoder": {"type": "Sequence", "decoders": 1}},
        {"added_tokens": [{"content": 1}]},
        {"model": {"type": "Unigram", "vocab": [["a", 0.0]], "unk_id": 1}},
        {"model": {"type": "Unigram", "vocab": {"a": 0}}},
        {"model": {"type": "WordLevel", "vocab": {"a": -1}, "unk_token": "a"}},
        {"model": {"type": "WordPiece", "vocab": {"a": 0}, "unk_token": 0}},
        {"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a"]]}},
    ],
)
def test_a_tokenizer_with_parts_that_are_none_is_an_error(tmp_path: Path, parts: dict[str, Any]) -> None:
    path = tmp_path / "parts.json"
    path.write_text(json.dumps({"model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}} | parts))
    with pytest.raises(DataError, match="is not the JSON file of a tokenizer"):
        lmkit.read_tokenizer(path)


def test_a_tokenizer_whose_tokens_have_huge_numbers_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    path.write_text(json.dumps({"model": {"type": "WordLevel", "vocab": {"a": 4_000_000_000}, "unk_token": "a"}}))
    with pytest.raises(DataError, match="a token has the number 4,000,000,000, and there are 1 tokens"):
        lmkit.read_tokenizer(path)


def test_two_tokens_with_the_same_number_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "twice.json"
    path.write_text(json.dumps({"model": {"type": "WordLevel", "vocab": {"a": 0, "b": 0, "c": 1}, "unk_token": "a"}}))
    with pytest.raises(DataError, match="two tokens have the same number"):
        lmkit.read_tokenizer(path)


def test_what_the_library_raises_while_it_cuts_text_is_an_error_in_words(tmp_path: Path) -> None:
    path = tmp_path / "unknown.json"
    path.write_text(json.dumps({"model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "b"}}))
    with pytest.raises(DataError, match="the tokenizers library fails: WordLevel error: Missing"):
        lmkit.tokenize("c", lmkit.read_tokenizer(path).settings())


def test_a_tokenizer_that_makes_the_library_panic_is_an_error(tmp_path: Path) -> None:
    model = {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": [["a", "b"]]}
    path = tmp_path / "panic.json"
    path.write_text(json.dumps({"model": model | {"continuing_subword_prefix": "xxxxxx"}}))
    with pytest.raises(DataError, match="is not the JSON file of a tokenizer"):
        lmkit.read_tokenizer(path)
