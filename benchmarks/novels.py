"""The novels that published figures were measured on, made of a release of ELTeC.

    git clone https://github.com/COST-ELTeC/ELTeC-eng
    python -m benchmarks.novels ELTeC-eng -o english

writes english.txt, one sentence a line, and english.tok, its tokens: lower case, NFC, punctuation apart; and says whether their checksums are
those of the texts behind the figures. ELTeC is the European Literary Text Collection (COST Action CA16204): its novels are in the public
domain, its encoding is CC BY 4.0. The texts were made of the main branch as of 2023-03-29; ELTeC-fra gives the French ones.

What is taken: the body of each novel of `level1`, in the order of the files' names, until there is enough of it; headings, paragraphs, lines of
verse and quotations that stand for themselves, without notes and references. What was wrong with that is left as it was measured: a reference
without text takes all that follows with it up to the end of the next, text after a quotation inside of a paragraph is lost, and comments
are text. One long English novel was missing.
"""

import argparse
import hashlib
import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path


@dataclass(frozen=True)
class Collection:
    """What was taken of a collection, and the checksums (SHA-256) of what was made of it."""

    size: int  # bytes after which no further sentence was taken
    missing: frozenset[str]
    sums: dict[str, str]  # by suffix


COLLECTIONS = {
    "ENG": Collection(
        60_000_000,
        frozenset({"ENG18460_Reynolds"}),
        {
            ".txt": "ba0f81ea998b1fd9b5572218e443a72061a4cd2f7e4d650307b30aa5a62943b2",
            ".tok": "f503baa656b0c53b26acc5598068b2ebba5dc5c0059f7a1975228a4a804ed361",
        },
    ),
    "FRA": Collection(
        40_000_000,
        frozenset(),
        {
            ".txt": "f3c45f60c3cf0784b70302f9b9c8c8b6d8086cd870c1cef4a10940509ba85c73",
            ".tok": "780e3d64c36998128986880f03878f85f0f6e43d89e6568deb63f442b45f9b78",
        },
    ),
}

ABBREVIATIONS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "st",
        "m",
        "mm",
        "mme",
        "mlle",
        "messrs",
        "rev",
        "hon",
        "esq",
        "no",
        "nos",
        "art",
        "vol",
        "chap",
        "fig",
        "ed",
        "p",
        "pp",
        "op",
        "etc",
        "viz",
        "vs",
        "oct",
        "nov",
        "dec",
        "feb",
        "col",
    ]
)
BODY = re.compile(r"<body\b[^>]*>(.*)</body>", re.DOTALL)
ASIDE = re.compile(r"<(note|ref)\b[^>]*>.*?</\1>", re.DOTALL)
BLOCK = re.compile(r"<(?:p|head|l|quote)\b[^>]*>(.*?)(?=</?(?:p|head|l|quote)\b)", re.DOTALL)
PAGE = re.compile(r"<pb\b[^>]*>")
TAG = re.compile(r"<[^>]*>")
MISREAD = re.compile("[ÂÃâ][\x80-\xff€ŠšŽžŒœŸ‘-…‰‹›™ˆ˜ƒ–—]{1,2}")  # UTF-8 that was taken for cp1252
END = re.compile(r"""[.!?…]["'”’)\]»]*\s+(?=["'“‘(\[«—–-]*\s?[A-ZÀ-ÖØ-ÞŒ])""")
LAST_WORD = re.compile(r"""(?:^|[\s(\[\]"“”‘’'`«»—–-])(\w+)\.["'”’)\]»]*\s+$""")
TOKEN = re.compile(r"[\w\u0300-\u036f]+(?:[-'’][\w\u0300-\u036f]+)*|[^\w\s]")


def blocks(novel: str) -> Iterator[str]:
    """Headings, paragraphs and lines of verse of a novel in TEI that have a letter, each on a line of its own."""
    found = BODY.search(novel)
    for block in BLOCK.finditer(ASIDE.sub("", found[1] if found else "")):
        text = MISREAD.sub(read_anew, unescape(TAG.sub("", PAGE.sub(" ", block[1]))))
        line = " ".join(unicodedata.normalize("NFC", text.replace("_", " ").replace("\xad", "")).split())
        if re.search(r"\w", line):
            yield line


def read_anew(misread: re.Match[str]) -> str:
    """What UTF-8 that was taken for cp1252 says, if it is that."""
    try:
        return misread[0].encode("cp1252").decode()
    except UnicodeError:
        return misread[0]


def sentences(line: str) -> Iterator[str]:
    """The sentences of a line: they end with a mark before a capital letter, but not after abbreviations and initials."""
    start = 0
    for end in END.finditer(line):
        word = LAST_WORD.search(line[: end.end()])
        if word and (word[1].lower() in ABBREVIATIONS or re.fullmatch("[A-Z]", word[1])):
            continue
        yield line[start : end.end()].rstrip()
        start = end.end()
    yield line[start:]


def lines_of(folder: Path) -> Iterator[str]:
    """The sentences of a collection, as many as were taken."""
    novels = sorted((folder / "level1").glob("*.xml"))
    known = COLLECTIONS.get(novels[0].name[:3]) if novels else None
    if known is None:
        sys.exit(
            f"{folder} has no novels of {' or '.join(COLLECTIONS)} in level1; clone ELTeC-eng or ELTeC-fra, and give its folder."
        )
    size = 0
    for novel in novels:
        if novel.stem not in known.missing:
            for block in blocks(novel.read_text(encoding="utf-8-sig")):
                for sentence in sentences(block):
                    yield sentence
                    size += len(sentence.encode()) + 1
                    if size >= known.size:
                        return


def tokenised(text: str) -> str:
    """A text in lower case, with a space between any two tokens."""
    return "".join(
        " ".join(TOKEN.findall(unicodedata.normalize("NFC", line.lower()))) + "\n" for line in text.splitlines()
    )


def main() -> None:
    """Write both texts, and say whether they are those behind the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a clone of ELTeC-eng or ELTeC-fra")
    parser.add_argument("-o", "--output", required=True, help="the name of both texts, without its ending")
    options = parser.parse_args()
    text = "".join(f"{line}\n" for line in lines_of(options.folder))
    language = next((options.folder / "level1").glob("*.xml")).name[:3]
    for suffix, made in {".txt": text, ".tok": tokenised(text)}.items():
        data = made.encode()
        Path(options.output + suffix).write_bytes(data)
        found = hashlib.sha256(data).hexdigest()
        same = "as published" if found == COLLECTIONS[language].sums[suffix] else f"other than published: {found}"
        print(f"{options.output}{suffix}\t{len(data)}\t{same}")


if __name__ == "__main__":
    main()
