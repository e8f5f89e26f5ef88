"""The jobs that are timed: for each the commands of lmkit and of its peers, and what their results must agree on."""

import shlex
import sys
from dataclasses import dataclass, field

from benchmarks.agreeing import Agreement, same_lines, same_ngrams, same_perplexity
from benchmarks.programs import ROOT, available

KENLM, KENLM_ARPA, KENLM_PEAK = "KenLM lmplz + build_binary probing", "KenLM lmplz", "KenLM lmplz -S 8G"
PROBING, TRIE = "KenLM query, probing", "KenLM query, trie"
SMALLEST = "KenLM build_binary trie -q 8 -b 8 -a 22"
COOCCUR = "GloVe vocab_count + cooccur"
MAWK_WORDS = r"""tr -s ' ' '\n' < all.tok | LC_ALL=C mawk '{c[$0]++} END{for(w in c) print w"\t"c[w]}' > words.tsv"""
MAWK_BIGRAMS = (
    r"""LC_ALL=C mawk '{for(i=1;i<NF;i++) c[$i" "$(i+1)]++} END{for(w in c) print w"\t"c[w]}' all.tok > bigrams.tsv"""
)
PYTHON = shlex.quote(sys.executable)
DOCUMENTS = f"{PYTHON} {shlex.quote(str(ROOT / 'benchmarks' / 'documents.py'))}"
WORKERS = {"one worker": 1, "two workers": 2}


@dataclass(frozen=True)
class Job:
    """Something that lmkit and others do."""

    title: str
    ours: dict[str, str]  # name -> shell command, which each lmkit runs in a folder of its own
    peers: dict[str, tuple[str, str]] = field(default_factory=dict)  # name -> program that it needs, shell command
    before: str = ""  # what each lmkit does before, not timed
    peers_before: tuple[str, str] = ("", "")  # the same for peers: program, shell command
    files: dict[str, str] = field(default_factory=dict)  # name of ours or of a peer -> the file that it writes
    agree: Agreement = lambda _files, _results: None
    ngrams_of: str = ""  # the model of lmkit's that says how many n-grams the files hold
    often: int = 1  # how many times as many runs as others; 0: a single run


def all_jobs(order: int, memory: str, documents: int = 200_000) -> dict[str, Job]:
    """The jobs, which work on the texts of texts.py."""
    kn = "--kneser-ney --compat kenlm"
    count = f"lmkit ngram train -q -n {order} all.tok -o a.counts.safetensors"
    count_unless_there = f"test -e a.counts.safetensors || {count}"
    smooth = f"lmkit smooth -q {kn} a.counts.safetensors"
    in_one_step = f"lmkit ngram train -q -n {order} --kneser-ney all.tok"
    lmplz = f"lmplz -o {order} -S 80% --text all.tok --arpa all.arpa"
    model_of_first_half = (
        f"test -e h.safetensors || (lmkit ngram train -q -n {order} first.tok -o h.counts.safetensors && "
        f"lmkit smooth -q {kn} h.counts.safetensors -o h.safetensors)"
    )
    peers_of_first_half = (
        f"test -e h.trie || (lmplz -o {order} -S 80% --text first.tok --arpa h.arpa && "
        "build_binary probing h.arpa h.probing && build_binary trie h.arpa h.trie && rm h.arpa)"
    )
    with_glove = (
        "vocab_count -min-count 5 -verbose 0 < all.tok > v.txt && "
        "cooccur -memory 8 -vocab-file v.txt -window-size 10 -verbose 0 < all.tok > pairs.bin"
    )
    with_sklearn = (
        f'{PYTHON} -c "from sklearn.feature_extraction.text import CountVectorizer as C; '
        "C(ngram_range=(2, 2), token_pattern='[^ ]+').fit_transform([l.strip() for l in open('small.tok')]).sum(axis=0)\""
    )
    make_documents = f"test -e docs.parquet || {DOCUMENTS} make second.tok . --documents {documents}"
    startup = {
        "--version": "lmkit --version",
        "--help": "lmkit --help",
        "count, one sentence": "lmkit count -q tiny.txt",
        "perplexity, one sentence": "lmkit perplexity -q tiny.safetensors tiny.txt",
    }
    if available("module:pandas"):
        hidden = {
            f"{name}, pandas hidden": line.replace("lmkit ", "lmkit-without-pandas ", 1)
            for name, line in startup.items()
        }
        startup |= hidden
    return {
        "train": Job(
            "text → model that can be asked",
            {
                "train + smooth": f"{count} && {smooth} -o a.safetensors",
                "train --kneser-ney": f"{in_one_step} -o b.safetensors",
            },
            {
                KENLM: ("lmplz", f"{lmplz} && build_binary probing all.arpa all.probing"),
                "IRSTLM tlm, Witten-Bell, order 3": ("irstlm", "irstlm tlm -tr=all.tok -n=3 -lm=wb -obin=t.blm"),
                "MITLM estimate-ngram": ("estimate-ngram", f"estimate-ngram -o {order} -t all.tok -wl mitlm.arpa"),
                "SRILM ngram-count": ("ngram-count", f"ngram-count -order {order} -kndiscount -interpolate -unk -text all.tok -lm srilm.arpa"),
            },
            files={"train + smooth": "a.safetensors", "train --kneser-ney": "b.safetensors", KENLM: "all.probing"},
        ),
        "peak": Job(
            "text → model, peak memory",
            {
                "train + smooth": f"{count} && {smooth} -o a.safetensors",
                "train --kneser-ney": f"{in_one_step} -o b.safetensors",
            },
            {KENLM_PEAK: ("lmplz", lmplz.replace("80%", "8G"))},
        ),
        "smooth": Job(
            "counts → model, first and once more",
            {
                "smooth": f"{smooth} -o a.safetensors",
                "smooth --one-discount": "lmkit smooth -q --kneser-ney --one-discount a.counts.safetensors -o again.safetensors",
            },
            before=count_unless_there,
            files={"smooth": "a.safetensors", "smooth --one-discount": "again.safetensors"},
        ),
        "files": Job(
            "size of model files",
            {
                "smooth": f"{smooth} -o a.safetensors",
                "convert --compact": "lmkit ngram convert -q --compact a.safetensors -o compact.safetensors",
            },
            {
                "KenLM build_binary probing": ("lmplz", "build_binary probing all.arpa all.probing"),
                "KenLM build_binary trie": ("lmplz", "build_binary trie all.arpa all.trie"),
                SMALLEST: ("lmplz", "build_binary -q 8 -b 8 -a 22 trie all.arpa all.smallest"),
            },
            before=count_unless_there,
            peers_before=("lmplz", f"test -e all.arpa || {lmplz}"),
            files={
                "smooth": "a.safetensors",
                "convert --compact": "compact.safetensors",
                "KenLM build_binary probing": "all.probing",
                "KenLM build_binary trie": "all.trie",
                SMALLEST: "all.smallest",
            },
            ngrams_of="a.safetensors",
            often=0,
        ),
        "arpa": Job(
            "text → ARPA file",
            {
                "train + smooth": f"{count} && {smooth} -o a.arpa",
                "train --kneser-ney": f"{in_one_step} -o b.arpa",
            },
            {KENLM_ARPA: ("lmplz", lmplz)},
            files={"train + smooth": "a.arpa", "train --kneser-ney": "b.arpa", KENLM_ARPA: "all.arpa"},
            agree=same_ngrams,
        ),
        "kenlm": Job(
            "model → binary files of KenLM",
            {
                "convert, probing": "lmkit ngram convert -q a.safetensors -o a.binary",
                "convert --kenlm trie": "lmkit ngram convert -q --kenlm trie a.safetensors -o a.trie.binary",
            },
            {
                "KenLM build_binary probing": ("lmplz", "build_binary probing all.arpa all.probing"),
                "KenLM build_binary trie": ("lmplz", "build_binary trie all.arpa all.trie"),
            },
            before=f"test -e a.safetensors || (({count_unless_there}) && {smooth} -o a.safetensors)",
            peers_before=("lmplz", f"test -e all.arpa || {lmplz}"),
            files={
                "convert, probing": "a.binary",
                "convert --kenlm trie": "a.trie.binary",
                "KenLM build_binary probing": "all.probing",
                "KenLM build_binary trie": "all.trie",
            },
            ngrams_of="a.safetensors",
        ),
        "budget": Job(
            f"two texts → model within {memory}",
            {
                "train + smooth": f"lmkit ngram train -q -n {order} more.tok --memory {memory} -o m.counts.safetensors && "
                f"lmkit smooth -q {kn} m.counts.safetensors --memory {memory} -o m.safetensors",
                "train --kneser-ney": f"lmkit ngram train -q -n {order} --kneser-ney more.tok --memory {memory} -o m.safetensors",
            },
            {KENLM_ARPA: ("lmplz", f"lmplz -o {order} -S {memory} --text more.tok --arpa more.arpa")},
        ),
        "score": Job(
            "second half scored under a model of the first",
            {
                "perplexity, one worker": "lmkit perplexity -q --workers 1 h.safetensors second.tok --json",
                "perplexity, two workers": "lmkit perplexity -q --workers 2 h.safetensors second.tok --json",
            },
            {
                PROBING: ("query", "query -v summary h.probing < second.tok"),
                TRIE: ("query", "query -v summary h.trie < second.tok"),
            },
            before=model_of_first_half,
            peers_before=("lmplz", peers_of_first_half),
            agree=same_perplexity,
        ),
        "large": Job(
            "second half, ten times over, scored under a model of the first",
            {
                "perplexity, one worker": "lmkit perplexity -q --workers 1 h.safetensors large.tok --json",
                "perplexity, two workers": "lmkit perplexity -q --workers 2 h.safetensors large.tok --json",
            },
            {PROBING: ("query", "query -v summary h.probing < large.tok")},
            before=model_of_first_half,
            peers_before=("lmplz", peers_of_first_half),
            agree=same_perplexity,
        ),
        **{
            job: Job(
                f"{documents:,} documents of 1 kB measured, {title}",
                {
                    f"filter --append, {name}": f"lmkit filter -q --workers {workers} h.safetensors docs.{suffix} --append -o measured{workers}.{suffix}"
                    for name, workers in WORKERS.items()
                },
                {"kenlm module, line by line": ("module:kenlm", f"{DOCUMENTS} filter h.probing docs.{suffix} measured.{suffix}")},
                before=f"{model_of_first_half}; {make_documents}",
                peers_before=("lmplz", f"{peers_of_first_half}; {make_documents}"),
            )
            for job, title, suffix in (("filter", "JSON lines", "jsonl"), ("filter-parquet", "Parquet", "parquet"))
        },
        "words": Job(
            "word counts",
            {"count": "lmkit count -q all.tok > words.tsv"},
            {
                "tr + mawk": ("mawk", MAWK_WORDS),
                "tr + sort + uniq -c": ("sort", r"tr -s ' ' '\n' < all.tok | LC_ALL=C sort | uniq -c > words.sort"),
            },
            files={"count": "words.tsv", "tr + mawk": "words.tsv"},
            agree=same_lines,
        ),
        "bigrams": Job(
            "bigram counts",
            {"count -n 2": "lmkit count -q -n 2 --no-markers all.tok > bigrams.tsv"},
            {"mawk": ("mawk", MAWK_BIGRAMS)},
            files={"count -n 2": "bigrams.tsv", "mawk": "bigrams.tsv"},
            agree=same_lines,
        ),
        "python": Job(
            "bigram counts of the first million words, Python libraries",
            {"count -n 2": "lmkit count -q -n 2 --no-markers small.tok > small.tsv"},
            {
                "nltk": (
                    "module:nltk",
                    f"{PYTHON} -c \"import nltk; c = nltk.FreqDist(b for l in open('small.tok') for b in nltk.bigrams(l.split()))\"",
                ),
                "scikit-learn CountVectorizer": ("module:sklearn", with_sklearn),
            },
        ),
        "module": Job(
            "first million words scored, Python modules",
            {"perplexity": "lmkit perplexity -q h.safetensors small.tok --json"},
            {
                "kenlm module": (
                    "module:kenlm",
                    f"{PYTHON} -c \"import kenlm; m = kenlm.Model('h.probing'); print(sum(m.score(l) for l in open('small.tok')))\"",
                )
            },
            before=model_of_first_half,
            peers_before=("lmplz", peers_of_first_half),
        ),
        "cooc": Job(
            "co-occurrence, window 10, words seen 5 times",
            {"cooc": "lmkit cooc -q --window 10 --cutoff 5 all.tok -o pairs.npz"},
            {COOCCUR: ("cooccur", with_glove)},
        ),
        "matches": Job(
            "longest matches of the second half in the first",
            {
                "matches": "lmkit matches -q --json first.tok second.tok > matches.json",
                "matches --memory 200M": "lmkit matches -q --json --memory 200M first.tok second.tok > small.json",
            },
            files={"matches": "matches.json", "matches --memory 200M": "small.json"},
            agree=same_lines,
        ),
        "start": Job(
            "start-up",
            startup,
            before="head -n 2000 all.tok > tiny.tok && head -n 1 second.tok > tiny.txt && "
            "lmkit ngram train -q tiny.tok | lmkit smooth -q --laplace -o tiny.safetensors",
            often=5,
        ),
    }  # fmt: skip
