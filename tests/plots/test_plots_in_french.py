"""Each kind of plot in French: no word of ours in it is English."""

import re
import shlex
from html import unescape
from pathlib import Path

import pytest

from lmkit.plots.files import WRITERS
from tests.conftest import text_file
from tests.shell_lines import on_terminal, run_line

TEXT = "le chat noir dort\nle chien noir court\nma mère va au marché\nma sœur va au marché\n" * 6
MADE = (
    "lmkit ngram train -q -n 2 a.txt -o counts.safetensors",
    "lmkit smooth -q --witten-bell counts.safetensors -o words.safetensors",
    "lmkit ngram train -q -n 2 --unit character a.txt -o letters.safetensors",
    "lmkit ngram train -q -n 2 --unit byte a.txt -o bytes.safetensors",
    "lmkit cooc -q a.txt -o x.npz",
    "lmkit cooc -q --ppmi a.txt -o ppmi.npz",
    "lmkit vectors svd -q -d 4 --solver exact a.txt -o vectors.safetensors",
    "lmkit neural train -q --dimensions 8 --layers 1 --heads 2 --steps 1 --held-out-share 0 a.txt -o transformer.safetensors",
)
DRAWN = (  # with {}, a file or nothing, in its place
    "plot zipf a.txt {}",
    "plot zipf --unit character a.txt b.txt {}",
    "plot zipf --unit byte --together a.txt b.txt {}",
    "plot heaps a.txt {}",
    "plot heaps --unit character a.txt b.txt {}",
    "plot heaps --unit byte a.txt {}",
    "plot perplexity counts.safetensors b.txt --smoothing all {}",
    "plot perplexity counts.safetensors b.txt --with-oov --smoothing laplace {}",
    "plot cooc x.npz --top 4 {}",
    "plot cooc x.npz --top 4 --log-scale {}",
    "plot cooc ppmi.npz --top 4 {}",
    "vectors plot vectors.safetensors --top 6 {}",
    "functions gelu --plot {}",
    "functions softmax 2 1 0 --plot {}",
    "optimizers --function bowl --plot {}",
    "optimizers --function rosenbrock --learning-rate 0.1 --plot {}",
    "positions --length 5 --dimensions 4 --plot {}",
    "attention --query 1,0 --key 1,0 --key 0,1 --plot {}",
    "attention transformer.safetensors 'ma mère va' {}",
    "attention transformer.safetensors 'ma mère va' --layer 1 --head 1 {}",
    "plot surprisal words.safetensors 'le chien vert' {}",
    "plot surprisal words.safetensors --file b.txt --scale 5 {}",
    "plot surprisal letters.safetensors --file b.txt {}",
    "plot surprisal bytes.safetensors 'la mer' {}",
)
PAGES = ("plot surprisal", "vectors plot", "attention transformer")
SAME = {  # words of both languages
    "attention", "axes", "bits", "dimension", "dimensions", "minimum", "occurrences", "place", "position", "positions", "scores", "softmax",
    "token", "tokens", "variance",
}  # fmt: skip
NAMES = {  # of functions, optimizers, smoothings, associations, files, people
    "absolute", "adam", "adamw", "additive", "backoff", "bell", "descent", "gelu", "gradient", "heaps", "jelinek", "katz", "kneser", "laplace",
    "mercer", "modified", "momentum", "natural", "ney", "ppmi", "rosenbrock", "sgd", "stupid", "txt", "unk", "witten", "zipf",
}  # fmt: skip
OURS = re.compile(r"[a-zà-ÿœ]{2,}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with texts, and what is made of them."""
    made = tmp_path_factory.mktemp("drawn")
    text_file(made, TEXT, "a.txt")
    text_file(made, "le chat court\nma mère dort\n", "b.txt")
    for line in MADE:
        assert run_line(line, made).returncode == 0, line
    return made


def shown(line: str, language: str, folder: Path) -> str:
    """What a line prints in a language."""
    ended = run_line(f"LMKIT_LANG={language} lmkit {line}", folder)
    assert ended.returncode == 0, (line, ended.stderr.decode())
    return ended.stdout.decode() + ended.stderr.decode()


def texts_of(markup: str) -> str:
    """What a person reads in a picture or a page, and what is read aloud: no styles, no signatures."""
    for element in ("style", "footer", "dc:description", "dc:format"):
        markup = re.sub(rf"<{element}.*?</{element}>", "", markup, flags=re.DOTALL)
    found = re.findall(r'>([^<>]+)<|(?:title|aria-label)="([^"]*)"', markup)
    return unescape("\n".join(text for pair in found for text in pair))


def english_in(english: str, french: str) -> set[str]:
    """The words that both have, and that are neither of the texts nor names."""
    assert english != french
    both = set.intersection(*(set(OURS.findall(text.lower())) for text in (english, french)))
    return both - SAME - NAMES - set(OURS.findall(TEXT + " la mer vert"))


@pytest.mark.parametrize("line", DRAWN)
def test_a_plot_in_the_terminal_has_no_english_word(line: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    drawn = []
    for language in ("en", "fr"):
        here = on_terminal(*shlex.split(line.format("")), LMKIT_LANG=language)
        plain = re.sub("\x1b\\[[0-9;]*m|^signature .*", "", here, flags=re.MULTILINE | re.DOTALL)
        drawn.append("\n".join(each for each in plain.splitlines() if not re.search("[│┤]", each)))
    assert english_in(*drawn) == set()


@pytest.mark.parametrize(
    ("line", "ending"),
    [(line, ending) for line in DRAWN for ending in ("svg", "html") if ending == "svg" or line.startswith(PAGES)],
)
def test_a_picture_or_page_has_no_english_word(line: str, ending: str, folder: Path) -> None:
    drawn = []
    for language in ("en", "fr"):
        shown(line.replace("--plot ", "").format(f"-q -o {language}.{ending}"), language, folder)
        drawn.append(texts_of((folder / f"{language}.{ending}").read_text(encoding="utf-8")))
    assert english_in(*drawn) == set()


def test_all_that_can_be_drawn_is_drawn_here() -> None:
    """A map of words, a heat map, paths, attention, curves; and surprisal, whose parts come one by one."""
    assert {kind.__name__ for kind in WRITERS} == {"Plot", "WordMap", "HeatMap", "Paths", "AttentionView"}
    groups = {" ".join(line.split()[:2]) for line in DRAWN}
    assert {"plot zipf", "vectors plot", "plot cooc", "attention transformer.safetensors", "plot surprisal"} < groups


def test_the_words_of_a_text_are_not_taken_for_ours(folder: Path) -> None:
    """A sentence that reads as one of our labels, in a title, stays as it is."""
    title, *_ = shown("attention transformer.safetensors 'derivative of number 2' --ascii", "fr", folder).splitlines()
    assert title == "Attention : <s> derivative of number 2"


@pytest.mark.parametrize(
    "line",
    ["plot zipf a.txt", "plot cooc x.npz --top 4", "functions gelu --plot", "vectors plot vectors.safetensors --top 6"],
)
def test_a_title_of_the_user_is_not_translated(line: str, folder: Path) -> None:
    told = shown(f"{line} --title 'a model of counts, word and weight'", "fr", folder)
    assert "a model of counts, word and weight" in told
    assert shown(f"{line} --title derivative", "fr", folder).lstrip().startswith("derivative")


def test_thousands_are_apart_as_french_has_them(tmp_path: Path) -> None:
    text_file(tmp_path, TEXT * 20, "a.txt")
    told = shown("plot heaps a.txt", "fr", tmp_path)
    assert "1\u00a0000" in told
    assert "1,000" not in told
    assert "1,000" in shown("plot heaps a.txt", "en", tmp_path)
