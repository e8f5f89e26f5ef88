"""What is odd about the n-grams of a model as it lists them: marks, values, missing suffixes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lmkit.engine.arrays import IndexArray
from lmkit.ngrams.backoff.listed import ListedOrder, entries_of_rows, ids_of
from lmkit.problems import Level, Problems, line_or_none, named
from lmkit.text.vocabulary import BOS, EOS, MARKS, UNK, Vocabulary


@dataclass(frozen=True, eq=False)
class ListedModel:
    """A model as a file lists it, with all that may be wrong about it."""

    vocabulary: Vocabulary
    chain: list[ListedOrder]
    marks_listed: frozenset[bytes]
    alias: bool = False  # whether <UNK> stands for <unk>
    marks: bool = True  # whether its sentences have <s> and </s>

    def name(self, length: int, entry: int) -> str:
        """An n-gram as messages name it."""
        ids = ids_of(self.chain, length, np.array([entry]))[0].tolist()
        return named([self.vocabulary.words[word] for word in ids])

    def tell_each(
        self, problems: Problems, level: Level, kind: str, length: int, entries: IndexArray, text: str
    ) -> None:
        """Tell a problem of each of these n-grams, whose name stands for {ngram} in the text."""
        lines = self.chain[length - 1].lines

        def describe(number: int) -> tuple[int | None, str]:
            entry = int(entries[number])
            return line_or_none(lines[entry]), text.replace("{ngram}", self.name(length, entry))

        problems.add_each(level, kind, len(entries), describe)

    def tell_number(
        self, problems: Problems, level: Level, kind: str, length: int, entries: IndexArray, text: str
    ) -> None:
        """Tell how many n-grams there are of which a text speaks, and the first of them in the file."""
        if not len(entries):
            return
        lines = self.chain[length - 1].lines
        first = int(entries[lines.take(entries).argmin()])
        message = f"{length}-grams {text}: {len(entries):,}, the first of which is {self.name(length, first)}"
        problems.add(level, kind, message, line_or_none(lines[first]))


def check_listed(model: ListedModel, problems: Problems) -> None:
    """Tell what is odd about marks, values and the places of the marks."""
    if not model.chain:
        return
    check_marks(model, problems)
    for k, listed in enumerate(model.chain, start=1):
        if not listed.listed.any():
            problems.add("warning", "empty-order", f"there are no {k}-grams; some readers refuse that")
        check_values(model, k, problems)
        if k > 1:
            check_mark_places(model, k, problems)


def check_marks(model: ListedModel, problems: Problems) -> None:
    """Tell which of </s>, <s> and <unk> are not listed, and a probability of <s> that is none."""
    unigrams = model.chain[0]
    if not model.marks:
        problems.add("note", "no-marks", "the model is one of sentences without marks: <s> and </s> are no words of it")
    elif MARKS[BOS] not in model.marks_listed:
        problems.add("warning", "no-bos", "<s> is not among the 1-grams; KenLM refuses that")
    elif not np.isneginf(unigrams.log10_probs[BOS]):
        value = float(unigrams.log10_probs[BOS])
        line = line_or_none(unigrams.lines[BOS])
        if value == 0:
            problems.add(
                "note", "bos-probability", "the log10 probability of <s> is 0, as KenLM writes it; it is not used", line
            )
        else:
            text = f"the log10 probability of <s> is {value:g}; it is not used, because <s> is never predicted"
            problems.add("warning", "bos-probability", text, line)
    if model.marks and MARKS[EOS] not in model.marks_listed:
        text = "</s> is not among the 1-grams: the end of a sentence has no probability; KenLM refuses that"
        problems.add("warning", "no-eos", text)
    if MARKS[UNK] not in model.marks_listed:
        text = "<unk> is not among the 1-grams: the vocabulary is closed, and unknown words have no probability"
        problems.add("note", "closed", text)
    if model.alias:
        text = "<UNK> is taken as <unk>, as KenLM does; other readers take it as a word"
        problems.add("note", "unk-spelling", text, line_or_none(unigrams.lines[UNK]))
    elif MARKS[UNK] in model.marks_listed and b"<UNK>" in model.vocabulary.ids:
        line = line_or_none(unigrams.lines[model.vocabulary.ids[b"<UNK>"]])
        problems.add("warning", "unk-spelling", "<unk> and <UNK> are both 1-grams: <UNK> is taken as a word", line)


def check_values(model: ListedModel, k: int, problems: Problems) -> None:
    """Tell probabilities and backoffs that have a meaning of their own."""
    listed = model.chain[k - 1]
    present = listed.listed
    zero = np.isneginf(listed.log10_probs) & present
    if k == 1:
        zero[BOS] = False
        zero[UNK] &= MARKS[UNK] in model.marks_listed
        zero[EOS] &= model.marks
    text = "with a log10 probability of -99 or below, which stands for a probability of 0"
    model.tell_number(problems, "note", "zero-probability", k, np.flatnonzero(zero), text)
    backoffs = listed.log10_backoffs
    if k == len(model.chain):
        given = ~np.isnan(backoffs)
        text = f"{{ngram}} has a backoff, and there are no {k + 1}-grams; KenLM refuses that"
        model.tell_each(problems, "warning", "highest-backoff", k, np.flatnonzero(given & (backoffs != 0)), text)
        text = f"with a log10 backoff of 0, which is not used, because there are no {k + 1}-grams"
        model.tell_number(problems, "note", "highest-backoff", k, np.flatnonzero(given & (backoffs == 0)), text)
        return
    text = "with a log10 backoff of -99 or below, which stands for a weight of 0"
    model.tell_number(problems, "note", "zero-backoff", k, np.flatnonzero(np.isneginf(backoffs)), text)
    followed = np.diff(model.chain[k].order.indptr) > 0
    text = f"without a backoff, though {k + 1}-grams begin with them; it is taken as 1"
    model.tell_number(problems, "note", "no-backoff", k, np.flatnonzero(followed & np.isnan(backoffs) & present), text)


def check_mark_places(model: ListedModel, k: int, problems: Problems) -> None:
    """Tell k-grams with <s> in their last place, and those with </s> in the place before it."""
    listed = model.chain[k - 1]
    inside = np.flatnonzero((listed.order.indices == BOS) & listed.listed)
    text = "{ngram} has <s> after its first place: it is never predicted"
    model.tell_each(problems, "warning", "bos-inside", k, inside, text)
    below = model.chain[k - 2].order
    ends = np.flatnonzero((below.indices == EOS) & (np.diff(listed.order.indptr) > 0))
    entries = entries_of_rows(listed.order.indptr, ends)
    text = "{ngram} goes on after </s>: it is never used"
    model.tell_each(problems, "warning", "eos-inside", k, entries[listed.listed[entries]], text)


def check_suffixes(model: ListedModel, suffixes: Sequence[IndexArray], problems: Problems) -> None:
    """Tell n-grams that the file has without the n-gram that is left without their first word."""
    for k in range(3, len(model.chain) + 1):
        listed = model.chain[k - 1]
        missing = np.flatnonzero((suffixes[k - 1] < 0) & listed.listed)

        def describe(
            number: int, k: int = k, missing: IndexArray = missing, lines: IndexArray = listed.lines
        ) -> tuple[int | None, str]:
            entry = int(missing[number])
            ids = ids_of(model.chain, k, missing[number : number + 1])[0].tolist()
            words = [model.vocabulary.words[word] for word in ids]
            suffix = b" ".join(words[1:]).decode()
            text = f"{named(words)} ends with {suffix!r}, which is not among the {k - 1}-grams"
            return line_or_none(lines[entry]), text

        problems.add_each("warning", "missing-suffix", len(missing), describe)
