"""lmkit filter --curve: the perplexity of a held-out text by the share kept, beside random text of the same size."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import lmkit
from lmkit.filtering.criteria import Criteria
from lmkit.filtering.curve import Pool, Training, selection_curve
from lmkit.filtering.filtering import RecordSource
from lmkit.filtering.measuring import Measuring
from tests.conftest import Run, held_out_text, text_file, train_text
from tests.filtering.two_models import values_in, written

LINES = train_text("en").read_text("utf-8").splitlines(keepends=True)
HELD_OUT = held_out_text("en")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A domain, a pool, and models of both with the words that the domain has twice or more."""
    folder = tmp_path_factory.mktemp("selection")
    domain, pool = text_file(folder, "".join(LINES[:200]), "domain"), text_file(folder, "".join(LINES[200:600]), "pool")
    counts = lmkit.count_ngrams(domain, 2, cutoff=2)
    general = lmkit.count_ngrams(pool, 2, vocabulary=counts.vocabulary)
    found: dict[str, Any] = {"folder": folder, "pool": pool, "vocabulary": counts.vocabulary}
    for name, each in (("domain", counts), ("general", general)):
        found[name] = lmkit.kneser_ney(each, discount_fallback="generalised")
        lmkit.save(found[name], folder / f"{name}.safetensors")
    return found


def rows(run: Run, trained: dict[str, Any], *options: Any) -> list[dict[str, float]]:
    """The table of a curve."""
    models = trained["folder"] / "domain.safetensors", "--against", trained["folder"] / "general.safetensors"
    ran = run("filter", models[0], trained["pool"], *models[1:], "--curve", HELD_OUT, *options)
    assert ran.code == 0, ran.err
    names, *lines = (line.split("\t") for line in ran.out.splitlines())
    return [dict(zip(names, map(float, line), strict=True)) for line in lines]


def perplexity_of(text: Path, trained: dict[str, Any], order: int = 2) -> float:
    """The perplexity of the held-out text under a model of another one, made by commands of their own."""
    counts = lmkit.count_ngrams(text, order, vocabulary=trained["vocabulary"])
    return lmkit.perplexity(lmkit.kneser_ney(counts, discount_fallback="generalised"), HELD_OUT).perplexity


def test_a_row_is_what_a_model_of_the_kept_share_gives(lmkit_run: Run, trained: dict[str, Any]) -> None:
    kept = trained["folder"] / "kept"
    half, whole = rows(lmkit_run, trained, "--curve-shares", "50,100")
    models = trained["folder"] / "domain.safetensors", "--against", trained["folder"] / "general.safetensors"
    lmkit_run("filter", models[0], trained["pool"], *models[1:], "--keep", "50%", "-o", kept)
    text = kept.read_text("utf-8")
    assert half["perplexity"] == pytest.approx(perplexity_of(kept, trained), rel=1e-9)
    assert (half["share"], half["records"]) == (0.5, text.count("\n"))
    assert half["tokens"] == len(text.split()) + text.count("\n")
    assert whole["perplexity"] == pytest.approx(perplexity_of(trained["pool"], trained), rel=1e-9)
    held_out = lmkit.perplexity(trained["domain"], HELD_OUT)
    assert half["oov"] == whole["oov"] == held_out.oov


def test_all_of_the_text_is_the_same_at_random(lmkit_run: Run, trained: dict[str, Any]) -> None:
    (whole,) = rows(lmkit_run, trained, "--curve-shares", "100")
    assert whole["perplexity"] == whole["random_perplexity"] == whole["random_lowest"] == whole["random_highest"]


def test_the_order_is_that_of_the_model_of_the_domain_or_as_asked(lmkit_run: Run, trained: dict[str, Any]) -> None:
    for order in (1, 3):
        (whole,) = rows(lmkit_run, trained, "--curve-shares", "100", "--curve-order", order)
        assert whole["perplexity"] == pytest.approx(perplexity_of(trained["pool"], trained, order), rel=1e-9)


def test_random_selections_are_those_of_the_seed(lmkit_run: Run, trained: dict[str, Any]) -> None:
    first, again, other = (rows(lmkit_run, trained, "--curve-shares", "5", "--seed", seed) for seed in (1, 1, 2))
    assert first == again
    assert first[0]["perplexity"] == other[0]["perplexity"]
    assert first[0]["random_perplexity"] != other[0]["random_perplexity"]
    assert first[0]["random_lowest"] < first[0]["random_perplexity"] < first[0]["random_highest"]


def test_a_random_selection_has_as_many_tokens_as_the_best_one(trained: dict[str, Any]) -> None:
    source = RecordSource(Measuring(trained["domain"], against=trained["general"]), trained["pool"])
    settings = source.measuring.settings
    with Pool(source.resources) as pool:
        pool.fill(source, Criteria(min_tokens=4), Training(trained["vocabulary"], settings, 2, source.resources))
        chosen = pool.first(pool.places[::-1], 1000)
        last = min(place for place in pool.places.tolist() if chosen[place])
        assert 0 <= pool.tokens[chosen].sum() - 1000 < pool.tokens[last]
        assert pool.tokens[pool.places].min() >= 4
        (ids,) = pool.blocks(chosen)
        assert len(ids) == (pool.tokens[chosen] + 1).sum()  # with <s>


def test_limits_say_what_can_be_selected(trained: dict[str, Any]) -> None:
    source = RecordSource(Measuring(trained["domain"]), trained["pool"])
    (point,) = selection_curve(
        source, trained["domain"], HELD_OUT, shares=[Fraction(1)], criteria=Criteria(min_tokens=10)
    )
    assert point.records == sum(len(line.split()) + 1 >= 10 for line in LINES[200:600])


def test_a_curve_as_json_has_the_signature_of_its_models(lmkit_run: Run, trained: dict[str, Any]) -> None:
    ran = lmkit_run(
        "filter", trained["folder"] / "domain.safetensors", trained["pool"], "--curve", HELD_OUT, "--curve-shares", "50", "--json"
    )  # fmt: skip
    (row,) = map(json.loads, ran.out.splitlines())
    assert row["share"] == 0.5
    assert row["signature"].startswith("order:2|smoothing:modified-kneser-ney|")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["-o", "kept"], "--curve writes a table to standard output, and no records to -o."),
        (["--keep", "5%"], "--curve writes no records, and --keep says something of them."),
        (
            ["--quantiles", "0.5", "--thresholds-only"],
            "--curve writes no records, and --thresholds-only says something of them.",
        ),
        (["--append"], "--curve writes no records, and --append says something of them."),
        (["--curve-shares", "0"], "--curve-shares 0: they are percentages, above 0 and up to 100."),
        (["--curve-shares", "5,x"], "--curve-shares 5,x: they are percentages, above 0 and up to 100."),
    ],
)
def test_a_curve_is_all_that_is_written(options: list[str], told: str, lmkit_run: Run, trained: dict[str, Any]) -> None:
    domain = trained["folder"] / "domain.safetensors"
    ran = lmkit_run("filter", domain, trained["pool"], "--curve", HELD_OUT, *options)
    assert (ran.code, ran.out, ran.err.splitlines()[0]) == (2, "", f"lmkit: {told}")


def test_a_pool_without_a_sentence_has_no_curve(lmkit_run: Run, tmp_path: Path, trained: dict[str, Any]) -> None:
    domain = trained["folder"] / "domain.safetensors"
    ran = lmkit_run("filter", domain, text_file(tmp_path, "\n\n"), "--curve", HELD_OUT)
    assert (ran.code, ran.err.splitlines()[0]) == (1, "lmkit: there is no record with a sentence, and so no threshold.")


def test_the_curve_of_a_parallel_text_ranks_by_both_sides_and_trains_on_the_first(
    lmkit_run: Run, tmp_path: Path, trained: dict[str, Any]
) -> None:
    pool = trained["pool"].read_text("utf-8").splitlines()
    text = written(tmp_path, "pairs.jsonl", {"text": pool, "other": pool[::-1]})
    domain, general = (trained["folder"] / f"{name}.safetensors" for name in ("domain", "general"))
    models = (
        domain,
        text,
        "--against",
        general,
        "--bitext",
        domain,
        "--bitext-against",
        general,
        "--bitext-field",
        "other",
    )
    ran = lmkit_run("filter", *models, "--curve", HELD_OUT, "--curve-shares", "50", "--json")
    (row,) = map(json.loads, ran.out.splitlines())
    kept = tmp_path / "kept.jsonl"
    lmkit_run("filter", *models, "--keep", "50%", "-o", kept)
    lines = "".join(f"{line}\n" for line in values_in(kept, "text"))
    assert row["records"] == lines.count("\n")
    assert row["perplexity"] == pytest.approx(perplexity_of(text_file(tmp_path, lines), trained), rel=1e-9)
