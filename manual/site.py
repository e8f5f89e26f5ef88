"""The site of the documentation: pages as the repository has them, and those that the program gives, built strictly.

Pages are laid together in build/site-pages, for the builder reads one folder. All that they link to is there, or the build ends.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from manual.commands import Command, program
from manual.markdown import COMMANDS, Pages, command_pages, page_of, title_of
from manual.python_names import FOLDER as PYTHON
from manual.python_names import python_pages

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = {
    "en": ("",),
    "fr": ("course/fr/", "project/LISEZMOI"),
}  # of pages whose names begin so; those that begin with nothing else are English
REPOSITORY = "https://github.com/OWNER/lmkit/blob/main/"  # where the site has no page of a file
SHOWN = (".md", ".svg", ".png")  # what the site has of the files that pages link to
LINK = re.compile(r"(\]\()([^)\s]+)(\))")
BEFORE_MARKS = re.compile(r" (?=[;:!?»](?:\s|$))|(?<=«) ")  # spaces of French at which no line may end
CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
FETCHED = re.compile(r"""(?:src|href)=["']?((?:https?:)?//[^"' >]+)["']?[^>]*""")


def build(target: Path) -> None:
    """Build the site in a folder; raises SystemExit with all that is wrong with it."""
    laid = ROOT / "build" / "site-pages"
    shutil.rmtree(laid, ignore_errors=True)
    pages, pictures = all_pages()
    for name, text in pages.items():
        write(laid / "pages" / name, text)
    shutil.copy(ROOT / "manual" / "site.css", laid / "pages")
    for picture, name in pictures.items():
        (laid / "pages" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(picture, laid / "pages" / name)
    shutil.rmtree(target, ignore_errors=True)
    for language in LANGUAGES:
        run_builder(laid, pages, language)
        if language == "en":
            shutil.copytree(laid / language, target)
            continue
        for page in sorted((laid / language).rglob("*.html")):  # the same page, in words of its language
            place = page.relative_to(laid / language)
            if language_of(place.as_posix()) == language:
                shutil.copy(page, target / place)
                shutil.copy(target / "sitemap.xml", target / place.parent)  # where the switch of languages looks for it
    if wrong := list(faults_of(target)):
        raise SystemExit("\n".join(wrong))
    print(f"{len(pages)} pages: {target}")


def language_of(page: str) -> str:
    """The language of a page, by its name."""
    return next(key for key, beginnings in reversed(LANGUAGES.items()) if page.startswith(beginnings))


def write(path: Path, text: str) -> None:
    """Write a file, in a folder that there may not be yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def run_builder(laid: Path, pages: Pages, language: str) -> None:
    """Build all pages with the words of the theme in a language. What it warns of is an error."""
    config = (ROOT / "manual" / "zensical.toml").read_text(encoding="utf-8")
    told = f'docs_dir = "pages"\nsite_dir = "{language}"\nnav = {toml(navigation(pages, language))}\n'
    config = config.replace("[project]\n", f"[project]\n{told}", 1).replace(
        'language = "en"', f'language = "{language}"'
    )
    write(laid / "zensical.toml", config)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    plain = os.environ | {"NO_COLOR": "1"}
    built = subprocess.run(command, cwd=laid, env=plain, capture_output=True, text=True, check=False)  # noqa: S603
    if built.returncode:
        raise SystemExit(built.stdout + built.stderr)


def all_pages() -> tuple[Pages, dict[Path, str]]:
    """All pages of the site by name, with links among each other: those of docs, those beside it, those of the program; and all pictures."""
    places = {path: path.relative_to(ROOT / "docs").as_posix() for path in sorted((ROOT / "docs").rglob("*.md"))}
    waiting = list(places)
    while waiting:  # what is linked to, and what that links to
        for file in linked_files(waiting.pop()):
            if file.suffix in SHOWN and file not in places:
                inside = file.is_relative_to(ROOT / "docs")
                parts = file.relative_to(ROOT / "docs" if inside else ROOT).parts
                places[file] = "/".join(parts) if inside else f"project/{'-'.join(parts)}"
                waiting += [file] if file.suffix == ".md" else []
    texts = {path: path.read_text(encoding="utf-8") for path in places if path.suffix == ".md"}
    made = command_pages({places[path]: text for path, text in texts.items()})
    written = {places[path]: at_home(path, text, places, made) for path, text in texts.items()}
    return written | made | python_pages(), {path: name for path, name in places.items() if path not in texts}


def linked_files(page: Path) -> Iterator[Path]:
    """The files of this repository that a page links to."""
    for link in LINK.finditer(CODE.sub("", page.read_text(encoding="utf-8"))):
        file = (page.parent / link[2].partition("#")[0]).resolve()
        if "://" not in link[2] and file.is_file():
            yield file


def at_home(path: Path, text: str, places: dict[Path, str], made: Pages) -> str:
    """A page whose links lead to where its neighbours are on the site, and whose commands lead to their pages."""
    here = PurePosixPath(places[path]).parent

    def led(link: re.Match[str]) -> str:
        name, mark, heading = link[2].partition("#")
        file = (path.parent / name).resolve()
        if not name or "://" in link[2]:
            return link[0]
        if file not in places:
            return f"{link[1]}{REPOSITORY}{file.relative_to(ROOT).as_posix()}{mark}{heading}{link[3]}"
        return f"{link[1]}{os.path.relpath(places[file], here)}{mark}{heading}{link[3]}"

    parts = re.split(r"(```.*?```)", text, flags=re.DOTALL)
    is_french = language_of(places[path]) == "fr"
    for place in range(0, len(parts), 2):
        told = BEFORE_MARKS.sub("\u00a0", parts[place]) if is_french else parts[place]
        inline = re.split(r"(`[^`\n]*`)", LINK.sub(led, told))
        for at in range(1, len(inline), 2):
            page = f"{COMMANDS}/{inline[at].strip('`').removeprefix('lmkit ').replace(' ', '-')}.md"
            if inline[at].startswith("`lmkit ") and page in made and not inline[at - 1].endswith("["):
                inline[at] = f"[{inline[at]}]({os.path.relpath(page, here)})"
        parts[place] = "".join(inline)
    return "".join(parts)


Entry = str | Mapping[str, "str | Sequence[Entry]"]


def navigation(pages: Pages, language: str = "en") -> list[Entry]:
    """What stands beside each page: the sections of the index, with the pages that they link to in their order; then the rest.

    Beside pages in another language stand those of that language, and the index.
    """
    if language != "en":
        own = [page for page in pages if language_of(page) == language]
        grouped = [entry_of(page, pages) for page in own if PurePosixPath(page).name == "index.md"]
        return [
            {"English": "index.md"},
            *({PurePosixPath(page).stem: page} for page in own if page not in json.dumps(grouped)),
            *grouped,
        ]
    told = {page: text for page, text in pages.items() if not page.startswith((f"{COMMANDS}/", f"{PYTHON}/"))}
    head, *sections = re.split(r"^## ", pages["index.md"], flags=re.MULTILINE)
    found: list[Entry] = ["index.md", *({named_in(head, page): page} for page in linked_pages("index.md", head, told))]
    for section in sections:
        title, _, text = section.partition("\n")
        found.append({title.strip(): [entry_of(page, pages) for page in linked_pages("index.md", text, told)]})
    python = [page for page in pages if page.startswith(f"{PYTHON}/")]
    found[-1:-1] = [{"Commands": entries_of(program())}, {"Python": [*python]}]
    missing = [page for page in sorted(pages) if page not in json.dumps(found)]
    return [*found, {"The project": [*missing]}] if missing else found


def named_in(text: str, page: str) -> str:
    """What a text calls a page that it links to: the first words there, with a capital."""
    (words, *_) = re.findall(rf"\[([^\]]+)\]\({re.escape(page)}[)#]", text)
    return f"{words[0].upper()}{words[1:]}"


def entries_of(command: Command) -> list[Entry]:
    """The page of a command, and those of the commands that belong to it."""
    below = [{each.called: entries_of(each)} if each.commands else page_of(each) for each in command.commands]
    return [page_of(command), *below]


def entry_of(page: str, pages: Pages) -> Entry:
    """A page, or with the pages of its folder, if it is the index of one."""
    path = PurePosixPath(page)
    if path.name not in ("index.md", "README.md"):
        return page
    within = [each for each in linked_pages(page, pages[page], pages) if PurePosixPath(each).parent == path.parent]
    rest = [each for each in sorted(pages) if PurePosixPath(each).parent == path.parent]
    return {title_of(pages[page]): [*dict.fromkeys([page, *within, *rest])]}


def linked_pages(page: str, text: str, pages: Pages) -> list[str]:
    """The pages that a text on a page links to, in their order."""
    folder = PurePosixPath(page).parent
    links = [os.path.normpath(folder / link[2].partition("#")[0]) for link in LINK.finditer(text)]
    return [*dict.fromkeys(link for link in links if link in pages and link != page)]


def toml(entries: Sequence[Entry]) -> str:
    """A navigation as TOML has it."""
    return f"[{', '.join(map(toml_entry, entries))}]"


def toml_entry(entry: Entry) -> str:
    """A page, or a title with a page or pages, as TOML has it."""
    if isinstance(entry, str):
        return json.dumps(entry, ensure_ascii=False)
    ((title, below),) = entry.items()
    told = toml_entry(below) if isinstance(below, str) else toml(below)
    return f"{{ {json.dumps(title, ensure_ascii=False)} = {told} }}"


def faults_of(site: Path) -> Iterator[str]:
    """What a built site must not have: pages that fetch anything from elsewhere, pages without a title, or of no language."""
    for path in sorted(site.rglob("*.html")):
        page = path.read_text(encoding="utf-8")
        name = path.relative_to(site).as_posix()
        language = language_of(name)
        if f'<html lang="{language}"' not in page:
            yield f"{name}: it does not say that it is in {language}."
        if path.name != "404.html" and not re.search(r"<h1[ >]", page):
            yield f"{name}: it has no heading."
        if not re.search(r"<title>[^<]+</title>", page):
            yield f"{name}: it has no title."
        for tag in re.findall(r"<(?:script|link|img|iframe|source|video|audio)\b[^>]*>", page):
            if FETCHED.search(tag) and 'rel="canonical"' not in tag:
                yield f"{name}: it fetches {tag}"
        for tag in re.findall(r"<img\b[^>]*>", page):
            if not re.search(r'\balt="[^"]+"', tag):
                yield f"{name}: {tag} says nothing to those who do not see it."
    for path in site.rglob("*.css"):
        for address in re.findall(r"url\(\s*['\"]?((?:https?:)?//[^)'\"]+)", path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(site)}: it fetches {address}"
