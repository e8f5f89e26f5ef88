r"""What the tokenizer `words` takes for one token, as a regular expression of RE2.

A piece of text is cut from left to right; the first alternative that fits is a token. None looks at what stands before or after it, so that
a token found once is found again when it stands alone. Arrow compiles the
pattern for each block of text, so that large classes of characters are few in it.
"""

import re
from functools import cache

from lmkit.text.abbreviations import dotted, unambiguous

# What stands within a word: letters, marks (Ewe's and Kabiye's tones), digits, _, and characters that only join or divide.
PARTS = r"\pL\pM\pN_\x{00AD}\x{200C}\x{200D}\x{2060}"
WITHIN = f"[{PARTS}]"
LETTER = r"\pL"
COMPOUND = rf"(?:['’‐‑-]{WITHIN}+)*"  # hyphens, English contractions and possessives
INITIAL = r"(?:[A-HJ-Z]|[^\x00-\x7F\P{Lu}]|[b-hj-np-xz])\pM*\."  # not the words a, i, o, y and I
LABEL = "[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*"
HOST = rf"[A-Za-z0-9_]{LABEL}(?:\.{LABEL})*\.[a-z]{{2,}}"
# Emoji are one as Unicode's grapheme clusters are (UAX 29): flags, skin tones, what joiners join, variants, keycaps, tags.
FLAG_LETTER = r"\x{1F1E6}-\x{1F1FF}"
EXTENDS = r"[\pM\x{200C}\x{200D}\x{1F3FB}-\x{1F3FF}\x{E0020}-\x{E007F}]"
EXTENDED = rf"(?:\x{{200D}}[^\s\pZ{PARTS}{FLAG_LETTER}]|{EXTENDS})*"


PLAIN = "|".join((
    r"(?i:aujourd['’]hui)",
    r"(?i:l|d|j|n|s|c|m|t|qu|jusqu|lorsqu|puisqu|quoiqu|quelqu)['’]",  # French elision: the article, … a word of its own
    rf"{WITHIN}+{COMPOUND}",
    r"\.\.\.",
    rf"(?:[{FLAG_LETTER}]{{2}}|[^\s\pZ{PARTS}]){EXTENDED}",  # a flag, or any other character
))  # fmt: skip


@cache
def word_pattern() -> str:
    """The pattern of a token."""
    listed = [re.escape(word) for word in unambiguous()]
    with_stops, others = ("|".join(word for word in listed if ("." in word) is inside) for inside in (True, False))
    return "|".join((
        rf"{WITHIN}+[‐‑-][mMtT]['’]",  # elision of pronouns after verbs: va-t' en, donne-m' en
        r"(?i:https?|ftp)://[^\s<>\"«»“”]*[A-Za-z0-9/]",
        rf"[A-Za-z0-9][A-Za-z0-9._%+-]*@{HOST}",
        rf"(?i:{with_stops})\.",  # c.-à-d., Ph.D.
        HOST,
        r"[-−]?\pN+(?:-\pN+)*[.,:/−]\pN+(?:[.,:/−-]\pN+)*|[-−]\pN[\pNa-zA-Z]*(?:-[\pNa-zA-Z]+)*",  # 12,5, 1.000.000, 12/05/2024, 8:30, -5
        rf"(?:(?:{dotted(LETTER)}|(?i:{others}))\.|{INITIAL}){COMPOUND}",  # Mr., O.N.U., J.-C., a.m., M.
        r"[nN][°º]\.?",
        PLAIN,
    ))  # fmt: skip
