"""python -m benchmarks.selection TEXT: what selection by cross-entropy difference (Moore & Lewis 2010) is worth on a text of many books.

At each place of the text, 2,000 consecutive lines are the domain, the next 500 are held out, and all other lines are what is selected from. As in the
paper, both models have the words that the domain has twice or more, and the general one is trained on as many lines, drawn at random: trained on
all of the text, it would remember the lines that it ranks. The lines before and after a place come from the same book; with --apart N, so many on
either side are left out, too. Printed, as means over the places, is the perplexity of the held-out lines under models of the best lines by
share kept; of the best ones by the domain's perplexity alone; and of three random selections of as many tokens.
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path
from statistics import fmean

import lmkit
from lmkit.filtering.curve import CurvePoint, selection_curve
from lmkit.filtering.filtering import Source
from lmkit.filtering.measuring import Measuring

PLACES = (100_000, 300_000, 500_000)  # lines before the domain
DOMAIN, HELD_OUT = 2_000, 500  # lines


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path, help="tokenized, one sentence a line")
    parser.add_argument("--order", type=int, default=4)
    parser.add_argument("--apart", type=int, default=0, metavar="N", help="lines left out on either side of a place")
    parser.add_argument(
        "--general",
        type=int,
        metavar="N",
        help="lines of the general model (0: all) [default: as many as of the domain]",
    )
    parser.add_argument("--places", type=lambda text: tuple(map(int, text.split(","))), default=PLACES)
    options = parser.parse_args()
    with options.text.open(encoding="utf-8", newline="\n") as stream:
        lines = stream.readlines()
    general = DOMAIN if options.general is None else options.general
    curves = [curves_at(lines, place, options.order, options.apart, general) for place in options.places]
    print("share", "tokens", "selected", "by perplexity alone", "random", "random, range", "oov", sep="\t")
    for rows in zip(*(zip(*pair, strict=True) for pair in curves), strict=True):
        both, alone = zip(*rows, strict=True)
        print(
            f"{both[0].share:.0%}",
            round(fmean(point.tokens for point in both)),
            *(f"{fmean(figures):.1f}" for figures in (perplexities(both), perplexities(alone))),
            f"{fmean(point.random_perplexity for point in both):.1f}",
            f"{fmean(point.random_lowest for point in both):.1f}-{fmean(point.random_highest for point in both):.1f}",
            round(fmean(point.oov for point in both)),
            sep="\t",
        )


def perplexities(points: tuple[CurvePoint, ...]) -> list[float]:
    """Those of the selections."""
    return [point.perplexity for point in points]


def curves_at(
    lines: list[str], place: int, order: int, apart: int, general: int
) -> tuple[list[CurvePoint], list[CurvePoint]]:
    """The curve of one place by the difference, and by perplexity alone."""
    domain, held_out = lines[place : place + DOMAIN], lines[place + DOMAIN : place + DOMAIN + HELD_OUT]
    pool = lines[: place - apart] + lines[place + DOMAIN + HELD_OUT + apart :]
    sample = random.Random(place).sample(pool, general) if general else pool  # noqa: S311 (nothing secret)
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder) / name for name in ("domain", "held_out", "pool", "sample")}
        for path, text in zip(paths.values(), (domain, held_out, pool, sample), strict=True):
            path.write_text("".join(text), encoding="utf-8")
        counts = lmkit.count_ngrams(paths["domain"], order, cutoff=2)
        model = lmkit.kneser_ney(counts, discount_fallback="generalised")
        others = lmkit.count_ngrams(paths["sample"], order, vocabulary=counts.vocabulary)
        against = lmkit.kneser_ney(others, discount_fallback="generalised")
        for name, figures in (("domain", model), ("general", against)):
            perplexity = lmkit.perplexity(figures, paths["held_out"]).perplexity
            print(f"line {place + 1}: held out under the model of the {name}: {perplexity:.1f}", file=sys.stderr)
        found = [
            list(selection_curve(Source(measuring, paths["pool"]), model, paths["held_out"]))
            for measuring in (Measuring(model, against=against), Measuring(model))
        ]
    for point in found[0]:
        print(
            f"line {place + 1}: {point.share:.0%} {point.perplexity:.1f} {point.random_perplexity:.1f}", file=sys.stderr
        )
    return found[0], found[1]


if __name__ == "__main__":
    main()
