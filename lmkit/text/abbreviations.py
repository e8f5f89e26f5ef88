"""Abbreviations of French and English: what the rules for sentences and the tokenizer `words` know of full stops.

Abbreviations stand without their last full stop. In what decides about sentences letter case matters, but for what stands before numbers.
"""

from dataclasses import dataclass, fields
from functools import cache

from lmkit.text.settings import Language


@dataclass(frozen=True)
class Words:
    """The words of a language that full stops depend on."""

    before_names: frozenset[str]  # never end a sentence
    before_numbers: frozenset[str]  # end none before a digit; in small letters
    before_either: frozenset[str]  # end one only before one of the starters
    others: frozenset[str]  # end one wherever another word would
    words_too: frozenset[str]  # of the above, what is a word as well, before a full stop; in small letters
    pronouns: frozenset[str]  # single letters that are no initial after a word in small letters
    starters: frozenset[str]  # words that begin sentences, and are no names


def words_of(**lists: str) -> Words:
    """The words of lists separated by white space."""
    return Words(**{name: frozenset(listed.split()) for name, listed in lists.items()})


LANGUAGES: dict[str, Words] = {
    "en": words_of(
        before_names="Mr MR Mrs MRS Ms Messrs Mmes Dr DR Drs Prof Rev Hon Fr St ST Mt Ft Gen Maj Col Capt Cpt Cmdr Lt Sgt Cpl Adm Gov Sen Rep Pres Supt "
        "vs viz cf al ca approx",
        before_numbers="no n° nos p pp vol vols ch chap fig figs sec sect art eq ed l ll v n jan feb mar apr jun jul aug sep sept oct nov dec",
        before_either="Inc Ltd Co Corp Bros Jr Sr Esq Ave Blvd Rd Dept Univ",
        others="etc co Ph.D",
        words_too="al art ave ca chap col ed gen gov mar no nos pres rep sec",
        pronouns="I",
        starters="The He She It They We You This That These Those There But And In On At When If What Who Why How Then So His Her Their My Our",
    ),
    "fr": words_of(
        before_names="M MM Mr MR Mme MME Mmes Mlle MLLE Mlles Me Mes Dr Drs Pr Prs Prof Mgr St Ste Sts Stes Cdt Col Cel Gal Gén Cap Lt Sgt Adj R.P RR.PP "
        "cf Cf vs av apr ap ex Ex env c.-à-d c-à-d",
        before_numbers="no n° nos n p pp vol t tome chap ch fig art al alin éd l v vers sect janv févr fév avr juil sept oct nov déc",
        before_either="Cie Sté Éts Ets Bd Av Univ Jr",
        others="etc",
        words_too="al art cap cel col ex gal me mes no nos sept tome vers vol",
        pronouns="",
        starters="Les Il Elle Ils Elles On Ce Cet Cette Ces Dans Mais Et Un Une Nous Vous Je Tu Quand Si Puis Alors Son Sa Ses Leur Mon Ma Mes",
    ),
}  # fmt: skip


@cache
def words_for(language: Language) -> Words:
    """The words of a language; of all for "any"."""
    if language != "any":
        return LANGUAGES[language]
    names = (field.name for field in fields(Words))
    return Words(*(frozenset().union(*(getattr(words, name) for words in LANGUAGES.values())) for name in names))


def dotted(letter: str) -> str:
    """The pattern of abbreviations with full stops inside, without the last one: U.S, J.-C, e.g, Ph.D. letter: the pattern of a letter."""
    return rf"(?:{letter}{{1,2}}\.-?)+{letter}{{1,2}}"


def unambiguous() -> list[str]:
    """The abbreviations of all languages, in small letters, whose full stop is always theirs; single letters are left out."""
    words = words_for("any")
    listed = words.before_names | words.before_numbers | words.before_either | words.others
    return sorted({word.lower() for word in listed if len(word) > 1} - words.words_too)
