"""The jobs that are timed: for each the commands of lmkit and of its peers, and what their results must agree on."""

import importlib.util
import json
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import Measured, lmkit

LM = lmkit()
MAWK_WORDS = r"""tr -s ' ' '\n' < all.tok | LC_ALL=C mawk '{c[$0]++} END{for(w in c) print w"\t"c[w]}' > words.mawk"""
MAWK_BIGRAMS = (
    r"""LC_ALL=C mawk '{for(i=1;i<NF;i++) c[$i" "$(i+1)]++} END{for(w in c) print w"\t"c[w]}' all.tok > bigrams.mawk"""
)


@dataclass(frozen=True)
class Job:
    """Something that lmkit and others do."""

    title: str
    commands: dict[str, str]  # name -> shell command; those of lmkit first, their names begin with lmkit
    needs: dict[str, str]  # name -> the program or Python module without which it is left out
    prepare: tuple[str, ...] = ()  # commands that are not timed
    agree: Callable[[Path, dict[str, list[Measured]]], None] = lambda _folder, _results: None


def available(name: str) -> bool:
    """Whether a program is on PATH, or a Python module (module:NAME) can be imported."""
    if name.startswith("module:"):
        return importlib.util.find_spec(name.removeprefix("module:")) is not None
    return shutil.which(name) is not None


def same_ngrams(folder: Path, results: dict[str, list[Measured]]) -> None:
    """SystemExit unless the ARPA files announce the same numbers of n-grams."""
    found = {path.name: announced(path) for path in folder.glob("*.arpa")}
    if results and len(set(found.values())) > 1:
        sys.exit(f"the numbers of n-grams differ: {found}")


def announced(path: Path) -> tuple[str, ...]:
    """The numbers of n-grams in the head of an ARPA file."""
    with path.open(encoding="utf-8") as file:
        return tuple(re.findall(r"^ngram \d+=\d+$", file.read(5000), re.MULTILINE))


def same_perplexity(_folder: Path, results: dict[str, list[Measured]]) -> None:
    """SystemExit unless the perplexities agree to five digits."""
    found = {}
    for name, runs in results.items():
        printed = runs[0].printed
        if name.startswith("lmkit"):
            found[name] = float(json.loads(printed[printed.index("{") : printed.rindex("}") + 1])["perplexity"])
        elif match := re.search(r"including OOVs:\s*([\d.]+)", printed):
            found[name] = float(match[1])
    if max(found.values()) / min(found.values()) > 1 + 1e-5:
        sys.exit(f"the perplexities differ: {found}")


def same_lines(ours: str, theirs: str) -> Callable[[Path, dict[str, list[Measured]]], None]:
    """A check that two files have the same lines in whatever order."""

    def check(folder: Path, results: dict[str, list[Measured]]) -> None:
        if len(results) > 1 and (folder / theirs).exists():
            lines = [sorted((folder / name).read_bytes().splitlines()) for name in (ours, theirs)]
            if lines[0] != lines[1]:
                sys.exit(f"{ours} and {theirs} differ")

    return check


def all_jobs(order: int, memory: str) -> dict[str, Job]:
    """The jobs. They work on all.tok, the text; first.tok and second.tok, its halves; small.tok, its beginning; more.tok, with a second text."""
    kn = "--kneser-ney --compat kenlm"
    python = sys.executable
    models_of_first_half = (
        f"test -e h.safetensors || ({LM} ngram train -q -n {order} first.tok -o h.counts.safetensors && {LM} smooth -q {kn} h.counts.safetensors -o h.safetensors) && "
        f"(test -e h.trie || ! command -v lmplz || (lmplz -o {order} -S 80% --text first.tok --arpa h.arpa && "
        "build_binary probing h.arpa h.probing && build_binary trie h.arpa h.trie && rm h.arpa))"
    )
    return {
        "train": Job(
            "text → model that can be asked",
            {
                "lmkit train + smooth": f"{LM} ngram train -q -n {order} all.tok -o a.counts.safetensors && {LM} smooth -q {kn} a.counts.safetensors -o a.safetensors",
                "lmkit train --kneser-ney": f"{LM} ngram train -q -n {order} --kneser-ney all.tok -o b.safetensors",
                "KenLM lmplz + build_binary probing": f"lmplz -o {order} -S 80% --text all.tok --arpa t.arpa && build_binary probing t.arpa t.bin",
                "IRSTLM tlm, Witten-Bell, order 3": "irstlm tlm -tr=all.tok -n=3 -lm=wb -obin=t.blm",
                "MITLM estimate-ngram": f"estimate-ngram -o {order} -t all.tok -wl mitlm.arpa",
                "SRILM ngram-count": f"ngram-count -order {order} -kndiscount -interpolate -unk -text all.tok -lm srilm.arpa",
            },
            {"KenLM lmplz + build_binary probing": "lmplz", "IRSTLM tlm, Witten-Bell, order 3": "irstlm",
             "MITLM estimate-ngram": "estimate-ngram", "SRILM ngram-count": "ngram-count"},
        ),
        "peak": Job(
            "text → model, peak memory",
            {
                "lmkit train + smooth": f"{LM} ngram train -q -n {order} all.tok -o a.counts.safetensors && {LM} smooth -q {kn} a.counts.safetensors -o a.safetensors",
                "lmkit train --kneser-ney": f"{LM} ngram train -q -n {order} --kneser-ney all.tok -o b.safetensors",
                "KenLM lmplz -S 8G": f"lmplz -o {order} -S 8G --text all.tok --arpa t.arpa",
            },
            {"KenLM lmplz -S 8G": "lmplz"},
        ),
        "arpa": Job(
            "text → ARPA file",
            {
                "lmkit train + smooth": f"{LM} ngram train -q -n {order} all.tok -o a.counts.safetensors && {LM} smooth -q {kn} a.counts.safetensors -o ours.arpa",
                "lmkit train --kneser-ney": f"{LM} ngram train -q -n {order} --kneser-ney all.tok -o one.arpa",
                "KenLM lmplz": f"lmplz -o {order} -S 80% --text all.tok --arpa t.arpa",
            },
            {"KenLM lmplz": "lmplz"},
            agree=same_ngrams,
        ),
        "budget": Job(
            f"two texts → model within {memory}",
            {
                "lmkit train + smooth": f"{LM} ngram train -q -n {order} more.tok --memory {memory} -o a.counts.safetensors && "
                f"{LM} smooth -q {kn} a.counts.safetensors --memory {memory} -o a.safetensors",
                "lmkit train --kneser-ney": f"{LM} ngram train -q -n {order} --kneser-ney more.tok --memory {memory} -o b.safetensors",
                "KenLM lmplz": f"lmplz -o {order} -S {memory} --text more.tok --arpa t.arpa",
            },
            {"KenLM lmplz": "lmplz"},
        ),
        "score": Job(
            "second half scored under a model of the first",
            {
                "lmkit perplexity, one worker": f"{LM} perplexity -q --workers 1 h.safetensors second.tok --json",
                "lmkit perplexity": f"{LM} perplexity -q h.safetensors second.tok --json",
                "KenLM query, probing": "query -v summary h.probing < second.tok",
                "KenLM query, trie": "query -v summary h.trie < second.tok",
            },
            {"KenLM query, probing": "query", "KenLM query, trie": "query"},
            prepare=(models_of_first_half,),
            agree=same_perplexity,
        ),
        "words": Job(
            "word counts",
            {
                "lmkit count": f"{LM} count -q all.tok > words.lmkit",
                "tr + mawk": MAWK_WORDS,
                "tr + sort + uniq -c": r"tr -s ' ' '\n' < all.tok | LC_ALL=C sort | uniq -c > words.sort",
            },
            {"tr + mawk": "mawk"},
            agree=same_lines("words.lmkit", "words.mawk"),
        ),
        "bigrams": Job(
            "bigram counts",
            {"lmkit count -n 2": f"{LM} count -q -n 2 --no-markers all.tok > bigrams.lmkit", "mawk": MAWK_BIGRAMS},
            {"mawk": "mawk"},
            agree=same_lines("bigrams.lmkit", "bigrams.mawk"),
        ),
        "python": Job(
            "bigram counts of the first million words, Python libraries",
            {
                "lmkit count -n 2": f"{LM} count -q -n 2 --no-markers small.tok > small.lmkit",
                "nltk": f"{python} -c \"import nltk; c = nltk.FreqDist(b for l in open('small.tok') for b in nltk.bigrams(l.split()))\"",
                "scikit-learn CountVectorizer": f'{python} -c "from sklearn.feature_extraction.text import CountVectorizer as C; '
                "C(ngram_range=(2, 2), token_pattern='[^ ]+').fit_transform([l.strip() for l in open('small.tok')]).sum(axis=0)\"",
            },
            {"nltk": "module:nltk", "scikit-learn CountVectorizer": "module:sklearn", "kenlm module, scoring": "module:kenlm"},
        ),
        "module": Job(
            "first million words scored, Python modules",
            {
                "lmkit perplexity": f"{LM} perplexity -q h.safetensors small.tok --json",
                "kenlm module": f"{python} -c \"import kenlm; m = kenlm.Model('h.probing'); "
                "print(sum(m.score(l) for l in open('small.tok')))\"",
            },
            {"kenlm module": "module:kenlm"},
            prepare=(models_of_first_half,),
        ),
        "cooc": Job(
            "co-occurrence, window 10, words seen 5 times",
            {
                "lmkit cooc": f"{LM} cooc -q --window 10 --cutoff 5 all.tok -o pairs.npz",
                "GloVe vocab_count + cooccur": "vocab_count -min-count 5 -verbose 0 < all.tok > v.txt && "
                "cooccur -memory 8 -vocab-file v.txt -window-size 10 -verbose 0 < all.tok > pairs.bin",
            },
            {"GloVe vocab_count + cooccur": "cooccur"},
        ),
        "start": Job(
            "start-up",
            {
                "lmkit --version": f"{LM} --version",
                "lmkit --help": f"{LM} --help",
                "lmkit perplexity, one sentence": f"{LM} perplexity -q tiny.safetensors tiny.txt",
            },
            {},
            prepare=(
                "head -n 2000 all.tok > tiny.tok && head -n 1 second.tok > tiny.txt",
                f"{LM} ngram train -q tiny.tok | {LM} smooth -q --laplace -o tiny.safetensors",
            ),
        ),
    }  # fmt: skip
