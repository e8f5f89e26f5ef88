"""Pages of help: of a command, short (one screen) or full; of a group; of all."""

from lmkit.cli import command
from lmkit.cli.command import Declaration
from lmkit.cli.declared import Parameter
from lmkit.cli.help.layout import HELP, SCREEN, as_example, examples_of, one_line_rows, paragraphs_of, rows, wrapped
from lmkit.cli.help.options import MORE, OWN, in_short, left, name_of, panels_of, right, synopsis
from lmkit.locales import help_said, said

EXAMPLES = 3  # of a short page
ASKED = (", ".join(HELP), "Help: the most important in one screen, or all.")


def page(called: list[str], module: str, width: int, *, full: bool) -> str:
    """The help of a command, of a group, or, without a name, of all."""
    told = command.declared(module)
    if told.is_group:
        from lmkit.cli.help.lists import group_page, main_page

        return group_page(called, module, width) if called else main_page(module, width)
    parameters = command.parameters_of(told)
    lines = (full_page if full else short_page)(" ".join(["lmkit", *called]), told, parameters, width)
    return "\n".join(lines)


def usage(name: str, parameters: list[Parameter], width: int) -> list[str]:
    """The line that says what stands where."""
    return wrapped(f"{name} {synopsis(parameters)}", width, said("Usage: "), " " * 7)


def full_page(name: str, told: Declaration, parameters: list[Parameter], width: int) -> list[str]:
    """All that there is to say."""
    lines = usage(name, parameters, width)
    for stays, paragraph in paragraphs_of(help_said(told.help)):
        lines.append("")
        if stays:
            lines += [part for line in paragraph for part in as_example(line, width)]
        else:
            lines += wrapped(" ".join(paragraph), width, "  ", "  ")
    arguments = [each for each in parameters if each.is_argument]
    if arguments:
        lines += ["", said("Arguments:"), *rows([(left(each), right(each)) for each in arguments], width)]
    panels = {OWN: list[tuple[str, str]]()}
    panels |= {name: [(left(each), right(each)) for each in listed] for name, listed in panels_of(parameters).items()}
    panels[OWN].append((ASKED[0], said(ASKED[1])))
    for panel, pairs in panels.items():
        lines += ["", said(f"{panel}:"), *rows(pairs, width)]
    return lines


def short_page(name: str, told: Declaration, parameters: list[Parameter], width: int) -> list[str]:
    """One screen: what it does, some examples, its own options in a line each, the names of others."""
    (_, first), *_ = paragraphs_of(help_said(told.help))
    head = [*usage(name, parameters, width), "", *wrapped(" ".join(first), width, "  ", "  ")]
    examples = [part for line in examples_of(help_said(told.help))[:EXAMPLES] for part in as_example(line, width)]
    head += ["", *examples] if examples else []
    arguments = [each for each in parameters if each.is_argument]
    foot = ["", *wrapped(said(f"All that they do: {name} --help"), width)]
    panels = panels_of(parameters)
    own = [*arguments, *panels.pop(OWN, [])]
    more: list[Parameter] = []
    as_rows = rows  # whole, if there is place for that
    while True:
        body = ["", said("Options:")] if own or more else []
        body += as_rows([(left(each, short=True), in_short(each)) for each in own], width)
        named = {MORE: more} | panels
        body += [line for panel, each in named.items() if each for line in names_in(panel, each, width)]
        if len(head) + len(body) + len(foot) <= SCREEN or not own:
            return [*head, *body, *foot]
        if as_rows is rows:
            as_rows = one_line_rows
        else:
            more.insert(0, own.pop(last_that_may_go(own)))


def last_that_may_go(listed: list[Parameter]) -> int:
    """The place of the last that is not important enough to have a short name."""
    places = [place for place, each in enumerate(listed) if not each.is_argument and len(each.names[0]) > 2]
    return places[-1] if places else -1


def names_in(panel: str, listed: list[Parameter], width: int) -> list[str]:
    """The names of the options of a panel."""
    return wrapped(f"{said(f'{panel}:')} {' '.join(map(name_of, listed))}", width, "", "  ")
