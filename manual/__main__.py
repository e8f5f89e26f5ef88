"""`python -m manual FOLDER`: the site of the documentation; `python -m manual --man FOLDER`: pages for `man`."""

import argparse
from pathlib import Path

from manual.man_pages import write_man_pages
from manual.site import ROOT, build


def main() -> None:
    """Write what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m manual", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "site", help="where to write")
    parser.add_argument("--man", action="store_true", help="write pages for man, and no site")
    given = parser.parse_args()
    if given.man:
        print(f"{len(write_man_pages(given.folder))} pages: {given.folder}")
    else:
        build(given.folder.resolve())


main()
