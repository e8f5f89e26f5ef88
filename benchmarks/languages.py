"""How many lines of text are told to be of their language, one at a time: French, English, Ewe, Kabiye.

    python -m benchmarks.languages [FOLDER] [--order 5] [--unit character] [--lowercase] [--smoothing witten-bell]

The French and English lines are those of `corpora`; the Ewe and Kabiye ones are the Universal Declaration of Human Rights, ewe-udhr.txt and
kabiye-udhr.txt in FOLDER, or in the folder that the environment's LMKIT_TEXTS names. What is not there is left out, and said.

Lines that occur twice are taken once. Each text is cut into three parts of consecutive lines; each part is classified by models of the other two, with
equal priors. The smoothing is chosen without the part that is classified: the one with the fewest bits a character when each of the other two
parts is measured by a model of the other one, all languages together. --smoothing names one instead.

If FOLDER has french-novels.txt.xz and english-novels.txt.xz, one sentence a line, 15,000 sentences of each, one of 20 each time, are classified by models of all
lines: text of other sources than that of the models.
"""

import argparse
import math
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice, pairwise
from pathlib import Path

import lmkit
from lmkit.scoring.classifying.confusion import Confusion
from lmkit.text.sources.opening import open_source

SHIPPED = Path(__file__).parents[1] / "corpora"
SMOOTHINGS: dict[str, Callable[[lmkit.NgramCounts], lmkit.NgramModel]] = {
    "witten-bell": lmkit.witten_bell,
    "kneser-ney": partial(lmkit.kneser_ney, discount_fallback="fixed"),
    "one-discount": partial(lmkit.kneser_ney, one_discount=True, discount_fallback="fixed"),
    "absolute": partial(lmkit.absolute_discounting, discount_fallback="fixed"),
    "natural": lmkit.natural_discounting,
    "katz": lmkit.katz,
    "jelinek-mercer": lmkit.jelinek_mercer,
    "laplace": lmkit.laplace,
}
FOLDS, WORDS = 3, 5
APART, NOVELS = 20, 15_000  # of the sentences of novels, each of so many, and how many of a language
Lines = Mapping[str, list[str]]  # by language


def texts_in(folder: Path | None) -> dict[str, list[Path]]:
    """The files of each language that are there."""
    given = folder or Path()
    known = {
        "French": [SHIPPED / "fr.train.txt", SHIPPED / "fr.test.txt"],
        "English": [SHIPPED / "en.train.txt", SHIPPED / "en.test.txt"],
        "Ewe": [given / "ewe-udhr.txt"],
        "Kabiye": [given / "kabiye-udhr.txt"],
    }
    found = {language: files for language, files in known.items() if all(file.is_file() for file in files)}
    for language in known.keys() - found.keys():
        print(
            f"{language} is left out: there is no {known[language][0].name} in the folder ({folder or 'none given'})."
        )
    return found


def lines_of(files: list[Path]) -> list[str]:
    """The lines of files, each once, without blank ones."""
    lines = (line.strip() for file in files for line in file.read_text(encoding="utf-8").split("\n"))
    return list(dict.fromkeys(filter(None, lines)))


def parts_of(lines: list[str]) -> list[list[str]]:
    """Parts of consecutive lines, as equal in number as can be."""
    bounds = [len(lines) * part // FOLDS for part in range(FOLDS + 1)]
    return [lines[start:end] for start, end in pairwise(bounds)]


class Trials:
    """Models of lines of text, made and tried in a folder."""

    def __init__(self, folder: Path, order: int, settings: lmkit.TextSettings) -> None:
        self._folder, self._order, self._settings = folder, order, settings

    def written(self, lines: list[str]) -> Path:
        """A file of these lines."""
        path = self._folder / "lines.txt"
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        return path

    def model(self, lines: list[str], smoothing: str) -> lmkit.NgramModel:
        """The model of lines."""
        counts = lmkit.count_ngrams(self.written(lines), self._order, settings=self._settings)
        return SMOOTHINGS[smoothing](counts)

    def bits(self, smoothing: str, parts: Sequence[Lines]) -> float:
        """Bits a character when each part is measured by models of the others, the mean over languages."""
        figures = []
        for place, held_out in enumerate(parts):
            for language, lines in without(parts, place).items():
                model = self.model(lines, smoothing)
                figures.append(lmkit.perplexity(model, self.written(held_out[language])).bits_per_character)
        return sum(figures) / len(figures)

    def classify(self, smoothing: str, training: Lines, held_out: Lines, *, listed: bool) -> list[Confusion]:
        """What the lines are found to be: all of them, and those of so many words. listed: the errors are printed."""
        confusions = [Confusion(tuple(training)) for _ in range(2)]
        models = {language: self.model(lines, smoothing) for language, lines in training.items()}
        for language, lines in held_out.items():
            blocks = lmkit.classify_records(models, self.written(lines))
            found = [name for block in blocks for name in block.classes]
            pairs = list(zip(lines, found, strict=True))
            long = [(line, name) for line, name in pairs if len(line.split()) >= WORDS]
            for confusion, chosen in zip(confusions, (pairs, long), strict=True):
                confusion.add([language] * len(chosen), [name for _, name in chosen])
            for line, name in pairs:
                if listed and name != language:
                    print(f"  {language} found to be {name}: {line}")
        return confusions


def without(parts: Sequence[Lines], place: int) -> dict[str, list[str]]:
    """The lines of all parts but one."""
    others = [part for other, part in enumerate(parts) if other != place]
    return {language: [line for part in others for line in part[language]] for language in parts[0]}


def chosen(trials: Trials, parts: Sequence[Lines]) -> str:
    """The smoothing that predicts these parts best from each other."""
    bits = {}
    for smoothing in SMOOTHINGS:
        try:
            bits[smoothing] = trials.bits(smoothing, parts)
        except lmkit.DataError as error:
            bits[smoothing] = math.inf
            print(f"  {smoothing}: {error}")
    best = min(bits, key=bits.__getitem__)
    listed = ", ".join(f"{name} {figure:.3f}" for name, figure in sorted(bits.items(), key=lambda item: item[1]))
    print(f"  bits a character: {listed}")
    return best


def novels_in(folder: Path | None) -> dict[str, list[str]]:
    """Sentences of novels, if there are such, from all over them."""
    found = {}
    for language in ("French", "English"):
        path = (folder or Path()) / f"{language.lower()}-novels.txt.xz"
        if not path.is_file():
            print(f"Novels are left out: there is no {path.name} in the folder ({folder or 'none given'}).")
            return {}
        with open_source(str(path)) as stream:
            lines = (line.decode().strip() for line in islice(stream, None, None, APART))
            found[language] = list(islice(filter(None, lines), NOVELS))
    return found


def show_both(title: str, confusions: Sequence[Confusion]) -> None:
    """Print the tables of all lines and of the longer ones."""
    for lines, confusion in zip(("all lines", f"lines of {WORDS} words or more"), confusions, strict=True):
        show(f"{title}, {lines}", confusion)


def show(title: str, confusion: Confusion) -> None:
    """Print a confusion table."""
    print(f"\n{title}: {confusion.records} lines, accuracy {confusion.accuracy:.4f}")
    print("\t".join(["", *map(confusion.column_name, confusion.columns), "recall"]))
    for label in confusion.labels:
        numbers = [str(confusion.counts[label, name]) for name in confusion.columns]
        print("\t".join([label, *numbers, f"{confusion.recall(label):.4f}"]))
    print("\t".join(["precision", *(f"{confusion.precision(name):.4f}" for name in confusion.classes)]))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given = os.environ.get("LMKIT_TEXTS")
    parser.add_argument("folder", type=Path, nargs="?", default=Path(given) if given else None)
    parser.add_argument("--order", type=int, default=5)
    parser.add_argument("--unit", choices=["character", "byte"], default="character")
    parser.add_argument("--lowercase", action="store_true")
    parser.add_argument("--smoothing", choices=list(SMOOTHINGS))
    options = parser.parse_args()
    cut = {language: parts_of(lines_of(files)) for language, files in texts_in(options.folder).items()}
    parts = [{language: found[place] for language, found in cut.items()} for place in range(FOLDS)]
    settings = lmkit.TextSettings.named(unit=options.unit, lowercase=options.lowercase)
    novels, total = novels_in(options.folder), [Confusion(tuple(cut)) for _ in range(2)]
    with tempfile.TemporaryDirectory() as folder:
        trials = Trials(Path(folder), options.order, settings)
        for place, held_out in enumerate(parts):
            others = [part for other, part in enumerate(parts) if other != place]
            smoothing = options.smoothing or chosen(trials, others)
            print(f"part {place + 1}: {smoothing}")
            found = trials.classify(smoothing, without(parts, place), held_out, listed=True)
            for one, more in zip(total, found, strict=True):
                one.counts.update(more.counts)
        show_both("Parts by the others", total)
        if novels:
            smoothing = options.smoothing or chosen(trials, parts)
            everything = without([*parts, {}], len(parts))
            show_both(
                f"Novels by all lines ({smoothing})", trials.classify(smoothing, everything, novels, listed=False)
            )


if __name__ == "__main__":
    main()
