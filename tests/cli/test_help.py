"""Help: one screen with -h, all with --help, as wide as the terminal; nothing in it that people do not write."""

import re
from collections.abc import Iterator

import pytest

from lmkit.cli import command
from lmkit.cli.help.layout import SCREEN, as_example, shortened, words_of
from lmkit.cli.help.page import page
from lmkit.cli.nearest import everything
from tests.conftest import Run

WIDTHS = (50, 80, 120)
NOISE = re.compile(
    r"<(class|integer|float|str|list|bool|text)\b|default: (None|False|True|\[\])|x>=|\\b|Optional|Literal"
)


def pages(width: int) -> Iterator[tuple[str, bool, str]]:
    """The pages of all commands and groups, and that of all, short and full."""
    modules = {"": command.COMMANDS} | {name: command.found_by(name.split(" "))[1] for name, _ in everything()}
    for name, module in modules.items():
        for full in (False, True):
            yield name, full, page(name.split(" ") if name else [], module, width, full=full)


@pytest.mark.parametrize("width", WIDTHS)
def test_short_help_is_one_screen_and_no_line_is_wider_than_the_terminal(width: int) -> None:
    for name, full, text in pages(width):
        lines = text.splitlines()
        assert full or len(lines) <= SCREEN == 45, name
        wide = [line for line in lines if len(line) > width]
        assert [line for line in wide if len(words_of(line)) > 2] == [], (name, wide)  # one word may be longer


def test_help_says_no_types_and_no_defaults_that_are_none() -> None:
    for name, _, text in pages(80):
        assert NOISE.findall(text) == [], name


def test_every_option_is_explained_in_full_help_and_named_in_short_help() -> None:
    texts = {(name, full): text for name, full, text in pages(80)}
    for name, told in everything():
        for each in () if told.is_group else command.parameters_of(told):
            for full in (False, True):
                shown = each.long_name if each.long_name in each.metavar else re.sub(r"^--", "", each.long_name)
                assert each.is_argument or shown in texts[name, full].replace("--[no-]", "--"), (name, each.long_name)
            said = " ".join(each.told.how.get("help", "").split())
            assert said.removesuffix(".")[:30] in " ".join(texts[name, True].split()), (name, each.long_name)


def test_every_command_has_an_example_of_its_own() -> None:
    for name, told in everything():
        assert told.is_group or f"lmkit {name}" in told.help, name


def test_panels_come_in_the_same_order(lmkit_run: Run) -> None:
    shown = lmkit_run("ngram", "train", "--help").out
    assert re.findall(r"^(\w.*):$", shown, re.MULTILINE) == [
        "Arguments",
        "Options",
        "Reading text",
        "Vocabulary",
        "Resources",
    ]


def test_all_commands_are_listed_by_what_people_want_to_do_first_steps_first(lmkit_run: Run) -> None:
    shown = lmkit_run("-h").out
    assert shown == lmkit_run("--help").out
    headings = ("First steps", "Train", "Measure", "Filter", "Look", "Text")
    places = [shown.index(f"\n{heading}") for heading in headings]
    assert places == sorted(places)
    for name, told in everything():
        if " " not in name:
            assert told.topic in headings, name
            assert re.search(rf"^.{{9}}{name} +{re.escape(told.short)}$", shown, re.MULTILINE), name


def test_the_first_steps_work_as_they_stand(
    lmkit_run: Run, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("first"))
    lines = re.search(r"First steps:\n((?:  lmkit .*\n)+)", lmkit_run("-h").out)
    assert lines is not None
    steps = [line.split()[1:] for line in lines[1].splitlines()]
    assert len(steps) == 3
    for step in steps:
        assert lmkit_run(*step).code == 0, step


def test_short_help_cuts_nothing_where_there_is_place_for_it() -> None:
    for name, full, text in pages(80):
        cut = [line for line in text.splitlines() if line.endswith(" …")]
        assert full or not cut or len(text.splitlines()) + len(cut) > SCREEN or not name, name


def test_a_line_is_cut_behind_a_clause_that_ends_near_there() -> None:
    assert shortened("The first 1000 characters, or the first two lines", 34) == "The first 1000 characters …"
    assert shortened("Short, and then a longer clause follows", 34) == "Short, and then a longer clause …"
    assert shortened("Unbrokenwordthatislonger", 10) == "Unbrokenw…"


def test_options_with_short_names_are_explained_on_a_page_that_has_no_place_for_all() -> None:
    shown = page(["smooth"], command.found_by(["smooth"])[1], 80, full=False)
    assert "\nMore: " in shown
    assert re.search(r"^  -o, --output FILE  ", shown, re.MULTILINE)


def test_the_forms_that_may_stand_behind_as_are_listed() -> None:
    shown = page(["ngram", "info"], command.found_by(["ngram", "info"])[1], 80, full=False)
    assert re.search(r"--as FORM +Print it in this form: table, tsv, csv, json, markdown, latex,\n +parquet\n", shown)


@pytest.mark.parametrize("columns", ["20", "60", "500", "x"])
def test_columns_of_the_terminal_are_kept_to(lmkit_run: Run, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    widest = max(map(len, lmkit_run("count", "--help").out.splitlines()))
    expected = {"20": 50, "60": 60, "500": 120, "x": 80}[columns]
    assert expected - 12 < widest <= expected


def test_an_example_that_is_too_long_can_be_copied_all_the_same() -> None:
    line = "lmkit ngram train -n 5 'a  b' corpus.txt -o counts.safetensors     # counts and smooths in one step"
    assert as_example(line, 110) == [f"  {line}"]
    assert as_example(line, 50) == [
        "  # counts and smooths in one step",
        "  lmkit ngram train -n 5 'a  b' corpus.txt \\",
        "      -o counts.safetensors",
    ]
    assert as_example("cat corpus.txt | lmkit ngram train --quiet | lmkit smooth --kneser-ney", 50) == [
        "  cat corpus.txt | lmkit ngram train --quiet \\",
        "      | lmkit smooth --kneser-ney",
    ]
    assert words_of("""a "b c" 'd "e' f""") == ["a", '"b c"', """'d "e'""", "f"]


def test_short_help_says_the_values_that_it_has_no_place_for_after_a_name(lmkit_run: Run) -> None:
    shown = " ".join(lmkit_run("perplexity", "-h").out.split())
    assert "--by BY corpus|file|record|sentence|token: One figure" in shown
    assert "--as FORM Print it in this form: table, tsv, csv, json, markdown, latex, parquet" in shown
