"""Options over all commands: one name for one thing, one thing under a name; former names work, and say so."""

import re
from collections import defaultdict
from collections.abc import Iterator

import pytest

from lmkit.cli import command
from lmkit.cli.declared import Parameter
from lmkit.cli.nearest import everything
from tests.conftest import TOY, Run

COMMANDS = {name: told for name, told in everything() if not told.is_group}

# Names that mean one thing, which help says for what each command makes of it.
SAID_FOR_THE_COMMAND = {
    "--append": "the records as they came, with what was found about them",
    "--architecture": "which kind of network is trained",
    "--association": "what becomes of counts of words that stand near each other",
    "--by": "what has a figure of its own",
    "--classes": "the file of word classes",
    "--cutoff": "words seen fewer times are unknown: in the text, or in all texts that were counted",
    "--data": "the file of the points of a curve",
    "--dimensions": "the length of vectors",
    "--discount-fallback": "what takes the place of discounts that cannot be estimated",
    "--dropout": "the share of numbers that training leaves out",
    "--epochs": "how often training sees the text; a part of a time, where it can stop within one",
    "--explain": "formulas with the numbers in them",
    "--fail-above": "the limit above which the exit code is 3",
    "--fit-from": "where the fit begins: in tokens, or ranks",
    "--fit-to": "where the fit ends: in tokens, or ranks",
    "--from": "the file that training goes on from",
    "--held-out": "text that was not trained on, and what it decides",
    "--id": "the field that names records",
    "--ids": "numbers of tokens in place of text: written, or read",
    "--json": "JSON on standard output",
    "--keep": "how many of the best are kept, as a number or a share",
    "--kneser-ney": "Kneser-Ney smoothing",
    "--language": "of the rules of sentences, with the default of the command; of a demonstration",
    "--learning-rate": "the length of the steps of training",
    "--memory": "the memory to keep to, and what becomes of what takes more",
    "--min-count": "the least count of what is looked at",
    "--optimizer": "what makes the steps of training",
    "--order": "the length of n-grams; several, where there may be several models",
    "--output": "where the result goes, and what its name may end in",
    "--precision": "the digits of log10 values in a file",
    "--resume": "go on with what was broken off",
    "--samples": "how many random samples are taken",
    "--seed": "of random numbers, and what they decide",
    "--sentences": "what a sentence is, with the default of the command",
    "--steps": "how many steps training takes",
    "--strict": "what is a warning otherwise is an error",
    "--temperature": "scores are divided by it before the softmax",
    "--to": "the format of the output, of those that it may have",
    "--top": "only the first, the best or the most frequent ones; 0 is all",
    "--unit-length": "vectors as long as each other",
    "--unknown-word": "the word that stands for unknown ones: in texts, in an ARPA file",
    "--vocabulary": "the file of the words that are kept",
    "--vocabulary-size": "how many words, or subwords, are known",
    "--weight": "of each of several files, in their order: whole for counts",
    "--words": "words that are shown",
    "--workers": "how much is done at the same time",
}
TYPES = {  # those of them whose values differ
    "--architecture": "networks, or the two of word2vec",
    "--association": "vectors may also be made of the cells as they are",
    "--by": "matches are between texts, not files",
    "--epochs": "word2vec reads whole texts",
    "--optimizer": "what each can be trained by",
    "--order": "several models at once",
    "--weight": "counts stay whole numbers",
    "--words": "of classes, it was an option that was given again",
}
WITHOUT_WORKERS = {"sentences": "reads one line after the other"}  # of those that read text


def options() -> Iterator[tuple[str, Parameter]]:
    """All options, with the commands that have them."""
    for name, told in COMMANDS.items():
        for each in command.parameters_of(told):
            if not each.is_argument:
                yield name, each


def said_of(parameter: Parameter) -> str:
    """What help says, without the default."""
    return re.sub(r" ?\[default.*?\]", "", parameter.told.how.get("help", ""))


def test_a_name_means_one_thing() -> None:
    said, types = defaultdict(set), defaultdict(set)
    for _, each in options():
        said[each.long_name].add(said_of(each))
        types[each.long_name].add((str(each.kind), each.several))
    assert sorted(name for name, texts in said.items() if len(texts) > 1) == sorted(SAID_FOR_THE_COMMAND)
    assert sorted(name for name, kinds in types.items() if len(kinds) > 1) == sorted(TYPES)


OPTION = re.compile(r"(?<![\w'\"-])--[a-z][a-z0-9-]*[a-z0-9](?!\.\w|/)")
COMMAND = re.compile(r"lmkit ((?:[a-z0-9]+ ?)+)")


def options_in_reach_of(text: str) -> set[str]:
    """The options of all commands that a text names."""
    named = {" ".join(command.found_by(words.split())[0]) for words in COMMAND.findall(text)}
    return {switch for name, each in options() if name in named for switch in each.names}


def test_help_names_no_option_that_the_command_has_not() -> None:
    """But for those of other commands that it names."""
    missing = []
    for name, told in COMMANDS.items():
        parameters = command.parameters_of(told)
        own = {switch for each in parameters if not each.is_argument for switch in each.names}
        for text in (told.help, *(each.told.how.get("help", "") for each in parameters)):
            strange = set(OPTION.findall(text)) - own
            missing += [(name, option) for option in strange - (options_in_reach_of(text) if strange else set())]
    assert missing == []


def test_short_names_stand_for_the_same_long_ones() -> None:
    long = defaultdict(set)
    for _, each in options():
        for name in each.names:
            if len(name) == 2:
                long[name].add(each.long_name)
    assert long == {
        "-n": {"--order"},
        "-o": {"--output"},
        "-q": {"--quiet"},
        "-d": {"--dimensions"},
        "-k": {"--number"},
    }


def test_one_thing_has_one_name() -> None:
    named = defaultdict(set)
    for _, each in options():
        named[said_of(each)].add(each.long_name)
    assert {text: names for text, names in named.items() if len(names) > 1} == {}


def test_former_names_are_no_names_of_the_same_command() -> None:
    for name, told in COMMANDS.items():
        parameters = [each for each in command.parameters_of(told) if not each.is_argument]
        now = [switch for each in parameters for switch in each.names]
        former = [switch for each in parameters for switch in each.formerly]
        assert len({*now, *former}) == len(now) + len(former), name


def test_zero_is_all_wherever_there_is_top() -> None:
    for name, each in options():
        if each.long_name == "--top":
            assert each.told.how.get("min") == 0, name
            assert "0: all" in said_of(each) or "0: from all" in said_of(each), name


def test_every_command_can_be_quiet_and_every_reader_of_text_be_told_its_threads() -> None:
    for name, told in COMMANDS.items():
        parameters = command.parameters_of(told)
        names = {switch for each in parameters if not each.is_argument for switch in each.names}
        assert {"-q", "--quiet"} <= names, name
        if "--encoding-errors" in names and "--tokenizer" in names:
            assert "--workers" in names or name in WITHOUT_WORKERS, name


def test_only_commands_that_may_read_a_model_can_be_forced() -> None:
    forced = {name for name, each in options() if each.long_name == "--force"}
    assert forced == {
        "perplexity",
        "compare",
        "filter",
        "plot surprisal",
        "vocabulary list",
        "vocabulary compare",
    }


@pytest.mark.parametrize(
    ("line", "former", "now"),
    [
        (["functions", "gelu", "--from", "0", "--points", "2"], "--from", "--low"),
        (["vocabulary", "list", TOY, "--size", "3"], "--size", "--top"),
        (["vocabulary", "list", TOY, "--cutoff", "2"], "--cutoff", "--min-count"),
        (["cooc", TOY, "--ppmi", "--alpha", "0.5"], "--alpha", "--context-power"),
        (["optimizers", "--function", "bowl", "--rate", "0.1"], "--rate", "--learning-rate"),
    ],
)
def test_former_names_work_with_a_notice(lmkit_run: Run, line: list[str], former: str, now: str) -> None:
    old = lmkit_run(*line)
    new = lmkit_run(*(now if word == former else word for word in line))
    notice = f"lmkit: {former} is called {now} now; the old name works in this release, and not in the next.\n"
    assert (old.code, old.out, old.err) == (0, new.out, notice + new.err)
    assert new.code == 0


def test_a_former_share_to_hold_out_is_taken_for_one(lmkit_run: Run) -> None:
    result = lmkit_run("neural", "train", "-q", "--architecture", "bigram", "--held-out", "2", "--steps", "1", TOY)
    assert result.err.startswith("lmkit: --held-out 2 is called --held-out-share now;")


@pytest.mark.parametrize(("share", "number"), [("1%", "0.01"), ("12.5 %", "0.125"), ("x%", "0.5"), ("x", "0.5")])
def test_a_percentage_where_a_number_is_wanted_is_told_as_that_number(lmkit_run: Run, share: str, number: str) -> None:
    result = lmkit_run("compare", "a", "b", TOY, "--fail-worse-by", share)
    assert (result.code, result.err.splitlines()[1]) == (2, f"Write it as {number}.")
