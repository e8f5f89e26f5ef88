"""`lmkit ngram train --kneser-ney` on text that is too small for it: the counts, which took the time, are not lost."""

from pathlib import Path

import lmkit
from tests.conftest import TOY, Run

FAILED = (
    "lmkit: the discounts of order 1 cannot be estimated: n1, n2, n3, n4 = 9, 3, 0, 0, and n1, n2 and n3 must not be 0 "
    "(n_j: the number of 1-grams with adjusted count j).\n"
    "The text is probably too small for this order, artificial, repeated, or already pruned.\n"
    "Use more text or a lower order, or --discount-fallback for the orders that fail (0.5 1 1.5, or generalised). "
)
TAKES = "`lmkit smooth --kneser-ney` makes models of them, with --discounts D1 D2 D3, too.\n"


def test_counts_are_kept_beside_the_model_that_cannot_be_made(lmkit_run: Run, tmp_path: Path) -> None:
    model, counts = tmp_path / "kn.arpa", tmp_path / "kn.counts.safetensors"
    failed = lmkit_run("ngram", "train", "-q", "--kneser-ney", TOY, "-o", model)
    assert (failed.code, failed.err) == (1, f"{FAILED}The counts are in {counts}: {TAKES}")
    assert sorted(tmp_path.iterdir()) == [counts]
    assert lmkit.load_counts(counts).ngrams() == lmkit.count_ngrams(TOY, 3).ngrams()
    made = lmkit_run("smooth", "-q", "--kneser-ney", "--discounts", 0.5, 1, 1.5, counts, "-o", model)
    assert (made.code, model.exists()) == (0, True)


def test_counts_take_no_place_of_a_file_that_is_there_and_none_of_a_pipe(lmkit_run: Run, tmp_path: Path) -> None:
    (tmp_path / "kn.counts.safetensors").write_text("mine", encoding="utf-8")
    for output in (("-o", tmp_path / "kn.arpa"), ("--to", "arpa")):
        failed = lmkit_run("ngram", "train", "-q", "--kneser-ney", TOY, *output)
        there = (
            f"There is {tmp_path / 'kn.counts.safetensors'} already, and it stays as it is. " if "-o" in output else ""
        )
        assert (failed.code, failed.err) == (1, f"{FAILED}{there}Without --kneser-ney, the counts are written: {TAKES}")
    assert (tmp_path / "kn.counts.safetensors").read_text(encoding="utf-8") == "mine"
