"""What other programs do with vectors and matrices, and what of lmkit is timed beside it: each trial in a process of its own.

    python -m benchmarks.vectors.peers TRIAL ARGUMENT…

Only the work itself is timed, without start-up, imports, and what is read before: that is the same for all. Printed is JSON: CPU and wall seconds
of each of several runs, and what else the trial has to say.
"""

import argparse
import io
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import lmkit
from lmkit.vectors.word_vectors import WordVectors

Work = Callable[[], Any]  # what is timed
Trial = tuple[Work, Callable[[Any], dict[str, Any]]]  # and what of its result is told
ALPHA = 0.75  # context distribution smoothing of matrices
SEED = 1
SINGULAR_VALUES = "singular_values"  # of the state of vectors


def untold(_result: Any) -> dict[str, Any]:
    """Nothing."""
    return {}


def svd(matrix: str, dimensions: str, solver: str, to: str) -> Trial:
    """The largest singular values and their vectors of a matrix of PPMI by lmkit, or by one of SciPy's solvers; the vectors U √Σ are kept in a file."""
    os.environ["SCIPY_USE_PROPACK"] = "1"
    from scipy.sparse.linalg import svds

    from lmkit.engine.linear_algebra import one_blas_thread
    from lmkit.vectors.factorization.svd import triplets

    counted = lmkit.load_matrix(matrix).most_frequent_first()
    cells = lmkit.ppmi(counted, alpha=ALPHA).matrix.astype(np.float32)

    def work() -> tuple[NDArray[Any], NDArray[Any]]:
        with one_blas_thread():
            if solver == "lmkit":
                found = triplets(cells, int(dimensions), "krylov", SEED, None)
                return found.left, found.values
            left, values, _ = svds(cells, int(dimensions), solver=solver, rng=SEED)
            return left, values

    def told(found: tuple[NDArray[Any], NDArray[Any]]) -> dict[str, Any]:
        left, values = found
        vectors = (left * np.sqrt(values)).astype(np.float32)
        lmkit.save(WordVectors(counted.words, vectors, solver, {}, {SINGULAR_VALUES: values}), to)
        return {}

    return work, told


def analogies_by_gensim(text: str, questions: str) -> Trial:
    """The accuracy on a file of questions by gensim."""
    from gensim.models import KeyedVectors

    vectors = KeyedVectors.load_word2vec_format(text)

    def work() -> Any:
        return vectors.evaluate_word_analogies(
            questions, restrict_vocab=300_000, case_insensitive=True, dummy4unknown=False
        )

    return work, lambda found: {
        "accuracy": found[0],
        "asked": sum(len(found[1][-1][kind]) for kind in ("correct", "incorrect")),
    }


def write_by_numpy(vectors: str) -> Trial:
    """Text of word2vec's form, as it is written in few lines of NumPy."""
    held = lmkit.load_vectors(vectors)
    words = [word.decode() for word in held.words.words]

    def work() -> int:
        rows = np.char.mod("%.6g", held.matrix)
        stream = io.StringIO()
        stream.write(f"{len(held)} {held.dimensions}\n")
        stream.writelines(f"{word} {' '.join(row)}\n" for word, row in zip(words, rows, strict=True))
        return len(stream.getvalue())

    return work, untold


def write_by_gensim(vectors: str, to: str) -> Trial:
    """The same by gensim."""
    from gensim.models import KeyedVectors

    held = lmkit.load_vectors(vectors)
    other = KeyedVectors(held.dimensions)
    other.add_vectors([word.decode() for word in held.words.words], np.asarray(held.matrix))
    return lambda: other.save_word2vec_format(to), untold


def write_by_lmkit(vectors: str, to: str) -> Trial:
    """The same by lmkit."""
    held = lmkit.load_vectors(vectors)
    return lambda: lmkit.save(held, to), untold


def read_by_gensim(text: str) -> Trial:
    """A text file read by gensim."""
    from gensim.models import KeyedVectors

    return lambda: KeyedVectors.load_word2vec_format(text), untold


def read_by_lmkit(text: str) -> Trial:
    """The same by lmkit."""
    return lambda: lmkit.load_vectors(text), untold


def open_vectors(vectors: str) -> Trial:
    """A file of lmkit's own is opened."""
    return lambda: lmkit.load_vectors(vectors), untold


def neighbours(vectors: str, number: str) -> Trial:
    """The neighbours of so many words."""
    held = lmkit.load_vectors(vectors)
    words = [word.decode() for word in held.words.words[: int(number)]]
    return lambda: lmkit.neighbours(held, words), untold


def random_vectors(words: str, dimensions: str, to: str) -> Trial:
    """A file of vectors that mean nothing."""
    size = (int(words), int(dimensions))

    def work() -> None:
        letters = [b"w%d" % number for number in range(size[0])]
        matrix = np.random.default_rng(SEED).standard_normal(size, np.float32)
        lmkit.save(WordVectors(vocabulary_of(letters), matrix, "random", {}), to)

    return work, untold


def vocabulary_of(words: list[bytes]) -> Any:
    """A vocabulary without marks."""
    from lmkit.text.vocabulary import Vocabulary

    offsets = np.cumsum([0, *map(len, words)], dtype=np.int64)
    return Vocabulary(np.frombuffer(b"".join(words), np.uint8), offsets)


def glove_cells(matrix: str, to: str, words_to: str) -> Trial:
    """A matrix as the shuffled records, and the list of words, that Stanford's glove reads."""
    counted = lmkit.load_matrix(matrix).most_frequent_first()

    def work() -> None:
        cells = counted.matrix.tocoo()
        order = np.random.default_rng(SEED).permutation(len(cells.data))
        records = np.empty(len(order), [("row", "<i4"), ("column", "<i4"), ("value", "<f8")])
        for name, array in (("row", cells.coords[0] + 1), ("column", cells.coords[1] + 1), ("value", cells.data)):
            records[name] = array[order]
        records.tofile(to)
        with Path(words_to).open("wb") as file:
            file.writelines(word + b" 1\n" for word in counted.words.words)

    return work, untold


def glove_cost(matrix: str, parameters: str, dimensions: str = "", to: str = "") -> Trial:
    """J over all cells of a matrix of what lmkit's GloVe wrote, or the program of its authors (.bin), whose vectors are put into a file."""
    from lmkit.vectors.glove.objective import Cells, objective
    from lmkit.vectors.glove.parameters import Parameters

    counted = lmkit.load_matrix(matrix).most_frequent_first()
    if dimensions:
        sides = np.fromfile(parameters, "<f8").astype(np.float32).reshape(2, -1, int(dimensions) + 1)
        found = Parameters(*sides[:, : len(counted.words)])
        lmkit.save(WordVectors(counted.words, found.published, "glove", {"program": "Stanford's"}), to)
    else:
        held = lmkit.load_vectors(parameters)
        found = Parameters.of(held.state, held.matrix.shape)
    return lambda: objective(Cells.of_counts(counted.matrix, 100), found), lambda value: {"J": value}


def analogies_by_lmkit(vectors: str, questions: str) -> Trial:
    """The same by lmkit; the bootstrap and the other method are part of it."""
    held, asked = lmkit.load_vectors(vectors), lmkit.read_set(questions)

    def told(found: Any) -> dict[str, Any]:
        (figure,) = [one for one in found.figures if (one.figure, one.section) == ("3cosadd", "total")]
        return {"accuracy": figure.value, "asked": figure.answered}

    return lambda: lmkit.evaluate_vectors(held, [asked]), told


TRIALS: dict[str, Callable[..., Trial]] = {
    "svd": svd,
    "analogies-gensim": analogies_by_gensim,
    "analogies-lmkit": analogies_by_lmkit,
    "write-numpy": write_by_numpy,
    "write-gensim": write_by_gensim,
    "write-lmkit": write_by_lmkit,
    "read-gensim": read_by_gensim,
    "read-lmkit": read_by_lmkit,
    "open": open_vectors,
    "neighbours": neighbours,
    "random-vectors": random_vectors,
    "glove-cells": glove_cells,
    "glove-cost": glove_cost,
}


def main() -> None:
    """Do the trial, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trial", choices=list(TRIALS))
    parser.add_argument("arguments", nargs="*")
    parser.add_argument("--runs", type=int, default=1)
    options = parser.parse_args()
    work, told = TRIALS[options.trial](*options.arguments)
    taken = []
    for _ in range(options.runs):
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        taken.append({"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall})
    json.dump({"runs": taken, **told(result)}, sys.stdout)


if __name__ == "__main__":
    main()
