"""Ctrl-C, and signals of the system, end a command at any moment: with the right code, no traceback, and nothing left."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import lmkit
from tests.conftest import ROOT, train_text

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
SEED = 17
NUMBERS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
LONGEST = 60  # seconds until a test gives up
BEGIN = "import os, sys; from lmkit.cli import entry; os.write(1, b'.'); "  # tells that Python itself has started
RUN = BEGIN + "os.dup2(os.open(os.devnull, os.O_WRONLY), 1); entry.main()"


def begun(code: str, *arguments: object, **options: Any) -> "subprocess.Popen[bytes]":
    """A process that runs Python code with these arguments, and has told that it began."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        cwd=ROOT,
        **options,
    )
    assert process.stdout is not None
    assert process.stdout.read(1) == b"."
    return process


def ended(process: "subprocess.Popen[bytes]") -> tuple[int, str]:
    """The exit code of a process, and what it told."""
    _, err = process.communicate(timeout=LONGEST)
    return process.returncode, err.decode()


def commands(folder: Path) -> list[list[Any]]:
    """Commands of all kinds; what they write goes to `out` in the folder."""
    text, counts, model = train_text("en"), folder / "counts.safetensors", folder / "model.safetensors"
    counted = lmkit.count_ngrams(text, 3)
    lmkit.save(counted, counts)
    lmkit.save(lmkit.kneser_ney(counted), model)
    out = folder / "out"
    return [
        ["ngram", "train", "-n", 4, text, "-o", out / "x.safetensors"],
        ["ngram", "train", "--kneser-ney", "--resume", text, "-o", out / "x.arpa.gz"],
        ["ngram", "train", "--processes", "--workers", 2, "-n", 2, text, "-o", out / "x.safetensors"],
        ["ngram", "merge", counts, counts, "-o", out / "x.safetensors"],
        ["smooth", "--witten-bell", counts, "-o", out / "x.arpa"],
        ["ngram", "prune", "--keep", 1000, "--history", "self", model, "-o", out / "x.safetensors"],
        ["perplexity", "--by", "token", model, text],
        ["generate", "--count", 100_000, model],
        ["cooc", text, "-o", out / "x.npz"],
        ["vocabulary", "list", text, "-o", out / "x.tsv"],
        ["filter", model, text, "--keep", "50%", "-o", out / "x.txt"],
        ["neural", "train", "--steps", 40, text, "-o", out / "x.safetensors"],
    ]


def test_at_any_moment_a_command_ends_with_its_code_and_leaves_nothing(tmp_path: Path) -> None:
    chance = random.Random(SEED)  # noqa: S311 (no secret)
    out, tmp = tmp_path / "out", tmp_path / "tmp"
    out.mkdir()
    tmp.mkdir()
    listed = commands(tmp_path)
    for place in range(500 if THOROUGH else len(listed)):
        command, number = listed[place % len(listed)], chance.choice(NUMBERS)
        process = begun(RUN, *command, env=os.environ | {"TMPDIR": str(tmp)}, process_group=0)
        time.sleep(chance.random() ** 2 * 1.5)
        process.send_signal(number)
        code, told = ended(process)
        where = (command, number, told)
        assert code in (0, 128 + number), where
        assert "Traceback" not in told, where
        assert "Error" not in told, where
        assert all(not path.name.startswith(".") for path in out.iterdir()), where
        assert all(path.name.startswith("lmkit-job-") for path in tmp.iterdir()), where
        for path in out.iterdir():
            path.unlink()


@pytest.mark.parametrize("number", NUMBERS)
def test_a_signal_that_comes_while_python_ends_changes_no_code(number: int) -> None:
    code = (
        "import os, signal, sys\n"
        "from lmkit.cli import entry\n"
        f"class Late:\n    def __del__(self, kill=os.kill, pid=os.getpid()): kill(pid, {int(number)})\n"
        "sys.late = Late()\n"  # dies when Python takes its modules apart
        "sys.argv[1:] = ['--version']\n"
        "os.write(1, b'.')\n"
        "entry.main()\n"
    )
    assert ended(begun(code)) == (0, "")


@pytest.mark.parametrize(
    ("number", "swallowing"),
    [
        (signal.SIGINT, "list(map(bare, range(10**9)))"),
        (signal.SIGTERM, "[C(callback)(1) for _ in range(10**9)]"),
        (signal.SIGTERM, "[Dying() for _ in range(10**9)]"),
        (signal.SIGHUP, "lock.acquire()"),
        (signal.SIGINT, "import_module()"),
    ],
)
def test_what_swallows_everything_does_not_keep_a_command_from_ending(swallowing: str, number: int) -> None:
    code = (
        "import ctypes, os, threading, time\n"
        "from lmkit.cli import app, signals\n"
        "signals.STUCK = .5\n"
        "C = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)\n"
        "lock = threading.Lock(); lock.acquire()\n"
        "def callback(number): time.sleep(.05); return 0\n"
        "def bare(number):\n"
        "    try: time.sleep(.05)\n"
        "    except: pass\n"
        "def import_module():\n"
        "    try: time.sleep(60)\n"
        "    except BaseException: raise ImportError('DLL load failed') from None\n"
        "class Dying:\n"
        "    def __del__(self): time.sleep(.05)\n"
        f"app.invoke = lambda _: (os.write(1, b'.'), {swallowing})\n"
        "app.main()\n"
    )
    process = begun(code)
    process.send_signal(number)
    code_of, told = ended(process)
    assert code_of == 128 + number
    assert told in ("", "lmkit: interrupted\n")


def test_a_library_that_does_not_let_python_have_its_turn_is_not_waited_for(tmp_path: Path) -> None:
    code = (
        "import ctypes, os, sys\n"
        "from lmkit.cli import app, signals\n"
        "from lmkit.engine.files.outputs import whole_file\n"
        "signals.STUCK = 1\n"
        "library, lock = ctypes.CDLL(None), ctypes.create_string_buffer(128)\n"
        "def work(_):\n"
        "    library.pthread_mutex_init(lock, None)\n"
        "    with whole_file(sys.argv[1] + '/x') as stream:\n"
        "        stream.write(b'half'); stream.flush(); os.write(1, b'.')\n"
        "        for _ in range(2): library.pthread_mutex_lock(lock)\n"  # the second time, for ever
        "app.invoke = work\n"
        "app.main()\n"
    )
    process = begun(code, tmp_path)
    process.terminate()
    assert ended(process) == (128 + signal.SIGTERM, "")
    assert list(tmp_path.iterdir()) == []


def test_a_signal_that_is_ignored_from_the_start_stays_so(tmp_path: Path) -> None:
    """As under nohup."""
    out = tmp_path / "x.safetensors"
    process = begun(
        f"import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); {RUN}",
        "ngram",
        "train",
        train_text("en"),
        "-o",
        out,
    )
    for _ in range(10):
        process.send_signal(signal.SIGHUP)
        time.sleep(0.05)
    assert ended(process)[0] == 0
    assert out.exists()
