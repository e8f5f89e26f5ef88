"""What is drawn from the program: pages of commands, for the site and for `man`; the Python reference; the site as a whole."""

import inspect
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

import lmkit
from lmkit import kenlm
from lmkit.cli.command import names
from lmkit.cli.help.options import OWN, right
from manual.commands import Command, program
from manual.man_pages import man_page, name_of, text, write_man_pages
from manual.markdown import Pages, command_pages, page_of, prose
from manual.python_names import python_pages
from manual.site import LINK, Entry, all_pages, faults_of, navigation
from tests.conftest import ROOT, Run

GROFF, MANDOC = shutil.which("groff"), shutil.which("mandoc")
WHOLE = program()
COMMANDS = {each.name: each for each in WHOLE.walk() if each.name and not each.commands}


@cache
def pages_of_commands() -> Pages:
    """The pages of commands, without pages that tell more."""
    return command_pages({})


@cache
def site() -> Pages:
    """All pages of the site."""
    return all_pages()[0]


def options_in(shown: str) -> set[str]:
    """The names of all options that help lists."""
    written = re.findall(r"^ {2}(-.*?)(?: {2}|$)", shown.partition("\nOptions:")[2], re.MULTILINE)
    spelled = [name for each in written for name in re.findall(r"(?<![\w-])--?[a-zA-Z\[][\w\[\]-]*", each)]
    return {name for each in spelled for name in (each.replace("[no-]", ""), each.replace("[no-]", "no-"))}


def listed_in(entries: str | Sequence[Entry]) -> list[str]:
    """The pages of a navigation."""
    if isinstance(entries, str):
        return [entries]
    found = [below for each in entries for below in ([each] if isinstance(each, str) else each.values())]
    return [page for below in found for page in listed_in(below)]


def without_spaces(told: str) -> str:
    """A text as one word, for lines are broken anywhere."""
    return "".join(told.split())


def test_every_command_has_a_page_and_one_for_man() -> None:
    assert [*COMMANDS] == names()
    assert {page_of(each) for each in COMMANDS.values()} <= pages_of_commands().keys()


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda each: each.name)
def test_a_page_has_all_that_the_help_of_its_command_has(command: Command, lmkit_run: Run) -> None:
    shown = lmkit_run(*command.name.split(), "--help").out
    listed, page = options_in(shown), pages_of_commands()[page_of(command)]
    shown_there = {
        name
        for heads in re.findall(r"^- <a[^>]*></a>((?:`[^`]*`(?:, )?)+)", page, re.MULTILINE)
        for name in heads.split(", ")
    }
    assert {name.strip("`") for name in shown_there if name.startswith("`-")} | {"-h", "--help"} == listed
    headings = [*re.findall(r"^([A-Z][a-z ]+):$", shown, re.MULTILINE)]
    assert [*command.panels] == [panel for panel in headings if panel in page]
    assert {*headings} - {*command.panels} <= {OWN}  # where the command has none, but for -h
    for each in command.parameters:
        told = right(each)
        assert without_spaces(told) in without_spaces(shown), each.name
        assert without_spaces(prose(told)) in without_spaces(page), each.name
    for is_example, lines in command.paragraphs:
        assert is_example or without_spaces("".join(lines)) in without_spaces(shown)


def test_a_page_says_what_options_were_called_before() -> None:
    page = pages_of_commands()["commands/ngram-mix.md"]
    assert re.search(r"`--held-out` `\w+`: .* Formerly `--tune`\.$", page, re.MULTILINE)
    assert r"Formerly \-\-tune." in man_page(COMMANDS["ngram mix"], WHOLE)


def test_the_list_of_commands_has_all_that_the_help_of_the_program_has(lmkit_run: Run) -> None:
    shown = lmkit_run("--help").out
    page = pages_of_commands()["commands/index.md"]
    named = set(re.findall(r"(?<![\w-])--[a-z-]+", shown.rpartition("More: ")[2]))
    assert named == {"--help", "--version", "--install-completion"}
    assert {f"`{name}`" for name in named} <= set(re.findall(r"`[^`]*`", page.partition("## Beside them")[2]))
    topics = re.findall(r"^([A-Z][a-z]+) +(\w+) +[A-Z]", shown, re.MULTILINE)
    assert topics == [
        (topic, name) for topic, name in re.findall(r"^## (\w+)\n\n- \[`lmkit (\w+)`\]", page, re.MULTILINE)
    ]
    assert [f"lmkit {name}" for name in names()] == [
        name for name in re.findall(r"\[`(lmkit [^`]*)`\]", page) if name.removeprefix("lmkit ") in COMMANDS
    ]


@pytest.mark.parametrize("option", re.findall(r"`(-[-\w]+)`", pages_of_commands()["commands/index.md"]))
def test_the_options_that_the_list_of_commands_names_are_taken(option: str, lmkit_run: Run) -> None:
    if option == "--install-completion":
        return  # it writes where shells look: tests/cli/completion
    told = ["bash"] if option == "--show-completion" else []
    assert lmkit_run(option, *told).code == 0


def test_every_public_name_stands_in_the_reference_with_what_it_is() -> None:
    pages = python_pages()
    told = "\n".join(pages.values())
    for module in (lmkit, kenlm):
        for name in set(dir(module)) - {"kenlm"}:
            value = getattr(module, name)
            assert f"\n## {prose(name)}\n" in told
            if inspect.isclass(value) or inspect.isfunction(value):
                first = (inspect.getdoc(value) or "").partition("\n")[0]
                assert first
                assert prose(first) in told


def test_methods_have_their_signatures_and_defaults_in_the_reference() -> None:
    page = python_pages()["python/lmkit-smoothing.md"]
    assert "laplace( counts: NgramCounts, alpha: float = 1.0, *, closed: bool = False," in " ".join(page.split())
    assert "lmkit.ngrams." not in page


def test_pages_for_man_need_no_library_and_are_ascii(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from manual.man_pages import write_man_pages; write_man_pages(Path(sys.argv[1])); "
        "print(sorted({'numpy', 'scipy', 'pyarrow', 'typer', 'click', 'rich'} & sys.modules.keys()))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, tmp_path], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ended.stdout == "[]\n"
    for page in tmp_path.iterdir():
        assert page.read_bytes().isascii()
    assert {page.stem for page in tmp_path.iterdir()} == {name_of(each) for each in WHOLE.walk()}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda each: each.name)
def test_a_page_for_man_has_each_option_under_a_heading(command: Command) -> None:
    page = man_page(command, WHOLE)
    headings = re.findall(r"^\.SH (.*)$", page, re.MULTILINE)
    assert headings[:3] == ["NAME", "SYNOPSIS", "DESCRIPTION"]
    assert headings[-1] == "SEE ALSO"
    terms = re.findall(r"^\.TP\n(.*)$", page, re.MULTILINE)
    assert len(terms) == len(command.parameters)
    shown = [term.replace(r"\-", "-") for term in terms]
    for each in command.parameters:
        names = [each.metavar] if each.is_argument else each.names
        assert any(all(rf"\fB{name}\fR" in term for name in names) for term in shown)


def test_a_line_of_text_is_no_request_of_man() -> None:
    assert text(".arpa") == r"\&.arpa"
    assert text("'a' -n é\\") == r"\&\(aqa\(aq \-n \[u00E9]\e"


@pytest.mark.skipif(GROFF is None, reason="groff is not installed")
def test_groff_finds_no_fault_in_man_pages(tmp_path: Path) -> None:
    for page in write_man_pages(tmp_path):
        command = [str(GROFF), "-man", "-ww", "-Tutf8", str(page)]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stderr == ""


@pytest.mark.skipif(MANDOC is None, reason="mandoc is not installed")
def test_mandoc_finds_no_fault_in_man_pages(tmp_path: Path) -> None:
    command = [str(MANDOC), "-T", "lint", "-W", "warning", *map(str, write_man_pages(tmp_path))]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    assert [line for line in found if "missing date" not in line] == []  # the same program, the same pages


def test_every_page_has_a_title_and_stands_in_the_navigation() -> None:
    assert [name for name, page in site().items() if not re.match(r"# \S", page)] == []

    assert sorted(listed_in(navigation(site()))) == sorted(site())


def test_beside_french_pages_stand_those_in_french_and_a_way_back() -> None:
    english, *french = listed_in(navigation(site(), "fr"))
    assert english == "index.md"
    assert sorted(french) == sorted(name for name in site() if name.startswith(("course/fr/", "project/LISEZMOI")))


def test_every_link_of_the_site_leads_to_a_page_or_elsewhere() -> None:
    pages, pictures = all_pages()
    there = {*pages, *pictures.values()}
    for name, page in pages.items():
        for link in LINK.finditer(re.sub(r"```.*?```|`[^`\n]*`", "", page, flags=re.DOTALL)):
            target = link[2].partition("#")[0]
            if target and "://" not in target:
                assert (Path("/") / name).parent.joinpath(target).resolve().relative_to("/").as_posix() in there


def test_commands_in_the_documentation_lead_to_their_pages() -> None:
    assert "[`lmkit explain`](../../commands/explain.md)" in site()["course/fr/kneser-ney.md"]


def test_no_line_of_a_french_page_ends_before_a_mark() -> None:
    page = re.sub(r"```.*?```|`[^`\n]*`", "", site()["course/fr/index.md"], flags=re.DOTALL)
    assert "\u00a0: " in page
    assert re.findall(r"[^\S\u00a0\u202f][;:!?»]\s|«[^\S\u00a0\u202f]", page) == []


def test_what_means_something_to_markdown_is_shown_as_it_is() -> None:
    assert prose("<unk> is a*b; `<unk>`, --no-marks") == r"&lt;unk&gt; is a\*b; `<unk>`, `--no-marks`"


def test_a_site_that_fetches_or_is_not_readable_by_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "course" / "fr").mkdir(parents=True)
    whole = '<html lang="{}"><title>A</title><h1>A</h1>{}'
    (tmp_path / "good.html").write_text(whole.format("en", '<a href="https://elsewhere">'), encoding="utf-8")
    (tmp_path / "course" / "fr" / "cours.html").write_text(whole.format("fr", ""), encoding="utf-8")
    assert list(faults_of(tmp_path)) == []
    (tmp_path / "good.html").write_text(whole.format("fr", '<script src="//elsewhere/x.js">'), encoding="utf-8")
    (tmp_path / "more.html").write_text('<html lang="en"><img src="a.png" alt="">', encoding="utf-8")
    (tmp_path / "style.css").write_text("@font-face { src: url(https://elsewhere/font) }", encoding="utf-8")
    assert list(faults_of(tmp_path)) == [
        "good.html: it does not say that it is in en.",
        'good.html: it fetches <script src="//elsewhere/x.js">',
        "more.html: it has no heading.",
        "more.html: it has no title.",
        'more.html: <img src="a.png" alt=""> says nothing to those who do not see it.',
        "style.css: it fetches https://elsewhere/font",
    ]
