"""The methods that make vectors of a text, each one command line, and the sets that vectors are measured by."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

CORPORA = Path(__file__).parents[2] / "corpora"
SETS = ("wordsim353.tsv", "simlex999.txt", "questions-words.txt")  # of English, in gensim's package


@dataclass(frozen=True)
class Language:
    """What vectors of a language are measured by, beside the text that they are made of."""

    name: str
    text: Path
    sets: list[Path]
    analogy: tuple[str, str, str]  # a is to b as c is to …
    answer: str


@dataclass(frozen=True)
class Training:
    """What all methods have in common."""

    dimensions: int
    cutoff: int
    window: int
    epochs: int

    def common(self, window: int) -> str:
        """The options of all methods, with this window."""
        return f"-q -d {self.dimensions} --cutoff {self.cutoff} --window {window} {{text}} -o {{vectors}}"

    def methods(self) -> dict[str, str]:
        """The command line of each method, by its name; {text} is read, and {vectors} is written."""
        common = self.common(self.window)
        wide = f"lmkit vectors svd {self.common(2 * self.window)}"
        svd, word2vec = f"lmkit vectors svd {common}", f"lmkit vectors word2vec {common} --epochs {self.epochs}"
        return {
            "PPMI-SVD": svd,
            "PPMI-SVD, w + c": f"{svd} --add-contexts",
            "PPMI-SVD, w + c, weight ¼, twice the window": f"{wide} --add-contexts --eigenvalue-weight 0.25",
            "PPMI-SVD, weight 0": f"{svd} --eigenvalue-weight 0",
            "PPMI-SVD, weight 1": f"{svd} --eigenvalue-weight 1",
            "PMI of seen pairs, SVD": f"{svd} --association pmi",
            "log counts, SVD": f"{svd} --association log",
            "Hellinger, SVD": f"{svd} --association hellinger",
            "GloVe, least squares": f"lmkit vectors glove {common}",
            "Word2Vec, skip-gram": f"{word2vec} --architecture skip-gram --negative 5",
            "Word2Vec, skip-gram, hierarchical softmax": f"{word2vec} --architecture skip-gram --hierarchical-softmax",
            "Word2Vec, CBOW": f"{word2vec} --architecture cbow --negative 5",
        }


def english(text: Path, folder: Path | None) -> Language:
    """English, with the sets of gensim's package, or of a folder, that are there."""
    if folder is None:
        found = importlib.util.find_spec("gensim")
        folder = Path(found.origin or "").parent / "test" / "test_data" if found else Path()
    sets = [path for name in SETS if (path := (folder / name).resolve()).is_file()]
    return Language("English", text, sets, ("man", "king", "woman"), "queen")


def french(text: Path) -> Language:
    """French, with the questions that lmkit comes with."""
    return Language("French", text, [CORPORA / "fr.analogies.txt"], ("homme", "roi", "femme"), "reine")
