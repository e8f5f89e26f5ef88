"""The lines that tests run in their own process end and print as they do in a shell."""

from pathlib import Path

import pytest

from tests.conftest import shell, text_file
from tests.shell_lines import commands_of, run_line


@pytest.mark.parametrize(
    "line",
    [
        "COLUMNS=40 lmkit plot heaps --ascii corpora/toy.tok | tail -n 2 && cut -d ' ' -f 1 < corpora/toy.tok",
        "printf '%s\\n' 'a  b' | lmkit count --nonsense | cat && echo 'not reached'",
    ],
)
def test_lines_are_run_here_as_in_a_shell(line: str) -> None:
    assert commands_of(line) is not None
    here, there = run_line(line), shell(line)
    assert (here.returncode, here.stdout, here.stderr) == (there.returncode, there.stdout, there.stderr)


def test_redirections_and_quoted_words_are_understood(tmp_path: Path) -> None:
    text_file(tmp_path, "a | b && c\n", "x y")
    assert (
        run_line("lmkit count -q < 'x y' > counts && cat counts", tmp_path).stdout == b"&&\t1\na\t1\nb\t1\nc\t1\n|\t1\n"
    )
    (command,) = commands_of("""COLUMNS="4 0" lmkit next m 'a | b' "c > d" """) or []
    assert (command.arguments, command.variables) == (["next", "m", "a | b", "c > d"], {"COLUMNS": "4 0"})


@pytest.mark.parametrize(
    "line",
    [
        "lmkit count *",
        'lmkit count "$HOME"',
        "lmkit count <(cat x)",
        "lmkit count x; true",
        "lmkit count x || true",
        "lmkit count x &",
        "lmkit count x 2> y",
        "lmkit count x >> y",
        "lmkit count a\\ b",
    ],
)
def test_what_only_a_shell_understands_is_left_to_it(line: str) -> None:
    assert commands_of(line) is None
