"""What selection by cross-entropy difference (Moore & Lewis 2010) is worth on a text of many books.

    python -m benchmarks.selection TEXT [--apart 5000] [--interleaved] [--general N]

At each place of the text (tokenized, one sentence a line), 2,000 consecutive lines are the domain, the next 500 are held out, and all other lines
are what is selected from. As in the paper, both models have the words that the domain has twice or more, and the general one is trained on as many
lines, drawn at random: trained on all of the text (--general 0), it would remember the lines that it ranks. A book may end within a place: with
--interleaved, every fifth of the 2,500 lines is held out. The lines around a place come from the same book: with --apart N, so many on either side
are left out of what is selected from.

Printed is the perplexity of the held-out lines under models of the best lines by share kept; of the best ones by the perplexity of the domain
alone; and of three random selections of as many tokens: for each place, and as means over the places.
"""

import argparse
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import lmkit
from lmkit.filtering.curve import CurvePoint
from lmkit.filtering.filtering import RecordSource
from lmkit.filtering.measuring import Measuring

PLACES = (100_000, 300_000, 500_000)  # lines before the domain
DOMAIN, HELD_OUT = 2_000, 500  # lines
COLUMNS = ("place", "share", "tokens", "selected", "by perplexity alone", "random", "lowest", "highest", "oov")


@dataclass(frozen=True)
class Trial:
    """What is done at each place."""

    order: int
    apart: int
    interleaved: bool
    general: int  # lines; 0: all

    def texts(self, lines: list[str], place: int) -> dict[str, list[str]]:
        """The lines of each text."""
        here = lines[place : place + DOMAIN + HELD_OUT]
        every = len(here) // HELD_OUT
        first, rest = here[:DOMAIN], here[DOMAIN:]
        if self.interleaved:
            first, rest = [line for number, line in enumerate(here, 1) if number % every], here[every - 1 :: every]
        pool = lines[: place - self.apart] + lines[place + len(here) + self.apart :]
        sample = random.Random(place).sample(pool, self.general) if self.general else pool  # noqa: S311 (nothing secret)
        return {"domain": first, "held out": rest, "pool": pool, "general": sample}

    def curves(self, lines: list[str], place: int) -> tuple[list[CurvePoint], list[CurvePoint]]:
        """The curve of one place by the difference, and by perplexity alone."""
        with tempfile.TemporaryDirectory() as folder:
            paths = {name: Path(folder) / name for name in ("domain", "held out", "pool", "general")}
            for name, text in self.texts(lines, place).items():
                paths[name].write_text("".join(text), encoding="utf-8")
            counts = lmkit.count_ngrams(paths["domain"], self.order, cutoff=2)
            others = lmkit.count_ngrams(paths["general"], self.order, vocabulary=counts.vocabulary)
            domain, general = (lmkit.kneser_ney(each, discount_fallback="generalised") for each in (counts, others))
            by_difference, alone = (
                list(lmkit.selection_curve(RecordSource(measuring, paths["pool"]), domain, paths["held out"]))
                for measuring in (Measuring(domain, against=general), Measuring(domain))
            )
        return by_difference, alone


def print_rows(
    place: str, by_difference: Sequence[Sequence[CurvePoint]], alone: Sequence[Sequence[CurvePoint]]
) -> None:
    """Print the means over curves (places, shares), a line for each share."""
    for best, others in zip(zip(*by_difference, strict=True), zip(*alone, strict=True), strict=True):
        figures = (
            fmean(point.perplexity for point in best),
            fmean(point.perplexity for point in others),
            fmean(point.random_perplexity for point in best),
            fmean(point.random_lowest for point in best),
            fmean(point.random_highest for point in best),
        )
        tokens, oov = (round(fmean(getattr(point, name) for point in best)) for name in ("tokens", "oov"))
        print(
            place, f"{best[0].share:.0%}", tokens, *(f"{figure:.1f}" for figure in figures), oov, sep="\t", flush=True
        )


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--order", type=int, default=4)
    parser.add_argument("--apart", type=int, default=0, metavar="N")
    parser.add_argument("--interleaved", action="store_true")
    parser.add_argument("--general", type=int, default=DOMAIN, metavar="N")
    parser.add_argument("--places", type=int, nargs="+", default=PLACES)
    options = parser.parse_args()
    trial = Trial(options.order, options.apart, options.interleaved, options.general)
    with options.text.open(encoding="utf-8", newline="\n") as stream:
        lines = stream.readlines()
    print(*COLUMNS, sep="\t")
    found = []
    for place in options.places:
        found.append(trial.curves(lines, place))
        print_rows(str(place + 1), *([curve] for curve in found[-1]))
    print_rows("mean", *zip(*found, strict=True))


if __name__ == "__main__":
    main()
