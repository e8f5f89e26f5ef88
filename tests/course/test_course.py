"""lmkit course: what it lists, shows, runs and writes."""

import contextlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lmkit.cli.commands.course.walking import wrapped
from lmkit.cli.language import ASKED, interface_language
from lmkit.course import begin
from lmkit.course.chapters import chapter_called, chapters
from lmkit.course.pages import blocks_of, commands_of, paragraphs_of, without_links
from lmkit.errors import UsageError
from tests.conftest import ROOT, Run

PAGE = """# Title

    a = b
    c = d

Words of a
paragraph, [linked](other.md).
- one
- two
  goes on

![What is seen](x.svg)

```console
$ lmkit count x
1
2
$ true
```

<details markdown="1"><summary>Answer</summary>

Because.

```python
>>> 1 + 1
2
```

</details>

After it.
"""


def test_a_page_is_a_sequence_of_blocks() -> None:
    found = [(block.kind, block.within_answer) for block in blocks_of(PAGE)]
    assert found == [
        ("heading", False),
        ("formula", False),
        ("prose", False),
        ("picture", False),
        ("console", False),
        ("answer", True),
        ("prose", True),
        ("python", True),
        ("prose", False),
    ]
    blocks = blocks_of(PAGE)
    assert blocks[1].text == "    a = b\n    c = d"
    assert (blocks[3].text, blocks[3].file) == ("What is seen", "x.svg")
    assert [(each.line, each.printed) for each in commands_of(blocks[4].text)] == [
        ("lmkit count x", "1\n2"),
        ("true", ""),
    ]


def test_a_paragraph_is_one_line_and_so_is_each_item() -> None:
    prose = blocks_of(PAGE)[2].text
    assert [without_links(each) for each in paragraphs_of(prose)] == [
        "Words of a paragraph, linked.",
        "- one",
        "- two   goes on",
    ]


@pytest.mark.parametrize("width", range(10, 40))
def test_no_line_begins_or_ends_with_a_french_mark_that_belongs_to_a_word(width: int) -> None:
    text = "la ligne de « le » est foncée à « chat », plus claire à « chien » ; est-ce tout ?"
    lines = wrapped(text, width)
    assert " ".join(lines) == text
    assert not [line for line in lines if line[0] in "»;?" or line[-1] == "«"]


def test_the_chapters_are_listed_with_their_numbers(lmkit_run: Run) -> None:
    lines = lmkit_run("course", "--lang", "fr").out.splitlines()
    assert lines[:3] == [
        "number\tchapter\ttitle",
        "0\tindex\tDu comptage à l'attention",
        "1\tmatrices\tVecteurs et matrices",
    ]
    assert len(lines) == 1 + len(chapters("fr"))


@pytest.mark.parametrize("asked", ["12", "softmax", "log-soft"])
def test_a_chapter_is_called_by_number_name_or_words_of_its_title(asked: str) -> None:
    assert chapter_called(asked, "fr").name == "softmax"


def test_the_tour_is_called_tour() -> None:
    assert chapter_called("tour", "fr").number == 0


def test_a_chapter_that_is_not_there_is_told(lmkit_run: Run) -> None:
    result = lmkit_run("course", "nothing", "--lang", "en")
    assert (result.code, result.out) == (2, "")
    assert result.err == "lmkit: chapter 'nothing': there is none.\nName one by its number: lmkit course lists all.\n"
    with pytest.raises(UsageError, match=r"several are called so: 8 entropy, 14 cross-entropy\."):
        chapter_called("entropie", "fr")


def test_a_chapter_is_shown_with_what_its_commands_print(lmkit_run: Run) -> None:
    result = lmkit_run("course", "softmax", "--lang", "fr")
    assert (result.code, result.err) == (0, "")
    page = chapter_called("softmax", "fr").text()
    assert "0\t2\t0.6652409558\t0.2226954265" in result.out
    assert ">>> softmax(z).round(3)\narray([0.665, 0.245, 0.09 ])\n" in result.out
    assert "[figure : Barres du softmax" in result.out
    assert "\nRéponse\u00a0:\n" in result.out
    assert result.out.endswith(
        "Suite\u00a0: lmkit course 13 (Les fonctions d'activation : sigmoïde, tanh, ReLU, GELU)\n"
    )
    assert re.findall(r"^\$ (.*)$", result.out, re.MULTILINE) == re.findall(r"^\$ (.*)$", page, re.MULTILINE)
    assert "](" not in result.out


def test_on_a_terminal_each_part_waits_for_enter_and_q_ends() -> None:
    import pty  # not on every system

    ours, theirs = pty.openpty()
    os.write(ours, b"\nq\n")
    with subprocess.Popen(
        [sys.executable, "-m", "lmkit", "course", "activations", "--lang", "en"],
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    ) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # nobody writes any more
            while read := os.read(ours, 1 << 16):
                shown += read
        assert process.wait() == 0
    os.close(ours)
    assert shown.decode().count("— Enter: go on · q: end — ") == 2
    assert "## In code" in shown.decode()
    assert "## At work" not in shown.decode()


def test_chapters_are_written_as_notebooks(lmkit_run: Run, tmp_path: Path) -> None:
    result = lmkit_run("course", "entropy", "--lang", "en", "--notebooks", tmp_path)
    assert (result.code, result.err) == (0, f"lmkit: 1 notebook in {tmp_path / 'en'}\n")
    cells = json.loads((tmp_path / "en" / "08-entropy.ipynb").read_text(encoding="utf-8"))["cells"]
    assert "".join(cells[0]["source"]) == "# Entropy, cross-entropy, divergence"
    assert "".join(cells[1]["source"]) == "from lmkit.course import begin\n\nbegin()"


def test_a_notebook_begins_in_a_folder_with_the_texts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.chdir(tmp_path)
    begin()
    assert Path.cwd().parent == tmp_path
    assert Path("corpora/ee.train.tok").is_file()


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "fr_TG.UTF-8"}, "fr"),
        ({"LANG": "fr_FR", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US", "LMKIT_LANG": "fr"}, "fr"),
        ({"LANG": "fr", "LMKIT_LANG": "en"}, "en"),
        ({"LANG": "fr", "LMKIT_LANG": ""}, "fr"),
        ({"LC_MESSAGES": "FR", "LANG": "de"}, "fr"),
    ],
)
def test_the_language_is_that_of_lmkit_lang_else_of_the_locale(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], language: str
) -> None:
    for name in ASKED:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert interface_language() == language
