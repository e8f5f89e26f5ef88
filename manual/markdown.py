"""Text of the program as Markdown, and a page for each command."""

import re
from collections.abc import Iterable
from html import escape
from pathlib import PurePosixPath

from lmkit.cli.command import TOPICS
from lmkit.cli.declared import Parameter
from lmkit.cli.help.page import ASKED
from manual.commands import Command, explained, program

Pages = dict[str, str]  # Markdown by name of file, within the documentation
COMMANDS = "commands"  # the folder of the pages of commands
IN_CODE = re.compile(r"(`[^`]*`)")
NAMED = re.compile(r"(?<![\w`-])(?:--[a-z][\w-]*|-[a-zA-Z](?![\w-]))")  # an option in a text
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
    for topic in TOPICS:
        lines += [f"## {topic}", ""]
        for each in whole.commands:
            if (each.told.topic or TOPICS[-1]) == topic:
                lines += [f"- {linked(each)}: {prose(each.told.short)}"]
                lines += [f"    - {linked(below)}: {prose(below.told.short)}" for below in each.commands]
        lines += [""]
    lines += [
        "## Beside them",
        "",
        f"- {in_code(ASKED[0].split(', '))}: {prose(ASKED[1])} Behind the name of a command: its own.",
        "- `-V`, `--version`: The version of lmkit.",
        "- `--install-completion`: [Tab completes](../topics/help.md#completion) commands, options and what they take. `--show-completion`: Print what does so.",
        "",
        "Where lmkit is installed, all pages are there as `man lmkit`, `man lmkit-smooth` and so on.",
    ]
    return "\n".join(lines) + "\n"


def command_page(command: Command, documentation: Pages) -> str:
    """What a command does, examples, and each of its options."""
    lines = [f"# {command.called}", "", "```text", command.usage, "```", "", *described(command)]
    if command.commands:
        lines += ["", *(f"- {linked(below)}: {prose(below.told.short)}" for below in command.commands)]
    for panel, listed in command.panels.items():
        lines += ["", f"## {panel}", "", *map(listed_as, listed)]
    if pages := told_of_in(command, documentation):
        lines += ["", "## At work", "", *(f"- [{title_of(documentation[page])}](../{page})" for page in pages)]
    return "\n".join(lines) + "\n"


def described(command: Command) -> list[str]:
    """The paragraphs of help; examples as lines of a shell."""
    lines: list[str] = []
    for is_example, told in command.paragraphs:
        lines += ["", *(["```sh", *told, "```"] if is_example else [prose(" ".join(told))])]
    return lines[1:]


def listed_as(parameter: Parameter) -> str:
    """An option or an argument, with what is said of it, and with an anchor."""
    names = [parameter.metavar] if parameter.is_argument else parameter.names
    value = "" if parameter.is_argument or parameter.is_flag else f" `{parameter.metavar}`"
    return f'- <a id="{anchor_of(parameter)}"></a>{in_code(names)}{value}: {prose(explained(parameter))}'


def in_code(names: Iterable[str]) -> str:
    """Names one after the other."""
    return ", ".join(f"`{name}`" for name in names)


def anchor_of(parameter: Parameter) -> str:
    """What a link to an option or an argument ends in: `option-order`."""
    return f"option-{re.sub(r'[^a-z0-9]+', '-', parameter.long_name.lower()).strip('-')}"


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
