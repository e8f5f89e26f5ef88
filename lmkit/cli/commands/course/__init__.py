"""lmkit course: its chapters in the terminal, each command run, or as notebooks."""

from pathlib import Path
from typing import Annotated, Literal

from lmkit.cli.command import command
from lmkit.cli.declared import Argument, Option
from lmkit.cli.language import interface_language
from lmkit.locales import speak


@command(
    short="A course, from counting to attention.", after="demo", topic="Look", known_as=("learn", "lessons", "cours")
)
def course(
    chapter: Annotated[
        str | None,
        Argument(metavar="[CHAPTER]", help="Its number, its name, or words of its title; none: all are listed."),
    ] = None,
    lang: Annotated[
        Literal["fr", "en"] | None, Option(help="In which language [default: LMKIT_LANG, else the locale].")
    ] = None,
    notebooks: Annotated[
        Path | None,
        Option(
            metavar="FOLDER",
            help="Write the chapter, or all of them, as Jupyter notebooks with their output into FOLDER/fr or FOLDER/en.",
        ),
    ] = None,
) -> None:
    """Walk through a chapter of the course: what it says, its commands as they are run here, its exercises.

    \b
    lmkit course                      # the chapters
    lmkit course laplace --lang fr
    lmkit course 7
    lmkit course --notebooks mine     # to be opened with Jupyter

    On a terminal, Enter goes on and q ends; answers wait to be asked for. Files are made in a folder that vanishes in the end.

    Memory: about 200 MB.
    """
    from lmkit.cli.commands.course.walking import list_chapters, walk, write_notebooks
    from lmkit.course.chapters import chapter_called, chapters

    language = lang or interface_language()
    speak(language)  # also where it is not that of the interface
    chosen = [chapter_called(chapter, language)] if chapter else chapters(language)
    if notebooks is not None:
        write_notebooks(chosen, notebooks)
    elif chapter:
        walk(chosen[0])
    else:
        list_chapters(chosen)
