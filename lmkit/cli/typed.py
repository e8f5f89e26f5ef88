"""The commands as typer has them: it reads every command line that is not plain, and what it finds wrong is said in lmkit's words."""

from collections.abc import Iterator, Mapping, Sequence
from inspect import Parameter as Signed
from inspect import Signature
from itertools import islice, pairwise
from types import GenericAlias
from typing import Annotated, Any, cast

import typer
from typer.core import TyperCommand, TyperGroup

from lmkit.cli import command
from lmkit.cli.command_lines import Switch, is_negative_number, is_option, switches_of
from lmkit.cli.declared import Parameter
from lmkit.cli.help.layout import HELP, width_of_terminal
from lmkit.cli.help.page import page
from lmkit.cli.nearest import no_such_option, nothing_given
from lmkit.cli.output import rendering
from lmkit.cli.values import shown, values_of
from lmkit.errors import UsageError


def root() -> TyperGroup:
    """The command that all others belong to."""
    return cast("TyperGroup", built([], command.COMMANDS))


def built(called: list[str], module: str) -> TyperCommand | TyperGroup:
    """The command or group that a module has declared, by its full name."""
    told = command.declared(module)
    name = called[-1] if called else "lmkit"
    maker = typer.Typer(name=name, rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
    if told.is_group:
        maker.callback(help=told.help, short_help=told.short)(lambda: None)
        group = typer.main.get_group(maker)
        group.commands = cast("dict[str, Any]", Built(called, module))
        return group
    work, _ = command.spread(told.run)
    parameters = command.parameters_of(told)

    class Own(SingleCommand):
        pass

    Own.called, Own.module, Own.parameters = called, module, parameters

    def run(**written: Any) -> None:
        work(**values_of(parameters, as_written(written)))

    run.__signature__ = Signature(list(map(for_typer, parameters)))  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: for_typer(each).annotation for each in parameters}
    maker.command(
        name, help=told.help, short_help=told.short, cls=Own, context_settings={"help_option_names": [*HELP]}
    )(run)
    return cast("TyperCommand", typer.main.get_command(maker))


class Built(Mapping[str, Any]):
    """The commands and groups of a group by name, in the order of help; each is made when it is asked for."""

    def __init__(self, called: list[str], module: str) -> None:
        self._called, self._modules = called, command.Commands(module).modules()
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = built([*self._called, name], self._modules[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


def as_written(found: Mapping[str, Any]) -> dict[str, Any]:
    """What typer has read, without empty lists, which stand for what is not written."""
    return {name: value for name, value in found.items() if value not in ([], ())}


def for_typer(parameter: Parameter) -> Signed:
    """A parameter as typer takes it: words are left as they are, and None stands for what is not written (see `values`)."""
    kind: Any = (
        bool if parameter.is_flag else GenericAlias(tuple, (str,) * parameter.number) if parameter.number > 1 else str
    )
    kind = list[str] if parameter.several else kind
    names = [f"{yes}/{no}" if no else yes for yes, no in parameter.switches]
    told = typer.Argument(metavar=parameter.metavar) if parameter.is_argument else typer.Option(*names)
    default = Signed.empty if parameter.is_required else None
    return Signed(parameter.name, Signed.KEYWORD_ONLY, annotation=Annotated[kind | None, told], default=default)


class SingleCommand(TyperCommand):
    """A command that shows lmkit's help, and takes negative numbers and former names of its options."""

    called: list[str]
    module: str
    parameters: list[Parameter]
    help_is_full = False

    def get_help(self, ctx: Any) -> str:  # noqa: ARG002 (typer's)
        """Help: one screen, or all."""
        return page(self.called, self.module, width_of_terminal(), full=self.help_is_full)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words. UsageError for what is wrong."""
        told, switches = command.declared(self.module), switches_of(self.parameters)
        words = list(renamed(told.rewrite(args) if told.rewrite else args, switches))
        self.help_is_full = HELP[1] in words
        try:
            return super().parse_args(ctx, numbers_as_arguments(words, switches))
        except Exception as error:
            if not hasattr(error, "format_message"):  # typer's usage errors have it
                raise
            raise self.in_our_words(error, switches) from None

    def in_our_words(self, error: Any, switches: Mapping[str, Switch]) -> UsageError:
        """What typer found wrong."""
        arguments = [each for each in self.parameters if each.is_argument]
        kind, name = type(error).__name__, getattr(error, "option_name", "")
        if kind == "NoSuchOption":
            return no_such_option(self.called, self.module, name)
        if kind == "MissingParameter":
            missing = next(each for each in self.parameters if each.name == error.param.name)
            return nothing_given(self.called, command.declared(self.module), missing)
        if kind == "BadOptionUsage" and name in switches:
            return UsageError(f"{name} needs a value.", f"Write {name} {switches[name].parameter.metavar}.")
        if "extra argument" in (message := error.format_message()):
            word = message.rpartition("(")[2].removesuffix(")").split(" ")[0]
            return one_too_many(arguments, word)
        return UsageError(message)


def one_too_many(arguments: Sequence[Parameter], word: str) -> UsageError:
    """The error for an argument that there is no place for."""
    listed = " ".join(each.metavar for each in arguments)
    said = f"{shown(word)} is one argument too many."
    if not arguments:
        return UsageError(said, "This command takes options alone.")
    return UsageError(said, f"The arguments are {listed}; a text with spaces stands in quotes.")


def renamed(words: Sequence[str], switches: Mapping[str, Switch]) -> Iterator[str]:
    """The words, with options called as they are now. UsageError where an option has one dash for two, or stands where a value has to."""
    end = words.index("--") if "--" in words else len(words)
    for word, following in pairwise([*words[:end], ""]):
        name, equals, value = word.partition("=")
        switch = switches.get(name)
        if (
            switch is None
            and is_option(word)
            and not word.startswith("--")
            and len(name) > 2
            and f"-{name}" in switches
        ):
            raise UsageError(f"{word} has one dash, and names of several letters have two.", f"Write -{word}.")
        if switch is not None and switch.sets is None and not equals and following.partition("=")[0] in switches:
            raise UsageError(
                f"{name} needs a value, and {following} follows.", f"Write {name} {switch.parameter.metavar}."
            )
        if switch is not None and switch.sets is not None and equals:
            raise UsageError(f"{name} takes no value, and {shown(value)} was given.", f"Write {name} alone.")
        if switch is not None and switch.renamed is not None:
            rendering.tell_renamed(name, switch.renamed)
            word = switch.renamed + equals + value  # noqa: PLW2901 (it is the same option)
        yield word
    yield from words[end:]


def numbers_as_arguments(words: Sequence[str], switches: Mapping[str, Switch]) -> list[str]:
    """A command line for typer, which takes whatever begins with - for an option: if there are negative arguments, all stand behind --.

    Values of options may be negative, too, and stay with them.
    """
    options, arguments = list[str](), list[str]()
    rest = iter(words)
    for word in rest:
        if word == "--":
            arguments += rest
        elif not is_option(word):
            arguments.append(word)
        else:
            options += [word, *islice(rest, words_behind(word, switches))]
    return [*options, "--", *arguments] if any(map(is_negative_number, arguments)) else list(words)


def words_behind(word: str, switches: Mapping[str, Switch]) -> int:
    """How many of the words behind it are the value of an option, or of the last of several in one word, as -qn."""
    if word.startswith("--"):
        return switches[word].parameter.number if word in switches and switches[word].sets is None else 0
    taking = [
        place
        for place in range(1, len(word))
        if (found := switches.get(f"-{word[place]}")) is not None and found.sets is None
    ]
    return 1 if taking[:1] == [len(word) - 1] else 0
