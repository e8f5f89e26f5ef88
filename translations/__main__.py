"""`python -m translations`: bring the catalogues up to what the source says, and compile them; list what lacks a translation."""

import sys

from translations.updating import LANGUAGES, compile_catalogue, update


def main() -> int:
    """Do it for all languages; returns how many texts lack a translation, as an exit code: 0 or 1."""
    lacking = 0
    for language in LANGUAGES:
        missing = update(language)
        compile_catalogue(language)
        for text in missing:
            print(f"{language}: no translation: {text!r}")
        print(f"{language}: {len(missing)} texts lack a translation")
        lacking += len(missing)
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
