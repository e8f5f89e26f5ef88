"""The chapters, in the order in which the first page of each language lists them: nothing else says it."""

import re
from dataclasses import dataclass
from pathlib import Path

from lmkit.course.folders import pages_folder
from lmkit.errors import UsageError

LISTED = re.compile(r"^(\d+)\. \[(.+)\]\((\S+)\.md\)", re.MULTILINE)
TOUR = "index"  # the first page: a tour of all, and the list


@dataclass(frozen=True)
class Chapter:
    """A page of the course."""

    number: int  # 0: the tour
    name: str  # of its file, the same in all languages
    title: str
    language: str

    @property
    def page(self) -> Path:
        """The file of the page."""
        return pages_folder() / self.language / f"{self.name}.md"

    def text(self) -> str:
        """The page, in Markdown."""
        return self.page.read_text(encoding="utf-8")


def chapters(language: str) -> list[Chapter]:
    """All chapters in a language, fr or en; the tour first."""
    first = (pages_folder() / language / f"{TOUR}.md").read_text(encoding="utf-8")
    title = first.partition("\n")[0].removeprefix("# ")
    listed = [Chapter(int(number), name, title, language) for number, title, name in LISTED.findall(first)]
    return [Chapter(0, TOUR, title, language), *listed]


def chapter_called(asked: str, language: str) -> Chapter:
    """The chapter of a number, of the name of a file, or whose title has these words. UsageError if there is none, or more than one."""
    known = chapters(language)
    exact = [each for each in known if asked in (str(each.number), each.name) or (asked, each.name) == ("tour", TOUR)]
    found = exact or [each for each in known if asked.casefold() in each.title.casefold()]
    if len(found) == 1:
        return found[0]
    few = ", ".join(f"{each.number} {each.name}" for each in found)
    raise UsageError(
        f"chapter {asked!r}: " + (f"several are called so: {few}." if found else "there is none."),
        "Name one by its number: lmkit course lists all.",
    )
