"""Where the sentences of running text end: rules for French and English that do for other languages with their punctuation.

A sentence ends after . ! ? … and what closes after them (quotes, brackets, notes such as [1]), if white space follows and
then what can begin a sentence: anything but a lower-case letter, perhaps behind opening quotes, brackets and dashes. A full
stop after a title, an initial, or the number of an item ends none. What decides stands within the sentence and in the first
letter after it, so that a sentence that was found is found again as one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from lmkit.text.settings import Language

MARKS = ".!?…‼⁇⁈⁉؟۔।॥"
WIDE_MARKS = "。！？｡"  # of scripts that put no space after them
CLOSING = re.escape("\"'”’»›)]}」』）》〉")
OPENING = "«‹»\"“„”‘‚'([{¿¡—–-•*·"
# « Oui ! » has a space before what closes. No quantifier gives back what it took, so that time grows with the text and no faster.
RUNS = re.compile(rf"[{MARKS}{WIDE_MARKS}](?:[{MARKS}{WIDE_MARKS}{CLOSING}]|\[\d++\]|\s[»›](?!\w))*+")
NEXT = re.compile(rf"\s++(?=[{re.escape(OPENING)}\s]*+(?P<word>[^\W_]++|[$€£§#@]))")
WIDE = re.compile(f"[{WIDE_MARKS}]")
SPACE = re.compile(r"\s*+")
WINDOW = 32  # characters looked at before a full stop

ITEM = re.compile(r"(?:\d{1,3}(?:\.\d{1,3})*|[IVXLCDM]+|[ivx]+|[a-z])")  # what numbers an item, a chapter, a section
DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.-?)+[^\W\d_]{1,2}")  # U.S, J.-C, e.g, Ph.D, without the last full stop
TIMES = frozenset({"a.m", "p.m"})  # dotted abbreviations of small letters that do end sentences

UNITS = "FCKVW"  # after a number no initials, but francs, degrees Celsius, kelvins, volts, watts


@dataclass(frozen=True)
class Words:
    """The words of a language that full stops depend on."""

    before_names: frozenset[str]  # never end a sentence
    before_numbers: frozenset[str]  # end none before a digit; in small letters
    before_either: frozenset[str]  # end one only before one of the next
    starters: frozenset[str]  # words that begin sentences, and are no names


def words_of(before_names: str, before_numbers: str, before_either: str, starters: str) -> Words:
    """The words of lists separated by white space."""
    lists = (before_names, before_numbers, before_either, starters)
    return Words(*(frozenset(words.split()) for words in lists))


LANGUAGES: dict[str, Words] = {
    "en": words_of(
        "Mr MR Mrs MRS Ms Messrs Mmes Dr DR Drs Prof Rev Hon Fr St ST Mt Ft Gen Maj Col Capt Cpt Cmdr Lt Sgt Cpl Adm Gov Sen Rep Pres Supt "
        "vs viz cf al ca approx",
        "no nos p pp vol vols ch chap fig figs sec sect art eq ed l ll v n jan feb mar apr jun jul aug sep sept oct nov dec",
        "Inc Ltd Co Corp Bros Jr Sr Esq Ave Blvd Rd Dept Univ",
        "The He She It They We You This That These Those There But And In On At When If What Who Why How Then So His Her Their My Our",
    ),
    "fr": words_of(
        "M MM Mr MR Mme MME Mmes Mlle MLLE Mlles Me Mes Dr Drs Pr Prs Prof Mgr St Ste Sts Stes Cdt Col Cel Gal Gén Cap Lt Sgt Adj R.P RR.PP "
        "cf Cf vs av apr ap ex Ex env c.-à-d c-à-d",
        "no nos n p pp vol t tome chap ch fig art al alin éd l v vers. sect janv févr fév avr juil sept oct nov déc",
        "Cie Sté Éts Ets Bd Av Univ Jr",
        "Les Il Elle Ils Elles On Ce Cet Cette Ces Dans Mais Et Un Une Nous Vous Je Tu Quand Si Puis Alors Son Sa Ses Leur Mon Ma Mes",
    ),
}  # fmt: skip


@cache
def words_for(language: Language) -> Words:
    """The words of a language; of all for "any"."""
    if language != "any":
        return LANGUAGES[language]
    names = ("before_names", "before_numbers", "before_either", "starters")
    return Words(*(frozenset().union(*(getattr(words, name) for words in LANGUAGES.values())) for name in names))


def split_sentences(text: str, language: Language = "any") -> list[str]:
    """The sentences of running text, without the white space around them.

    language: whose abbreviations to know. Line ends are white space like any other.

    >>> split_sentences("M. Koffi a payé 12,5 F. « Merci ! » dit-elle. Puis J. R. R. Tolkien…")
    ['M. Koffi a payé 12,5 F.', '« Merci ! » dit-elle.', 'Puis J. R. R. Tolkien…']
    """
    return [sentence for _, sentence in located_sentences(text.strip(), language)]


def located_sentences(text: str, language: Language) -> Iterator[tuple[int, str]]:
    """Where each sentence begins, and the sentence; the text has no white space around it."""
    words = words_for(language)
    start = 0
    for run in RUNS.finditer(text):
        following = NEXT.match(text, run.end())
        if WIDE.search(run[0]):
            following = SPACE.match(text, run.end())
        elif following is None or not ends_sentence(text, start, run, following["word"], words):
            continue
        if following and following.end() < len(text):
            yield start, text[start : run.end()]
            start = following.end()
    if start < len(text):
        yield start, text[start:]


def ends_sentence(text: str, start: int, run: re.Match[str], following: str, words: Words) -> bool:
    """Whether a sentence that begins at `start` ends with these marks before this word."""
    if following[0].islower():
        return False
    if run[0] != ".":
        return True
    end = run.start()
    before, last = ["", "", *text[max(start, end - WINDOW) : end].split()][-2:]
    if not last or text[end - 1].isspace():
        return True
    word = last.lstrip(OPENING)
    if end - len(last) == start and ITEM.fullmatch(word):
        return False
    if word in words.before_names or (word.lower() in words.before_numbers and following[0].isdigit()):
        return False
    if DOTTED.fullmatch(word):
        if word.islower():
            return word in TIMES
        return following in words.starters
    if word in UNITS and before[-1:].isdigit():
        return True
    if (len(word) == 1 and word.isupper()) or word in words.before_either:
        return following in words.starters
    return True
