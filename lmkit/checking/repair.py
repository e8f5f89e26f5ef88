"""Repairing models: what is missing is put in, what cannot be read is left out, and no score changes that was one."""

from dataclasses import dataclass

import numpy as np

from lmkit.arpa.lines import COMMENT_KIND
from lmkit.checking.inspection import Inspection, inspect
from lmkit.checking.renormalizing import Renormalized
from lmkit.checking.renormalizing import renormalize as renormalize_backoffs
from lmkit.checking.report import SAMPLES, TOLERANCE, CheckReport, check_model
from lmkit.classes.model import ClassModel
from lmkit.errors import DataError, UsageError
from lmkit.ngrams.backoff.listed import ListedOrder, back_off, given, unigrams_listed
from lmkit.ngrams.backoff.model import NgramModel
from lmkit.ngrams.values.stored import StoredValues
from lmkit.one_line import one_line
from lmkit.saving import save
from lmkit.signature import smoothing_of
from lmkit.text.sources.names import Place
from lmkit.text.vocabulary import BOS, Vocabulary


@dataclass(frozen=True)
class Repairs:
    """What was changed in a model."""

    unreadable: int  # lines left out: no text, wrong columns, or comments
    unknown_words: int  # n-grams left out: a word is not among the 1-grams
    duplicates: int  # n-grams left out: they stand in the file before, with the same values
    conflicts: int  # the same, with other values
    added: int  # histories, suffixes and marks that were missing
    values: int  # probabilities and backoffs that were none
    backoffs: int  # computed anew
    scaled: int  # histories whose probabilities were scaled

    def in_words(self) -> list[str]:
        """One line on each kind of change."""
        texts = {
            "unreadable": "lines left out that cannot be read",
            "unknown_words": "n-grams left out with words that are not among the 1-grams",
            "duplicates": "n-grams left out that stand in the file before, with the same values",
            "conflicts": "n-grams left out that stand in the file before, with other values",
            "added": "n-grams put in that were missing (histories, suffixes, marks)",
            "values": "values replaced that were no log10 probabilities or backoffs",
            "backoffs": "backoffs computed anew",
            "scaled": "histories whose probabilities were scaled",
        }
        return [f"{texts[name]}: {number:,}" for name, number in vars(self).items() if number]


@one_line
@dataclass(frozen=True, eq=False)
class Repaired:
    """A repaired model, what was changed, and what is left to complain about."""

    model: NgramModel | ClassModel
    repairs: Repairs
    report: CheckReport


def repair_model(
    value: Place | NgramModel | ClassModel | Inspection,
    output: Place | None = None,
    *,
    renormalize: bool = False,
    samples: int | None = SAMPLES,
    seed: int = 0,
    tolerance: float = TOLERANCE,
) -> Repaired:
    """A model (see `check_model`) with its damages repaired, written to a file if one is given (see `save`).

    Missing histories and suffixes get the probability and the backoff that the model gives what it lacks, so that no score
    changes. Lines that cannot be read and n-grams with unknown words are left out; of n-grams that stand in the file twice
    the first is kept. renormalize: compute all backoffs anew, so that probabilities sum to 1; this changes scores.
    samples, seed, tolerance: of the check of the result. DataError for counts, and for files damaged beyond repair;
    UsageError for renormalizing what is not to sum to 1.
    """
    found = value if isinstance(value, Inspection) else inspect(value)
    if found.listed is None or not found.listed.chain:
        what = "counts cannot be repaired" if found.format == "counts" else "the file is damaged beyond repair"
        raise DataError(f"{found.source}: {what}.", "Count the text again, or fetch the file again.")
    if renormalize and not found.origin.traits.backs_off:
        raise UsageError(
            f"a model with the smoothing {smoothing_of(found.origin.details)} cannot be renormalized: it is not to sum to 1 everywhere."
        )
    unseen = found.origin.traits.unseen_log10_backoff
    chain = [listed.with_backoffs_of_missing(unseen) for listed in found.listed.chain]
    changes = Renormalized(0, 0)
    if renormalize:
        changes = renormalize_backoffs(chain, found.suffixes)
    else:
        for k in range(2, len(chain) + 1):
            back_off(chain, found.suffixes, k)
    above = sum(int(np.count_nonzero(listed.log10_probs > 0)) for listed in chain[1:])
    mended = model_of(found, found.listed.vocabulary, chain, renormalize)
    problems = found.problems
    repairs = Repairs(
        unreadable=problems.of_kind("columns", "encoding", COMMENT_KIND),
        unknown_words=problems.of_kind("unknown-word"),
        duplicates=problems.of_kind("duplicate"),
        conflicts=problems.of_kind("conflict"),
        added=added_ngrams(mended, chain),
        values=problems.of_kind("number", "probability", "rounding", "backoff") + above,
        backoffs=changes.backoffs,
        scaled=changes.scaled,
    )
    if found.model is not None and not repairs.in_words():
        mended = found.model  # as it is kept: maybe as counts
    model = mended if found.around is None else found.around.with_inner(mended)
    if output is not None:
        save(model, output)
    return Repaired(model, repairs, check_model(model, samples=samples, seed=seed, tolerance=tolerance))


def added_ngrams(model: NgramModel, chain: list[ListedOrder]) -> int:
    """The number of n-grams that the file will have and has not."""
    unigrams = np.count_nonzero(~chain[0].listed[unigrams_listed(model)])
    return int(unigrams + sum(np.count_nonzero(~listed.listed) for listed in chain[1:]))


def model_of(found: Inspection, vocabulary: Vocabulary, chain: list[ListedOrder], renormalized: bool) -> NgramModel:
    """The model of a chain in which every n-gram has a probability."""
    dtype = chain[0].log10_probs.dtype
    log10_probs = [np.minimum(listed.log10_probs, 0).astype(dtype) for listed in chain]
    log10_probs[0][BOS] = -np.inf  # never predicted, whatever stands there
    origin = found.origin
    return NgramModel(
        vocabulary,
        origin.settings,
        origin.details | ({"renormalized": "yes"} if renormalized else {}),
        tuple(listed.order for listed in chain),
        StoredValues(tuple(log10_probs), tuple(given(listed.log10_backoffs).astype(dtype) for listed in chain[:-1])),
        origin.traits,
        origin.closed,
        parameters=origin.parameters,
    )
