"""The French analogy questions that lmkit comes with."""

import os
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

import lmkit
from tests.conftest import CORPORA

FILE = CORPORA / "fr.analogies.txt"
SECTIONS = ["gender", "number", "feminine-adjectives", "verb-forms", "countries", "family"]
SEEN = 20  # times, at least


def sections_of(text: str) -> dict[str, list[list[str]]]:
    """The questions of each section, as lists of words."""
    found: dict[str, list[list[str]]] = {}
    for line in text.splitlines():
        if line.startswith(": "):
            questions = found.setdefault(line.removeprefix(": "), [])
        else:
            questions.append(line.split(" "))
    return found


@pytest.fixture(scope="module")
def text() -> str:
    return FILE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sections(text: str) -> dict[str, list[list[str]]]:
    return sections_of(text)


def test_there_are_six_sections_each_once(text: str, sections: dict[str, list[list[str]]]) -> None:
    assert list(sections) == SECTIONS
    assert text.count(":") == len(SECTIONS)


def test_questions_are_four_different_words_and_none_is_asked_twice(sections: dict[str, list[list[str]]]) -> None:
    questions = [tuple(question) for section in sections.values() for question in section]
    assert len(questions) >= 300
    assert all(len(question) == len(set(question)) == 4 and all(question) for question in questions)
    assert len(questions) == len(set(questions))
    assert all(len(section) >= 50 for section in sections.values())


def test_each_pair_is_given_as_often_as_it_is_asked_for(sections: dict[str, list[list[str]]]) -> None:
    """So that no section rests on a few pairs."""
    for questions in sections.values():
        given, asked = Counter((a, b) for a, b, _, _ in questions), Counter((c, d) for _, _, c, d in questions)
        assert given == asked
        assert len(given) >= 20
        assert max(given.values()) <= len(questions) / 10


def test_words_are_in_lower_case_and_nfc(text: str) -> None:
    assert text == unicodedata.normalize("NFC", text.lower())
    assert all(part.isalpha() for line in text.splitlines()[1:] for part in line.lstrip(": ").replace("-", " ").split())


def test_each_word_is_seen_often_enough_in_the_novels(sections: dict[str, list[list[str]]]) -> None:
    """LMKIT_TEXTS names a folder with texts that are not part of the project."""
    path = Path(os.environ.get("LMKIT_TEXTS", "texts")) / "french-novels.txt.xz"
    if not path.is_file():
        pytest.skip(reason="there is no french-novels.txt.xz in the folder LMKIT_TEXTS")
    counts = lmkit.count_ngrams(path, 1, settings=lmkit.TextSettings(tokenizer="words", lowercase=True))
    words = {word for questions in sections.values() for question in questions for word in question}
    assert {word: counts[word] for word in words if counts[word] < SEEN} == {}
