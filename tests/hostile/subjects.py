"""The files that are changed, small ones of every format, and the commands that read each of them."""

import gzip
import io
import json
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lmkit.cli.app import run
from tests.hostile.folders import FOLDERS, PACKED, SHARDS, packed_folder
from tests.hostile.mutators import BYTES, JSON, LINES, Mutator, compressed
from tests.hostile.tables import FOOTERS, TABLES, nested_table
from tests.hostile.tensor_files import MATRICES, TENSORS

TEXT = "le chat dort .\nle chien voit le chat .\nun chat dort ici .\n\nle chien dort , et le chat voit un chien .\n"
TOKENIZER: dict[str, Any] = {
    "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": {"type": "NFC"},
    "pre_tokenizer": {"type": "Whitespace"}, "post_processor": None, "decoder": {"type": "BPEDecoder", "suffix": "</w>"},
}  # fmt: skip
WORD_LEVEL = TOKENIZER | {
    "model": {"type": "WordLevel", "vocab": {"[UNK]": 0, "le": 1, "chat": 2}, "unk_token": "[UNK]"}
}
BPE = TOKENIZER | {
    "model": {
        "type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None, "end_of_word_suffix": None,
        "fuse_unk": False, "byte_fallback": False,
        "vocab": {"<unk>": 0, "l": 1, "e": 2, "c": 3, "h": 4, "a": 5, "t": 6, "le": 7, "ch": 8},
        "merges": [["l", "e"], ["c", "h"]],
    }
}  # fmt: skip
WORDPIECE = TOKENIZER | {
    "model": {
        "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
        "vocab": {"[UNK]": 0, "l": 1, "##e": 2, "ch": 3, "##at": 4, ".": 5},
    }
}  # fmt: skip
UNIGRAM = TOKENIZER | {
    "added_tokens": [{"id": 5, "content": "<mark>", "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}],
    "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Prepend", "prepend": " "}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]},
    "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}, {"type": "Digits", "individual_digits": True}]},
    "decoder": {"type": "Sequence", "decoders": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
    "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": False, "vocab": [["<unk>", 0.0], ["▁le", -1.5], ["▁", -2.0], ["chat", -2.5], ["e", -3.0]]},
}  # fmt: skip
SUITE = """\
models.kn = "kn.safetensors"
models.arpa = {path = "model.arpa"}
texts.t = "text.txt"

[gates]
max_perplexity = 1000
max_oov_rate = 0.5
"""


@dataclass(frozen=True)
class Subject:
    """A file, how it is changed, and what reads it."""

    name: str
    data: bytes
    mutators: tuple[Mutator, ...]
    commands: tuple[str, ...]  # "{}": the changed file; "{out}": a name for what is written


SCORED = ("perplexity -q {} text.txt", "perplexity -q {} text.txt --by token")
NGRAMS = (
    "info {}", "ngram check -q {}", "ngram convert -q {} -o {out}.arpa", "ngram convert -q {} -o {out}.safetensors",
    "next {} le", "generate {} --seed 1 --count 2", "explain {} 'le chat'", "compare -q {} kn.safetensors text.txt",
    "vocabulary list -q {}", "ngram convert -q {} -o {out}.binary",
)  # fmt: skip
SMOOTHED = (
    *SCORED, *NGRAMS, "ngram mix -q {} kn.safetensors -o {out}.safetensors",
    "ngram prune -q {} --history self --entropy 1e-3 -o {out}.safetensors",
    "ngram restrict -q {} --vocabulary words.txt -o {out}.safetensors",
)  # fmt: skip
COUNTED = (
    "smooth -q --kneser-ney --discounts 0.5 1 1.5 {} -o {out}.safetensors", "smooth -q --laplace {} -o {out}.arpa",
    "ngram merge -q {} counts.safetensors -o {out}.safetensors", "smooth -q --witten-bell {} -o {out}.safetensors",
)  # fmt: skip
READ = (
    "count -n 2 -q {}", "entropy {}", "perplexity -q kn.safetensors {}", "tokenize -q {}", "sentences -q {}",
    "ngram train -q -n 3 {} -o {out}.safetensors", "vocabulary list -q {}", "cooc -q {}", "matches -q text.txt {}",
    "filter -q kn.safetensors {} --max-perplexity 100 -o {out}.txt", "onehot -q {} -o {out}.npz",
)  # fmt: skip
RECORDS = (
    "count -q {}",
    "filter -q kn.safetensors {} --max-perplexity 100",
    "perplexity -q kn.safetensors {} --by record",
)
NESTED = tuple(f"count -q {{}} --field {field}" for field in ("list", "doc.body", "doc.tags"))
KENLM = ("trie.q5b4a22", "trie.a22", "probing")  # written by KenLM's own tool
CONVERTED = ("ngram convert -q {} -o {out}.arpa",)
LISTED = ("count -q --vocabulary {} text.txt", "ngram train -q --vocabulary {} text.txt -o {out}.safetensors")
TOKENIZED = (
    "tokenize -q --tokenizer {} text.txt", "count -q --tokenizer {} text.txt", "tokenizer info {} text.txt",
    "ngram train -q -n 2 --tokenizer {} text.txt -o {out}.safetensors", "tokenizer decode {} numbers.txt",
)  # fmt: skip
ASKED = (
    "vectors neighbours {} le", "info {}", "vectors convert -q {} -o {out}.txt", "vectors similarity {} le chat",
    "vectors analogy {} le chat un", "vectors evaluate {} analogies.txt",
)  # fmt: skip
NEURAL = (*SCORED, "info {}", "next {} le", "generate {} --seed 1 --count 2")
RECIPES = (*SCORED, "info {}", "next {} le")
CLASSES = ("classes show {}", "ngram train -q -n 2 --classes {} text.txt -o {out}.safetensors")

MADE = (  # a file, and what makes it in a folder with the files before it
    ("counts.safetensors", "ngram train -q -n 3 text.txt -o counts.safetensors", (*NGRAMS, *COUNTED)),
    ("compact.safetensors", "ngram convert -q --compact counts.safetensors -o compact.safetensors", (*NGRAMS, *COUNTED)),
    ("kn.safetensors", "smooth -q --kneser-ney --discounts 0.5 1 1.5 counts.safetensors -o kn.safetensors", SMOOTHED),
    ("laplace.safetensors", "smooth -q --laplace counts.safetensors -o laplace.safetensors", SMOOTHED),
    ("wb.safetensors", "smooth -q --witten-bell --backed-off counts.safetensors -o wb.safetensors", SMOOTHED),
    ("model.arpa", "ngram convert -q kn.safetensors -o model.arpa", SMOOTHED),
    ("probing.binary", "ngram convert -q kn.safetensors -o probing.binary", (*SCORED, "info {}")),
    ("trie.binary", "ngram convert -q --kenlm trie kn.safetensors -o trie.binary", (*SCORED, "info {}", "ngram convert -q {} -o {out}.arpa")),
    ("classes.tsv", "classes train -q text.txt -k 3 -o classes.tsv", CLASSES),
    ("classcounts.safetensors", "ngram train -q -n 2 --classes classes.tsv text.txt -o classcounts.safetensors", (*SCORED, "info {}", "smooth -q --kneser-ney {} -o {out}.safetensors")),
    ("kn.lmkit", "ngram convert -q kn.safetensors --shards 2 -o kn.lmkit", (*SCORED, "info {}", "ngram check -q {}", "ngram convert -q {} -o {out}.safetensors")),
    ("counts.lmkit", "ngram convert -q counts.safetensors --shards 1 -o counts.lmkit", ("info {}", *COUNTED)),
    ("neural.safetensors", "neural train -q text.txt --architecture bigram --steps 2 -o neural.safetensors", NEURAL),
    ("feed-forward.safetensors", "neural train -q text.txt --architecture feed-forward -n 2 -d 2 --hidden 2 --steps 2 -o feed-forward.safetensors", NEURAL),
    ("transformer.safetensors", "neural train -q text.txt --architecture transformer --layers 1 --heads 2 -d 4 --context 4 --steps 2 -o transformer.safetensors", (*NEURAL, "neural export -q {} {out}-gpt2")),
    ("gpt2", "neural export -q transformer.safetensors gpt2", ("neural import -q {} -o {out}.safetensors",)),
    ("cooc.npz", "cooc -q text.txt -o cooc.npz", ("vectors svd -q {} --dimensions 2 -o {out}.safetensors",)),
    ("vectors.safetensors", "vectors svd -q cooc.npz --dimensions 2 -o vectors.safetensors", ASKED),
    ("vectors.txt", "vectors convert -q vectors.safetensors -o vectors.txt", ASKED),
    ("vectors.bin", "vectors convert -q vectors.safetensors -o vectors.bin", ASKED),
    ("mixture.recipe.json", "ngram mix -q kn.safetensors laplace.safetensors -o mixture.recipe.json", RECIPES),
    ("outer.recipe.json", "ngram mix -q mixture.recipe.json neural.safetensors -o outer.recipe.json", RECIPES),
)  # fmt: skip


def subjects(folder: Path) -> list[Subject]:
    """All subjects, made in a folder, which afterwards has the other files that their commands read."""
    found = list(written(folder))
    for subject in found:
        (folder / subject.name).write_bytes(subject.data)
    with chdir(folder):
        for name, command, commands in MADE:
            made = run(command.split())
            assert not made, command
            if Path(name).is_dir():
                folders = SHARDS if name.endswith(".lmkit") else FOLDERS
                found.append(Subject(name + PACKED, packed_folder(Path(name)), folders, commands))
                continue
            data = Path(name).read_bytes()
            found.append(Subject(name, data, mutators_of(name, data), commands))
    found += [
        Subject(f"{each.name}.gz", gzip.compress(each.data, mtime=0), (compressed_again,), each.commands)
        for each in found
        if each.name in ("text.txt", "kn.safetensors", "model.arpa", "words.txt", "tokenizer.json", "vectors.txt")
    ]
    return found


def mutators_of(name: str, data: bytes) -> tuple[Mutator, ...]:
    """How a file of this name and content is changed."""
    if name.endswith(".safetensors"):
        return *TENSORS, *BYTES
    if name.endswith(".npz"):
        return *MATRICES, *BYTES
    if name.endswith(".json"):
        return JSON
    return LINES if is_text(data) else BYTES


def written(folder: Path) -> Iterator[Subject]:
    """Those that are not made by commands."""
    lines = TEXT.splitlines()
    yield Subject("text.txt", TEXT.encode(), LINES, READ)
    (folder / "numbers.txt").write_text("1 2 0\n", encoding="utf-8")
    records = "".join(
        json.dumps({"id": place, "text": line, "tokens": line.split()}) + "\n" for place, line in enumerate(lines)
    )
    yield Subject("text.jsonl", records.encode(), (*JSON_LINES, *LINES), RECORDS)
    rows = "id,text\n" + "".join(f'{place},"{line}"\n' for place, line in enumerate(lines))
    yield Subject("text.csv", rows.encode(), LINES, RECORDS)
    rows = "id\ttext\n" + "".join(f"{place}\t{line}\n" for place, line in enumerate(lines))
    yield Subject("text.tsv", rows.encode(), LINES, RECORDS)
    stream = io.BytesIO()
    pq.write_table(pa.table({"id": list(range(len(lines))), "text": lines}), stream)
    yield Subject("text.parquet", stream.getvalue(), (*FOOTERS, *BYTES), RECORDS)
    yield Subject("nested.parquet", nested_table(), (*TABLES, *BYTES), (*RECORDS, *NESTED))
    yield Subject("paths.txt", b"00\tle\t3\n010\tchat\t3\n011\tchien\t2\n1\tdort\t3\n", LINES, CLASSES)
    for kind in KENLM:
        data = gzip.decompress((Path(__file__).parents[1] / "binary" / "kenlm" / f"{kind}.bin.gz").read_bytes())
        yield Subject(f"kenlm.{kind}.binary", data, BYTES, (*SCORED, "info {}", *CONVERTED[: kind != "probing"]))
    yield Subject("words.txt", b"le\nchat\nun\ndort\nvoit\n", LINES, LISTED)
    yield Subject("words.json", b'{"[UNK]": 0, "le": 1, "chat": 2}', JSON, LISTED)
    yield Subject("words.tsv", b"le\t3\nchat\t2\nun\t1\n", LINES, LISTED)
    yield Subject(
        "counts.txt",
        b"le chat\t3\nle chien\t2\nchat dort\t2\n",
        LINES,
        ("ngram train -q --count-lists {} -o {out}.safetensors",),
    )
    yield Subject("tokenizer.json", json.dumps(WORD_LEVEL).encode(), JSON, TOKENIZED)
    for name, tokenizer in (("bpe", BPE), ("wordpiece", WORDPIECE), ("unigram", UNIGRAM)):
        yield Subject(f"{name}.json", json.dumps(tokenizer).encode(), JSON, TOKENIZED)
    if find_spec("sentencepiece") is not None:
        yield Subject("pieces.model", sentencepiece_model(), BYTES, TOKENIZED)
    yield Subject("suite.toml", SUITE.encode(), LINES, ("evaluate -q {}", "evaluate -q {} --json --junit {out}.xml"))
    yield Subject(
        "analogies.txt",
        b": un\nle chat un dort\nun chat le dort\n",
        LINES,
        ("vectors evaluate vectors.safetensors {}",),
    )


def sentencepiece_model() -> bytes:
    """A small model of SentencePiece, whose library is there."""
    import sentencepiece

    stream = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXT.splitlines() * 5),
        model_writer=stream,
        vocab_size=40,
        hard_vocab_limit=False,
        normalization_rule_name="identity",
        minloglevel=2,
        num_threads=1,
    )
    return stream.getvalue()


def change_record(chance: "Random", data: bytes) -> bytes:
    """JSON lines of which one is other."""
    lines = data.split(b"\n")
    place = chance.randrange(len(lines))
    lines[place] = chance.choice(JSON)(chance, lines[place])
    return b"\n".join(lines)


def compressed_again(chance: "Random", data: bytes) -> bytes:
    """A compressed file, maybe in another way, maybe damaged."""
    return compressed(chance, gzip.decompress(data))


def is_text(data: bytes) -> bool:
    """Whether these bytes are text."""
    return b"\0" not in data


JSON_LINES: tuple[Mutator, ...] = (change_record, change_record)
