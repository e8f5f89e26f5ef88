"""What a word costs a decoder: `BaseScore` of lmkit.kenlm, and of the kenlm module beside it.

    python -m benchmarks.decoding MODEL TEXT [--kenlm FILE] [--words 100000]

MODEL: a model or counts; TEXT: tokenised, one sentence a line. FILE: the same model for the kenlm module, if that can be imported. Both
walk the sentences of TEXT in turn, hundreds at a time, from state to state, each word timed; then whole sentences are scored, one by one, and all at
once. Opening is timed once, imports included.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import islice
from typing import Any

from lmkit.text.sources.opening import open_source

AT_ONCE = 256  # sentences
Sentences = list[list[str]]


def first_sentences(text: str, words: int) -> Sentences:
    """The first sentences of a text, with so many words, their ends among them."""
    found: Sentences = []
    with open_source(text) as file:
        for raw in file:
            if words <= 0:
                break
            found.append([*raw.decode().split(), "</s>"])
            words -= len(found[-1])
    return found


def in_parts(sentences: Sentences) -> Iterator[Sentences]:
    """The sentences, hundreds at a time."""
    left = iter(sentences)
    while part := list(islice(left, AT_ONCE)):
        yield part


def walk(module: Any, model: Any, sentences: Sentences, times: list[int]) -> float:
    """The sum of the scores of all words, one by one; what each takes, in ns, is added to `times`."""
    total, clock = 0.0, time.perf_counter_ns
    state, following = module.State(), module.State()
    for words in sentences:
        model.BeginSentenceWrite(state)
        for word in words:
            start = clock()
            total += model.BaseScore(state, word, following)
            times.append(clock() - start)
            state, following = following, state
    return total


def report(name: str, times: list[int]) -> None:
    """Print what a word takes."""
    *_, most = statistics.quantiles(times, n=10)
    print(
        f"{name}\tBaseScore of {len(times):,} words: median {statistics.median(times) / 1000:.2f} µs, "
        f"mean {statistics.fmean(times) / 1000:.2f}, nine of ten below {most / 1000:.2f}"
    )


def seconds(work: Callable[[], Any]) -> float:
    """Processor time, of all threads, that something takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print what words and sentences cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("text")
    parser.add_argument("--kenlm", metavar="FILE", help="the same model for the kenlm module")
    parser.add_argument("--words", type=int, default=100_000)
    options = parser.parse_args()
    sentences = first_sentences(options.text, options.words)
    lines = [" ".join(words[:-1]) for words in sentences]
    opened: dict[str, tuple[Any, Any, list[int]]] = {}
    files = {"lmkit.kenlm": options.model} | ({"kenlm": options.kenlm} if options.kenlm else {})
    for name, file in files.items():
        start = time.process_time()
        module = import_module(name)
        opened[name] = module, module.Model(file), []
        print(f"{name}\topened in {time.process_time() - start:.2f} s")
    totals = dict.fromkeys(opened, 0.0)
    for part in in_parts(sentences):
        for name, (module, model, times) in opened.items():
            totals[name] += walk(module, model, part, times)
    for name, (_, model, times) in opened.items():
        report(name, times)
        one_by_one = seconds(lambda model=model: [model.score(line) for line in lines])  # type: ignore[misc]
        print(f"{name}\tscore: {len(lines) / one_by_one:,.0f} sentences a CPU second; sum {totals[name]:.2f}")
    together = seconds(lambda: opened["lmkit.kenlm"][1].scores(lines))
    print(f"lmkit.kenlm\tscores: {len(lines) / together:,.0f} sentences a CPU second")


if __name__ == "__main__":
    main()
