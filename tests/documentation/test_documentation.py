"""What the documentation says is what happens."""

import doctest
import hashlib
import re
import shlex
import shutil
import warnings
from pathlib import Path
from typing import Any

import pytest

import lmkit
from lmkit.cli.command import names
from lmkit.cli.typed import root
from lmkit.locales.catalogues import catalogue_of
from tests.conftest import CORPORA, ROOT
from tests.shell_lines import run_line, variables

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_corpus_stands_in_its_table_with_its_checksum() -> None:
    rows = dict(
        re.findall(
            r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$",
            (CORPORA / "README.md").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )
    texts = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in CORPORA.iterdir() if path.suffix != ".md"
    }
    assert rows == texts


def test_the_index_says_what_every_command_is_for_and_names_no_other() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"`lmkit ([a-z0-9 -]+)`", index)) == sorted(names())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the corpora, as the README's commands expect."""
    shutil.copytree(CORPORA, tmp_path / "corpora")
    return tmp_path


def run_in(folder: Path, line: str) -> tuple[str, str]:
    """What a line prints on stdout and stderr in a folder."""
    result = run_line(line, folder)
    assert result.returncode == 0, (line, result.stderr.decode())
    return result.stdout.decode(), result.stderr.decode()


FIGURE = re.compile(r"-?\d+\.(\d+)")  # a number with decimals, whose last digits may differ between machines


def is_near(found: str, told: str, relative: float = 1e-6) -> bool:
    """Whether two screens differ in no more than the last digits of their figures."""
    if FIGURE.sub("#", found) != FIGURE.sub("#", told):
        return False
    pairs = zip(FIGURE.finditer(found), FIGURE.finditer(told), strict=True)
    return all(
        float(one[0]) == pytest.approx(float(other[0]), rel=relative, abs=1.01 * 10 ** -len(other[1]))
        for one, other in pairs
    )


def check_screens(page: str, folder: Path) -> int:
    """Run the commands of all console blocks of a page in a folder, and compare what they print; returns how many there are."""
    screens = screens_of(page)
    for command, expected in screens:
        out, err = run_in(folder, command)
        told = " ".join(expected.split())
        found = [" ".join((first + last).split()) for first, last in ((out, err), (err, out))]
        relative = (
            3e-6 if "lmkit vectors" in command else 1e-6
        )  # of 32 bits, by kernels of BLAS, each processor with its own
        if not any(is_near(each, told, relative) for each in found):  # what goes to stderr may stand first
            assert found[0] == told, command
    return len(screens)


def screens_of(page: str) -> list[tuple[str, str]]:
    """The commands of all console blocks of a page, each with what the page says that it prints."""
    screens = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    lines = [line for screen in screens for line in re.split(r"^\$ ", screen, flags=re.MULTILINE)[1:]]
    return [(command, printed) for command, _, printed in (line.partition("\n") for line in lines)]


@pytest.mark.parametrize(("name", "language"), [("README.md", "en"), ("LISEZMOI.md", "fr")])
def test_the_first_screen_is_what_is_printed(name: str, language: str, folder: Path) -> None:
    with variables({"LMKIT_LANG": language}):
        assert check_screens((ROOT / name).read_text(encoding="utf-8"), folder) == 3


OWN_TESTS = (
    "topics/checking.md",
    "topics/evaluate.md",
    "topics/compare.md",
    "topics/suites.md",
    "how-to/gate-in-ci.md",
    "topics/kenlm.md",
    "topics/python.md",
)  # these pages have tests of their own, with files and exit codes
PAGES = [
    page
    for room in (".", "how-to", "coming-from", "topics", "languages", "course/en")
    for page in sorted((ROOT / "docs" / room).glob("*.md"))
    if page.relative_to(ROOT / "docs").as_posix() not in OWN_TESTS and "```console" in page.read_text(encoding="utf-8")
]
COURSE = ROOT / "docs" / "course"
BESIDE = (
    "course/fr",
    "developers",
)  # the first shows what course/en does, or is in FRENCH; the second has nothing to run


def speaks(page: Path) -> bool:
    """Whether a screen of a French page differs from that of the English one, or would have to, as lmkit speaks there."""
    french, english = (
        screens_of((COURSE / language / page.name).read_text(encoding="utf-8")) for language in ("fr", "en")
    )
    printed = [line for _, told in english for line in told.splitlines()]
    return french != english or any(catalogue_of("fr").translated(line) != line for line in printed)


FRENCH = list(filter(speaks, sorted((COURSE / "fr").glob("*.md"))))


def test_the_sessions_of_the_page_on_python_give_what_they_show(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    page = ROOT / "docs" / "topics" / "python.md"
    code = "\n".join(re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL))
    example = doctest.DocTestParser().get_doctest(code, {}, page.name, str(page), 0)
    assert doctest.DocTestRunner(verbose=False).run(example).failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_screens_of_the_documentation_are_what_is_printed_and_its_python_runs(
    page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = page.read_text(encoding="utf-8")
    if "$ lmkit tokenizer" in text:
        pytest.importorskip("tokenizers", reason="pip install 'lmkit[subwords]'")
    assert check_screens(text, folder) > 0
    if page.is_relative_to(COURSE):
        return  # its sessions are compared with what they show
    monkeypatch.chdir(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lmkit.SkippedLinesWarning)
        exec("\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL)), {})  # noqa: S102


@pytest.mark.parametrize("page", FRENCH, ids=lambda page: page.stem)
def test_the_screens_of_a_french_page_are_what_is_printed_in_french(page: Path, folder: Path) -> None:
    """The other pages have the screens of the English ones, which are run."""
    with variables({"LMKIT_LANG": "fr"}):
        assert check_screens(page.read_text(encoding="utf-8"), folder) > 0


def test_pages_on_which_lmkit_speaks_are_run_in_french() -> None:
    """Narration, plots, formulas with words."""
    assert {"laplace", "positions", "word2vec"} <= {page.stem for page in FRENCH}


def test_every_page_with_something_to_run_is_run() -> None:
    shown = {
        page
        for page in (ROOT / "docs").rglob("*.md")
        if re.search(r"^```(?:console|python)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    beside = {page for page in shown if page.relative_to(ROOT / "docs").as_posix().startswith(BESIDE)}
    assert sorted(shown - beside - {*PAGES} - {ROOT / "docs" / name for name in OWN_TESTS}) == []


@pytest.mark.parametrize("name", ["README.md", "docs/topics/command-line.md"])
def test_the_pipes_run(name: str, folder: Path) -> None:
    run_in(folder, "lmkit ngram train -n 5 -q corpora/fr.train.tok | lmkit smooth -q --kneser-ney -o kn5.safetensors")
    pipes = re.findall(r"^    ((?:cat corpora|lmkit ).*)$", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    assert len(pipes) > 1
    for line in pipes:
        assert any(run_in(folder, line)), line  # on stdout, or what was done on stderr


def test_the_readmes_python_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102
    assert isinstance(names["model"], lmkit.NgramModel)
    assert lmkit.count_ngrams("corpora/fr.train.tok", order=3)["de la"] == 39
    assert (folder / "kn3.arpa.gz").is_file()


def test_pages_and_pictures_show_the_version_that_there_is() -> None:
    shown = {
        (page.relative_to(ROOT), *found)
        for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "docs").rglob("*.svg"))
        for found in set(re.findall(r'\blmkit:(\d[\w.]*\w)|"lmkit_version": "(.*?)"', page.read_text(encoding="utf-8")))
    }
    assert len(shown) > 5
    assert {found for found in shown if lmkit.__version__ not in found} == set()  # nox -s version mends them


def test_every_public_name_is_there_and_documented() -> None:
    for name in dir(lmkit):
        value = getattr(lmkit, name)
        assert name == "__version__" or value.__doc__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(lmkit, "nothing")  # noqa: B009 (type checkers know that it is not there)


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "coming-from").glob("*.md")), ids=lambda page: page.name)
def test_a_page_for_those_who_come_from_elsewhere_names_what_there_is(page: Path) -> None:
    cells = re.findall(r"`(lmkit[^`]*)`", page.read_text(encoding="utf-8"))
    assert len(cells) > 10
    for cell in cells:
        if cell.startswith("lmkit."):
            value: object = lmkit
            for name in re.match(r"lmkit\.([\w.]+)", cell)[1].split("."):  # type: ignore[index]
                value = getattr(value, name)
        else:
            check_line(cell)


def check_line(line: str) -> None:
    """AssertionError if a command line, as `lmkit smooth --closed`, names a command that there is not, or options that its command has not."""
    command: Any = root()
    words = shlex.split(line, comments=True)[1:]
    while hasattr(command, "commands") and words and re.match(r"[a-z]", words[0]):
        assert words[0] in command.commands, line
        command, words = command.commands[words[0]], words[1:]
    if hasattr(command, "commands"):  # what the program itself takes
        return
    known = {"-h", "--help"} | {flag for each in command.params for flag in (*each.opts, *each.secondary_opts)}
    given = {word.partition("=")[0] for word in words if re.match(r"--[a-z]|-[a-zA-Z]$", word)}
    assert given <= known, line


WRITTEN = [
    *ROOT.glob("*.md"),
    *(path for room in ("docs", "corpora", "benchmarks") for path in (ROOT / room).rglob("*.md")),
]


SHOWN = re.compile(r"`(lmkit [^`\n]*)`|^(?:\$ | {4})((?:cat [^|\n]*\| *)?lmkit .*)$", re.MULTILINE)  # command lines


@pytest.mark.parametrize(
    "page", [page for page in WRITTEN if page.name != "CHANGELOG.md"], ids=lambda page: str(page.relative_to(ROOT))
)
def test_command_lines_have_the_names_of_this_version(page: Path) -> None:
    for inline, line in SHOWN.findall(page.read_text(encoding="utf-8").replace("\\\n", "")):
        for part in re.split(r" \| | && |; ", inline or line):
            if part.startswith("lmkit ") and not part.startswith("lmkit help "):
                check_line(part)


TABLE = re.compile(r"^\|.*\|\n\|[-:| ]+\|\n(?:\|.*\|\n)*", re.MULTILINE)


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_all_rows_of_a_table_have_as_many_cells(page: Path) -> None:
    """A bar within a cell is written as a backslash and a bar: a row with a cell more is cut, and after a header with one more there is no table."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for table in TABLE.findall(text):
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1, table


def links_of(page: Path) -> list[tuple[Path, str]]:
    """The files of this repository that a page links to, and the headings in them, if it names any."""
    text = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = [link.partition("#") for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    return [((page.parent / file).resolve() if file else page, heading) for file, _, heading in links]


def headings_of(page: Path) -> set[str]:
    """The names under which the headings of a page can be linked to."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for file, heading in links_of(page):
        assert file.exists()
        assert not heading or heading in headings_of(file)


def test_every_page_of_the_documentation_is_found_from_its_index() -> None:
    found, new = set[Path](), {ROOT / "docs" / "index.md"}
    while new:
        found |= new
        linked = {file for page in new for file, _ in links_of(page)}
        new = {file for file in linked if file.suffix == ".md"} - found
    assert set((ROOT / "docs").rglob("*.md")) <= found


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/developers/architecture.md"])
def test_what_contributors_are_pointed_to_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    named = set(re.findall(r"\b(?:lmkit|tests|docs)/[\w./-]*\w", text))
    assert len(named) > 10
    assert [place for place in sorted(named) if not (ROOT / place).exists()] == []


def test_gate_hooks_and_workflow_call_sessions_of_the_noxfile() -> None:
    sessions = re.findall(r"^def (\w+)\(session", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE)
    for name in (".ci/run", ".pre-commit-config.yaml", ".github/workflows/ci.yml"):
        called = re.findall(r"nox --session ([\w ]+)", (ROOT / name).read_text(encoding="utf-8"))
        assert called
        assert {session for line in called for session in line.split()} <= set(sessions)


def test_the_changelog_speaks_of_this_version() -> None:
    assert f"## {lmkit.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
