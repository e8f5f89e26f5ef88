"""Pages that list commands: of a group, and of all, by what people want to do."""

from lmkit.cli import command
from lmkit.cli.command import TOPICS
from lmkit.cli.help.layout import SCREEN, as_example, one_line_rows, wrapped
from lmkit.locales import help_said, said

FIRST_STEPS = (  # on texts that come with lmkit: they work as they stand
    "lmkit ngram train --kneser-ney lmkit:fr.train.tok -o fr.safetensors",
    "lmkit perplexity fr.safetensors lmkit:fr.test.tok",
    "lmkit generate fr.safetensors --count 3",
)


def group_page(called: list[str], module: str, width: int) -> str:
    """The help of a group: its commands."""
    name = " ".join(["lmkit", *called])
    listed = [(each, said(told.short)) for each, told in command.glimpsed(module).items()]
    lines = [
        f"{said('Usage: ')}{name} COMMAND ...",
        "",
        *wrapped(help_said(command.declared(module).help), width, "  ", "  "),
    ]
    lines += [
        "",
        said("Commands:"),
        *one_line_rows(listed, width),
        "",
        *wrapped(said(f"More: {name} COMMAND -h"), width),
    ]
    return "\n".join(lines)


def main_page(module: str, width: int) -> str:
    """The help of all: first steps, then the commands by what people want to do."""
    lines = [
        f"{said('Usage: ')}lmkit COMMAND ...",
        "",
        *wrapped(help_said(command.declared(module).help), width, "  ", "  "),
    ]
    lines += ["", said("First steps:"), *(part for line in FIRST_STEPS for part in as_example(line, width))]
    known = command.glimpsed(module)
    column = max(map(len, map(said, TOPICS))) + 2
    rows = one_line_rows([(name, said(told.short)) for name, told in known.items()], width - column, "")
    apart = [""] if len(lines) + len(rows) + len(TOPICS) + 2 < SCREEN else []
    lines += [""] * (not apart and len(lines) + len(rows) + 4 <= SCREEN)
    for topic in TOPICS:
        listed = [row for row, told in zip(rows, known.values(), strict=True) if (told.topic or TOPICS[-1]) == topic]
        lines += [*apart, *(f"{'' if place else said(topic):{column}}{row}" for place, row in enumerate(listed))]
    lines += ["", *wrapped(said("More: lmkit COMMAND -h, or --help for all; --version; --install-completion"), width)]
    return "\n".join(lines)
