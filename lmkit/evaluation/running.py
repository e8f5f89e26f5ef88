"""Running a suite: pairs are measured at the same time, each model is opened once, gates are checked at the end."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lmkit.engine.resources import Resources
from lmkit.engine.threads import map_in_order
from lmkit.errors import LmkitError
from lmkit.evaluation.gates import NO_WORSE, Gate, PairName
from lmkit.evaluation.judging import Found, Resampling, check_limit, check_no_worse
from lmkit.evaluation.outcome import Check, Outcome, PairOutcome
from lmkit.evaluation.suite import SPELL_UNKNOWN, ModelEntry, Pair, Suite, read_suite
from lmkit.mixtures import load_mixture
from lmkit.scoring.perplexity import perplexity
from lmkit.scoring.protocol import Model
from lmkit.scoring.sentences import measure_sentences
from lmkit.storage import load_scoring, load_spelled
from lmkit.text.reading import WITHOUT_CHOICE, Reading
from lmkit.text.settings import TextSettings


@dataclass(frozen=True)
class Failure:
    """Why a pair was not measured."""

    reason: str


def evaluate(
    suite: Suite | str | os.PathLike[str],
    *,
    models: Mapping[str, Model] | None = None,
    resources: Resources = Resources(),
) -> Outcome:
    """What comes of a suite: the figures of each pair, and whether its gates hold.

    suite: what `read_suite` gives, or its file. models: by name, in place of files of the suite, or beside them; of any
    family. resources: its threads are pairs measured at the same time. What goes
    wrong with one pair does not keep others from being measured. The outcome does not depend on them.
    """
    models = models or {}
    suite = suite if isinstance(suite, Suite) else read_suite(suite, models)
    workers = resources.threads
    found = dict(map_in_order(measure(suite, workers), pairs_with_models(suite, models, workers), workers))
    how = Resampling(suite.test, suite.samples, suite.seed, workers)
    return Outcome(suite, tuple(outcome_of(pair, found, how) for pair in suite.pairs))


Job = tuple[Pair, Model | Failure]


def pairs_with_models(suite: Suite, given: Mapping[str, Model], workers: int) -> Iterator[Job]:
    """The pairs, model by model, each with its model; the next models are opened while pairs are measured."""
    entries = {pair.model.name: pair.model for pair in suite.pairs}
    opened = map_in_order(lambda name: open_model(entries[name], given.get(name)), entries, workers)
    for name, model in zip(entries, opened, strict=True):
        for pair in suite.pairs:
            if pair.model.name == name:
                yield pair, model


def open_model(entry: ModelEntry, given: Model | None = None) -> Model | Failure:
    """The model, which may be given, with what spells its unknown words; or why it cannot be opened."""
    if given is None and not entry.path:
        return Failure(f"{entry.name} is no file, and was not given as a value.")
    try:
        model = load_spelled(unspelled(entry, given), entry.spell_unknown, SPELL_UNKNOWN)
        model.scorer()  # what a scorer needs is made once, before threads share the model
        return model  # noqa: TRY300 (an else would say less)
    except LmkitError as error:
        return Failure(str(error))
    except OSError as error:
        return Failure(f"cannot read {entry.path}: {error.strerror or error}.")


def unspelled(entry: ModelEntry, given: Model | None) -> Model:
    """The model of an entry, which may be given, with what it is mixed with."""
    if entry.mix:
        return load_mixture(entry.mix, first=given)
    return load_scoring(entry.path) if given is None else given


def measure(suite: Suite, workers: int) -> Callable[[Job], tuple[PairName, Found | Failure]]:
    """A function that measures a pair."""
    baselines = {(gate.baseline, pair.text.name) for pair, gate in comparisons(suite)}
    compared = baselines | {name_of(pair) for pair, _ in comparisons(suite)}
    by_sentence = {name for pair, gate in comparisons(suite) if gate.significant
                   for name in (name_of(pair), (gate.baseline, pair.text.name))}  # fmt: skip
    threads = max(1, workers // len(suite.pairs))  # of each pair

    def measure_pair(job: Job) -> tuple[PairName, Found | Failure]:
        pair, model = job
        name = name_of(pair)
        if isinstance(model, Failure):
            return name, model
        try:
            return name, found_of(pair, model, by_sentence=name in by_sentence, compared=name in compared)
        except LmkitError as error:
            return name, Failure(str(error))
        except OSError as error:
            return name, Failure(f"cannot read {', '.join(pair.text.paths)}: {error.strerror or error}.")

    def found_of(pair: Pair, model: Model, *, by_sentence: bool, compared: bool) -> Found:
        settings = settings_for(pair, model.settings)
        replacing = pair.text.encoding_errors == "replace"
        reading = Reading("replace") if replacing else WITHOUT_CHOICE  # `evaluate` has no such option
        how: dict[str, Any] = {"settings": settings, "reading": reading, "resources": Resources(threads)}
        measured = measure_sentences(model, pair.text.paths, **how) if by_sentence else None
        figures = measured.figures if measured else perplexity(model, pair.text.paths, **how)
        return Found(pair.model.name, figures, measured, model if compared else None, settings)

    return measure_pair


def comparisons(suite: Suite) -> list[tuple[Pair, Gate]]:
    """The gates that compare the model of a pair with another one."""
    return [(pair, gate) for pair in suite.pairs for gate in pair.gates if gate.kind == NO_WORSE]


def name_of(pair: Pair) -> PairName:
    """The names of the model and the text of a pair."""
    return pair.model.name, pair.text.name


def settings_for(pair: Pair, model_settings: TextSettings | None) -> TextSettings:
    """How the text is read for the model. UsageError where the suite contradicts the model."""
    wanted = pair.model.settings | pair.text.settings
    return TextSettings.named(**wanted) if model_settings is None else model_settings.for_use_with(**wanted)


def outcome_of(pair: Pair, found: dict[PairName, Found | Failure], how: Resampling) -> PairOutcome:
    """What came of a pair, its gates checked."""
    own = found[name_of(pair)]
    if isinstance(own, Failure):
        checks = [
            Check(gate, "error", f"{pair.model.name} could not be measured on {pair.text.name}.") for gate in pair.gates
        ]
        return PairOutcome(pair, None, own.reason, tuple(checks))
    checks = []
    for gate in pair.gates:
        if gate.kind != NO_WORSE:
            checks.append(check_limit(gate, own.figures))
            continue
        baseline = found[gate.baseline, pair.text.name]
        if isinstance(baseline, Failure):
            checks.append(Check(gate, "error", f"{gate.baseline} could not be measured on {pair.text.name}."))
        else:
            checks.append(check_no_worse(gate, own, baseline, how))
    return PairOutcome(pair, own.figures, "", tuple(checks))
