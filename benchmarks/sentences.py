"""How many sentences the rules find again in a text whose sentences are known.

    python -m benchmarks.sentences TEXT [--join 10] [--language en]

TEXT: one sentence a line; it may be compressed. As many lines as --join says are put together, with a space between two, and split again. What
is compared is where sentences begin, but for the first of each paragraph: precision is the part of what was found that begins a line, recall
the part of the lines that was found, F1 their harmonic mean.
"""

import argparse
from itertools import accumulate, islice

from lmkit.text.sentences.rules import located_sentences
from lmkit.text.settings import Language
from lmkit.text.sources.opening import open_source


def beginnings(lines: list[str], language: Language) -> tuple[set[int], set[int]]:
    """Where the lines begin in their paragraph, and where the rules say that sentences do; without the first."""
    known = {*accumulate(len(line) + 1 for line in lines[:-1])}
    found = {start for start, _ in located_sentences(" ".join(lines), language)} - {0}
    return known, found


def main() -> None:
    """Print precision, recall and F1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text")
    parser.add_argument("--join", type=int, default=10, help="lines to a paragraph")
    parser.add_argument("--language", choices=["any", "en", "fr"], default="any")
    options = parser.parse_args()
    known_count = found_count = right = 0
    with open_source(options.text) as file:
        lines = (line for raw in file if (line := " ".join(raw.decode().split())))
        while paragraph := list(islice(lines, options.join)):
            known, found = beginnings(paragraph, options.language)
            known_count += len(known)
            found_count += len(found)
            right += len(known & found)
    print(f"known\t{known_count}\nfound\t{found_count}\nright\t{right}")
    print(f"precision\t{right / found_count:.4f}\nrecall\t{right / known_count:.4f}")
    print(f"F1\t{2 * right / (known_count + found_count):.4f}")


if __name__ == "__main__":
    main()
