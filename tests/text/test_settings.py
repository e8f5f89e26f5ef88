"""Settings: what is told about each of them in one place holds everywhere, of every one there is."""

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import lmkit
from lmkit.cli.options.reading.of_settings import in_order_of_help
from lmkit.errors import DataError, UsageError
from lmkit.text.setting_fields import Role, Setting, shown
from lmkit.text.settings import SETTINGS, names_of
from lmkit.text.tokens.registry import TOKENIZERS, tokenizer_of
from tests.conftest import ROOT, Result, text_file

Run = Callable[..., Result]
TEXT = b"a b\nb a\na c\n"
WORDS = [each for each in SETTINGS.values() if each.role is Role.WORDS]
OTHERS = [each for each in SETTINGS.values() if each.role is not Role.WORDS]
ALL = list(SETTINGS.values())


def of_each(settings: list[Setting]) -> pytest.MarkDecorator:
    """The test for each of these settings."""
    return pytest.mark.parametrize("setting", settings, ids=lambda setting: setting.name)


def other_value(setting: Setting) -> Any:
    """A value of a setting that is not the default."""
    return "b" if setting.is_free else next(value for value in setting.values if value != setting.default)


def with_other(setting: Setting) -> lmkit.TextSettings:
    """Settings that differ from those `without_other` in this one."""
    return replace(without_other(setting), **{setting.name: other_value(setting)})


def without_other(setting: Setting) -> lmkit.TextSettings:
    """The default settings, but for one that this one needs to do anything."""
    needed: dict[str, Any] = {} if setting.only_with is None else dict([setting.only_with])
    return lmkit.TextSettings(**needed)


def counts_of(settings: lmkit.TextSettings) -> lmkit.NgramCounts:
    """Counts of a small text."""
    return lmkit.count_ngrams(io.BytesIO(TEXT), 2, settings=settings)


def model_of(settings: lmkit.TextSettings) -> lmkit.NgramModel:
    """A model of a small text."""
    return lmkit.witten_bell(counts_of(settings))


def values_of(setting: Setting) -> tuple[str, str]:
    """The default of a setting and the other value, as they are told."""
    return shown(setting.default), shown(other_value(setting))


@of_each(WORDS)
def test_models_of_other_words_are_not_mixed(setting: Setting, lmkit_run: Run, tmp_path: Path) -> None:
    plain, other = values_of(setting)
    told = f"models 1 and 2 are about different words: {setting.name} {plain} and {other}.\nTrain both with the same options."
    for name, settings in (("a", without_other(setting)), ("b", with_other(setting))):
        lmkit.save(model_of(settings), tmp_path / name)
    with pytest.raises(DataError) as refused:
        lmkit.mixture([lmkit.load_model(tmp_path / name) for name in "ab"])
    assert str(refused.value) == told
    text = text_file(tmp_path, TEXT)
    for line in (
        ("ngram", "mix", tmp_path / "a", tmp_path / "b", "-o", tmp_path / "m"),
        ("perplexity", tmp_path / "a", text, "--mix", tmp_path / "b"),
    ):
        result = lmkit_run(*line)
        assert (result.code, result.out, result.err) == (1, "", f"lmkit: {told}\n")
    assert not (tmp_path / "m").exists()


@of_each(WORDS)
def test_vocabularies_of_other_words_are_told_to_be_so(setting: Setting) -> None:
    plain, other = values_of(setting)
    a, b = (lmkit.words_of_model(counts_of(settings)) for settings in (without_other(setting), with_other(setting)))
    found = lmkit.compare_vocabularies(a, b)
    assert found.differences == (f"{setting.name}: {plain} in A, {other} in B",)


@of_each([each for each in ALL if each.role is not Role.READING])
def test_perplexities_of_models_that_read_otherwise_are_not_compared(setting: Setting) -> None:
    plain, other = values_of(setting)
    told = f"{setting.name} is {plain} in a and {other} in b"
    a, b = model_of(without_other(setting)), model_of(with_other(setting))
    if (
        setting.role is Role.WORDS and setting.name != "sentence_marks"
    ):  # without, there are fewer events: nothing compares
        assert told in lmkit.compare(a, b, io.BytesIO(TEXT)).reasons
    with pytest.raises(DataError) as refused:
        lmkit.compare(a, b, io.BytesIO(TEXT), strict=True)
    assert told in str(refused.value)


@of_each(WORDS)
def test_a_command_cannot_ask_for_other_words_than_a_model_s(setting: Setting) -> None:
    plain, other = values_of(setting)
    with pytest.raises(UsageError) as refused:
        without_other(setting).for_use_with(**{setting.name: other_value(setting)})
    assert (
        str(refused.value).splitlines()[0]
        == f"{setting.option} is {other} here, but the model was made with {setting.option} {plain}."
    )
    assert without_other(setting).changed(**{setting.name: other_value(setting)}) == with_other(setting)  # --force


@of_each(OTHERS)
def test_texts_may_be_read_and_split_otherwise_than_that_of_a_model(setting: Setting) -> None:
    assert without_other(setting).for_use_with(**{setting.name: other_value(setting)}) == with_other(setting)
    mixed = lmkit.mixture([model_of(without_other(setting)), model_of(with_other(setting))])
    assert mixed.settings == without_other(setting)


@of_each(ALL)
def test_counts_that_were_read_otherwise_are_not_added(setting: Setting) -> None:
    plain, other = values_of(setting)
    with pytest.raises(DataError) as refused:
        lmkit.merge_counts([counts_of(without_other(setting)), counts_of(with_other(setting))])
    assert str(refused.value).splitlines()[0] == (
        f"the texts were read in different ways: {setting.name} {plain} and {other}."
    )


def test_a_setting_that_does_nothing_makes_no_difference() -> None:
    """Where sentences are lines, nobody's abbreviations are asked for."""
    one, other = lmkit.TextSettings(language="fr"), lmkit.TextSettings(language="en")
    assert one.differences(other) == []
    assert one.for_signature() == lmkit.TextSettings().for_signature()
    assert lmkit.merge_counts([counts_of(one), counts_of(other)]).settings == one


@of_each(ALL)
def test_signatures_show_what_is_set(setting: Setting) -> None:
    plain, other = without_other(setting).for_signature(), with_other(setting).for_signature()
    assert other[setting.name] == other_value(setting)
    assert (setting.name in plain) is (setting.shown == "always")


@of_each(ALL)
def test_values_that_are_not_allowed_are_told_with_those_that_are(setting: Setting) -> None:
    wrong: Any
    for wrong in ("z\nz" if setting.is_free else "zzz", 1, ["zzz"]):
        with pytest.raises(UsageError) as refused:
            lmkit.TextSettings(**{setting.name: wrong})
        allowed = "true or false" if setting.type is bool else f"one of: {', '.join(setting.values)}"
        allowed = "a text without control characters" if setting.is_free else allowed
        assert str(refused.value).splitlines()[0] == f"{setting.name} is {wrong!r}; it must be {allowed}."


@of_each(ALL)
def test_every_command_that_reads_text_has_an_option_for_each_setting(setting: Setting, lmkit_run: Run) -> None:
    listed = lmkit_run("count", "--help").out
    names = [each.option for each in in_order_of_help(SETTINGS.values())]
    places = [re.search(rf"^ .*--(?:\[no-\])?{name}\b", listed, re.MULTILINE).start() for name in names]  # type: ignore[union-attr]
    assert places == sorted(places)
    words = " ".join(listed[places[names.index(setting.option)] :].replace("│", " ").split())
    for word in setting.help.split("{default}")[0].split():
        assert word in words


def test_settings_of_files_that_a_newer_lmkit_wrote_are_refused_by_name() -> None:
    with pytest.raises(UsageError, match=r"^this lmkit knows no setting stemming"):
        lmkit.TextSettings.from_dict({"stemming": True})


# Names of tokenizers.


@pytest.fixture(scope="module")
def tokenizer_json() -> str:
    """The file of a subword tokenizer."""
    pytest.importorskip("tokenizers", reason="pip install 'lmkit[subwords]'")
    return lmkit.train_tokenizer(io.BytesIO(TEXT * 10), vocabulary_size=258).json


@pytest.mark.parametrize("unit", ["character", "byte"])
def test_a_unit_is_the_name_of_a_tokenizer(unit: str) -> None:
    assert lmkit.TextSettings.named(tokenizer=unit) == lmkit.TextSettings.named(unit=unit)
    assert lmkit.TextSettings.named(tokenizer=unit).unit == unit


@pytest.mark.parametrize("name", TOKENIZERS)
def test_the_name_of_a_word_tokenizer_is_a_setting(name: str) -> None:
    assert lmkit.TextSettings.named(tokenizer=name) == lmkit.TextSettings(tokenizer=name)
    assert lmkit.TextSettings(unit="byte").changed(tokenizer=name) == lmkit.TextSettings(tokenizer=name)


def test_a_file_is_the_name_of_a_tokenizer(
    tmp_path: Path, tokenizer_json: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = text_file(tmp_path, tokenizer_json, "tok.json")
    expected = lmkit.read_tokenizer(path).settings(lowercase=True)
    assert lmkit.TextSettings.named(tokenizer=str(path), lowercase=True) == expected
    assert lmkit.TextSettings.named(tokenizer="tok.json", folder=tmp_path, lowercase=True) == expected
    monkeypatch.chdir(tmp_path)
    assert lmkit.TextSettings.named(tokenizer="tok.json", lowercase=True) == expected
    assert expected.for_use_with(tokenizer="tok.json") == expected
    assert expected.for_use_with(tokenizer=expected.tokenizer) == expected  # the name in signatures
    with pytest.raises(DataError, match=r"^cannot read none.json: "):
        lmkit.TextSettings.named(tokenizer="none.json")


@pytest.mark.parametrize("name", ["character", "byte", "tok.json"])
def test_settings_that_are_plain_values_say_where_names_are_taken(name: str) -> None:
    with pytest.raises(UsageError) as refused:
        lmkit.TextSettings(tokenizer=name)
    assert str(refused.value) == (
        f"tokenizer is {name!r}; it must be one of: {', '.join(TOKENIZERS)}.\n"
        "TextSettings.named(tokenizer=...) also takes character, byte, and the .json or .model file of a tokenizer."
    )


@pytest.mark.parametrize(("tokenizer", "unit"), [("byte", "character"), ("words", "byte"), ("character", "word")])
def test_a_tokenizer_and_another_unit_contradict_each_other(tokenizer: str, unit: str) -> None:
    with pytest.raises(UsageError) as refused:
        lmkit.TextSettings.named(tokenizer=tokenizer, unit=unit)
    assert str(refused.value) == (
        f"tokenizer {tokenizer} and unit {unit} contradict each other.\nLeave one of them out."
    )


def test_units_take_the_place_of_subwords_where_they_are_asked_for(tokenizer_json: str, tmp_path: Path) -> None:
    path = text_file(tmp_path, tokenizer_json, "tok.json")
    subwords = lmkit.TextSettings.named(tokenizer=str(path))
    for wanted in ({"unit": "byte"}, {"tokenizer": "byte"}):
        assert subwords.changed(**wanted) == lmkit.TextSettings(unit="byte")
    assert lmkit.TextSettings(unit="byte").changed(tokenizer=str(path)) == subwords


def test_models_of_subwords_and_of_words_are_compared_by_bytes(tokenizer_json: str, tmp_path: Path) -> None:
    path = text_file(tmp_path, tokenizer_json, "tok.json")
    subwords, words = model_of(lmkit.TextSettings.named(tokenizer=str(path))), model_of(lmkit.TextSettings())
    name = lmkit.read_tokenizer(path).name
    for a, b, one, other in ((subwords, words, name, "whitespace"), (words, subwords, "whitespace", name)):
        found = lmkit.compare(a, b, io.BytesIO(TEXT))
        assert f"tokenizer is {one} in a and {other} in b" in found.reasons
        assert found.over == "bytes"


def test_the_signature_of_a_check_has_the_name_of_a_tokenizer_and_not_its_file(
    tokenizer_json: str, tmp_path: Path
) -> None:
    settings = lmkit.TextSettings.named(tokenizer=str(text_file(tmp_path, tokenizer_json, "tok.json")))
    found = lmkit.check_model(model_of(settings)).signature
    assert f"|tokenizer:{settings.tokenizer}|" in found
    assert "tokenizer-json" not in found
    assert "tokenizer_json" not in found


def test_tokenizers_of_suites_are_named_as_on_the_command_line(
    tmp_path: Path, tokenizer_json: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Models of other tools do not say how their words were made; the file of a tokenizer stands beside the suite."""
    text_file(tmp_path, TEXT)
    text_file(tmp_path, tokenizer_json, "tok.json")
    for name, settings in (
        ("letters", lmkit.TextSettings(unit="character")),
        ("subwords", lmkit.read_tokenizer(tmp_path / "tok.json").settings()),
        ("words", lmkit.TextSettings(tokenizer="words")),
    ):
        lmkit.save(model_of(settings), tmp_path / f"{name}.arpa")
        lines = (tmp_path / f"{name}.arpa").read_text().splitlines(keepends=True)
        text_file(tmp_path, "".join(line for line in lines if not line.startswith("#")), f"{name}.arpa")
    suite = text_file(
        tmp_path,
        """[models]
letters = { path = "letters.arpa", tokenizer = "character" }
subwords = { path = "subwords.arpa", tokenizer = "tok.json" }
words = { path = "words.arpa", tokenizer = "words" }
[texts]
text = "text.txt"
""",
        "suite.toml",
    )
    monkeypatch.chdir(ROOT)
    found = {pair.pair.model.name: pair for pair in lmkit.evaluate(suite).pairs}
    assert [pair.error for pair in found.values()] == ["", "", ""]
    for name, pair in found.items():
        expected = lmkit.perplexity(
            lmkit.load_model(tmp_path / f"{name}.arpa"),
            tmp_path / "text.txt",
            settings=lmkit.TextSettings.named(
                tokenizer={"letters": "character", "subwords": "tok.json"}.get(name, name), folder=tmp_path
            ),
        )
        assert pair.figures == expected


def test_wrong_tokenizers_of_suites_are_told_with_their_lines(tmp_path: Path) -> None:
    lmkit.save(model_of(lmkit.TextSettings()), tmp_path / "m")
    text_file(tmp_path, TEXT)
    text_file(tmp_path, "{}", "bad.json")
    suite = text_file(
        tmp_path,
        """[models]
a = { path = "m", tokenizer = "word" }
b = { path = "m", tokenizer = "none.json" }
c = { path = "m", tokenizer = "bad.json" }
d = { path = "m", unit = "byte", tokenizer = "character" }
e = { path = "m", tokenizer = 3 }
[texts]
text = "text.txt"
""",
        "suite.toml",
    )
    names = f"{', '.join(TOKENIZERS)}, character, byte, or a .json or .model file"
    with pytest.raises(DataError) as refused:
        lmkit.read_suite(suite)
    assert str(refused.value).splitlines()[1:] == [
        f"{suite}:2: tokenizer is 'word'; it must be one of: {names} (did you mean words?).",
        f"{suite}:3: cannot read {tmp_path}/none.json: No such file or directory. Check the name of the file and its permissions.",
        f"{suite}:4: {tmp_path}/bad.json is not the JSON file of a tokenizer. Such files are written by `lmkit tokenizer train`, and by the tokenizers library.",
        f"{suite}:5: tokenizer character and unit byte contradict each other. Leave one of them out.",
        f"{suite}:6: tokenizer is 3; it must be one of: {names}.",
    ]


@of_each(ALL)
def test_suites_know_each_setting_where_it_belongs(setting: Setting, tmp_path: Path) -> None:
    """What words are belongs to a model; how a text is split and read, to the text."""
    lmkit.save(model_of(lmkit.TextSettings()), tmp_path / "m")
    text_file(tmp_path, TEXT)
    key = f"{setting.name} = {json.dumps(other_value(setting))}"
    places = {"[models]\nm = { path = 'm'%s }\n": "models.m", "[texts]\nt = { path = 'text.txt'%s }\n": "texts.t"}
    for place, title in places.items():
        lines = "".join(each % (f", {key}" if each == place else "") for each in places)
        suite = text_file(tmp_path, lines, "suite.toml")
        if (title == "models.m") is (setting.role is Role.WORDS):
            (pair,) = lmkit.read_suite(suite).pairs
            assert (pair.model.settings | pair.text.settings)[setting.name] == other_value(setting)
        else:
            with pytest.raises(DataError, match=f"unknown key '{setting.name}' in {title}"):
                lmkit.read_suite(suite)


@pytest.mark.parametrize("name", TOKENIZERS)
def test_every_tokenizer_of_the_registry_keeps_plain_words_apart(name: str) -> None:
    assert [line.split() for line in tokenizer_of(name)(["one two", "three"]).to_pylist()] == [
        ["one", "two"],
        ["three"],
    ]


# The documentation.


def test_the_page_on_tokenization_lists_the_tokenizers_as_the_registry_has_them() -> None:
    page = (ROOT / "docs" / "topics" / "tokenization.md").read_text(encoding="utf-8")
    default = SETTINGS["tokenizer"].default
    for makes in {row.makes for row in TOKENIZERS.values()}:
        names = [
            f"`{name}` (default)" if name == default else f"`{name}`"
            for name, row in TOKENIZERS.items()
            if row.makes == makes
        ]
        assert f"| {', '.join(names)} | {makes} |\n" in page


@of_each(ALL)
def test_every_setting_is_documented(setting: Setting) -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").rglob("*.md")))
    assert f"--{setting.option}" in pages
    if setting.role is not Role.WORDS:
        assert f"`{setting.name}`" in (ROOT / "docs" / "topics" / "suites.md").read_text(encoding="utf-8")


def test_defaults_that_help_tells_are_the_defaults() -> None:
    for setting in SETTINGS.values():
        _, told, after = setting.help.partition("[default: ")
        assert not told or after.startswith((f"{setting.default}]", f"{setting.default}:"))


def test_names_of_settings_are_found_by_what_they_decide() -> None:
    assert names_of(*Role) == tuple(SETTINGS)
    assert names_of(Role.SENTENCES) == ("sentences", "language")
    assert names_of(Role.READING) == ("reserved", "blank_lines", "unknown_word")
