"""Where the sentences of running text end: rules for French and English that do for other languages with their punctuation.

A sentence ends after . ! ? … and what closes after them (quotes, brackets, notes such as [1]), if white space follows and
then what can begin a sentence: anything but a lower-case letter, perhaps behind opening quotes, brackets and dashes. A full
stop after a title, an initial, or the number of an item ends none; the number of the next item does. What decides stands within
the sentence and in what follows at once, so that a sentence that was found is found again as one.
"""

import re
import string
from collections.abc import Iterator

from lmkit.text.abbreviations import Words, dotted, words_for
from lmkit.text.settings import Language

MARKS = ".!?…‼⁇⁈⁉؟۔।॥"
WIDE_MARKS = "。！？｡"  # of scripts that put no space after them
CLOSING = re.escape("\"'”’»›)]}」』）》〉")
OPENING = "«‹»\"“„”‘‚'([{¿¡—–-•⁃‣◦▪*·"
# « Oui ! » has a space before what closes, and . . . between full stops. No quantifier gives back what it took, so that time grows with the
# text and no faster.
MARK = f"[{MARKS}{WIDE_MARKS}]"
RUNS = re.compile(rf"{MARK}(?:[{MARKS}{WIDE_MARKS}{CLOSING}]|\[\d++\]|\s(?:[»›](?!\w)|\.(?![^\s.{CLOSING}])))*+")
NEXT = re.compile(rf"\s++(?=(?:[\[(](?:\.{{2,}}+|…)[\])]\s*+)?+[{re.escape(OPENING)}\s]*+(?P<word>[^\W_]++|[$€£§#@]))")
WIDE = frozenset(WIDE_MARKS)
SPACE = re.compile(r"\s*+")
WINDOW = 32  # characters looked at before a full stop
BEFORE_ITEM = OPENING + " \u00a0"

ITEM = re.compile(r"(?:\d{1,3}(?:\.\d{1,3})*|[IVXLCDM]+|[ivx]+|[a-z])")  # what numbers an item, a chapter, a section
BULLETS = "•⁃‣◦▪*·-"
LISTED = BULLETS + string.digits + string.ascii_lowercase  # what an item of a list begins with
# Before an item of a list.
MARKER = re.compile(rf"(?P<bullet>[{BULLETS}]\s*+)?(?P<number>\d{{1,3}}|[a-y])(?P<sign>\.\)|[.)])\s")
DOTTED = re.compile(dotted(r"[^\W\d_]"))
TIMES = frozenset({"a.m", "p.m"})  # they end sentences if they are in small letters, or after a number
BEFORE_TIMES = "At|By|From|Until|Till|Before|After|Since|About|Around"
AT_A_TIME = re.compile(rf"(?:{BEFORE_TIMES})\s(?:about\s|around\s)?\d{{1,2}}(?:[:.]\d\d)?\s?")

UNITS = "FCKVW"  # after a number no initials, but francs, degrees Celsius, kelvins, volts, watts
SPACED = re.compile(r"\.(?:\s\.)+")  # three are words left out, a fourth ends the sentence
ALONE_IN_BRACKETS = re.compile(rf"[{MARKS}]+[\])][{CLOSING}]*")  # after an opening bracket: [...], (!)


def split_sentences(text: str, language: Language = "any") -> list[str]:
    """The sentences of running text, without the white space around them.

    language: whose abbreviations to know. Line ends are white space like any other.

    >>> split_sentences("M. Koffi a payé 12,5 F. « Merci ! » dit-elle. Puis J. R. R. Tolkien…")
    ['M. Koffi a payé 12,5 F.', '« Merci ! » dit-elle.', 'Puis J. R. R. Tolkien…']
    """
    return [sentence for _, sentence in located_sentences(text.strip(), language)]


def located_sentences(text: str, language: Language) -> Iterator[tuple[int, str]]:
    """Where each sentence begins, and the sentence; the text has no white space around it."""
    words, start, looked = words_for(language), 0, 0
    for run in RUNS.finditer(text):
        if text[start] in LISTED:
            for item in items(text, start, looked, run.end() + 1):
                yield start, text[start:item].rstrip()
                start = item
            looked = run.end()
        end = run.end()
        following = NEXT.match(text, end)
        if not WIDE.isdisjoint(run[0]):
            following = SPACE.match(text, end)
        elif following is None or not (end := end_of_sentence(text, start, run, following["word"], words)):
            continue
        if following and following.end() < len(text):
            yield start, text[start:end]
            start = looked = following.end() if end == run.end() else end + 1
    for item in items(text, start, looked, len(text)):
        yield start, text[start:item].rstrip()
        start = item
    if start < len(text):
        yield start, text[start:]


def items(text: str, start: int, looked: int, end: int) -> Iterator[int]:
    """Where the next items of a list begin between `looked` and `end`, if the sentence at `start` is an item: 1) one 2) two; • a. one • b. two.

    What follows the number must not be a small letter.
    """
    while marker := MARKER.match(text, start):
        number = marker["number"]
        following = str(int(number) + 1) if number.isdigit() else chr(ord(number) + 1)
        sought = f" {marker['bullet'] or ''}{following}{marker['sign']} "
        at = text.find(sought, looked, end)
        begins = at + len(sought)
        if at < 0 or text[begins : begins + 1].islower():
            return
        start = looked = at + 1
        yield start


def end_of_sentence(text: str, start: int, run: re.Match[str], following: str, words: Words) -> int:
    """Where the sentence that begins at `start` ends if these marks, before this word, end it; else 0."""
    if following[0].islower():
        return 0
    marks, (at, end) = run[0], run.span()
    if marks == ".":
        return end if is_last_stop(text, start, at, following, words) else 0
    if len(marks) == 1:
        return end
    before = text[at - 1] if at > start else " "
    if before in "[(" and ALONE_IN_BRACKETS.fullmatch(marks):
        return 0
    if marks == ".)" and end - start < WINDOW and is_number_of_item(text, start, at):
        return 0
    if SPACED.fullmatch(marks):
        stops = marks.count(".")
        if before.isspace():
            return 0 if stops == 3 else end
        if stops == 4:  # a full stop, and what was left out before the next sentence
            return at + 1 if is_last_stop(text, start, at, following, words) else 0
    return end


def is_number_of_item(text: str, start: int, end: int) -> bool:
    """Whether nothing but the number of an item, perhaps after a bullet, stands in text[start:end]."""
    return ITEM.fullmatch(text[start:end].lstrip(BEFORE_ITEM)) is not None


def is_last_stop(text: str, start: int, end: int, following: str, words: Words) -> bool:
    """Whether the full stop at `end` ends the sentence that begins at `start`, before this word."""
    before, last = ["", "", *text[max(start, end - WINDOW) : end].rsplit(None, 2)][-2:]
    if not last or text[end - 1].isspace():
        return True
    word = last.lstrip(OPENING)
    if end - start < WINDOW and is_number_of_item(text, start, end):
        return False
    if word in words.before_names or (following[0].isdigit() and word.lower() in words.before_numbers):
        return False
    if "." in word and DOTTED.fullmatch(word):
        if word.lower() in TIMES and (word.islower() or before[-1:].isdigit()):
            return AT_A_TIME.fullmatch(text[start : end - len(last)].lstrip(OPENING)) is None
        return following in words.starters and not word.islower()
    if word in UNITS and before[-1:].isdigit():
        return True
    if word in words.pronouns and before[:1].islower():
        return True
    if (len(word) == 1 and word.isupper()) or word in words.before_either:
        return following in words.starters
    return True
