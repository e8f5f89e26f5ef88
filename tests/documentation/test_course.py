"""The course says what is so, in both languages alike, in its pages, pictures and notebooks."""

import doctest
import json
import re
import shutil
from pathlib import Path
from typing import Literal

import pytest

from docs.course.drawing.figures import FIGURES, LANGUAGES
from lmkit.course.chapters import TOUR, Chapter, chapters
from lmkit.course.notebooks import file_name, notebook_of
from lmkit.course.pages import Block, blocks_of, commands_of
from tests.conftest import CORPORA, ROOT
from tests.documentation.test_documentation import is_near

NUMBER = re.compile(r"\d+")
COURSE = ROOT / "docs" / "course"
CHAPTERS = chapters("en")
ALL = [chapter for language in LANGUAGES for chapter in chapters(language)]


def named(chapter: Chapter) -> str:
    """The name of a chapter, among those of all languages."""
    return f"{chapter.language}-{chapter.name}"


def in_french(chapter: Chapter) -> Chapter:
    """The same chapter in French."""
    return chapters("fr")[chapter.number]


def code_of(block: Block) -> str | list[tuple[str, list[str]]]:
    """What a block has that is the same in all languages: of a screen the commands, and the numbers that they print."""
    if block.kind == "console":
        return [(command.line, NUMBER.findall(command.printed)) for command in commands_of(block.text)]
    return block.text if block.kind == "python" else Path(block.file).name


@pytest.mark.parametrize("chapter", CHAPTERS, ids=named)
def test_a_chapter_has_the_same_blocks_in_both_languages(chapter: Chapter) -> None:
    found = [
        [(block.kind, block.within_answer, code_of(block)) for block in blocks_of(each.text()) if block.kind != "prose"]
        for each in (chapter, in_french(chapter))
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_a_chapter(language: Literal["en", "fr"]) -> None:
    listed = chapters(language)
    assert [chapter.number for chapter in listed] == list(range(len(listed)))
    assert sorted(chapter.name for chapter in listed) == sorted(path.stem for path in (COURSE / language).glob("*.md"))
    assert [chapter.title for chapter in listed] == [chapter.text().split("\n")[0][2:] for chapter in listed]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_chapter_leads_to_the_next_one(language: Literal["en", "fr"]) -> None:
    before, *after = chapters(language)
    for chapter in after:
        last = before.text().rstrip().split("\n")[-1]
        assert f": [{chapter.title}]({chapter.name}.md)" in last
        before = chapter


@pytest.mark.parametrize("chapter", [each for each in ALL if each.name != TOUR], ids=named)
def test_a_chapter_has_a_formula_a_picture_work_two_exercises_and_a_source(chapter: Chapter) -> None:
    blocks = blocks_of(chapter.text())
    kinds = [block.kind for block in blocks]
    assert kinds[:2] == ["heading", "formula"]
    assert kinds.count("picture") == 1
    assert "console" in kinds
    exercises = kinds.index("answer")
    assert kinds.count("answer") == 2
    assert {"console", "python"} & set(kinds[exercises:])
    assert [block.text[:6] for block in blocks if block.text.startswith("**")] == ["**1.**", "**2.**"]
    assert re.search(r"^Source ?: .*\d{4}", chapter.text(), re.MULTILINE)


def test_the_ewe_text_is_at_work_in_most_chapters() -> None:
    without = [each.name for each in CHAPTERS if "ee." not in each.text()]
    assert len(without) < len(CHAPTERS) / 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_worked_examples_of_the_lecture_are_there(language: Literal["en", "fr"]) -> None:
    texts = {chapter.name: chapter.text() for chapter in chapters(language)}
    assert "8/√65" in texts["cosine"]
    assert "0.665, 0.245, 0.09 " in texts["softmax"]
    assert "0.731, 0.269" in texts["attention"]


def test_the_keys_that_are_told_in_french_are_printed_in_the_course() -> None:
    rows = re.findall(r"^- (`[^:]+) : ", chapters("fr")[0].text(), re.MULTILINE)
    told = [key for row in rows for key in re.findall(r"`([^`]+)`", row)]
    screens = [block.text for chapter in CHAPTERS for block in blocks_of(chapter.text()) if block.kind == "console"]
    assert len(told) > 30
    assert set(told) <= {word for screen in screens for word in re.split(r"[\t\n]", screen)}


@pytest.mark.parametrize("chapter", CHAPTERS, ids=named)
def test_the_python_of_the_course_gives_what_it_shows(
    chapter: Chapter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(CORPORA, tmp_path / "corpora")
    monkeypatch.chdir(tmp_path)
    code = "\n".join(block.text for block in blocks_of(chapter.text()) if block.kind == "python")
    example = doctest.DocTestParser().get_doctest(code, {}, chapter.name, str(chapter.page), 0)
    assert doctest.DocTestRunner(verbose=False).run(example).failed == 0


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FIGURES)
def test_the_picture_of_a_chapter_is_what_is_drawn(name: str, language: Literal["en", "fr"]) -> None:
    kept = (COURSE / "figures" / language / f"{name}.svg").read_text(encoding="utf-8")
    assert is_near(FIGURES[name](language), kept)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_chapter_has_its_picture_and_says_what_is_to_be_seen(language: Literal["en", "fr"]) -> None:
    shown = {
        block.file: block.text
        for chapter in chapters(language)
        for block in blocks_of(chapter.text())
        if block.kind == "picture"
    }
    kept = {f"../figures/{language}/{path.name}" for path in (COURSE / "figures" / language).iterdir()}
    assert set(shown) == kept == {f"../figures/{language}/{name}.svg" for name in FIGURES}
    assert all(len(words) > 30 for words in shown.values())


@pytest.mark.parametrize("chapter", ALL, ids=named)
def test_the_notebook_of_a_chapter_is_what_its_page_gives(chapter: Chapter) -> None:
    """To write them anew: lmkit course --notebooks docs/course/notebooks --lang en; the same with fr."""
    kept = COURSE / "notebooks" / chapter.language / file_name(chapter)
    assert kept.read_text(encoding="utf-8") == notebook_of(chapter)


def test_there_are_no_other_notebooks() -> None:
    kept = {path.relative_to(COURSE / "notebooks") for path in (COURSE / "notebooks").rglob("*.ipynb")}
    assert kept == {Path(chapter.language) / file_name(chapter) for chapter in ALL}


@pytest.mark.parametrize("chapter", CHAPTERS, ids=named)
def test_a_notebook_is_one_as_its_format_has_it(chapter: Chapter) -> None:
    """The fields that nbformat 4.5 asks for, and no others."""
    notebook = json.loads(notebook_of(chapter))
    assert set(notebook) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    fields = {
        "markdown": {"cell_type", "id", "metadata", "source"},
        "code": {"cell_type", "execution_count", "id", "metadata", "outputs", "source"},
    }
    for cell in notebook["cells"]:
        assert set(cell) - {"attachments"} == fields[cell["cell_type"]]
        assert re.fullmatch(r"[a-zA-Z0-9-_]{1,64}", cell["id"])
        for output in cell.get("outputs", []):
            assert output["output_type"] in ("stream", "execute_result")
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(ids) == len(set(ids))
    ran = [cell["execution_count"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert ran == list(range(1, len(ran) + 1))


@pytest.mark.parametrize("chapter", [each for each in CHAPTERS if each.name != TOUR], ids=named)
def test_a_notebook_has_all_that_its_page_shows(chapter: Chapter) -> None:
    cells = json.loads(notebook_of(chapter))["cells"]
    sources = "\n".join("".join(cell["source"]) for cell in cells)
    shown = [output for cell in cells for output in cell.get("outputs", [])]
    assert any(output.get("name") == "stdout" for output in shown)
    assert all(command.split("\n")[0] in sources for command in re.findall(r"^\$ (.*)$", chapter.text(), re.MULTILINE))
    assert "](attachment:" in sources
    assert "](../" not in sources
