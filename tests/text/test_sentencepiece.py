"""Models of SentencePiece as tokenizers: tokens as SentencePiece itself has them, whatever the model; damaged files."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import lmkit
from lmkit.text.tokens.subwords.tokenizer import loaded
from tests.conftest import CORPORA, Run, text_file

SENTENCES = [
    line
    for name in ("fr.train.txt", "en.train.txt")
    for line in (CORPORA / name).read_text(encoding="utf-8").splitlines()
]
SYMBOLS = ["<sep>", "Mr.", "--"]
MODELS: dict[str, dict[str, Any]] = {
    "unigram": {"model_type": "unigram"},
    "unigram nmt_nfkc_cf, bytes": {
        "model_type": "unigram",
        "byte_fallback": True,
        "normalization_rule_name": "nmt_nfkc_cf",
    },
    "unigram as it is": {
        "model_type": "unigram",
        "normalization_rule_name": "identity",
        "add_dummy_prefix": False,
        "remove_extra_whitespaces": False,
    },
    "unigram, symbols": {"model_type": "unigram", "user_defined_symbols": SYMBOLS, "control_symbols": ["<cls>"]},
    "bpe nfkc": {"model_type": "bpe", "normalization_rule_name": "nfkc"},
    "bpe nfkc_cf, symbols": {
        "model_type": "bpe",
        "normalization_rule_name": "nfkc_cf",
        "user_defined_symbols": SYMBOLS,
    },
    "bpe as it is, bytes": {
        "model_type": "bpe",
        "byte_fallback": True,
        "normalization_rule_name": "identity",
        "remove_extra_whitespaces": False,
    },
    "word": {"model_type": "word"},
    "char": {"model_type": "char", "vocab_size": 60},
    "space after": {"model_type": "unigram", "treat_whitespace_as_suffix": True},
    "another unknown": {"model_type": "unigram", "unk_piece": "[UNK]", "pad_id": 3},
}
trained: dict[str, bytes] = {}


def library() -> Any:
    """SentencePiece's own module; without it, a test is skipped."""
    return pytest.importorskip("sentencepiece", reason="pip install 'lmkit[sentencepiece]'")


def model_of(name: str) -> bytes:
    """The .model file of a model of `MODELS`, trained on the texts of the project."""
    if name not in trained:
        written = io.BytesIO()
        options = {"vocab_size": 500, "minloglevel": 2, "num_threads": 1} | MODELS[name]
        library().SentencePieceTrainer.train(sentence_iterator=iter(SENTENCES), model_writer=written, **options)
        trained[name] = written.getvalue()
    return trained[name]


def tokenizer_of(name: str) -> lmkit.SubwordTokenizer:
    """The tokenizer of a model of `MODELS`."""
    return lmkit.read_tokenizer(io.BytesIO(model_of(name)))


def expected(name: str, lines: list[str]) -> list[list[str]]:
    """What SentencePiece makes of each line: its pieces, `<unk>` for what it does not know."""
    processor = library().SentencePieceProcessor(model_proto=model_of(name))
    of_lines = []
    for line in lines:
        pieces, ids = processor.encode(line, out_type=str), processor.encode(line, out_type=int)
        of_lines.append(
            ["<unk>" if processor.is_unknown(id_) else piece for piece, id_ in zip(pieces, ids, strict=True)]
        )
    return of_lines


def tokens_of(name: str, lines: list[str]) -> list[list[str]]:
    """What lmkit makes of each line with the model."""
    return lmkit.tokenize("\n".join(lines), tokenizer_of(name).settings(blank_lines="sentence"))


ODD = [
    "▁a  b   c ",
    "   ",
    "fin ﬁn ㈠ ½ Ａ ǆ ẞ",
    "e\u0301 è\u0323\u0302 각 가\u200d 👩🏾\u200d🌾",
    "..... ...... -- --- Mr. <sep><sep> Mr.Mr.",
    "<unk> <s> </s> <0x41> <cls> [UNK] ⁇",
    "\u00a0x\u3000y\u2028z\u200b \ufeff",
]


@pytest.mark.parametrize("name", MODELS)
def test_tokens_are_those_of_sentencepiece(name: str) -> None:
    lines = [*ODD, *SENTENCES[::10]]
    assert tokens_of(name, lines) == expected(name, lines)


@pytest.mark.parametrize("name", MODELS)
@given(
    st.text(
        st.one_of(st.sampled_from(" .-aeéLl'\u0301<>"), st.characters(exclude_categories=("Cc", "Cs"))), max_size=40
    )
)
@example("a\u0301b")
def test_tokens_of_any_text_are_those_of_sentencepiece(name: str, line: str) -> None:
    assert tokens_of(name, [line]) == expected(name, [line])


def test_the_model_normalizes_text_and_lmkit_does_not_unless_it_is_asked(tmp_path: Path) -> None:
    path = text_file(tmp_path, model_of("unigram as it is"), "x.model")
    assert lmkit.TextSettings.named(tokenizer=str(path)).normalize == "none"
    composed = lmkit.TextSettings.named(tokenizer=str(path), normalize="nfc")
    assert composed.normalize == "nfc"
    assert composed.changed(tokenizer=str(path)).normalize == "nfc"  # as the model that has these settings was made
    assert lmkit.tokenize("e\u0301", composed) == lmkit.tokenize("é", composed)


def test_the_model_travels_in_counts_models_and_arpa_files(lmkit_run: Run, tmp_path: Path) -> None:
    path, text = text_file(tmp_path, model_of("unigram"), "x.model"), CORPORA / "fr.test.txt"
    model, arpa = tmp_path / "model.safetensors", tmp_path / "model.arpa"
    train = ("ngram", "train", "-q", "-n", 2, "--kneser-ney", "--tokenizer", path)
    assert lmkit_run(*train, CORPORA / "fr.train.txt", "-o", model).code == 0
    assert lmkit_run("ngram", "convert", model, "-o", arpa).code == 0
    same = lmkit_run("perplexity", model, text, "--tokenizer", path).out
    path.unlink()
    assert lmkit_run("perplexity", model, text).out == same
    assert f"tokenizer:{tokenizer_of('unigram').name}|" in same
    figures = [
        dict(line.split("\t") for line in lmkit_run("perplexity", one, text).out.splitlines()) for one in (model, arpa)
    ]
    assert float(figures[0]["perplexity"]) == pytest.approx(float(figures[1]["perplexity"]), rel=1e-6)
    assert "▁" not in lmkit_run("generate", model, "--seed", 1, "--count", 3).out


def test_all_pieces_that_text_can_have_are_words_of_a_model() -> None:
    """Neither <s> and </s>, which are marks, nor <pad> and <cls> stand in a text; bytes do."""
    settings = tokenizer_of("unigram, symbols").settings()
    words = lmkit.count_ngrams(io.BytesIO(b"le\n"), 1, settings=settings).vocabulary.words
    assert len(words) == 500 - 1  # without <cls>
    assert {b"<sep>", b"Mr.", b"<unk>"} <= set(words)
    assert b"<cls>" not in words


@pytest.mark.parametrize("name", ["unigram", "another unknown"])
@pytest.mark.parametrize("reserved", ["error", "skip", "keep"])
def test_the_unknown_piece_is_oov(name: str, reserved: Any) -> None:
    settings = tokenizer_of(name).settings(reserved=reserved)
    model = lmkit.laplace(lmkit.count_ngrams(CORPORA / "fr.train.txt", 1, settings=settings))
    figures = lmkit.perplexity(model, io.BytesIO("un ㊿㋿ chat <unk> </s>\n".encode()))
    known = [piece for line in expected(name, ["un ㊿㋿ chat <unk> </s>"]) for piece in line]
    assert figures.oov == known.count("<unk>") > 0


def test_text_comes_back_from_tokens_and_from_their_numbers(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, model_of("bpe as it is, bytes"), "x.model")
    lines = text_file(tmp_path, "L'eau  d'Agoè, ɖeka.\n<unk>\té\n")
    for ids in ((), ("--ids",)):
        tokens = text_file(tmp_path, lmkit_run("tokenizer", "encode", path, lines, *ids).raw, "tokens")
        assert lmkit_run("tokenizer", "decode", path, tokens, *ids).raw == lines.read_bytes()
    assert tokenizer_of("unigram").decode(["▁un", "▁mot-à-moi"]) == "un▁mot-à-moi"


def test_the_figures_of_a_tokenizer(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, model_of("bpe as it is, bytes"), "x.model")
    found = json.loads(lmkit_run("tokenizer", "info", path, text_file(tmp_path, "ɖ\n"), "--json").out)
    assert (found["model"], found["vocabulary_size"]) == ("sentencepiece", 500)
    (figures,) = found["files"]
    assert figures["tokens"] == 3  # the space before it, and two bytes
    assert figures["token_coverage"] == pytest.approx(1 / 3)
    assert figures["word_coverage"] == 0


NO_MODEL = " is not a model of SentencePiece, or is cut short.\n"
REMEDY = "spm_train writes such files beside a .vocab, which is a list. They are binary: copy or fetch it again, unchanged.\n"


@pytest.mark.parametrize(
    "data", [b"", b"le chat\n", b"\n\x05", b"\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", b"\x80" * 40]
)
def test_what_is_no_model_is_refused(data: bytes, lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, data, "x.model")
    result = lmkit_run("count", "--tokenizer", path, CORPORA / "toy.tok")
    assert (result.code, result.out, result.err) == (1, "", f"lmkit: {path}{NO_MODEL}{REMEDY}")


PIECE = b"\n\x0e\n\x05<unk>\x15\x00\x00\x00\x00\x18\x02"  # of a .model file


def test_a_model_cut_between_two_pieces_is_refused(tmp_path: Path) -> None:
    with pytest.raises(lmkit.DataError, match="does not say how text is normalized: it is cut short"):
        lmkit.read_tokenizer(text_file(tmp_path, PIECE * 3, "x.model"))


def test_cut_and_damaged_models_are_refused_or_read_never_worse(tmp_path: Path) -> None:
    """Whatever byte is changed; a changed letter of a piece is another model."""
    data = model_of("unigram as it is")
    whole = set()
    for place in range(0, len(data), len(data) // 60):
        for bad in (
            data[:place],
            data[:place] + b"\xff" + data[place + 1 :],
            data[:place] + b"\x00" + data[place + 1 :],
        ):
            try:
                lmkit.tokenize("le chat", lmkit.read_tokenizer(text_file(tmp_path, bad, "x.model")).settings())
            except lmkit.DataError:
                continue
            whole.add(len(bad))
    assert whole <= {len(data)}  # none that was cut


def test_a_missing_library_is_told(lmkit_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    path = text_file(tmp_path, PIECE + b"\x1a\x00", "x.model")
    loaded.cache_clear()
    monkeypatch.setitem(sys.modules, "sentencepiece", None)
    result = lmkit_run("count", "--tokenizer", path, CORPORA / "toy.tok")
    assert result.code == 1
    assert result.err.startswith("lmkit: the tokenizer sentencepiece-1-")
    assert " needs the library sentencepiece: " in result.err
    assert result.err.endswith("\nInstall it with: pip install 'lmkit[sentencepiece]'\n")


@pytest.mark.parametrize("command", ["count", "perplexity"])
def test_a_model_given_as_text_or_as_model_is_told_by_its_kind(command: str, lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, PIECE + b"\x1a\x00", "x.model")
    result = lmkit_run(command, path)
    assert result.code == 1
    assert result.err.endswith(": it looks like a model of SentencePiece.\nCommands take it as --tokenizer.\n")


def test_models_are_known_by_what_they_hold(tmp_path: Path) -> None:
    for name in ("compressed", "x.model.gz"):
        path = text_file(tmp_path, gzip.compress(model_of("unigram")), name)
        assert lmkit.read_tokenizer(path).name == tokenizer_of("unigram").name
