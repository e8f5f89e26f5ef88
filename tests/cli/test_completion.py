"""Completion: what lmkit answers shells, and that these ask for it as they are told to."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lmkit.cli import command
from lmkit.cli.completion.answering import complete, split
from lmkit.cli.completion.file_names import ENDS, FOLDERS, KINDS, first_word
from lmkit.cli.completion.scripts import SCRIPTS
from lmkit.smoothing.registry import with_flags
from lmkit.text.tokens.registry import TOKENIZERS
from tests.conftest import ROOT, Run, shell

Answer = Callable[..., list[str]]


@pytest.fixture
def answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Answer:
    """What may stand at the end of a line, in a folder with some files."""
    for name in ("a.arpa", "b.safetensors", "c.txt", ".hidden", "words.vec"):
        (tmp_path / name).write_text("", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "d.arpa").write_text("", encoding="utf-8")
    (tmp_path / "t.jsonl").write_text('{"id": 1, "doc": {"text": "a", "lang": "fr"}}\n', encoding="utf-8")
    (tmp_path / "t.csv").write_text('a,"b c"\n1,2\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def answered(line: str, shell: str = "powershell") -> list[str]:
        complete(shell, line)
        return capsys.readouterr().out.splitlines()

    return answered


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("lmkit ngr", ["words", "ngram"]),
        ("lmkit help ngram che", ["words", "check"]),
        ("lmkit --ver", ["words", "--version"]),
        ("lmkit --show-completion z", ["words", "zsh"]),
        ("lmkit ngram train --kn", ["words", "--kneser-ney"]),
        ("lmkit ngram mix --tu", ["words"]),  # a former name
        ("lmkit count --no-low", ["words", "--no-lowercase"]),
        ("lmkit count --unit ", ["words", "word", "character", "byte"]),
        ("lmkit count --unit=by", ["words", "--unit=byte"]),
        ("lmkit count -n ", ["words"]),
        ("lmkit smooth --alpha ", ["words"]),
        ("lmkit ngram check a.arpa --repair -o a", ["files", "a.arpa"]),
        ("lmkit count c", ["files", "c.txt"]),
        ("lmkit count .h", ["files", ".hidden"]),
        ("lmkit count lmkit:toy.t", ["files", "lmkit:toy.test.tok", "lmkit:toy.tok"]),
        ("lmkit perplexity ", ["files", "a.arpa", "b.safetensors", "folder/"]),
        ("lmkit perplexity folder/", ["files", "folder/d.arpa"]),
        ("lmkit perplexity a.arpa c", ["files", "c.txt"]),
        ("lmkit perplexity --by token a.arpa t.c", ["files", "t.csv"]),
        ("lmkit vectors info w", ["files", "words.vec"]),
        ("lmkit count --tmp f", ["files", "folder/"]),
        ("lmkit count t.jsonl --field ", ["words", "id", "doc.text", "doc.lang"]),
        ("lmkit perplexity a.arpa t.csv --id ", ["words", "a", "b c"]),
        ("lmkit count c.txt --field ", ["words"]),
        ("lmkit optimizers --optimizer adam", ["words", "adam", "adamw"]),
        ("lmkit functions gelu", ["words", "gelu", "gelu-tanh"]),
        ("lmkit smooth x --to arpa", ["words", "arpa", "arpa.gz"]),
        ("lmkit plot perplexity c t --smoothing katz,lap", ["words", "katz,laplace"]),
        ("lmkit nothing x", ["words"]),
        ("lmkit info a.arpa ", ["words"]),
    ],
)
def test_what_may_stand_there_is_answered(answer: Answer, line: str, expected: list[str]) -> None:
    assert answer(line) == expected


def test_names_of_tokenizers_and_smoothings_are_those_of_their_registries(answer: Answer) -> None:
    assert answer("lmkit count --tokenizer ")[1:][: len(TOKENIZERS)] == [*TOKENIZERS]
    assert set(answer("lmkit plot perplexity c t --smoothing ")[1:]) == {"all", *with_flags()}


NO_FILES = {  # what stands in help for texts that are no names of files
    "0,0,1", "A:B,C:D", "CHAPTER", "D1,D2", "FIELD", "FORMAT", "GLOB", "HISTORY", "LIST", "NAME", "NAME,NAME", "NAME=P,", "NUMBER",
    "N|P%", "PREFIX", "SENTENCE", "SHARE", "SIZE", "TITLE", "URL", "VECTOR", "WORD", "WORD,WORD", "WORDS", "X,Y", "X,Y,",
}  # fmt: skip


def test_files_are_told_by_what_stands_for_them_and_all_else_is_known_to_be_none() -> None:
    named = {
        first_word(each.metavar)
        for name in command.names()
        for each in command.parameters_of(command.declared(command.found_by(name.split())[1]))
        if each.kind in (str, Path) and not each.choices
    }
    assert named == {*KINDS, *ENDS, *FOLDERS, *NO_FILES}


def test_commands_are_glimpsed_as_they_are_declared() -> None:
    def check(package: str) -> None:
        modules = command.Commands(package).modules()
        told = {name: command.declared(module) for name, module in modules.items()}
        seen = {name: command.Glimpse(each.short, each.after, each.topic) for name, each in told.items()}
        assert list(command.glimpsed(package).items()) == list(seen.items())
        for module in modules.values():
            if command.declared(module).is_group:
                check(module)

    check(command.COMMANDS)


def test_shells_get_what_they_can_show(answer: Answer) -> None:
    assert answer("lmkit ngram inf", "fish") == ["words", "info\tSay what is in a model or counts file."]
    assert answer("lmkit ngram inf", "zsh") == ["words", "info:Say what is in a model or counts file."]
    assert answer("lmkit count --tokenizer nltk:tok", "zsh") == ["words", "nltk\\:toktok"]
    assert answer("lmkit count --tokenizer nltk:tok", "bash") == ["words", "toktok"]  # nltk: is a word of its own


@pytest.mark.parametrize(
    ("line", "words", "begun"),
    [
        ("lmkit count ", ["lmkit", "count"], ""),
        ("lmkit co", ["lmkit"], "co"),
        ("lmkit count 'a b", ["lmkit", "count"], "a b"),
        ('lmkit count "a b', ["lmkit", "count"], "a b"),
        ("lmkit count a\\ b", ["lmkit", "count"], "a b"),
        ("lmkit next m 'le chat' ", ["lmkit", "next", "m", "le chat"], ""),
        ("", [], ""),
    ],
)
def test_lines_are_split_as_shells_do_it(line: str, words: list[str], begun: str) -> None:
    assert split(line) == (words, begun)


def test_completing_imports_little() -> None:
    code = "import sys; from lmkit.cli.app import main; main(); print('modules:', *sys.modules)"
    for line in ("lmkit ", "lmkit ngram train --"):
        environment = os.environ | {"_LMKIT_COMPLETE": "zsh", "_LMKIT_LINE": line}
        ended = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, check=True, env=environment)
        out, _, modules = ended.stdout.decode().partition("modules:")
        assert len(out.splitlines()) > 20
        assert {"numpy", "pyarrow", "scipy", "rich", "nltk"} & set(modules.split()) == set()
        assert "lmkit.cli.commands.filter" not in modules.split()


IN_BASH = """
. <(lmkit --show-completion bash)
COMP_LINE={line} COMP_POINT={point}
_lmkit_completion lmkit
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def test_bash_asks_as_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "my text.txt").write_text("", encoding="utf-8")
    for line, expected in (
        ("lmkit count my", "my text.txt"),
        ("lmkit ngram chec --all", "check"),  # the cursor stands before what follows
        ("lmkit count --tokenizer=nltk:tok", "toktok"),
    ):
        point = len("lmkit ngram chec") if "chec" in line else len(line)
        result = shell(f"cd '{tmp_path}'; {IN_BASH.format(line=shlex.quote(line), point=point)}")
        assert (result.stdout.decode(), result.stderr.decode()) == (f"{expected}\n", "")


IN_ZSH = """
compdef() {{ print compdef $@ }}  # that of zsh's own completion, which is not loaded here
_describe() {{ print -rl -- $@ }}
compadd() {{ print -rl -- $@ }}
. {script}
words=({line}) CURRENT=$#words
_lmkit
"""


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("lmkit ngram chec", ["-V", "lmkit", r"(check:Find\ and\ repair\ what\ is\ wrong\ with\ a\ model.)"]),
        ("lmkit count corpora/toy.t", ["-f", "--", "corpora/toy.test.tok", "corpora/toy.tok"]),
        ("lmkit count nothing", []),
    ],
)
def test_zsh_asks_as_it_is_told(tmp_path: Path, line: str, expected: list[str]) -> None:
    script = tmp_path / "completion.zsh"
    script.write_text(SCRIPTS["zsh"], encoding="utf-8")
    asked = IN_ZSH.format(script=script, line=line)
    ended = subprocess.run(["zsh", "-f", "-c", asked], capture_output=True, check=True, cwd=ROOT)
    assert ended.stdout.decode().splitlines() == ["compdef _lmkit lmkit", *expected]


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
def test_fish_asks_as_it_is_told(tmp_path: Path) -> None:
    script = tmp_path / "lmkit.fish"
    script.write_text(SCRIPTS["fish"], encoding="utf-8")
    asked = f"source {script}; complete -C 'lmkit ngram chec'"
    ended = subprocess.run(["fish", "--no-config", "-c", asked], capture_output=True, check=True)
    assert ended.stdout.decode() == "check\tFind and repair what is wrong with a model.\n"


@pytest.mark.parametrize(
    ("name", "start", "place"),
    [
        ("bash", ".bashrc", ".local/share/lmkit/completion.bash"),
        ("zsh", ".zshrc", ".local/share/lmkit/completion.zsh"),
        ("fish", None, ".config/fish/completions/lmkit.fish"),
    ],
)
def test_completion_is_installed_once_where_the_shell_looks(
    lmkit_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, start: str | None, place: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("SHELL", f"/usr/bin/{name}")
    if start:
        (tmp_path / start).write_text("alias x=y", encoding="utf-8")
    for _ in range(2):
        told = lmkit_run("--install-completion").err
        assert told == f"lmkit: completion for {name} is in {tmp_path / place}; shells that begin from now on have it\n"
    assert (tmp_path / place).read_text(encoding="utf-8") == lmkit_run("--show-completion", name).out == SCRIPTS[name]
    if start:
        assert (tmp_path / start).read_text(encoding="utf-8") == f"alias x=y\n. '{tmp_path / place}'\n"


def test_other_shells_are_refused_with_those_that_there_are(lmkit_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/ksh")
    result = lmkit_run("--install-completion")
    assert (result.code, result.err) == (
        2,
        "lmkit: ksh is no shell that lmkit completes command lines for.\nName one of bash, zsh, fish, powershell: lmkit --show-completion bash\n",
    )
