"""What can be named as a text: folders, patterns, corpora of NLTK; and how commands read all that."""

import gzip
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import lmkit
from lmkit.engine import progress
from lmkit.text.sources.names import TextFile, bytes_of_plain_text, bytes_to_read, source_name, sources
from tests.conftest import TOY, Run, shell, text_file
from tests.texts import error_of, json_lines, lines_of, table


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with files at several depths, some of them hidden."""
    root = tmp_path / "data"
    for name in ("b.txt", "a/z.txt", "a/y/x.txt", "a.txt", ".hidden", ".git/config", "a/.h/x", "c/é.txt"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}\n", encoding="utf-8")
    return root


def test_a_folder_stands_for_its_files_sorted_by_path_without_hidden_ones(folder: Path) -> None:
    expected = ["a/y/x.txt", "a/z.txt", "a.txt", "b.txt", "c/é.txt"]
    assert [source_name(text) for text in sources(folder)] == [f"{folder}/{name}" for name in expected]
    assert [line for _, line in lines_of(folder)] == expected
    assert [source_name(text) for text in sources([f"{folder}/c", TOY])] == [f"{folder}/c/é.txt", str(TOY)]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.txt", ["a.txt", "b.txt"]),
        ("**/*.txt", ["a/y/x.txt", "a/z.txt", "a.txt", "b.txt", "c/é.txt"]),
        ("*/[yz].txt", ["a/z.txt"]),
        ("**", ["a/y/x.txt", "a/z.txt", "a.txt", "b.txt", "c/é.txt"]),
        ("?.txt", ["a.txt", "b.txt"]),
    ],
)
def test_a_pattern_stands_for_the_files_that_match(folder: Path, pattern: str, expected: list[str]) -> None:
    assert [line for _, line in lines_of(f"{folder}/{pattern}")] == expected


def test_hidden_names_are_matched_by_patterns_that_begin_with_a_dot(folder: Path) -> None:
    assert [line for _, line in lines_of([f"{folder}/.h*", f"{folder}/*/.h/*"])] == [".hidden", "a/.h/x"]


@pytest.mark.parametrize("pattern", ["**/a/**/**/*.txt", "a/**/**/?*", "**/a/**", "./a//./**"])
def test_a_file_that_matches_in_several_ways_is_read_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    monkeypatch.chdir(folder)
    assert [line for _, line in lines_of(pattern)] == ["a/y/x.txt", "a/z.txt"]


def test_relative_patterns_give_relative_names(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert [source_name(text) for text in sources("**/[xz].txt")] == ["a/y/x.txt", "a/z.txt"]
    assert [source_name(text) for text in sources("./*.txt")] == ["./a.txt", "./b.txt"]


SENTENCES = "le chat dort\nle chien dort\n"


def linked_tree(root: Path, files: list[str], links: dict[str, str]) -> Path:
    """A folder with the same four different words in each file, and links to folders."""
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SENTENCES, encoding="utf-8")
    for name, target in links.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).symlink_to(target)
    return root


LINKED: list[tuple[str, dict[str, str]]] = [
    ("a/t.txt", {"a/back": "../../tree"}),  # a loop
    ("t.txt", {"a/here": ".", "a/up": ".."}),  # two loops: 2^40 paths
    ("a/t.txt", {"shared/a": "../a"}),  # no loop
]


@pytest.mark.parametrize(("file", "links"), LINKED)
@pytest.mark.parametrize("pattern", ["", "/**/*.txt", "/**", "/**/t.txt"])
def test_links_to_folders_are_not_followed_however_the_tree_is_named(
    tmp_path: Path, lmkit_run: Run, file: str, links: dict[str, str], pattern: str
) -> None:
    """Two sentences, in each of which `dort` stands once."""
    tree = linked_tree(tmp_path / "tree", [file], links)
    assert [source_name(text) for text in sources(f"{tree}{pattern}")] == [f"{tree}/{file}"]
    assert lmkit_run("count", f"{tree}{pattern}", "--top", 1).out == "dort\t2\n"


def test_links_are_followed_where_they_are_named(tmp_path: Path) -> None:
    tree = linked_tree(tmp_path / "tree", ["a/t.txt"], {"b": "a", "a/u.txt": "t.txt"})
    for name in ("b", "b/*", "b/**/*.txt"):
        assert [source_name(text) for text in sources(f"{tree}/{name}")] == [f"{tree}/b/t.txt", f"{tree}/b/u.txt"]
    assert [source_name(text) for text in sources(f"{tree}/*/t.txt")] == [f"{tree}/a/t.txt"]


def test_a_file_may_be_called_like_a_pattern_or_a_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a*", "[b]", "nltk:brown"):
        text_file(tmp_path, name + "\n", name)
    assert [line for _, line in lines_of(["a*", "[b]", "nltk:brown"])] == ["a*", "[b]", "nltk:brown"]


def test_where_there_is_no_file_it_is_an_error(tmp_path: Path) -> None:
    assert error_of(f"{tmp_path}/*.txt") == (
        f"no file matches {tmp_path}/*.txt.\n"
        "** stands for folders at any depth; names that begin with a dot are left out, and a folder is named without a pattern."
    )
    text_file(tmp_path, "", ".hidden")
    assert error_of(tmp_path) == (
        f"there is no file in the folder {tmp_path}.\nNames that begin with a dot are left out."
    )


@pytest.mark.parametrize("pattern", ["", "/**", "/*"])
def test_a_link_to_nothing_in_a_folder_is_an_error_and_pipes_are_left_out(folder: Path, pattern: str) -> None:
    os.mkfifo(folder / "pipe")
    assert len(sources(f"{folder}{pattern}")) == (2 if pattern == "/*" else 5)
    (folder / "gone").symlink_to("nowhere")
    assert error_of(f"{folder}{pattern}").startswith(f"cannot read {folder}/gone: No such file or directory.")


@contextmanager
def without_privileges() -> Iterator[None]:
    """Within this block, permissions hold, also where root runs the tests."""
    if not hasattr(os, "geteuid"):
        pytest.skip(reason="this system has no such permissions")
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)  # nobody
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def closed_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lmkit_run: Run) -> Iterator[Path]:
    """A folder with a file, and one that nobody may open with another file; it is the current one."""
    root = linked_tree(tmp_path / "closed", ["t.txt", "in/t.txt"], {})
    tmp_path.chmod(0o755)
    monkeypatch.chdir(root)
    assert lmkit_run("count", "t.txt").code == 0  # what it imports may lie where nobody else may read
    (root / "in").chmod(0)
    yield root
    (root / "in").chmod(0o755)


@pytest.mark.parametrize("name", [".", "**/*.txt", "**", "*/t.txt", "in/*.txt", "in/**/*.txt", "in"])
@pytest.mark.usefixtures("closed_tree")
def test_a_closed_folder_is_an_error_however_the_tree_is_named(lmkit_run: Run, name: str) -> None:
    with without_privileges():
        result = lmkit_run("count", name)
    shown = "in" if name.startswith("in") else "./in"
    assert (result.code, result.out) == (1, "")
    assert result.err == f"lmkit: cannot read the folder {shown}: Permission denied.\nCheck its permissions.\n"


@pytest.mark.usefixtures("closed_tree")
def test_closed_folders_that_a_pattern_cannot_match_are_not_looked_into(lmkit_run: Run) -> None:
    with without_privileges():
        assert lmkit_run("count", "*.txt", "--top", 1).out == "dort\t2\n"


@pytest.mark.parametrize(
    "line",
    [
        "count FILE",
        "count FILE --format parquet",
        "count t.txt --vocabulary FILE",
        "perplexity FILE t.txt",
        "ngram mix FILE FILE --held-out FILE",
        "smooth FILE --all --held-out FILE",
        "vocabulary compare FILE t.txt",
        "tokenizer info FILE",
    ],
)
@pytest.mark.usefixtures("closed_tree")
def test_a_file_in_a_closed_folder_is_an_error_that_names_it(lmkit_run: Run, line: str) -> None:
    with without_privileges():
        result = lmkit_run(*line.replace("FILE", "in/t.txt").split())
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "lmkit: cannot read in/t.txt: Permission denied.\nCheck the name of the file and its permissions.\n"
    )


def test_an_empty_file_in_a_folder_is_nothing_in_any_format(folder: Path) -> None:
    for name in ("e.txt", "e.jsonl", "e.csv", "e.tsv", "e.txt.gz"):
        (folder / name).write_bytes(gzip.compress(b"") if name.endswith("gz") else b"")
    assert len(lines_of(folder)) == 5


def test_the_bytes_to_read_are_known_of_plain_files_only(tmp_path: Path) -> None:
    plain = text_file(tmp_path, "a b\n")
    lines = text_file(tmp_path, json_lines(["a b"]), "x.jsonl")
    assert bytes_to_read([plain, lines]) == 4 + lines.stat().st_size
    assert bytes_to_read([plain, text_file(tmp_path, gzip.compress(b"a"), "x.gz")]) is None
    assert bytes_to_read(table(tmp_path / "x.parquet", {"text": ["a"]})) is None
    assert bytes_to_read("-") is bytes_to_read("nltk:brown") is bytes_to_read(io.BytesIO()) is None
    assert bytes_of_plain_text([plain, lines, TextFile(lines, "text")]) == 4 + lines.stat().st_size


def test_progress_counts_the_bytes_of_the_files(tmp_path: Path) -> None:
    paths = [
        text_file(tmp_path, json_lines(["a b"] * 100), "x.jsonl"),
        text_file(tmp_path, 'id,text\n1,"a\nb"\n', "x.csv"),
    ]
    read: list[int] = []

    class Counter(progress.Watcher):
        def bytes_read(self, number: int) -> None:
            read.append(number)

    with progress.watched_by(Counter()):
        lines_of(paths, reading=lmkit.Reading(block_bytes=50))
    assert sum(read) == bytes_to_read(paths)


def test_fields_are_not_asked_of_plain_text(tmp_path: Path) -> None:
    path = text_file(tmp_path, "a\n")
    for text, name in ((path, path), (io.BytesIO(b"a\n"), "<stream>"), ("nltk:brown", "nltk:brown")):
        assert error_of(TextFile(text, field="body"), lmkit.UsageError) == (
            f"the field body was asked for, but {name} is read as plain text, which has no fields.\n"
            "Say what it is with --format jsonl, csv, tsv or parquet, or leave --field out; "
            "in a folder of all kinds of files, name those with the field by a pattern."
        )
    with pytest.raises(
        lmkit.UsageError, match="format is 'xml'; it must be one of: auto, text, jsonl, csv, tsv, parquet"
    ):
        TextFile(path, "xml")  # type: ignore[arg-type]
    with pytest.raises(lmkit.UsageError, match="the field has no name"):
        TextFile(path, field="")


@pytest.fixture(scope="module")
def nltk_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of NLTK data with a few tiny corpora, and no other."""
    import nltk.data

    root = tmp_path_factory.mktemp("nltk_data")
    for name, data in {
        "brown/ca01": "\n\tThe/at dog/nn barks/vbz ./.\n\n\tIt/pps barks/vbz ./.\n",
        "brown/cb01": "No/at cat/nn ./.\n",
        "brown/cats.txt": "ca01 news\ncb01 editorial\n",
        "stopwords/english": "the\n",
        "gutenberg/a.txt": "A text. It ends.\n",
        "treebank/combined/wsj_0001.mrg": "( (S (NP-SBJ (NNP Pierre) ) (VP (VBZ sleeps) ) (. .) ))\n",
        "dependency_treebank/a.dp": "caf\u00e9\tNN\t0\n",
    }.items():
        path = root / "corpora" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(data, encoding="latin-1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nltk.data, "path", [str(root)])
        yield root


@pytest.mark.usefixtures("nltk_data")
def test_corpora_of_nltk_are_read_by_name() -> None:
    whole = [(1, "The dog barks ."), (2, "It barks ."), (3, "No cat .")]
    for block_bytes in (1, 20, 1000):
        assert lines_of("nltk:brown", reading=lmkit.Reading(block_bytes=block_bytes)) == whole
    assert lines_of("nltk:brown/ca01") == lines_of("nltk:brown/news") == whole[:2]
    assert lines_of(["nltk:brown/editorial", "nltk:treebank"]) == [(1, "No cat ."), (1, "Pierre sleeps .")]


@pytest.mark.usefixtures("nltk_data")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "nltk:brown/xx",
            "nltk:brown/xx: the corpus has no file and no category xx.\nIts categories are: editorial, news.",
        ),
        (
            "nltk:brwn",
            "NLTK knows no corpus brwn.\nDid you mean nltk:brown? They are listed at https://www.nltk.org/nltk_data/.",
        ),
        (
            "nltk:stopwords",
            "nltk:stopwords: the corpus is not divided into sentences.\nName another, or a file of text.",
        ),
        ("nltk:", "NLTK knows no corpus .\nThey are listed at https://www.nltk.org/nltk_data/."),
    ],
)
def test_what_is_no_corpus_of_nltk_is_told(name: str, message: str) -> None:
    assert error_of(name) == message


@pytest.mark.usefixtures("nltk_data")
@pytest.mark.parametrize(("name", "needed"), [("conll2000", "conll2000"), ("gutenberg", "punkt_tab")])
def test_missing_data_of_nltk_are_an_error_that_says_how_to_get_them(lmkit_run: Run, name: str, needed: str) -> None:
    result = lmkit_run("count", f"nltk:{name}")
    assert result.code == 1
    assert result.err == (
        f"lmkit: nltk:{name}: NLTK does not find {needed}, which it needs for this corpus.\n"
        f"Get it with: python -m nltk.downloader {needed}\n"
        "It is looked for in NLTK's folders, and in those that the variable NLTK_DATA names.\n"
    )


def test_data_that_nltk_cannot_read_are_an_error_without_a_traceback(nltk_data: Path) -> None:
    result = shell(
        f"NLTK_DATA={nltk_data} lmkit count nltk:dependency_treebank"
    )  # its own process: NLTK leaves files open
    assert result.returncode == 1
    assert result.stderr.startswith(
        b"lmkit: nltk:dependency_treebank: NLTK cannot read the corpus (UnicodeDecodeError("
    )
    assert b"Traceback" not in result.stderr
