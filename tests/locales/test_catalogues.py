"""Everything that people are told has a translation, which is found again in what was made of it."""

import re
from gettext import GNUTranslations

import pytest

from lmkit import locales
from lmkit.locales.catalogues import NO_BREAK, Catalogue, catalogue_of
from lmkit.locales.compiled import compiled, read
from lmkit.locales.templates import GAP, NUMBER, Template
from translations import po
from translations.extraction import shape, templates
from translations.updating import LANGUAGES, brought_up, catalogue, in_bytes

HEAD, *FRENCH = po.read(catalogue("fr").read_text(encoding="utf-8"))
SAID = {entry.text: entry.translation for entry in FRENCH if entry.is_used}


def sample(template: str) -> dict[str, str]:
    """What might fill the gaps of a template; the same in all languages."""
    return {
        name: f"{place + 2}" if name == NUMBER else f"<{place}.txt>" for place, name in enumerate(GAP.findall(template))
    }


def filled(text: str, values: dict[str, str]) -> str:
    return GAP.sub(lambda gap: values[gap[1]], text)


def test_the_texts_of_the_source_are_those_that_the_catalogue_translates() -> None:
    """`nox -s translations` brings the catalogue up to the source; then what it lists is to be translated."""
    said = {shape(text) for text, translation in SAID.items() if translation}
    written = {shape(text): text for text in templates()}
    assert [text for form, text in written.items() if form not in said] == []
    assert [text for text in SAID if shape(text) not in written] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_its_text(language: str) -> None:
    assert catalogue(language).with_suffix(".mo").read_bytes() == in_bytes(language)


def test_gettext_reads_the_compiled_catalogue() -> None:
    with catalogue("fr").with_suffix(".mo").open("rb") as stream:
        french = GNUTranslations(stream)
    assert french.info()["language"] == "fr"
    for text, translation in SAID.items():
        assert french.gettext(text) == translation


def test_translations_have_the_gaps_of_their_texts() -> None:
    assert {text for text, said in SAID.items() if sorted(GAP.findall(text)) != sorted(GAP.findall(said))} == set()


def test_translations_begin_and_end_with_blanks_where_their_texts_do() -> None:
    """They are put together with others."""
    wrong = [
        text
        for text, said in SAID.items()
        if (text[0] == " " != said[0] or text[-1] == " " != said[-1]) and not said.startswith(NO_BREAK)
    ]
    assert wrong == []


def test_each_template_is_found_in_what_it_makes() -> None:
    """Also where another one could have made it: of two, the one with more letters is meant."""
    french = catalogue_of("fr")
    wrong = {}
    for text, said in SAID.items():
        values = sample(text)
        if (found := french.translated(filled(text, values))) != filled(said, values):
            wrong[text] = found
    assert wrong == {}


def test_a_blank_before_a_sign_does_not_break() -> None:
    """As French is printed: before ; ? ! » and after «, and before : where it stands for itself."""
    breaking = re.compile(r"[^\s] [;?!»](?=\s|$)|« | :(?=\s|$)")
    allowed = {text for text in SAID if re.search(r" [:;?!](\s|$)", text)}
    assert [said for text, said in SAID.items() if text not in allowed and text != said and breaking.search(said)] == []


def test_translations_have_no_letters_that_old_consoles_lack() -> None:
    """All is in Latin-1, but for what the English has, too, and œ, which is said as oe there."""
    odd = {
        said: sorted(letters)
        for text, said in SAID.items()
        if (letters := {letter for letter in said if ord(letter) > 0xFF} - set(text) - {"œ"})
    }
    assert odd == {}


def test_what_fills_a_gap_is_translated_where_it_is_a_phrase_and_left_alone_where_it_is_a_name() -> None:
    french = Catalogue(
        {
            "{name} holds {kind}.": "{name} contient {kind}.",
            "a model": "un modèle",
            "counts": "comptes",
            "{so_many} words": "{so_many} mots",
            " and ": " et ",
        }
    )
    assert french.translated("counts holds a model.") == "counts contient un modèle."
    assert french.translated("x holds 1,200 words.") == f"x contient 1{NO_BREAK}200 mots."
    assert french.translated("x holds a model, a model and 3 words.") == "x contient un modèle, un modèle et 3 mots."
    assert french.translated("x holds a model. Y holds it.") == "x contient un modèle. Y contient it."


def test_words_of_a_text_and_names_of_files_are_never_translated() -> None:
    french = catalogue_of("fr")
    for data in ("a model", "the words and counts of a model", "counts, a model and weights", "derivative of number 2"):
        told = french.translated(f"lmkit: not in the vocabulary, read as <unk>: {data}")
        assert told == f"lmkit{NO_BREAK}: absents du vocabulaire, lus comme <unk>{NO_BREAK}: {data}"
        told = french.translated(f"lmkit: {data}: this is not a model: no \\data\\ line of an ARPA file was found.")
        assert told.startswith(f"lmkit{NO_BREAK}: {data}{NO_BREAK}: ce n'est pas un modèle")
        told = french.translated(f"lmkit: cannot read {data}: No such file or directory.")
        assert told == f"lmkit{NO_BREAK}: impossible de lire {data}{NO_BREAK}: Aucun fichier ou dossier de ce nom."


def test_a_text_of_the_user_is_said_as_it_is() -> None:
    locales.speak("fr")
    try:
        assert (locales.said("word"), locales.said(locales.AsGiven("word"))) == ("mot", "word")
    finally:
        locales.speak("en")


def test_what_ends_a_list_that_is_cut_is_translated_and_what_is_in_it_is_not() -> None:
    french = Catalogue({"{texts}: bad": "{texts}: mauvais", " and {off} more": " et {off} de plus", " and ": " et "})
    assert french.translated("a and b and 3 more: bad") == "a and b et 3 de plus: mauvais"


def test_a_list_of_names_has_separators_of_the_language() -> None:
    french = Catalogue({"Take {these}.": "Prenez {these}.", " or ": " ou ", ", ": ", "})
    assert french.translated("Take --a, --b or `lmkit a b`.") == "Prenez --a, --b ou `lmkit a b`."
    assert french.translated("Take this way or that.") == "Prenez this way or that."


def test_a_sentence_is_found_as_a_part_of_another_and_the_reverse() -> None:
    french = Catalogue(
        {"With {x}: {help}": "Avec {x}: {help}", "Units of tanh.": "Unités de tanh.", "{n} failed": "{n} ratés"}
    )
    assert french.translated("With m: units of tanh") == "Avec m: unités de tanh"
    assert french.translated("2 failed.") == "2 ratés."


def test_behind_the_name_of_a_file_the_template_that_says_more_is_meant() -> None:
    french = Catalogue(
        {"{a} {b} is no {c}.": "{a} {b} n'est pas {c}.", "there is no field {field}": "pas de champ {field}"}
    )
    assert french.translated("x.csv: there is no field y.") == "x.csv: pas de champ y."


def test_of_two_templates_the_one_with_more_letters_is_meant() -> None:
    french = Catalogue({"{a} is {b}": "A {a} B {b}", "{a} is none of {b}": "C {a} D {b}"})
    assert french.translated("x is none of y") == "C x D y"


def test_a_template_within_brackets_is_not_taken_for_the_whole() -> None:
    french = Catalogue(
        {"{a} is bad ({why}).": "{a} ne va pas ({why}).", "{n} bytes, as counted, are there": "{n} octets y sont"}
    )
    assert french.translated("x is bad (9 bytes, as counted, are there).") == "x ne va pas (9 octets y sont)."
    assert french.translated("a(.txt is bad (so).") == "a(.txt ne va pas (so)."


def test_what_nobody_has_translated_stays_english() -> None:
    assert catalogue_of("fr").translated("colorless green ideas sleep furiously") == (
        "colorless green ideas sleep furiously"
    )


def test_a_value_with_letters_of_patterns_is_taken_as_it_is() -> None:
    found = Template("no file is {name}.", "aucun fichier n'est {name}.").values_in("no file is (a|b)*.txt.")
    assert found == {"name": "(a|b)*.txt"}


def test_a_catalogue_is_read_as_it_was_compiled() -> None:
    said = {"a": "b", "two\nlines": "deux\nlignes", "é": "e"}
    assert read(compiled(said, "Content-Type: text/plain; charset=UTF-8\n")) == said


def test_po_files_are_read_as_they_were_written() -> None:
    entries = [po.Entry("", "Language: fr\n"), po.Entry('a "b"\nc', "d\n", ["x.py", "y.py"])]
    assert list(po.read(po.written(entries, {"old": "vieux"}))) == [
        *entries,
        po.Entry("old", "vieux", [], is_used=False),
    ]


def test_translations_outlive_other_names_of_gaps_and_texts_that_go() -> None:
    known = {"{a} is {b}": "{b} est {a}", "gone": "parti"}
    entries, unused = brought_up(known, {"{path} is {kind}": ["x.py"], "new": ["y.py"]})
    assert entries == [po.Entry("{path} is {kind}", "{kind} est {path}", ["x.py"]), po.Entry("new", "", ["y.py"])]
    assert unused == {"gone": "parti"}
