"""A family of models from outside lmkit passes through all that looks at models: it has the protocol's names, and no more.

`Uniform` gives every event the same probability. `Cache` is a unigram cache (Kuhn & De Mori 1990): half of the probability
is uniform, half goes to the words of the text before, in proportion to their counts. It depends on all that came before,
so that its blocks must come in order. Over the events </s> <unk> a b c (V = 5), "a a b" is predicted, from an empty cache, as

    a 1/5   a 1/10 + 1/2 · 1/1 = 3/5   b 1/10 + 1/2 · 0/2 = 1/10   </s> 1/10 + 1/2 · 0/3 = 1/10

and "a" after it as a 1/10 + 1/2 · 2/4 = 7/20, </s> 1/10 + 1/2 · 1/5 = 1/5.
"""

import io
import json
import math
import mmap
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load, save

import lmkit
from lmkit import families
from lmkit.errors import DataError
from lmkit.ngrams.backoff.mixing import build_mixture
from lmkit.scoring.generating.generation import generate_text
from lmkit.scoring.perplexity import perplexity_by_file
from lmkit.scoring.protocol import Model, Predictor, Scorer, TokenScores
from lmkit.scoring.sentences import sentence_sums
from lmkit.scoring.traits import Traits
from tests.conftest import Run, train_text

BOS = 1
DISTRIBUTION = Traits()


@dataclass(frozen=True, eq=False)
class Scored:
    """The same probability for every event: all that scoring asks of a model."""

    vocabulary: lmkit.Vocabulary
    settings: lmkit.TextSettings | None = None
    order: int | None = None
    closed: bool = False
    method: str = "uniform"
    traits: Traits = DISTRIBUTION

    @property
    def events(self) -> int:
        """The number of words that can be predicted."""
        return len(self.vocabulary) - 1

    def signature(self, settings: lmkit.TextSettings | None = None) -> str:
        """What it is, and how text was read."""
        return f"method:{self.method}|lowercase:{settings.lowercase if settings else '-'}"

    def scorer(self) -> Scorer:
        """One that needs to know nothing of the text before."""
        return UniformScorer(self.events)


class Uniform(Scored):
    """The same, and it predicts."""

    def predictor(self) -> Predictor:
        """One whose states are numbers of sentences."""
        return UniformPredictor(self)


class UniformScorer:
    """A uniform model prepared for a text."""

    independent_blocks = True

    def __init__(self, events: int) -> None:
        self._events = events

    def score(self, tokens: NDArray[np.int32]) -> TokenScores:
        """The scores of whole padded sentences."""
        predicted = tokens[tokens != BOS]
        return TokenScores.of(predicted, np.full(len(predicted), -math.log10(self._events)))


class UniformPredictor:
    """A uniform model prepared for sentences."""

    def __init__(self, model: Uniform) -> None:
        self._model = model

    def start(self, _ids: Sequence[int], sentences: int) -> int:
        """So many sentences."""
        return sentences

    def log10_probs(self, state: int) -> NDArray[np.float64]:
        """(sentences, types) of the next word."""
        found = np.full((state, len(self._model.vocabulary)), -math.log10(self._model.events))
        found[:, BOS] = -np.inf
        return found

    def extend(self, _state: int, kept: NDArray[np.int64], _words: NDArray[np.int64]) -> int:
        """So many are left."""
        return len(kept)


class Cache(Uniform):
    """A unigram cache."""

    def scorer(self) -> Scorer:
        """One with an empty cache."""
        return CacheScorer(self)

    def predictor(self) -> Predictor:
        """One whose states are the caches of the sentences, empty at first."""
        return CachePredictor(self)


def cache_of(vocabulary: lmkit.Vocabulary) -> Cache:
    """A cache model over these words."""
    return Cache(vocabulary, method="cache")


def cache_probs(counts: NDArray[np.int64], events: int) -> NDArray[np.float64]:
    """(…, types) of each word after a text with these counts (…, types)."""
    seen = counts.sum(axis=-1, keepdims=True)
    probs: NDArray[np.float64] = np.where(
        seen > 0, 0.5 / events + 0.5 * counts / np.maximum(seen, 1), np.full(counts.shape, 1 / events)
    )
    probs[..., BOS] = 0.0
    return probs


class CacheScorer:
    """A cache model within a text. It fails where two blocks are scored at once."""

    independent_blocks = False

    def __init__(self, model: Cache) -> None:
        self._counts = np.zeros(len(model.vocabulary), np.int64)
        self._events = model.events
        self._alone = threading.Lock()

    def score(self, tokens: NDArray[np.int32]) -> TokenScores:
        """The scores of whole padded sentences, which come after all those before."""
        assert self._alone.acquire(blocking=False), "two blocks at once"
        predicted = tokens[tokens != BOS]
        probs = np.empty(len(predicted))
        for place, word in enumerate(predicted.tolist()):
            probs[place] = cache_probs(self._counts, self._events)[word]
            self._counts[word] += 1
        self._alone.release()
        return TokenScores.of(predicted, np.log10(probs))


class CachePredictor:
    """A cache model prepared for sentences: a state is the counts (sentences, types) of the words of each."""

    def __init__(self, model: Cache) -> None:
        self._model = model

    def start(self, ids: Sequence[int], sentences: int) -> NDArray[np.int64]:
        """The caches after these words."""
        words = [word for word in ids if word != BOS]
        counts = np.bincount(np.array(words, np.int64), minlength=len(self._model.vocabulary))
        return np.tile(counts, (sentences, 1))

    def log10_probs(self, state: NDArray[np.int64]) -> NDArray[np.float64]:
        """(sentences, types) of the next word."""
        with np.errstate(divide="ignore"):
            return np.log10(cache_probs(state, self._model.events))

    def extend(self, state: NDArray[np.int64], kept: NDArray[np.int64], words: NDArray[np.int64]) -> NDArray[np.int64]:
        """The caches of those kept with one more word each."""
        counts = state[kept]
        counts[np.arange(len(kept)), words] += 1
        return counts


ABC = lmkit.Vocabulary.from_words([b"</s>", b"<s>", b"<unk>", b"a", b"b", b"c"])
UNIFORM, CACHE = Uniform(ABC), cache_of(ABC)
TEXT = "a a b\na\n"
CACHE_PROBS = [Fraction(*pair) for pair in ((1, 5), (3, 5), (1, 10), (1, 10), (7, 20), (1, 5))]  # of TEXT, as above


def stream(text: str = TEXT) -> io.BytesIO:
    """A text to be read."""
    return io.BytesIO(text.encode())


def long_text(vocabulary: int = 40, lines: int = 400) -> tuple[lmkit.Vocabulary, str]:
    """A text in which words come in bursts, and the words that it has."""
    random = np.random.default_rng(5)
    words = [f"w{number}" for number in range(vocabulary)]
    text = "".join(
        " ".join(words[number] for number in random.integers(line // 20, line // 20 + 8, 6) % vocabulary) + "\n"
        for line in range(lines)
    )
    return lmkit.Vocabulary.from_words([b"</s>", b"<s>", b"<unk>", *(word.encode() for word in words)]), text


def by_hand(vocabulary: lmkit.Vocabulary, text: str) -> list[float]:
    """log10 of the probability of each token under the cache model, from its definition."""
    seen: dict[str, int] = {}
    found = []
    for number, word in enumerate(word for line in text.splitlines() for word in [*line.split(), "</s>"]):
        uniform = 1 / (len(vocabulary) - 1)
        found.append(math.log10(uniform / 2 + seen.get(word, 0) / number / 2 if number else uniform))
        seen[word] = seen.get(word, 0) + 1
    return found


def test_figures_of_a_corpus_are_those_of_the_definition() -> None:
    uniform, cached = lmkit.perplexity(UNIFORM, stream()), lmkit.perplexity(CACHE, stream())
    assert uniform.perplexity == pytest.approx(5)
    assert cached.perplexity == pytest.approx(float(1 / math.prod(CACHE_PROBS)) ** (1 / 6))
    assert (cached.tokens, cached.sentences, cached.oov, cached.bytes) == (6, 2, 0, 8)
    assert cached.signature == "method:cache|lowercase:False"
    assert cached.matched_orders is None
    assert "matched_orders" not in cached.as_dict()
    unknown = lmkit.perplexity(UNIFORM, stream("a zzz\n"))  # </s> and a remain: 1/5 each
    assert (unknown.oov, unknown.tokens) == (1, 3)
    assert unknown.perplexity_excluding_oov == pytest.approx(5)


def test_each_file_begins_with_an_empty_cache(tmp_path: Path) -> None:
    for name in ("x", "y"):
        (tmp_path / name).write_text(TEXT)
    found = dict(perplexity_by_file(CACHE, [tmp_path / "x", tmp_path / "y"]))
    assert {result.perplexity for result in found.values()} == {lmkit.perplexity(CACHE, stream()).perplexity}
    together = lmkit.perplexity(CACHE, [tmp_path / "x", tmp_path / "y"])
    assert together.log10_prob == pytest.approx(sum(by_hand(ABC, TEXT * 2)))


def test_sentences_and_tokens_have_the_probabilities_of_the_definition() -> None:
    (scored,) = lmkit.score_text(CACHE, stream())
    assert 10.0**scored.scores.log10_probs == pytest.approx([float(prob) for prob in CACHE_PROBS])
    sums = sentence_sums(scored)
    assert (sums.numbers.tolist(), sums.tokens.tolist()) == ([1, 2], [4, 2])
    assert sums.perplexities == pytest.approx(
        [float(1 / math.prod(CACHE_PROBS[:4])) ** 0.25, float(1 / math.prod(CACHE_PROBS[4:])) ** 0.5]
    )
    alone = lmkit.score_sentence(CACHE, "a a zzz")
    assert [(score.token, score.order, score.oov) for score in alone] == [
        ("a", None, False), ("a", None, False), ("zzz", None, True), ("</s>", None, False)
    ]  # fmt: skip
    assert [10.0**score.log10_prob for score in alone] == pytest.approx([1 / 5, 3 / 5, 1 / 10, 1 / 10])


def test_surprisal_is_minus_log2_of_these_probabilities() -> None:
    bits = [-math.log2(prob) for prob in CACHE_PROBS]
    (found,) = lmkit.text_surprisal(CACHE, stream())
    assert found.bits == pytest.approx(bits)
    assert found.tokens == ["a", "a", "b", "</s>", "a", "</s>"]
    assert found.orders is None
    assert lmkit.sentence_surprisal(CACHE, "a a b").bits == pytest.approx(bits[:4])


@pytest.mark.parametrize("block_bytes", [None, 1, 100, 1000])
@pytest.mark.parametrize("workers", [1, 4])
def test_blocks_and_threads_change_no_figure_of_a_model_that_remembers(block_bytes: int | None, workers: int) -> None:
    vocabulary, text = long_text()
    cache = cache_of(vocabulary)
    expected = by_hand(vocabulary, text)
    resources = lmkit.Resources(workers)
    options: dict[str, Any] = {"reading": lmkit.Reading(block_bytes=block_bytes), "resources": resources}
    assert lmkit.perplexity(cache, stream(text), **options).log10_prob == pytest.approx(sum(expected))
    tokens = [scored.scores.log10_probs for scored in lmkit.score_text(cache, stream(text), **options)]
    assert np.concatenate(tokens) == pytest.approx(expected)
    counts = lmkit.count_ngrams(stream(text), 2)
    mixed = lmkit.mixture([lmkit.witten_bell(counts), cache], [0.25, 0.75])
    ngrams = np.concatenate([block.scores.log10_probs for block in lmkit.score_text(mixed.models[0], stream(text))])
    both = np.log10(0.25 * 10.0**ngrams + 0.75 * 10.0 ** np.array(expected))
    assert lmkit.perplexity(mixed, stream(text), **options).log10_prob == pytest.approx(both.sum())
    found = lmkit.compare(cache, mixed, stream(text), resources=resources)
    assert [found.a.log10_prob, found.b.log10_prob] == pytest.approx([sum(expected), both.sum()])


def test_a_comparison_has_the_difference_of_the_definition() -> None:
    found = lmkit.compare(UNIFORM, CACHE, stream(), samples=200)
    bits = [-math.log2(prob) - math.log2(5) for prob in CACHE_PROBS]
    assert found.comparable
    assert found.differences()["cross_entropy_bits"] == pytest.approx(sum(bits) / 6)
    assert found.bootstrap is not None  # each of the two sentences alone is a quarter of the samples of two
    ends = sorted([sum(bits[:4]) / 4, sum(bits[4:]) / 2])
    assert [found.bootstrap.low, found.bootstrap.high] == pytest.approx(ends)
    other = lmkit.compare(UNIFORM, replace(UNIFORM, vocabulary=lmkit.Vocabulary.from_words(ABC.words[:5])), stream())
    assert other.reasons == ("the vocabularies differ (1 words only in a, 0 only in b)",)
    scores = lmkit.compare(UNIFORM, replace(UNIFORM, traits=Traits(is_distribution=False)), stream())
    assert scores.reasons == ("the scores of b are no probabilities (uniform), and none of its figures compare",)


def test_a_mixture_of_families_weighs_their_probabilities() -> None:
    """A unigram model of `a a c`, add-one: a 3/8; b, not in it, half of the 1/8 of <unk>; </s> 2/8."""
    laplace = lmkit.laplace(lmkit.count_ngrams(stream("a a c\n"), 1), precision="double")
    mixed = lmkit.mixture([laplace, CACHE], [0.5, 0.5])
    assert (mixed.order, mixed.method) == (None, "mixture")
    assert mixed.signature().startswith("smoothing:mixture|vocabulary:open|mixture:0.5*laplace+0.5*cache|")
    (scored,) = lmkit.score_text(mixed, stream())
    ngrams = {"a": Fraction(3, 8), "b": Fraction(1, 16), "</s>": Fraction(2, 8)}
    words = ["a", "a", "b", "</s>", "a", "</s>"]
    expected = [float((ngrams[word] + cached) / 2) for word, cached in zip(words, CACHE_PROBS, strict=True)]
    assert 10.0**scored.scores.log10_probs == pytest.approx(expected)
    assert scored.scores.matched_orders is None


def test_tuned_weights_are_those_that_make_the_text_most_probable() -> None:
    """On `a a` the cache is 1, 3 and 1/2 times the uniform model: (1 + 2λ)(1 − λ/2) is largest at λ = 3/4."""
    tuned = lmkit.tune_weights([UNIFORM, CACHE], stream("a a\n"))
    assert tuned.weights == pytest.approx((0.25, 0.75), abs=1e-6)
    assert tuned.perplexity == pytest.approx((125 / (2.5 * 0.625)) ** (1 / 3))
    vocabulary, text = long_text()
    models: list[Model] = [Uniform(vocabulary), cache_of(vocabulary)]
    whole = lmkit.tune_weights(models, stream(text), resources=lmkit.Resources(workers=1))
    assert lmkit.tune_weights(
        models, stream(text), resources=lmkit.Resources(workers=4), reading=lmkit.Reading(block_bytes=100)
    ).weights == pytest.approx(whole.weights)


def test_suites_measure_models_that_are_given_as_values(tmp_path: Path) -> None:
    (tmp_path / "text").write_text(TEXT)
    (tmp_path / "suite.toml").write_text(
        '[texts]\ntest = "text"\n[models.cache]\ntexts = "test"\n'
        '[[gate]]\nmodel = "cache"\nmax_perplexity = 4.8\nno_worse_than = "uniform"\nsignificant = true\n'
        '[[gate]]\nmodel = "uniform"\nmax_perplexity = 4.9\n'
    )
    outcome = lmkit.evaluate(tmp_path / "suite.toml", models={"uniform": UNIFORM, "cache": CACHE})
    found = {pair.pair.model.name: pair for pair in outcome.pairs}
    assert found["cache"].figures == lmkit.perplexity(CACHE, stream())
    assert [check.status for check in found["cache"].checks] == ["pass", "pass"]
    assert [check.reason for check in found["uniform"].checks] == ["perplexity is 5, above the limit of 4.9."]
    suite = lmkit.read_suite(tmp_path / "suite.toml", ["uniform", "cache"])
    missing = lmkit.evaluate(suite, models={"cache": CACHE})
    assert [pair.error for pair in missing.pairs] == ["", "uniform is no file, and was not given as a value."]


def test_next_words_are_those_of_the_cache_of_the_history() -> None:
    found = lmkit.next_words(CACHE, "a a")
    assert found.words == ["a", "</s>", "<unk>", "b", "c"]
    assert found.probabilities == pytest.approx([0.6, 0.1, 0.1, 0.1, 0.1])
    assert (found.history, found.orders) == (["<s>", "a", "a"], None)
    mixed = lmkit.next_words(lmkit.mixture([UNIFORM, CACHE], [0.75, 0.25]), "a a", top=1)
    assert (mixed.words, mixed.probabilities.tolist()) == (["a"], [pytest.approx(0.75 * 0.2 + 0.25 * 0.6)])
    assert lmkit.probability(CACHE, "b", "a a") == pytest.approx(0.1)


def test_generated_sentences_have_the_frequencies_of_the_distribution() -> None:
    """Uniform without <unk>: </s> a b c have 1/4 each; so 3 words a sentence, with variance 12."""
    found = lmkit.generate(UNIFORM, 4000, seed=1)
    lengths = np.array([sentence.tokens - 1 for sentence in found])
    assert all(sentence.finished for sentence in found)
    assert lengths.mean() == pytest.approx(3, abs=5 * math.sqrt(12 / 4000))
    assert found[0].log10_prob == pytest.approx(found[0].tokens * -math.log10(5))
    words = np.array([word for sentence in found for word in sentence.text.split()])
    assert np.mean(words == "a") == pytest.approx(1 / 3, abs=5 * math.sqrt(2 / 9 / len(words)))


def test_temperature_and_top_shape_what_is_drawn() -> None:
    """After `a` the cache has a 0.6 and 0.1 each for </s>, b and c: of the squares, a has 36/39; of the top two 6/7."""
    cold = lmkit.generate(CACHE, 4000, seed=2, prompt="a", temperature=0.5, max_length=2)
    share = np.mean([sentence.text == "a a" for sentence in cold])
    assert share == pytest.approx(36 / 39, abs=5 * math.sqrt(36 * 3 / 39**2 / 4000))
    two = lmkit.generate(CACHE, 4000, seed=2, prompt="a", top=2, max_length=2)
    assert {sentence.text for sentence in two} == {"a a", "a"}  # of equally probable words </s> is first by code point
    share = np.mean([sentence.text == "a a" for sentence in two])
    assert share == pytest.approx(6 / 7, abs=5 * math.sqrt(6 / 49 / 4000))
    (greedy,) = lmkit.generate(CACHE, 1, prompt="b", temperature=0, max_length=4)
    assert (greedy.text, greedy.finished) == ("b b b b", False)
    drawn = {sentence.text for sentence in lmkit.generate(CACHE, 300, seed=1, unknown=True, max_length=1)}
    assert drawn == {"", "a", "b", "c", "<unk>"}


@pytest.mark.parametrize("batch", [1, 7, 50])
def test_a_sentence_depends_on_its_number_alone(batch: int) -> None:
    mixed = lmkit.mixture([lmkit.witten_bell(lmkit.count_ngrams(stream("a b\nb c\n"), 2)), CACHE])
    for model in (CACHE, mixed):
        several = lmkit.generate(model, 50, seed=3, max_length=20)
        assert lmkit.generate(model, 50, seed=3, max_length=20, batch=batch) == several
        assert lmkit.generate(model, 5, seed=3, max_length=20) == several[:5]
        for sentence in several[:10]:
            scores = lmkit.score_sentence(model, sentence.text)
            total = sum(score.log10_prob for score in (scores if sentence.finished else scores[:-1]))
            assert sentence.log10_prob == pytest.approx(total)


def test_a_mixture_generates_what_its_models_do() -> None:
    """The mixture of a model with itself is that model, so that its most probable sentences are the same."""
    model = lmkit.kneser_ney(lmkit.count_ngrams(train_text("fr"), 3))
    (alone,) = lmkit.generate(model, 1, temperature=0, prompt="le")
    (twice,) = lmkit.generate(lmkit.mixture([model, model]), 1, temperature=0, prompt="le")
    assert (twice.text, twice.tokens) == (alone.text, alone.tokens)
    assert twice.log10_prob == pytest.approx(alone.log10_prob)
    (block,) = generate_text(lmkit.mixture([model, model]), 20, seed=1)
    known = set(model.vocabulary.words)
    assert {word.encode() for text in block.texts().to_pylist() for word in text.split()} <= known


def test_what_scores_and_does_not_predict_is_told() -> None:
    with pytest.raises(DataError) as refused:
        lmkit.next_words(Scored(ABC, method="scorer"))
    assert str(refused.value) == (
        "this model (scorer) scores whole texts, and cannot say which word comes next.\n"
        "Words are predicted and generated by n-gram models, neural models, and mixtures of models that predict."
    )


def test_what_is_for_ngrams_refuses_other_families_by_name(tmp_path: Path) -> None:
    other: Any = CACHE
    advice = "Give counts or a model that lmkit made of them, or an ARPA file."
    refused_ones: dict[str, Callable[[], object]] = {
        "pruned": lambda: lmkit.prune(other, 1e-6),
        "asked how frequent histories are": lambda: lmkit.prune(
            lmkit.witten_bell(lmkit.count_ngrams(stream(), 2)), 1e-6, history=other
        ),
        "restricted": lambda: lmkit.restrict(other, ABC),
        "explained": lambda: lmkit.explain(other, "a"),
        "checked": lambda: lmkit.check_model(other),
        "built into one model": lambda: build_mixture(lmkit.mixture([UNIFORM, CACHE])),
        "compared with the entropy of a text": lambda: lmkit.entropy(stream(), model=other),
    }
    for done, action in refused_ones.items():
        with pytest.raises(DataError) as refused:
            action()
        name = "uniform" if done.startswith("built") else "cache"
        assert str(refused.value) == f"only n-gram models can be {done}, and this is another one ({name}).\n{advice}"
    for path in ("x.safetensors", "x.arpa"):
        with pytest.raises(DataError, match=r"^cache models are not written to files\."):
            lmkit.save(other, tmp_path / path)


def write_uniform(model: Uniform, stream: BinaryIO) -> None:
    """Write a file with the words of a model."""
    about = json.dumps({"format_version": 1, "version": "0", "kind": "uniform"})
    tensors = {"vocabulary": model.vocabulary.utf8, "vocabulary_offsets": model.vocabulary.offsets}
    stream.write(save(tensors, metadata={"lmkit": about}))


def read_uniform(data: bytes | mmap.mmap, _name: str) -> Uniform:
    """The model of the bytes of a file."""
    tensors = load(bytes(data))
    return Uniform(lmkit.Vocabulary(tensors["vocabulary"], tensors["vocabulary_offsets"]))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a text and models of both families, of which files of uniform ones are one more row of the table."""
    monkeypatch.setitem(
        families.FAMILIES, "uniform", families.Family("a uniform model", Uniform, read_uniform, write_uniform)
    )
    (tmp_path / "text").write_text(TEXT)
    lmkit.save(UNIFORM, tmp_path / "u.safetensors")
    lmkit.save(lmkit.laplace(lmkit.count_ngrams(stream("a a c\n"), 1)), tmp_path / "n.safetensors")
    return tmp_path


def test_files_of_another_family_go_through_the_commands(lmkit_run: Run, folder: Path) -> None:
    model, text = folder / "u.safetensors", folder / "text"
    figures = lmkit_run("perplexity", model, text).out.splitlines()
    assert figures[0] == "perplexity\t5"
    assert figures[-1] == "signature\tmethod:uniform|lowercase:False"
    assert not any(line.startswith("matched_orders") for line in figures)
    bits = "-0.69897\t0"
    by_token = lmkit_run("perplexity", model, text, "--by", "token").out.splitlines()
    assert by_token[:2] == ["line\ttoken\tlog10_prob\toov", f"1\ta\t{bits}"]
    assert lmkit_run("perplexity", model, text, "--by", "sentence").out.splitlines()[1] == "1\t-2.79588\t4\t0\t5"
    mixed = json.loads(lmkit_run("perplexity", model, text, "--mix", folder / "n.safetensors", "--json").out)
    # Each token has the mean of 1/5 and of what the unigram model of `a a c` gives it: a 3/8, b 1/16, </s> 2/8.
    expected = 3 * math.log10(23 / 80) + math.log10(21 / 160) + 2 * math.log10(9 / 40)
    assert mixed["log10_prob"] == pytest.approx(expected)
    assert "mixture:0.5*uniform+0.5*laplace" in mixed["signature"]
    compared = json.loads(lmkit_run("compare", model, folder / "n.safetensors", text, "--json").out)
    assert compared["a"]["perplexity"] == pytest.approx(5)
    assert lmkit_run("next", model, "a", "--top", 1).out == "word\tprobability\tlog10_prob\n</s>\t0.2\t-0.69897\n"
    assert lmkit_run("generate", model, "--temperature", 0, "--count", 1, "--prompt", "a").out == "a\n"
    surprisal = lmkit_run("plot", "surprisal", model, "a b").out.splitlines()
    assert surprisal[:2] == ["token\tbits\toov", "a\t2.3219281\t0"]


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (("ngram", "prune", "u.safetensors", "--keep", "1", "-o", "x"), "an n-gram model is needed"),
        (("smooth", "--laplace", "u.safetensors", "-o", "x"), "n-gram counts are needed"),
        (("ngram", "check", "u.safetensors"), "n-gram counts or a model are needed"),
    ],
)
def test_commands_for_ngrams_say_what_the_file_is(
    lmkit_run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], needed: str
) -> None:
    monkeypatch.chdir(folder)
    result = lmkit_run(*arguments)
    assert (result.code, result.err.splitlines()[0]) == (
        1,
        f"lmkit: u.safetensors holds a uniform model, and {needed}.",
    )


def test_a_kind_that_is_in_no_row_is_told(lmkit_run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.delitem(families.FAMILIES, "uniform")
    result = lmkit_run("perplexity", "u.safetensors", "text")
    assert (result.code, result.err) == (
        1, f"lmkit: u.safetensors holds uniform, and lmkit {lmkit.__version__} does not know that.\nUpgrade lmkit.\n"
    )  # fmt: skip
