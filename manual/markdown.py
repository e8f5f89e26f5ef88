"""Text of the program as Markdown, and a page for each command."""

import re
from html import escape
from pathlib import PurePosixPath

from manual.commands import Command, Parameter, program

Pages = dict[str, str]  # Markdown by name of file, within the documentation
COMMANDS = "commands"  # the folder of the pages of commands
IN_CODE = re.compile(r"(`[^`]*`)")
NAMED = re.compile(r"(?<![\w`-])--[a-z][\w-]*")  # an option in a text
SHOWN_IN = ("tutorial.md", "how-to", "coming-from", "topics", "languages", "course/en")  # where to look for more


def command_pages(documentation: Pages) -> Pages:
    """A page for each command and each group, and one that lists them. documentation: where more is told of them."""
    whole = program()
    pages = {page_of(each): command_page(each, documentation) for each in whole.walk() if each.name}
    return {f"{COMMANDS}/index.md": list_of_commands(whole)} | pages


def page_of(command: Command) -> str:
    """The file of a command."""
    return f"{COMMANDS}/{command.name.replace(' ', '-') or 'index'}.md"


def list_of_commands(whole: Command) -> str:
    """What there is, and what the program itself can be told."""
    lines = ["# Commands", "", *described(whole), ""]
    for each in whole.commands:
        lines += [f"- {linked(each)}: {prose(each.short)}"]
        lines += [f"    - {linked(below)}: {prose(below.short)}" for below in each.commands]
    lines += ["", "## What all of them have", "", *explained(whole.parameters)]
    lines += [
        "- `-h`, `--help`: help, with examples; behind the name of a command, its own.",
        "- `--install-completion`: the shell completes commands, options and what they take. `--show-completion`: print how.",
        "",
        "All pages are there as `man lmkit`, `man lmkit-smooth` and so on, too, where lmkit is installed.",
    ]
    return "\n".join(lines) + "\n"


def command_page(command: Command, documentation: Pages) -> str:
    """What a command does, examples, and each of its options."""
    lines = [f"# {command.called}", "", "```text", command.usage, "```", "", *described(command)]
    if command.commands:
        lines += ["", *(f"- {linked(below)}: {prose(below.short)}" for below in command.commands)]
    for panel, listed in command.panels.items():
        lines += ["", f"## {panel}", "", *explained(listed)]
    if pages := told_of_in(command, documentation):
        lines += ["", "## At work", "", *(f"- [{title_of(documentation[page])}](../{page})" for page in pages)]
    return "\n".join(lines) + "\n"


def described(command: Command) -> list[str]:
    """The paragraphs of help; examples as lines of a shell."""
    lines: list[str] = []
    for each in command.paragraphs:
        lines += ["", *(["```sh", *each.lines, "```"] if each.is_example else [prose(each.text)])]
    return lines[1:]


def explained(parameters: list[Parameter]) -> list[str]:
    """Options or arguments, each with what is said of it, and with an anchor."""
    return [
        f'- <a id="{anchor_of(each)}"></a>{", ".join(f"`{name}`" for name in each.names)}'
        f"{f' `{each.value}`' if each.value and not each.is_argument else ''}: {prose(each.told)}"
        for each in parameters
    ]


def anchor_of(parameter: Parameter) -> str:
    """What a link to an option or an argument ends in: `option-order`."""
    return f"option-{re.sub(r'[^a-z0-9]+', '-', parameter.names[-1].lower()).strip('-')}"


def linked(command: Command) -> str:
    """A command with a link to its page."""
    return f"[`{command.called}`]({PurePosixPath(page_of(command)).name})"


def told_of_in(command: Command, documentation: Pages) -> list[str]:
    """The pages that show a command at work, those that show it most often first."""
    called = re.compile(rf"\blmkit {re.escape(command.name)}(?![\w-])")
    shown = {page: len(called.findall(text)) for page, text in documentation.items() if page.startswith(SHOWN_IN)}
    return sorted((page for page, times in shown.items() if times), key=lambda page: (-shown[page], page))[:8]


def title_of(page: str) -> str:
    """The first heading of a page."""
    found = re.search(r"^# (.+)$", page, re.MULTILINE)
    return found[1] if found else ""


def prose(text: str) -> str:
    """A text in which no character means anything to Markdown or HTML, outside of code."""
    parts = IN_CODE.split(
        NAMED.sub(lambda option: f"`{option[0]}`" if outside(text, option.start()) else option[0], text)
    )
    return "".join(part if place % 2 else plain(part) for place, part in enumerate(parts))


def outside(text: str, place: int) -> bool:
    """Whether a place of a text is outside of code."""
    return text.count("`", 0, place) % 2 == 0


def plain(text: str) -> str:
    """A text without code in which no character means anything."""
    return escape(re.sub(r"([\\*_\[\]#])", r"\\\1", text), quote=False)
