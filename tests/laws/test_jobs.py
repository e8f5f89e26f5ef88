"""Jobs that break off give what they would have given, whatever pieces are kept, and wherever they break off."""

import io
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from lmkit.engine.journal.journal import Job, kept
from lmkit.engine.progress import Advance, Watcher, watched_by
from lmkit.smoothing.registry import with_flags

sentences = st.lists(st.lists(st.sampled_from(["a", "b", "c", "é", "ɖe", "w'"]), min_size=1).map(" ".join), min_size=1)
texts = sentences.map(lambda lines: "".join(f"{line}\n" for line in lines).encode())
JOB = Job("law", "-", {}, {})


class BrokenError(Exception):
    """The work breaks off here."""


class Breaking(Watcher):
    """Breaks work off when it is told something for so many times."""

    def __init__(self, after: int) -> None:
        self._left = after

    def stage(self, name: str, total: int | None) -> Advance:
        """A stage begins."""
        self.tokens(0)
        return super().stage(name, total)

    def tokens(self, number: int) -> None:
        """Something was read."""
        del number
        self._left -= 1
        if not self._left:
            raise BrokenError


def made(text: Path, order: int, smoothing: str | None, how: dict[str, Any]) -> bytes:
    """The file of the counts of a text, or of their model."""
    found: Any = lmkit.count_ngrams(text, order, **how)
    if smoothing:
        options = {"resources": how["resources"]}
        if with_flags()[smoothing].accepts("discount_fallback"):
            options["discount_fallback"] = "fixed"
        found = with_flags()[smoothing].estimate(found, **options)
    stream = io.BytesIO()
    lmkit.save(found, stream)
    return stream.getvalue()


@given(
    texts,
    st.integers(1, 4),
    st.sampled_from([None, "kneser-ney", "witten-bell", "absolute", "laplace"]),
    st.sampled_from(["word", "character", "byte"]),
    st.lists(st.integers(1, 12), max_size=6),
    st.tuples(st.integers(1, 40), st.integers(1, 30), st.integers(1, 20)),
    st.sampled_from([None, 1 << 14, 1 << 30]),
)
def test_a_job_that_breaks_off_gives_the_same_bytes(
    text: bytes,
    order: int,
    smoothing: str | None,
    unit: Any,
    breaks: list[int],
    sizes: tuple[int, int, int],
    memory: int | None,
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        file = Path(folder, "text")
        file.write_bytes(text)
        resources = lmkit.Resources(workers=1, memory=memory, tmp=folder)
        how = {"settings": lmkit.TextSettings(unit=unit), "resources": resources}
        expected = made(file, order, smoothing, how)
        block, run, share = sizes
        how["reading"] = lmkit.Reading(block_bytes=block)
        patch.setattr("lmkit.ngrams.counting.count.RUN_TOKENS", run)
        patch.setattr("lmkit.ngrams.counting.kept_counting.SHARE", share)
        for after in breaks:
            try:
                with kept(JOB, folder, keep=True), watched_by(Breaking(after)):
                    made(file, order, smoothing, how)
            except BrokenError:
                continue
        with kept(JOB, folder):
            assert made(file, order, smoothing, how) == expected
        assert list(Path(folder).iterdir()) == [file]


@given(st.lists(texts, min_size=2, max_size=4), st.integers(1, 4), st.lists(st.integers(1, 8), max_size=4))
def test_a_merge_that_breaks_off_gives_the_same_counts(parts: list[bytes], order: int, breaks: list[int]) -> None:
    def merged() -> bytes:
        stream = io.BytesIO()
        lmkit.save(lmkit.merge_counts([lmkit.count_ngrams(io.BytesIO(part), order) for part in parts]), stream)
        return stream.getvalue()

    with tempfile.TemporaryDirectory() as folder:
        expected = merged()
        for after in breaks:
            try:
                with kept(JOB, folder, keep=True), watched_by(Breaking(after)):
                    merged()
            except BrokenError:
                continue
        with kept(JOB, folder):
            assert merged() == expected
