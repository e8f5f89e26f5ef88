"""Sentences: lines, whole files, and those of running text."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.text.reading import BLOCK_BYTES
from lmkit.text.records.reading import read_records
from lmkit.text.sentences import splitting as module
from lmkit.text.sentences.rules import split_sentences
from lmkit.text.sentences.splitting import read_sentences
from tests.conftest import CORPORA, LANGUAGES, REFERENCE, Run, text_file
from tests.shell_lines import run_line
from tests.texts import json_lines

END = "</s>"
SPLIT = lmkit.TextSettings(sentences="split")


def found(text: str, **settings: Any) -> list[str]:
    """The sentences of a file with this text."""
    blocks = read_sentences(io.BytesIO(text.encode()), lmkit.TextSettings(**{"sentences": "split"} | settings))
    return b"".join(block.data for block in blocks).decode().split("\n")[:-1]


def located(data: bytes, **how: Any) -> list[tuple[int, str]]:
    """The sentences of a file, and the lines that they begin on."""
    result: list[tuple[int, str]] = []
    for block in read_sentences(io.BytesIO(data), SPLIT, **how):
        lines = block.data.decode().split("\n")[:-1]
        result += zip(block.lines(len(lines)).tolist(), lines, strict=True)
    return result


def same_counts(one: lmkit.NgramCounts, other: lmkit.NgramCounts) -> bool:
    """Whether the words and n-grams are the same, as often."""
    pairs = zip(one.chain.counts, other.chain.counts, strict=True)
    return one.vocabulary.words == other.vocabulary.words and all(np.array_equal(*pair) for pair in pairs)


# What stands between bars is one sentence.
TEXTS = [
    "M. Koffi et Mme Ayélé sont là. | Le Dr. Agbo aussi. | MM. Kodjo et Afi, non.",
    "Mr. Smith met Mrs. Jones. | Dr. Brown and Prof. Green did not. | MR. AND MRS. SMITH did.",
    "Il a payé 12,5 F. | Afi, 500\u00a0F. | Avec F. Koffi ? | Elle, 3.14 ou 1.000.000. | Et 5 hommes sont venus en 1960. | Puis 12. | Non.",
    "Il dit : « Viens ! » | Elle vint. | « Où vas-tu ? » dit-il. | « Là. » | Il rit.",
    "« Oui\u202f! | C'est bien.\u00a0» | Elle rit.",
    '"Who is there?" he asked. | "Me." | “And you? | Tell me!” | He left.',
    "Il attend… puis part. | Elle attend… | Puis part... et revient. | Well... | Then no.",
    "J. R. R. Tolkien wrote it. | C. S. Lewis read it.",
    "J.-C. Dupont est né en 30 av. J.-C. | Il est mort.",
    "The U.S. Senate met at 5 p.m. | It voted in the U.S. | The rest is known, e.g. Smith vs. Jones, i.e. all.",
    "Quoi ?! | Non !!! | Really?! | Yes! | Ah ! ah ! non.",
    "See https://example.org/a.b?c=d!e or mail a.b@example.org. | Then read example.org. | Voir www.a.fr.",
    "1. First item. | 2. Second item. | 3.1. Third item. | IV. Fourth. | A. Fifth.",
    "Voir p. 12 et fig. 3, no. 5, vol. 2. | Il a dit no. | Il part en janv. 2020.",
    "It is in the book (see ch. 3). | (It is.) | It is [1]. | It is.[2] | Yes.",
    "Oui. | — Non ! | — Si, dit-il. | – Ah ? | • Un point.",
    "Un texte sans aucun signe",
    "no capital. follows here. | But here",
    "¿Qué? | ¡No! | Él vino.",
    "これは本です。 | そうですか？ | はい。",
    "هل جئت؟ | نعم.",
    "He works for Acme Inc. Paris and Foo Ltd. | He left. | Sammy Davis Jr. | The end.",
    "$5. | $6! | € is a sign.",
    "At 5 a.m. Mr. Smith left. | He came at 6 P.M. | Mr. Smith did not. | It was 7 p.m. | Mr. Smith slept.",
    "He quotes [...] what he likes (!) Smith said. | [...] Le lendemain, rien […]. | Il partit.",
    "Voir N°. 1026. | Et n°. 5.",
    "1.) Un | 2.) Deux. | 3.) Trois",
    "• a. Un | • b. Deux. | • c. Trois b. quatre",
    "1) Voir 2) et 3) plus bas",
    "9. Neuf | 10. Dix 12. | Onze",
    "« 27. Depuis le jour. | « 28. Le dernier.",
    "It was you and I. | Smith saw it with Albert I. Jones.",
    "He went . . . Smith did not . . . . | Jones did. | . . . Well, no.",
]


@pytest.mark.parametrize("text", TEXTS)
def test_running_text_is_split_where_sentences_end(text: str) -> None:
    expected = text.split(" | ")
    assert split_sentences(" ".join(expected)) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_published_rules_of_pragmatic_segmenter_hold(language: Any) -> None:
    rules = (REFERENCE / "sentences" / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    assert len(rules) == {"en": 48, "fr": 5}[language]
    for known in ("any", language):
        for rule in rules:
            expected = rule.split(" | ")
            assert split_sentences(" ".join(expected), known) == expected


def test_a_language_knows_its_own_abbreviations_only() -> None:
    assert split_sentences("Voir M. Koffi. It is vol. 5.", "fr") == ["Voir M. Koffi.", "It is vol. 5."]
    assert split_sentences("It cost 5 av. The end.", "en") == ["It cost 5 av.", "The end."]
    assert split_sentences("It cost 5 av. The end.", "fr") == ["It cost 5 av. The end."]
    assert split_sentences("Chez Acme Inc. Paris.", "fr") == ["Chez Acme Inc.", "Paris."]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentences_of_the_corpora_joined_into_paragraphs_are_found_again(language: str, tmp_path: Path) -> None:
    lines = (CORPORA / f"{language}.train.txt").read_text(encoding="utf-8").splitlines()
    paragraphs = ["\n".join(lines[start : start + 10]) for start in range(0, len(lines), 10)]
    path = text_file(tmp_path, "\n\n".join(paragraphs))
    assert found(path.read_text(encoding="utf-8")) == lines
    wide = [paragraph.replace("\n", " ") for paragraph in paragraphs]
    assert found("\n\n".join(wide), language=language) == lines


TEXT = st.text(alphabet="aéB. \n\t?!…»«\"'”)(-1I。|\u00a0M", max_size=60)
WORDS = st.lists(
    st.sampled_from(["M.", "J.", "Oui", "non", "«", "»", "!", "Non.", "e.g.", "U.S.", "The", "12.", "—", "1.", "2.)", "1.)", "2.", "1)", "2)", "•", "a.", "b.", ".", "[...]", "(!)", "I.", "At", "5", "a.m.", '"', '."', "…", "\n", "\n\n"]),
    max_size=20,
).map(" ".join)  # fmt: skip


@given(TEXT | WORDS)
def test_no_character_is_lost_but_white_space(text: str) -> None:
    assert "".join("".join(found(text)).split()) == "".join(text.split())


@given(TEXT | WORDS)
def test_splitting_again_changes_nothing(text: str) -> None:
    once = found(text)
    assert all(sentence == sentence.strip() != "" for sentence in once)
    assert found("\n\n".join(once)) == once
    assert found("\n".join(once), sentences="line") == once


@given(TEXT | WORDS, st.integers(1, 30))
def test_sentences_do_not_depend_on_the_size_of_blocks(text: str, block_bytes: int) -> None:
    assert located(text.encode(), reading=lmkit.Reading(block_bytes=block_bytes)) == located(text.encode())


@given(TEXT | WORDS, st.integers(1, 30), st.integers(1, 12))
def test_a_long_paragraph_is_cut_at_line_ends_wherever_blocks_end(text: str, block_bytes: int, longest: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "LONGEST_PARAGRAPH", longest)
        cut = located(text.encode(), reading=lmkit.Reading(block_bytes=block_bytes))
        assert cut == located(text.encode())
    assert "".join("".join(sentence for _, sentence in cut).split()) == "".join(text.split())


def test_a_paragraph_longer_than_some_megabytes_is_cut_at_a_line_end() -> None:
    line = "a" * 99 + "\n"  # 100 bytes; 4 MiB hold 41,943 of them
    assert [len(sentence) for sentence in found(line * 50_000)] == [41_943 * 100 - 1, 8_057 * 100 - 1]


def test_a_sentence_has_the_number_of_the_line_that_it_begins_on() -> None:
    text = b"\xef\xbb\xbf\n\n  One\n goes on. Two.\nThree. Four\r\n  ends.\n \t\nFive\n\n\n\nSix. Seven"
    expected = [
        (3, "One goes on."),
        (4, "Two."),
        (5, "Three."),
        (5, "Four ends."),
        (8, "Five"),
        (12, "Six."),
        (12, "Seven"),
    ]
    for block_bytes in (1, 7, 1000):
        assert located(text, reading=lmkit.Reading(block_bytes=block_bytes)) == expected


def test_blank_lines_end_paragraphs_and_are_no_sentences() -> None:
    assert found("A title\n\nmore\n \nand", blank_lines="sentence") == ["A title", "more", "and"]
    assert found("\n \n\n") == []
    assert found("") == []


def test_a_document_is_one_sentence(tmp_path: Path) -> None:
    first = text_file(tmp_path, "\n One.\n\n  Two. \r\nThree", "a.txt")
    files = [str(path) for path in (first, text_file(tmp_path, "\n\n", "b.txt"), first)]
    for block_bytes in (1, 1000):
        blocks = list(
            read_sentences(
                files, lmkit.TextSettings(sentences="document"), reading=lmkit.Reading(block_bytes=block_bytes)
            )
        )
        assert [block.data for block in blocks] == [b"One. Two. Three\n"] * 2
        assert [block.lines(1).tolist() for block in blocks] == [[2], [2]]
        assert [block.text for block in blocks] == [first.read_bytes() + b"\n"] * 2


def test_a_document_is_refused_that_the_memory_does_not_hold() -> None:
    text = io.BytesIO(b"12345\n" * (BLOCK_BYTES // 6 + 1))
    with pytest.raises(lmkit.DataError) as caught:
        list(read_sentences(text, lmkit.TextSettings(sentences="document"), lmkit.Reading(memory=1)))
    assert str(caught.value) == (
        f"<stream>: as one sentence, the text is longer than {BLOCK_BYTES:,} bytes.\n"
        "Split the file, or read it with --sentences line or split."
    )


NOVEL = "M. Koffi est venu. Il a\nvu Mme Ayélé. « Oui ! »\n\ndit-elle. Puis rien.\n"


def test_splitting_first_gives_the_counts_of_splitting_while_counting(tmp_path: Path) -> None:
    text_file(tmp_path, NOVEL * 3, "in.txt")
    result = run_line(
        "lmkit sentences in.txt -q | lmkit tokenize -q --tokenizer words | lmkit ngram train -q -n 3 -o a.safetensors && "
        "lmkit ngram train -q -n 3 --sentences split --tokenizer words in.txt -o b.safetensors",
        tmp_path,
    )
    assert result.returncode == 0, result.stderr.decode()
    one, other = (lmkit.load_counts(tmp_path / name) for name in ("a.safetensors", "b.safetensors"))
    assert same_counts(one, other)
    assert other.settings == lmkit.TextSettings(sentences="split", tokenizer="words")
    assert other.sentences == 15  # five sentences, three times


def test_models_remember_how_sentences_are_found_and_texts_may_be_read_otherwise(tmp_path: Path) -> None:
    path = text_file(tmp_path, NOVEL)
    settings = lmkit.TextSettings(sentences="split", language="fr")
    lmkit.save(lmkit.laplace(lmkit.count_ngrams(path, 2, settings=settings)), tmp_path / "model.safetensors")
    model = lmkit.load_model(tmp_path / "model.safetensors")
    figures = lmkit.perplexity(model, path)
    assert figures.sentences == 5
    assert "|sentences:split|language:fr|unit:word|" in figures.signature
    by_line = lmkit.perplexity(model, path, settings=settings.for_use_with(sentences="line"))
    assert by_line.sentences == 3
    assert "|sentences:line|unit:word|" in by_line.signature
    assert (by_line.words, by_line.characters, by_line.bytes) == (figures.words, figures.characters, figures.bytes)
    assert figures.bytes == len(NOVEL.encode())


def test_models_of_older_files_read_lines() -> None:
    assert lmkit.TextSettings.from_dict({"lowercase": True}).sentences == "line"


def test_commands_number_sentences_by_the_line_that_they_begin_on(lmkit_run: Run, tmp_path: Path) -> None:
    path, model = text_file(tmp_path, NOVEL), tmp_path / "model.safetensors"
    assert lmkit_run("ngram", "train", "-q", "-n", "2", "--sentences", "split", path, "-o", model).code == 0
    rows = [line.split("\t") for line in lmkit_run("perplexity", model, path, "--by", "sentence").out.splitlines()]
    assert [row[0] for row in rows] == ["line", "1", "1", "2", "4", "4"]
    tokens = [
        json.loads(line) for line in lmkit_run("perplexity", model, path, "--by", "token", "--json").out.splitlines()
    ]
    assert [row["line"] for row in tokens if row["token"] == END] == [1, 1, 2, 4, 4]
    bad = text_file(tmp_path, "Oui.\nNon. Si\n<s> d\n", "bad.txt")
    assert lmkit_run("perplexity", model, bad).err.startswith(
        f"lmkit: {bad}:2: the text contains the reserved word <s>."
    )


def test_the_command_prints_one_sentence_a_line(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, NOVEL)
    split = "M. Koffi est venu.\nIl a vu Mme Ayélé.\n« Oui ! »\ndit-elle.\nPuis rien.\n"
    assert lmkit_run("sentences", path).out == split
    shouted = text_file(tmp_path, "Chez MME. Ayélé.", "shouted.txt")
    assert lmkit_run("sentences", "--language", "fr", shouted).out == "Chez MME. Ayélé.\n"
    assert lmkit_run("sentences", "--language", "en", shouted).out == "Chez MME.\nAyélé.\n"
    assert lmkit_run("sentences", "--sentences", "document", path).out == " ".join(NOVEL.split()) + "\n"
    assert lmkit_run("sentences", "--sentences", "line", path).out == NOVEL
    assert lmkit_run("tokenize", "--sentences", "split", path).out == split


def test_a_language_without_splitting_is_refused(lmkit_run: Run, tmp_path: Path) -> None:
    result = lmkit_run("count", "--language", "fr", text_file(tmp_path, "a"))
    assert (result.code, result.err) == (
        2,
        (
            "lmkit: --language fr does nothing without --sentences split, and --sentences is line.\n"
            "Add --sentences split, or leave --language out.\n"
        ),
    )


def test_models_that_find_other_sentences_are_compared_only_if_told_how(lmkit_run: Run, tmp_path: Path) -> None:
    path = text_file(tmp_path, NOVEL)
    models = []
    for how in ("line", "split"):
        models.append(tmp_path / f"{how}.safetensors")
        lmkit.save(lmkit.laplace(lmkit.count_ngrams(path, 2, settings=lmkit.TextSettings(sentences=how))), models[-1])
    result = lmkit_run("compare", "-q", *models, path)
    assert (result.code, result.err) == (
        1,
        (
            "lmkit: sentences are not the same for both models: line in a and split in b.\n"
            "Give --sentences (and --language) for both.\n"
        ),
    )
    assert lmkit_run("compare", "-q", "--sentences", "split", *models, path).code == 0


def test_bytes_of_sentences_add_up_to_those_of_the_text(tmp_path: Path) -> None:
    path = text_file(tmp_path, NOVEL * 2)
    one, other = (lmkit.laplace(lmkit.count_ngrams(path, order, settings=SPLIT)) for order in (1, 2))
    comparison = lmkit.compare(one, other, path)
    assert comparison.comparable
    assert comparison.a.bytes == comparison.b.bytes == len(NOVEL.encode()) * 2
    assert comparison.bootstrap is not None
    assert comparison.bootstrap.sentences == 10


def test_long_runs_take_time_that_grows_with_them_only() -> None:
    for text in (
        "." * 300_000,
        ". " * 100_000,
        "a" + " " * 300_000 + "b",
        '. "' * 100_000,
        "." + " " * 300_000,
        "[1" * 100_000,
    ):
        assert "".join(split_sentences(text)).replace(" ", "") == text.replace(" ", "")


def test_characters_of_split_sentences_do_not_depend_on_the_size_of_blocks() -> None:
    settings = lmkit.TextSettings(sentences="split", unit="character")
    one, other = (
        lmkit.count_ngrams(io.BytesIO(NOVEL.encode()), 2, settings=settings, reading=lmkit.Reading(block_bytes=size))
        for size in (1, 64)
    )
    assert same_counts(one, other)
    assert one["a ␣"] == 1  # Il a / vu: the end of the line is a space


def test_no_sentence_goes_on_in_the_next_record(tmp_path: Path) -> None:
    records = text_file(tmp_path, json_lines(["Il est", "beau. Zut", "alors\n\nou non. Bon"]), "records.jsonl")
    settings = lmkit.TextSettings(sentences="split", language="fr")
    lines = [(1, "Il est"), (2, "beau."), (2, "Zut"), (3, "alors"), (3, "ou non."), (3, "Bon")]
    (block,) = read_sentences(records, settings)
    found = block.data.decode().split("\n")[:-1]
    assert list(zip(block.lines(len(found)).tolist(), found, strict=True)) == lines
    (of_records,) = read_records(records, settings)
    assert (of_records.data, of_records.line_records.tolist()) == (block.data, [0, 1, 1, 2, 2, 2])
