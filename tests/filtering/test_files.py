"""Filtering in one call, from Python."""

import json
from pathlib import Path
from typing import Any

import pytest

import lmkit
from lmkit.engine.memory import writing_to
from tests.conftest import Run, held_out_text, text_file, train_text
from tests.filtering.test_filter_command import documents, read


def test_a_call_does_what_the_command_does(lmkit_run: Run, tmp_path: Path, english_model: Path) -> None:
    docs, model = documents(tmp_path), lmkit.load(english_model)
    criteria = lmkit.Criteria(min_tokens=35)
    summary = lmkit.filter_records(
        model, docs, tmp_path / "a-{bucket}.jsonl", criteria=criteria, quantiles=(0.25, 0.5), append=True, prefix="lm_"
    )
    ran = lmkit_run(
        "filter", english_model, docs, "--min-tokens", "35", "--quantiles", "0.25,0.5", "--append", "--prefix", "lm_",
        "--json", "-o", tmp_path / "b-{bucket}.jsonl",
    )  # fmt: skip
    assert json.loads(ran.out) == summary.as_dict()
    for bucket in ("head", "middle", "tail"):
        assert (tmp_path / f"a-{bucket}.jsonl").read_bytes() == (tmp_path / f"b-{bucket}.jsonl").read_bytes()


def test_the_best_share_and_the_best_number_are_kept_by_the_difference_of_two_models(
    tmp_path: Path, english_model: Path, french_model: Path
) -> None:
    english, french = held_out_text("en").read_text("utf-8"), held_out_text("fr").read_text("utf-8")
    mixed = text_file(tmp_path, "".join(english.splitlines(keepends=True)[:30] + french.splitlines(keepends=True)[:30]))
    model, general = lmkit.load(french_model), lmkit.load(english_model)
    with pytest.warns(lmkit.ModelWarning, match="are the same"):
        summary = lmkit.filter_records(model, mixed, tmp_path / "fr.txt", against=general, keep=0.4)
    assert summary.kept == {"kept": 24}
    assert set((tmp_path / "fr.txt").read_text("utf-8").splitlines()) < set(french.splitlines())
    assert lmkit.filter_records(model, mixed, tmp_path / "fr.txt", keep=7).kept == {"kept": 7}


@pytest.mark.parametrize(
    "wrong",
    [
        {"output": "a.jsonl", "quantiles": (0.5,)},
        {"output": "{bucket}.jsonl"},
        {"output": "{bucket}.jsonl", "quantiles": (0.5, 0.2)},
        {"output": "a.jsonl", "keep": 1.5},
        {"output": "a.jsonl", "keep": 0},
    ],
)
def test_what_contradicts_itself_is_a_usage_error(tmp_path: Path, wrong: dict[str, Any]) -> None:
    model = lmkit.kneser_ney(lmkit.count_ngrams(train_text("en"), 2))
    docs = documents(tmp_path)
    options = wrong | {"output": tmp_path / wrong["output"]}
    with pytest.raises(lmkit.UsageError):
        lmkit.filter_records(model, docs, **options)
    assert [path.name for path in tmp_path.iterdir()] == ["docs.jsonl"]
    assert len(read(docs)) == 22


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_disk_that_is_full_is_told_with_what_was_to_be_kept_there() -> None:
    with (
        pytest.raises(lmkit.DataError, match="the figures are kept in /dev: No space left on device"),
        writing_to("/dev", "the figures are"),
        Path("/dev/full").open("wb", buffering=0) as full,
    ):
        full.write(b"x")
