"""Surprisal: the bits, and the ways of showing them."""

import json
import math
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import lmkit
from lmkit.engine.wording import display_width
from lmkit.plots.page import DARK, LIGHT
from lmkit.plots.surprisal.bars import MOST_ROWS, TOKENS_A_ROW, draw_bars, parts_of
from lmkit.plots.surprisal.page import FULL_SHARE
from lmkit.plots.surprisal.text import ALL_BITS, NO_BITS, surprisal_text
from tests.conftest import ROOT, TOY, Run, held_out_text, text_file, train_text
from tests.shell_lines import on_terminal, run_line

EOS = "</s>"
SENTENCE = 'le marché de <b>&" ɖe .'
VOID = {"meta", "wbr"}


@pytest.fixture(scope="module")
def model() -> lmkit.NgramModel:
    """A Kneser–Ney trigram model of the French training text."""
    return lmkit.kneser_ney(lmkit.count_ngrams(train_text("fr"), 3))


@pytest.fixture(scope="module")
def model_file(model: lmkit.NgramModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a file."""
    path = tmp_path_factory.mktemp("model") / "kn3.safetensors"
    lmkit.save(model, path)
    return path


def unit_model(folder: Path, unit: str) -> Path:
    """A trigram model of the characters or bytes of the French training text, as a file."""
    settings = lmkit.TextSettings(unit=unit)  # type: ignore[arg-type]
    counts = lmkit.count_ngrams(train_text("fr"), 3, settings=settings)
    lmkit.save(lmkit.kneser_ney(counts, discount_fallback="generalised"), folder / f"{unit}.safetensors")
    return folder / f"{unit}.safetensors"


class Page(HTMLParser):
    """The tokens of a page, and all of its tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []  # the innermost tag of each
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Every tag is closed in its turn."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Take in a text."""
        if data.strip():
            self.texts.append((self.open[-1], data))

    def inside(self, tag: str) -> list[str]:
        """The texts right inside tags of this name."""
        return [text for name, text in self.texts if name == tag]

    def tokens(self) -> list[dict[str, str | None]]:
        """The attributes of the tokens."""
        return [attributes for tag, attributes in self.tags if tag == "span" and "title" in attributes]


def page_of(model: lmkit.NgramModel | lmkit.NgramCounts, sentence: str, folder: Path) -> Page:
    """The page of a sentence."""
    lmkit.save_surprisal(
        [lmkit.sentence_surprisal(model, sentence)], lmkit.surprisal_view(model, "A <title>"), folder / "x.html"
    )
    return Page((folder / "x.html").read_text(encoding="utf-8"))


def test_bits_are_minus_log2_of_the_probability_of_each_token(model: lmkit.NgramModel) -> None:
    found = lmkit.sentence_surprisal(model, "le marché chat")
    assert found.tokens == ["le", "marché", "chat", "</s>"]
    histories = ["<s>", "<s> le", "le marché", "marché <unk>"]
    words = ["le", "marché", "<unk>", "</s>"]
    expected = [
        -math.log2(lmkit.probability(model, word, history)) for word, history in zip(words, histories, strict=True)
    ]
    assert found.bits == pytest.approx(expected, rel=1e-5)
    assert found.oov.tolist() == [False, False, True, False]


def test_the_bits_of_a_text_are_its_cross_entropy(model: lmkit.NgramModel) -> None:
    blocks = list(lmkit.text_surprisal(model, held_out_text("fr"), reading=lmkit.Reading(block_bytes=300)))
    assert len(blocks) > 3
    bits = np.concatenate([block.bits for block in blocks])
    figures = lmkit.perplexity(model, held_out_text("fr"))
    assert len(bits) == figures.tokens
    assert bits.mean() == pytest.approx(figures.cross_entropy_bits)
    lines = [int(sentence.lines[0]) for block in blocks for sentence in block.sentences()]
    assert lines == list(range(1, 62))


def test_a_sentence_alone_and_in_a_text_have_the_same_bits(model: lmkit.NgramModel, tmp_path: Path) -> None:
    text = text_file(tmp_path, f"il y a\n\n{SENTENCE}\n")
    (block,) = lmkit.text_surprisal(model, text)
    _, second = block.sentences()
    alone = lmkit.sentence_surprisal(model, SENTENCE)
    assert (second.tokens, second.lines.tolist()) == (alone.tokens, [3])
    assert second.bits.tolist() == alone.bits.tolist()


def test_into_a_pipe_goes_a_table(lmkit_run: Run, model_file: Path, model: lmkit.NgramModel) -> None:
    result = lmkit_run("plot", "surprisal", model_file, SENTENCE)
    rows = [line.split("\t") for line in result.out.splitlines()]
    assert rows[0] == ["token", "bits", "order", "oov"]
    assert [row[0] for row in rows[1:]] == [*SENTENCE.split(), "</s>"]
    found = lmkit.sentence_surprisal(model, SENTENCE)
    assert [float(row[1]) for row in rows[1:]] == pytest.approx(found.bits, abs=1e-7)
    assert [row[2:] for row in rows[1:]] == [
        [str(order), str(int(oov))] for order, oov in zip(found.order_list(), found.oov, strict=True)
    ]


def test_the_table_of_a_text_says_what_perplexity_by_token_says(lmkit_run: Run, model_file: Path) -> None:
    rows = [
        line.split("\t")
        for line in lmkit_run("plot", "surprisal", model_file, "--file", held_out_text("fr")).out.splitlines()
    ]
    theirs = [
        line.split("\t")
        for line in lmkit_run("perplexity", model_file, held_out_text("fr"), "--by", "token").out.splitlines()
    ]
    assert rows[0] == ["line", "token", "bits", "order", "oov"]
    for row, other in zip(rows[1:], theirs[1:], strict=True):
        assert (row[:2], row[3:]) == (other[:2], other[3:])
        assert float(row[2]) == pytest.approx(-float(other[2]) / math.log10(2), abs=1e-6)


def test_data_of_surprisal_carry_the_signature(
    lmkit_run: Run, model_file: Path, model: lmkit.NgramModel, tmp_path: Path
) -> None:
    table = lmkit_run("plot", "surprisal", model_file, SENTENCE, "--data", "-").out.splitlines()
    assert table[0].split("\t") == ["line", "token", "bits", "order", "oov", "signature"]
    assert {row.split("\t")[-1] for row in table[1:]} == {model.signature()}
    lmkit_run("plot", "surprisal", model_file, SENTENCE, "--data", tmp_path / "x.json", "-o", tmp_path / "x.html")
    written = (tmp_path / "x.json").read_text(encoding="utf-8")
    assert written == lmkit_run("plot", "surprisal", model_file, SENTENCE, "--json").out
    values = json.loads(written)
    assert (values["plot"], values["title"], values["signature"]) == (
        "surprisal",
        f"Surprisal: {SENTENCE}",
        model.signature(),
    )
    (sentence,) = values["sentences"]
    assert [point["token"] for point in sentence["points"]] == [*SENTENCE.split(), "</s>"]
    assert [point["bits"] for point in sentence["points"]] == lmkit.sentence_surprisal(model, SENTENCE).bits.tolist()
    assert [point["oov"] for point in sentence["points"]] == [False, False, False, True, True, False, False]


def test_an_impossible_word_costs_infinite_bits(lmkit_run: Run, tmp_path: Path) -> None:
    """The toy corpus begins with le twice in three sentences: log2(3/2) bits; its model gives chien no probability after <s>."""
    lmkit.save(lmkit.count_ngrams(TOY, 2), tmp_path / "counts")
    assert lmkit_run("plot", "surprisal", tmp_path / "counts", "le voit").out.splitlines()[1:] == [
        "le\t0.5849625\t2\t0",
        "voit\tinf\t1\t0",
        "</s>\tinf\t1\t0",
    ]
    line = lmkit_run("plot", "surprisal", tmp_path / "counts", "le voit", "--json").out
    values = json.loads(line, parse_constant=pytest.fail)
    assert [point["bits"] is None for point in values["sentences"][0]["points"]] == [False, True, True]


def test_a_closed_model_has_infinite_bits_for_unknown_words_in_full_colour(tmp_path: Path) -> None:
    closed = lmkit.kneser_ney(lmkit.count_ngrams(train_text("fr"), 2), closed=True)
    page = page_of(closed, "le chat", tmp_path)
    known, unknown, _ = page.tokens()
    assert known["class"] == "t"
    assert (unknown["class"], unknown["style"]) == ("t u", "--b:1")
    assert unknown["title"] == "∞ bits, from an unknown word"
    assert page.inside("small")[1] == "∞"
    assert "∞ bits" in page.inside("p")


def test_a_page_has_escaped_tokens_their_bits_and_tooltips(model: lmkit.NgramModel, tmp_path: Path) -> None:
    page = page_of(model, SENTENCE, tmp_path)
    found = lmkit.sentence_surprisal(model, SENTENCE)
    assert page.inside("bdi") == [*SENTENCE.split(), "</s>"]
    assert page.inside("small") == [f"{bits:.1f}" for bits in found.bits]
    titles = [str(token["title"]) for token in page.tokens()]
    assert titles[0] == f"{found.bits[0]:.4g} bits, from a {found.order_list()[0]}-gram"
    assert titles[3].endswith("bits, from an unknown word")
    assert [token["class"] for token in page.tokens()] == ["t", "t", "t", "t u", "t u", "t", "t"]
    shades = [float(str(token["style"]).removeprefix("--b:")) for token in page.tokens()]
    assert shades == pytest.approx(np.minimum(found.bits / math.log2(862), 1), abs=1e-3)  # 860 words, </s>, <unk>
    assert page.inside("title") == page.inside("h1") == ["A <title>"]
    assert "".join(page.inside("footer")) == model.signature()
    assert f"{found.bits.sum():.1f} bits, {found.bits.mean():.2f} a token" in page.inside("p")


def test_a_page_needs_no_scripts_and_no_network(model: lmkit.NgramModel, tmp_path: Path) -> None:
    page = page_of(model, SENTENCE, tmp_path)
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe", "object"}
    raw = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert not re.search(r"https?:|url\(|@import|\bsrc=|\bon\w+=", raw)
    assert "color-scheme: light dark" in raw
    assert "@media (prefers-color-scheme: dark)" in raw
    assert raw.startswith('<!DOCTYPE html>\n<html lang="en">\n')  # what lmkit says; of a text, nobody knows
    assert {told["lang"] for tag, told in page.tags if tag == "p" and "dir" in told} == {""}


def test_every_sentence_of_a_text_is_on_the_page_under_its_line(
    lmkit_run: Run, model_file: Path, tmp_path: Path
) -> None:
    assert (
        lmkit_run("plot", "surprisal", model_file, "--file", held_out_text("fr"), "-o", tmp_path / "x.html").code == 0
    )
    page = Page((tmp_path / "x.html").read_text(encoding="utf-8"))
    assert [attributes["value"] for tag, attributes in page.tags if tag == "li"] == [str(n) for n in range(1, 62)]
    words = [token for token in page.inside("bdi") if token != EOS]
    assert words == held_out_text("fr").read_text(encoding="utf-8").split()


def luminance(color: list[float]) -> float:
    """Relative luminance (WCAG 2) of red, green, blue from 0 to 255."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: list[float], second: list[float]) -> float:
    """The contrast of two colours (WCAG 2), from 1 to 21."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("shade", [0, 0.25, 0.5, 0.75, 1])
def test_letters_on_a_page_can_be_read_on_every_colour(colors: dict[str, str], shade: float) -> None:
    """WCAG asks for a contrast of 7 (AAA)."""
    ground, letters = (
        [float(int(colors[name][at : at + 2], 16)) for at in (1, 3, 5)] for name in ("ground", "letters")
    )
    share = shade * FULL_SHARE
    mixed = [(1 - share) * a + share * float(b) for a, b in zip(ground, colors["color"].split(), strict=True)]
    assert contrast(mixed, letters) > 7


@pytest.mark.parametrize("shade", [0, 0.5, 1])
def test_letters_in_a_terminal_can_be_read_on_every_colour(shade: float) -> None:
    mixed = [a + shade * (b - a) for a, b in zip(NO_BITS, ALL_BITS, strict=True)]
    assert contrast(mixed, [0, 0, 0]) > 7


def test_a_terminal_shows_words_over_their_bits_in_colour(model_file: Path, model: lmkit.NgramModel) -> None:
    shown = on_terminal("plot", "surprisal", model_file, SENTENCE)
    bits = lmkit.sentence_surprisal(model, SENTENCE).bits
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    assert plain[0].split() == [*SENTENCE.split(), "</s>"]
    assert plain[1].split() == [f"{value:.1f}" + "?" * (place in (3, 4)) for place, value in enumerate(bits)]
    assert plain[2] == f"= {bits.sum():.1f} bits, {bits.mean():.2f} a token"
    assert plain[-1] == f"signature {model.signature()}"
    for word, place in zip(plain[0].split(), range(7), strict=True):  # bits stand below the beginning of their word
        assert plain[0].index(word) == plain[1].index(plain[1].split()[place])
    assert "\x1b[38;5;16;48;5;202m" in shown  # full colour
    assert "\x1b[38;2;0;0;0;48;2;" in on_terminal("plot", "surprisal", model_file, SENTENCE, COLORTERM="truecolor")


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_a_terminal_that_wants_no_colour_gets_none(model_file: Path, environment: dict[str, str]) -> None:
    shown = on_terminal("plot", "surprisal", model_file, SENTENCE, **environment)
    assert "\x1b" not in shown
    coloured = on_terminal("plot", "surprisal", model_file, SENTENCE)
    assert shown.splitlines()[:3] == re.sub(r"\x1b\[[0-9;]*m", "", coloured).splitlines()[:3]
    assert "\x1b" not in on_terminal("plot", "zipf", TOY, **environment)


def test_an_empty_no_color_means_nothing(model_file: Path) -> None:
    assert "\x1b[" in on_terminal("plot", "surprisal", model_file, SENTENCE, NO_COLOR="")


def test_words_wrap_at_the_width_of_the_terminal(model: lmkit.NgramModel) -> None:
    sentence = lmkit.sentence_surprisal(model, " ".join(["rivière"] * 30))
    lines = surprisal_text(sentence, lmkit.surprisal_view(model, ""), 40).splitlines()
    assert max(map(len, lines)) <= 40
    assert sum(line.split().count("rivière") for line in lines) == 30
    narrow = surprisal_text(sentence, lmkit.surprisal_view(model, ""), 1).splitlines()
    assert len(narrow) == 2 * 31 + 1


def test_wide_letters_and_combining_marks_keep_words_over_their_bits(model: lmkit.NgramModel) -> None:
    """日本 takes four columns, ɔ̃ one: a narrow word after them begins where its bits begin."""
    assert (display_width("日本"), display_width("ɔ\u0303"), display_width("ab")) == (4, 1, 2)
    sentence = lmkit.sentence_surprisal(model, "日本日本 ɔ\u0303ɔ\u0303ɔ\u0303ɔ\u0303ɔ\u0303ɔ\u0303 le")
    above, below, _ = surprisal_text(sentence, lmkit.surprisal_view(model, "")).splitlines()
    assert display_width(above[: above.index("le")]) == below.index(below.split()[2])


def test_escape_sequences_in_a_text_do_not_reach_the_terminal(model: lmkit.NgramModel) -> None:
    """U+009B begins one in some terminals, U+202E turns the direction round."""
    sentence = lmkit.sentence_surprisal(model, "a\u009b31mb c\u202ed")
    shown = surprisal_text(sentence, lmkit.surprisal_view(model, ""))
    assert shown.splitlines()[0].split() == ["a\ufffd31mb", "c\ufffdd", "</s>"]


def test_characters_stand_over_bars(tmp_path: Path) -> None:
    shown = on_terminal("plot", "surprisal", unit_model(tmp_path, "character"), "le ɖe", NO_COLOR="1").splitlines()
    assert shown[0] == "le␣ɖe</s>"
    assert re.fullmatch(r"[▁▂▃▄▅▆▇█]{3}\?[▁▂▃▄▅▆▇█]{5}", shown[1])
    model = lmkit.load_model(tmp_path / "character.safetensors")
    shares = lmkit.sentence_surprisal(model, "le ɖe").bits / math.log2(model.events)
    assert [" ▁▂▃▄▅▆▇█".index(bar) for bar in shown[1][:3]] == [math.ceil(share * 8) for share in shares[:3]]
    plain = on_terminal(
        "plot", "surprisal", tmp_path / "character.safetensors", "le ɖe", "--ascii", NO_COLOR="1"
    ).splitlines()
    assert plain[0] == "le_\\u0256e</s>"
    assert all(line.isascii() for line in plain)


def test_bytes_that_are_letters_are_shown_as_such(lmkit_run: Run, tmp_path: Path) -> None:
    model = unit_model(tmp_path, "byte")
    shown = on_terminal("plot", "surprisal", model, "lé a", NO_COLOR="1").splitlines()
    assert shown[0] == "l<0xC3><0xA9>␣a</s>"
    rows = lmkit_run("plot", "surprisal", model, "lé a").out.splitlines()
    assert [row.split("\t")[0] for row in rows[1:]] == ["<0x6C>", "<0xC3>", "<0xA9>", "<0x20>", "<0x61>", "</s>"]


@pytest.mark.parametrize("unit", ["character", "byte"])
def test_pages_and_bars_of_characters_and_bytes(lmkit_run: Run, tmp_path: Path, unit: str) -> None:
    model = unit_model(tmp_path, unit)
    assert lmkit_run("plot", "surprisal", model, "<é $", "-o", tmp_path / "x.html").code == 0
    page = Page((tmp_path / "x.html").read_text(encoding="utf-8"))
    shown = {"character": ["<", "é", "␣", "$", "</s>"], "byte": ["<", "<0xC3>", "<0xA9>", "␣", "$", "</s>"]}[unit]
    assert page.inside("bdi") == shown
    assert str(page.tokens()[1]["title"]).startswith(f"{shown[1]}: ")
    assert len([tag for tag, _ in page.tags if tag == "i"]) == len(shown)  # a bar each
    assert lmkit_run("plot", "surprisal", model, "<é $", "-o", tmp_path / "x.svg").code == 0
    texts = [element.text for element in ET.parse(tmp_path / "x.svg").iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314 (our own file)
    assert all(label in texts for label in shown)


def test_bars_are_the_same_each_time_and_have_their_words(lmkit_run: Run, model_file: Path, tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg", "a.png", "a.pdf"):
        assert lmkit_run("plot", "surprisal", model_file, f"{SENTENCE} $x$ _y", "-o", tmp_path / name).code == 0
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    texts = [element.text for element in ET.parse(tmp_path / "a.svg").iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314 (our own file)
    for shown in (*SENTENCE.split(), "$x$", "_y", "</s>", "bits", "1-gram", "unknown", f"Surprisal: {SENTENCE} $x$ _y"):
        assert shown in texts


def test_bars_of_infinite_bits_have_the_sign_above_them(lmkit_run: Run, tmp_path: Path) -> None:
    lmkit.save(lmkit.count_ngrams(TOY, 2), tmp_path / "counts")
    assert lmkit_run("plot", "surprisal", tmp_path / "counts", "voit voit", "-o", tmp_path / "x.svg").code == 0
    texts = [element.text for element in ET.parse(tmp_path / "x.svg").iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314 (our own file)
    assert texts.count("∞") == 3


@pytest.mark.parametrize("sentence", ["le", "incompréhensibilité anticonstitutionnellement", "le chat " * 40])
def test_the_title_of_bars_is_clear_of_their_legend_and_within_the_picture(
    model: lmkit.NgramModel, sentence: str
) -> None:
    title = f"Surprisal: {sentence}"[:72]
    figure = draw_bars([lmkit.sentence_surprisal(model, sentence)], lmkit.surprisal_view(model, title))
    figure.draw_without_rendering()
    (legend,), (heading,) = figure.legends, figure.texts
    assert not legend.get_window_extent().overlaps(heading.get_window_extent())
    for part in (legend, heading):
        assert figure.bbox.fully_containsx(part.get_window_extent().x0)
        assert figure.bbox.fully_containsx(part.get_window_extent().x1)


def test_rows_of_bars_are_of_the_same_length_give_or_take_one() -> None:
    assert [[part.stop - part.start for part in parts_of(tokens)] for tokens in (0, 1, 24, 25, 50)] == [
        [],
        [1],
        [24],
        [12, 13],
        [16, 17, 17],
    ]


def test_too_many_tokens_for_bars_is_an_error_and_no_file(lmkit_run: Run, model_file: Path, tmp_path: Path) -> None:
    long = text_file(tmp_path, "le " * (TOKENS_A_ROW * MOST_ROWS))
    result = lmkit_run("plot", "surprisal", model_file, "--file", long, "-o", tmp_path / "x.svg")
    assert (result.code, result.err) == (
        1,
        (
            "lmkit: 961 tokens are too many for one picture of bars.\n"
            "It has room for 40 rows of 24; -o x.html shows any number.\n"
        ),
    )
    assert not (tmp_path / "x.svg").exists()
    assert lmkit_run("plot", "surprisal", model_file, "--file", long, "-o", tmp_path / "x.html").code == 0


def test_a_page_needs_no_matplotlib(
    lmkit_run: Run, model_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert lmkit_run("plot", "surprisal", model_file, SENTENCE, "-o", tmp_path / "x.html").code == 0
    result = lmkit_run("plot", "surprisal", model_file, SENTENCE, "-o", tmp_path / "x.svg")
    assert result.err.startswith("lmkit: pictures are drawn by matplotlib, which is not installed.\n")


def test_full_colour_may_be_given(lmkit_run: Run, model_file: Path, model: lmkit.NgramModel, tmp_path: Path) -> None:
    lmkit_run("plot", "surprisal", model_file, "le", "--scale", 20, "--title", "T", "-o", tmp_path / "x.html")
    page = Page((tmp_path / "x.html").read_text(encoding="utf-8"))
    bits = lmkit.sentence_surprisal(model, "le").bits
    assert [str(token["style"]) for token in page.tokens()] == [f"--b:{value / 20:.3g}" for value in bits]
    assert page.inside("h1") == ["T"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("",), 1, "there is no word in the sentence.\nPut the words of the sentence in quotes."),
        ((" \t ",), 1, "there is no word in the sentence.\nPut the words of the sentence in quotes."),
        ((), 2, "one thing to be scored is needed.\nGive a SENTENCE in quotes, or a text with --file."),
        (
            ("a", "--file", TOY),
            2,
            "one thing to be scored is needed.\nGive a SENTENCE in quotes, or a text with --file.",
        ),
        (("a", "--scale", "0"), 2, "--scale is 0; it must be a number above 0."),
        (("a", "--scale", "nan"), 2, "--scale is nan; it must be a number above 0."),
        (
            ("a", "--unit", "byte"),
            2,
            (
                "unit is byte here, but the model was made with unit word.\n"
                "The model applies its own setting: leave the option out, or train a model with unit byte (--force scores all the same)."
            ),
        ),
        (
            ("a <s> b",),
            1,
            (
                "<sentence>:1: the text contains the reserved word <s>.\n"
                "</s>, <s>, <unk> mark sentences and unknown words; the text may have been padded for another tool. "
                "Use --reserved skip to treat it as white space, or --reserved keep to count <unk> as the unknown word."
            ),
        ),
    ],
    ids=str,
)
def test_errors_of_surprisal(
    lmkit_run: Run, model_file: Path, arguments: tuple[object, ...], code: int, message: str
) -> None:
    result = lmkit_run("plot", "surprisal", model_file, *arguments)
    assert (result.code, result.out, result.err) == (code, "", f"lmkit: {message}\n")


def test_reserved_words_of_a_sentence_may_be_skipped(lmkit_run: Run, model_file: Path) -> None:
    rows = lmkit_run("plot", "surprisal", model_file, "le <s> marché", "--reserved", "skip").out
    assert rows == lmkit_run("plot", "surprisal", model_file, "le marché").out


def test_an_empty_text_leaves_no_page(lmkit_run: Run, model_file: Path, tmp_path: Path) -> None:
    empty = text_file(tmp_path, "")
    for arguments in (
        (),
        ("-o", tmp_path / "x.html"),
        ("-o", tmp_path / "x.svg"),
        ("--data", tmp_path / "x.tsv"),
        ("--json",),
    ):
        result = lmkit_run("plot", "surprisal", model_file, "--file", empty, *arguments)
        assert (result.code, result.out) == (1, "")
        assert f"lmkit: {empty}: there is no sentence in the text." in result.err
    assert list(tmp_path.iterdir()) == [empty]


def test_models_and_texts_come_through_pipes_but_not_through_one(model_file: Path) -> None:
    line = f"cat {model_file} | lmkit plot surprisal - 'le marché' | cut -f 1"
    assert run_line(line).stdout.decode().split() == ["token", "le", "marché", "</s>"]
    line = f"echo 'le marché' | lmkit plot surprisal {model_file} --file - | cut -f 1,2"
    assert run_line(line).stdout.decode().split() == ["line", "token", "1", "le", "1", "marché", "1", "</s>"]
    assert run_line("echo x | lmkit plot surprisal - --file -").returncode == 2


def test_arpa_files_of_other_tools_have_surprisal(lmkit_run: Run) -> None:
    theirs = ROOT / "tests/reference/srilm/en.mkn_nounk.o3.arpa.gz"
    rows = lmkit_run("plot", "surprisal", theirs, "the market xyzzy").out.splitlines()
    assert rows[3] == "xyzzy\tinf\t1\t1"
