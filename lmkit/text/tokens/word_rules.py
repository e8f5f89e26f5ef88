r"""What the tokenizer `words` takes for one token, as a regular expression of RE2.

A piece of text is cut from left to right; the first alternative that fits is a token. None looks at what stands before or after it, so that
a token found once is found again when it stands alone. Arrow compiles the pattern for each block of text, and RE2 compiles a copy of a class
of characters for each place where it stands: \pL costs a hundred times a range. So words and abbreviations share what follows them.
"""

import re
from functools import cache

from lmkit.text.abbreviations import dotted, unambiguous

# What stands within a word: letters, marks (Ewe's and Kabiye's tones), digits, _, and characters that only join or divide.
WITHIN = r"[\pL\pM\pN_\x{00AD}\x{200C}\x{200D}\x{2060}]"
# Letters of alphabets with letter case, which abbreviate with full stops: Latin, Greek, Cyrillic, Armenian.
CASED = r"[A-Za-zÀ-ÖØ-öø-ʯΆΈ-ҁҊ-Ֆա-և\x{1E00}-\x{1FBC}]"
INITIAL = r"(?:[A-HJ-Z]|[^\x00-\x7F\P{Lu}]|[b-hj-np-xz])[\x{300}-\x{36F}]*"  # not the words a, i, o, y and I
LABEL = "[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*"
HOST = rf"[A-Za-z0-9_]{LABEL}(?:\.{LABEL})*\.[a-z]{{2,}}"
# Emoji are one as Unicode's grapheme clusters are (UAX 29): flags, skin tones, pictures that joiners join, variants, keycaps, tags.
FLAG = r"[\x{1F1E6}-\x{1F1FF}]{2}"
PICTURE = r"[\x{2190}-\x{245F}\x{2600}-\x{2775}\x{2794}-\x{2BFF}\x{1F10D}-\x{1F1E5}\x{1F200}-\x{1FAFF}]"
EXTENDS = r"[\pM\x{200C}\x{200D}\x{1F3FB}-\x{1F3FF}\x{E0020}-\x{E007F}]"


@cache
def word_pattern() -> str:
    """The pattern of a token, for text in which all white space is " "."""
    listed = [re.escape(word) for word in unambiguous()]
    with_stops, others = ("|".join(word for word in listed if ("." in word) is inside) for inside in (True, False))
    word = rf"(?:{dotted(CASED)}|(?i:{others})|{INITIAL})\.|{WITHIN}+"  # O.N.U., J.-C., a.m., Mr., M., or what is none
    elided = "[‐‑-][mMtT]['’]"  # pronouns after verbs: va-t' en, donne-m' en
    compound = f"(?:['’‐‑-]{WITHIN}+)*"  # hyphens, English contractions and possessives
    return "|".join((
        r"(?i:https?|ftp)://[^\s<>\"«»“”]*[A-Za-z0-9/]",
        rf"[A-Za-z0-9][A-Za-z0-9._%+-]*@{HOST}",
        rf"(?i:{with_stops})\.",  # c.-à-d., Ph.D.
        HOST,
        r"[-−]?\pN+(?:-\pN+)*[.,:/−]\pN+(?:[.,:/−-]\pN+)*|[-−]\pN[\pNa-zA-Z]*(?:-[\pNa-zA-Z]+)*",  # 12,5, 1.000.000, 12/05/2024, 8:30, -5
        r"[nN][°º]\.?",
        r"(?i:aujourd['’]hui)",
        r"(?i:l|d|j|n|s|c|m|t|qu|jusqu|lorsqu|puisqu|quoiqu|quelqu)['’]",  # French elision: the article, … a word of its own
        rf"(?:{word})(?:{elided}|{compound})",
        r"\.\.\.",
        rf"(?:{FLAG}|[^ ])(?:\x{{200D}}{PICTURE}|{EXTENDS})*",  # a flag, or any character that is not within words
    ))  # fmt: skip
