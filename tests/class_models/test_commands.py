"""Class models on the command line: every command that takes n-gram models takes them, or refuses them by name."""

import json
from pathlib import Path

import pytest

import lmkit
from lmkit.classes.files.reading import read_classes
from tests.class_models import toy
from tests.conftest import TOY, Run, held_out_text, text_file, train_text
from tests.shell_lines import run_line

FRENCH, TEST = train_text("fr"), held_out_text("fr")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Classes of French words by their last letters, counts and models by class, and the model of words."""
    folder = tmp_path_factory.mktemp("class-models")
    counts = lmkit.count_ngrams(FRENCH, 3)
    endings = {word.decode(): f"-{word.decode()[-2:]}" for word in counts.vocabulary.words[3:]}
    (folder / "c.tsv").write_text("word\tclass\n" + "".join(f"{word}\t{name}\n" for word, name in endings.items()))
    by_class = lmkit.class_counts(counts, read_classes(folder / "c.tsv"))
    lmkit.save(by_class, folder / "counts.safetensors")
    lmkit.save(lmkit.kneser_ney(by_class), folder / "kn.safetensors")
    lmkit.save(lmkit.witten_bell(by_class), folder / "wb.safetensors")
    lmkit.save(lmkit.kneser_ney(counts), folder / "words.safetensors")
    return folder


def test_counts_and_models_by_class_are_made_in_one_step_or_two(lmkit_run: Run, folder: Path, tmp_path: Path) -> None:
    train = ("ngram", "train", "-n", 3, "--classes", folder / "c.tsv", FRENCH)
    assert lmkit_run(*train, "-o", tmp_path / "c.safetensors").code == 0
    assert (tmp_path / "c.safetensors").read_bytes() == (folder / "counts.safetensors").read_bytes()
    assert lmkit_run(*train, "--kneser-ney", "-o", tmp_path / "one.safetensors").code == 0
    smoothed = lmkit_run("smooth", "--kneser-ney", tmp_path / "c.safetensors", "-o", tmp_path / "two.safetensors")
    assert smoothed.code == 0
    expected = (folder / "kn.safetensors").read_bytes()
    assert (tmp_path / "one.safetensors").read_bytes() == (tmp_path / "two.safetensors").read_bytes() == expected


def test_the_steps_are_piped(folder: Path) -> None:
    line = f"lmkit ngram train -n 3 --classes {folder}/c.tsv -q < {FRENCH} | lmkit smooth --kneser-ney -q | lmkit perplexity - {TEST} -q --json"
    expected = lmkit.perplexity(lmkit.load(folder / "kn.safetensors"), TEST).perplexity
    assert json.loads(run_line(line).stdout)["perplexity"] == pytest.approx(expected, rel=1e-12)


def test_training_tells_what_has_no_class_and_what_no_text(lmkit_run: Run, tmp_path: Path) -> None:
    classes = text_file(tmp_path, toy.TSV, "toy.tsv")
    result = lmkit_run("ngram", "train", "-n", 2, "--classes", classes, TOY, "-o", tmp_path / "c.safetensors")
    assert result.err.splitlines() == [
        "lmkit: 17 tokens in 3 sentences; n-grams of orders 1 to 2: 14 15",
        "lmkit: 3 classes; n-grams of classes of orders 1 to 2: 6 9",
        "lmkit: words of the text without a class, which are <unk>: 2, 11.76% of its tokens",
        "lmkit: words of the classes that the text lacks, left out (--class-add knows them): 1",
    ]
    own = ("--unclassed", "own", "--class-add", 0.5)
    result = lmkit_run("ngram", "train", "-n", 2, "--classes", classes, *own, TOY, "-o", tmp_path / "c.safetensors")
    assert result.err.splitlines()[2:] == [
        "lmkit: words of the text without a class, each a class of its own: 2, 11.76% of its tokens",
        "lmkit: words of the classes that the text lacks, counted 0.5 times: 1",
    ]


def test_lists_of_counts_are_counted_by_class(lmkit_run: Run, tmp_path: Path) -> None:
    classes, lists = text_file(tmp_path, toy.TSV, "toy.tsv"), tmp_path / "lists.tsv"
    lists.write_bytes(lmkit_run("count", "-n", 2, TOY).raw)
    result = lmkit_run("ngram", "train", "--count-lists", "--classes", classes, lists, "-o", tmp_path / "c.safetensors")
    assert result.code == 0
    assert lmkit.load(tmp_path / "c.safetensors").inner["D N"] == toy.class_counts(2).inner["D N"] == 6


def test_options_of_classes_are_refused_without_classes(lmkit_run: Run, tmp_path: Path) -> None:
    result = lmkit_run("ngram", "train", "--class-add", 1, "--unclassed", "own", TOY, "-o", tmp_path / "c.safetensors")
    assert (result.code, result.err.splitlines()[0]) == (
        2,
        "lmkit: --unclassed, --class-add: there are no classes that this could be about.",
    )


@pytest.mark.parametrize(
    "command",
    [
        ("ngram", "train", "--classes", "{}/c.tsv", FRENCH),
        ("smooth", "--witten-bell", "{}/counts.safetensors"),
        ("ngram", "prune", "--keep", 100, "{}/wb.safetensors"),
        ("ngram", "convert", "{}/wb.safetensors"),
    ],
)
def test_other_formats_are_refused_before_the_work(
    lmkit_run: Run, folder: Path, tmp_path: Path, command: tuple[object, ...]
) -> None:
    result = lmkit_run(*(str(part).format(folder) for part in command), "-o", tmp_path / "x.arpa")
    assert (result.code, result.err.splitlines()[0]) == (
        2,
        "lmkit: what is counted by class is kept in files of lmkit's own, and .arpa has no place for the words of classes.",
    )


def test_every_smoothing_is_compared_on_words(lmkit_run: Run, folder: Path) -> None:
    """The perplexity is that of the words, and not of their classes."""
    result = lmkit_run("smooth", "--all", "--held-out", TEST, folder / "counts.safetensors")
    rows = [line.split("\t") for line in result.out.splitlines()[1:]]
    perplexities = {(row[1], row[2]): float(row[3]) for row in rows}
    expected = lmkit.perplexity(lmkit.load(folder / "wb.safetensors"), TEST).perplexity
    assert perplexities["witten-bell", ""] == pytest.approx(expected)
    assert len(rows) == 15
    assert "classes:" in result.err.splitlines()[-1]


def test_a_pruned_and_a_quantized_class_model_is_measured_before_and_after(
    lmkit_run: Run, folder: Path, tmp_path: Path
) -> None:
    before = lmkit.perplexity(lmkit.load(folder / "kn.safetensors"), TEST).perplexity
    held_out, pruned = ("--held-out", TEST), tmp_path / "p.safetensors"
    prune = ("ngram", "prune", folder / "kn.safetensors", "--keep", 500, "--history", folder / "counts.safetensors")
    result = lmkit_run(*prune, *held_out, "-o", pruned)
    after = lmkit.perplexity(lmkit.load(pruned), TEST).perplexity
    assert f"{before:.7g} before, {after:.7g} after" in result.err
    assert sum(list(lmkit.load(pruned).inner.ngrams().values())[1:]) <= 500
    result = lmkit_run("ngram", "convert", pruned, "--quantize", 3, *held_out, "-o", tmp_path / "q.safetensors")
    last = lmkit.perplexity(lmkit.load(tmp_path / "q.safetensors"), TEST).perplexity
    assert f"{after:.7g} before, {last:.7g} after" in result.err
    compact = lmkit_run("ngram", "convert", folder / "kn.safetensors", "--compact", "-o", tmp_path / "s.safetensors")
    assert compact.code == 0
    assert (tmp_path / "s.safetensors").stat().st_size < (folder / "kn.safetensors").stat().st_size


def test_a_class_model_is_told_checked_and_measured_in_all_ways(lmkit_run: Run, folder: Path) -> None:
    model = folder / "kn.safetensors"
    info = dict(line.split("\t") for line in lmkit_run("ngram", "info", model).out.splitlines())
    assert (info["kind"], info["order"], info["vocabulary"]) == ("class-model", "3", "860")
    assert lmkit_run("info", folder / "counts.safetensors").out.splitlines()[2] == "kind\tclass-counts"
    assert lmkit_run("ngram", "check", model, "--all-histories", "--tolerance", 1e-6).code == 0
    assert lmkit_run("ngram", "check", folder / "counts.safetensors").code == 0
    whole = json.loads(lmkit_run("perplexity", model, TEST, "--json").out)
    tokens = [
        json.loads(line) for line in lmkit_run("perplexity", model, TEST, "--json", "--by", "token").out.splitlines()
    ]
    assert sum(token["log10_prob"] for token in tokens) == pytest.approx(whole["log10_prob"])
    for by in ("sentence", "record"):
        rows = [
            json.loads(line) for line in lmkit_run("perplexity", model, TEST, "--json", "--by", by).out.splitlines()
        ]
        assert sum(row["log10_prob"] for row in rows) == pytest.approx(whole["log10_prob"])
    compared = lmkit_run("compare", folder / "words.safetensors", model, TEST)
    assert compared.code == 0


def test_a_class_model_predicts_and_generates(lmkit_run: Run, folder: Path) -> None:
    listed = lmkit_run("next", folder / "kn.safetensors", "le", "--top", 0).out.splitlines()[1:]
    assert sum(float(line.split("\t")[1]) for line in listed) == pytest.approx(1, abs=1e-6)
    one, other = (lmkit_run("generate", folder / "kn.safetensors", "--seed", 3).raw for _ in range(2))
    assert one == other


def test_an_explanation_shows_both_factors(lmkit_run: Run, folder: Path) -> None:
    result = lmkit_run("explain", folder / "kn.safetensors", "le chat")
    assert "  p(le | -le) = c / Σ c = " in result.out
    assert "p(class | classes) p(word | class)" in result.out


def test_a_mixture_with_a_class_model_is_a_recipe(lmkit_run: Run, folder: Path, tmp_path: Path) -> None:
    both = (folder / "words.safetensors", folder / "kn.safetensors")
    made = lmkit_run("ngram", "mix", *both, "--weight", "0.7,0.3", "-o", tmp_path / "m.recipe.json")
    assert made.code == 0
    found = json.loads(lmkit_run("perplexity", tmp_path / "m.recipe.json", TEST, "--json").out)
    mixed = json.loads(lmkit_run("perplexity", both[0], TEST, "--mix", f"{both[1]}:0.3", "--json").out)
    assert found["perplexity"] == pytest.approx(mixed["perplexity"], rel=1e-12)
    refused = lmkit_run("ngram", "mix", *both, "-o", tmp_path / "m.safetensors")
    assert (refused.code, refused.err.splitlines()) == (
        2,
        [
            f"lmkit: {both[1]} holds a class model: a mixture with it is no n-gram model, and has no safetensors file.",
            "Write its recipe: end the name in .recipe.json, or say --to recipe.",
        ],
    )


def test_a_suite_measures_class_models(lmkit_run: Run, folder: Path, tmp_path: Path) -> None:
    suite = f'[models]\nclasses = "{folder}/kn.safetensors"\n[texts]\ntest = "{TEST}"\n'
    result = lmkit_run("evaluate", text_file(tmp_path, suite, "suite.toml"))
    assert result.code == 0, result.err
    expected = lmkit.perplexity(lmkit.load(folder / "kn.safetensors"), TEST).perplexity
    assert float(result.out.splitlines()[1].split("\t")[2]) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("command", "found"),
    [
        (
            ("ngram", "restrict", "kn.safetensors", "--vocabulary", "c.tsv", "-o", "x.safetensors"),
            "a class model, and an n-gram model is needed",
        ),
        (
            ("ngram", "merge", "counts.safetensors", "-o", "x.safetensors"),
            "counts of classes of words, and n-gram counts are needed",
        ),
        (
            ("perplexity", "counts.safetensors", TEST, "--nltk", "MLE"),
            "counts of classes of words, and n-gram counts are needed",
        ),
        (("entropy", TEST, "-n", 1, "--model", "kn.safetensors"), "a class model, and an n-gram model is needed"),
    ],
)
def test_what_is_for_n_grams_of_words_says_so(
    lmkit_run: Run, folder: Path, command: tuple[object, ...], found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    result = lmkit_run(*command)
    assert result.code == 1
    assert f"holds {found}." in result.err.splitlines()[0]
    assert "lmkit ngram train without --classes" in result.err.splitlines()[1]
