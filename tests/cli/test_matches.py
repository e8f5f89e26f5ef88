"""`lmkit matches`, on texts whose matches can be seen.

TRAIN has the tokens a b c d e | x y z a b, TEST has q a b c d | e x y z.
Longest matches that end in each: q 0, a 1 (twice there), b 2 (twice), c 3, d 4; e 1, x 1, y 2, z 3.
"""

import gzip
import json
from pathlib import Path

import pytest

from tests.conftest import Run, text_file

TRAIN, TEST = "a b c d e\nx y z a b\n", "q a b c d\n\ne x y z\n"


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Both texts, in the folder in which the command is run."""
    monkeypatch.chdir(tmp_path)
    text_file(tmp_path, TRAIN, "train.txt")
    text_file(tmp_path, TEST, "test.txt")
    return Path("train.txt"), Path("test.txt")


def test_each_token_has_its_longest_match_with_count_and_place(lmkit_run: Run, texts: tuple[Path, Path]) -> None:
    assert lmkit_run("matches", *texts, "--by", "token").out == (
        "line\ttoken\tlength\tcount\ttrain\n"
        "1\tq\t0\t0\t\n1\ta\t1\t2\ttrain.txt:1\n1\tb\t2\t2\ttrain.txt:1\n1\tc\t3\t1\ttrain.txt:1\n1\td\t4\t1\ttrain.txt:1\n"
        "3\te\t1\t1\ttrain.txt:1\n3\tx\t1\t1\ttrain.txt:2\n3\ty\t2\t1\ttrain.txt:2\n3\tz\t3\t1\ttrain.txt:2\n"
    )


def test_tokens_as_json_have_null_where_there_is_no_place(lmkit_run: Run, texts: tuple[Path, Path]) -> None:
    rows = [json.loads(line) for line in lmkit_run("matches", *texts, "--by", "token", "--json").out.splitlines()]
    assert rows[0] == {"line": 1, "token": "q", "length": 0, "count": 0, "train": None}
    assert rows[1] == {"line": 1, "token": "a", "length": 1, "count": 2, "train": "train.txt:1"}


def test_the_corpus_has_shares_lengths_and_the_longest_match(lmkit_run: Run, texts: tuple[Path, Path]) -> None:
    found = json.loads(lmkit_run("matches", *texts, "--min", "3", "--json").out)
    assert found.pop("signature").startswith("min-length:3|across-lines:no|sentences:line|")
    assert found == {
        "tokens": 9,
        "sentences": 2,
        "train_tokens": 10,
        "min_length": 3,
        "matches": 2,  # a b c d; x y z
        "covered_tokens": 7,
        "covered_share": 7 / 9,
        "sentences_with_matches": 2,
        "mean_length": 17 / 9,  # (0 + 1 + 2 + 3 + 4 + 1 + 1 + 2 + 3) / 9
        "lengths": {"0": 1, "1": 3, "2": 2, "3": 2, "4": 1},
        "longest": {"length": 4, "count": 1, "text": "a b c d", "test": "test.txt:1", "train": "train.txt:1"},
    }


def test_across_lines_a_match_goes_on_over_line_ends_of_both_texts(lmkit_run: Run, texts: tuple[Path, Path]) -> None:
    found = json.loads(lmkit_run("matches", *texts, "--min", "8", "--across-lines", "--json").out)
    assert found["longest"] == {
        "length": 8,
        "count": 1,
        "text": "a b c d e x y z",
        "test": "test.txt:1",
        "train": "train.txt:1",
    }
    assert (found["covered_tokens"], found["sentences_with_matches"]) == (8, 2)


def test_no_match_runs_from_a_file_or_record_into_the_next(lmkit_run: Run, texts: tuple[Path, Path]) -> None:
    for place, line in enumerate(TRAIN.splitlines()):
        Path(f"part{place}.txt").write_text(line + "\n", encoding="utf-8")
    records = [{"text": "a b\nc d e"}, {"text": "x y\nz a b"}]
    Path("train.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
    for train in (["part0.txt", "part1.txt"], ["train.jsonl"]):
        found = json.loads(lmkit_run("matches", *train, texts[1], "--across-lines", "--json").out)
        assert found["longest"]["text"] == "a b c d e"


def test_records_have_the_share_of_repeated_tokens_and_a_quote(lmkit_run: Run, texts: tuple[Path, Path]) -> None:
    records = [
        {"body": "q a b c d", "url": "u\t1"},
        {"body": None, "url": 2},
        {"body": "q", "url": None},
        {"body": "y z\na", "url": "v"},
    ]
    Path("test.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
    command = ("matches", texts[0], "test.jsonl", "--field", "body", "--by", "record", "--id", "url", "--min", "3")
    assert lmkit_run(*command).out == (
        "id\ttokens\tshare\tlongest\tcount\ttrain\ttext\n"
        "u\\t1\t5\t0.8\t4\t1\ttrain.txt:1\ta b c d\n"
        "2\t0\tnan\t0\t0\t\t\n"
        "\t1\t0\t0\t0\t\t\n"
        "v\t3\t0\t2\t1\ttrain.txt:2\ty z\n"
    )
    across = [json.loads(line) for line in lmkit_run(*command, "--across-lines", "--json").out.splitlines()]
    assert across[1] == {
        "id": 2, "tokens": 0, "share": None, "longest": 0, "count": 0, "train": None, "text": None
    }  # fmt: skip
    assert (across[3]["share"], across[3]["text"]) == (1, "y z a")


def test_sentences_have_rows_under_the_name_of_their_file_if_there_are_several(
    lmkit_run: Run, texts: tuple[Path, Path]
) -> None:
    Path("tests").mkdir()
    for name in ("1.txt", "2.txt"):
        (Path("tests") / name).write_text("x y z\n", encoding="utf-8")
    assert lmkit_run("matches", texts[0], "tests", "--by", "sentence", "--min", "3").out == (
        "file\tline\ttokens\tshare\tlongest\tcount\ttrain\ttext\n"
        "tests/1.txt\t1\t3\t1\t3\t1\ttrain.txt:2\tx y z\ntests/2.txt\t1\t3\t1\t3\t1\ttrain.txt:2\tx y z\n"
    )


def test_a_long_quote_is_cut_in_tables_and_whole_as_json(lmkit_run: Run, texts: tuple[Path, Path]) -> None:
    long = " ".join(f"w{place}" for place in range(60))
    for path in texts:
        path.write_text(long + "\n", encoding="utf-8")
    row = lmkit_run("matches", *texts, "--by", "record").out.splitlines()[1].split("\t")
    assert row[-1] == " ".join(long.split()[:50]) + " …"
    assert json.loads(lmkit_run("matches", *texts, "--by", "record", "--json").out)["text"] == long
    assert f"longest.text\t{row[-1]}\n" in lmkit_run("matches", *texts).out


def test_the_gate_fails_above_its_limit_and_not_at_it(lmkit_run: Run, texts: tuple[Path, Path]) -> None:
    command = ("matches", *texts, "--min", "4", "--fail-above")  # 4 of 9 tokens; 4 of 5, 0 of 4
    assert lmkit_run(*command, "0.45").code == 0
    failed = lmkit_run(*command, "0.4")
    assert (failed.code, failed.err) == (
        3,
        "lmkit: the share of repeated tokens of TEST is 0.4444444444, above the limit of 0.4.\n",
    )
    assert lmkit_run(*command, "0.8", "--by", "record").code == 0
    failed = lmkit_run(*command, "0.7", "--by", "sentence")
    assert failed.code == 3
    assert failed.err == "lmkit: the share of repeated tokens of test.txt:1 is 0.8, above the limit of 0.7.\n"
    assert failed.out  # what was found is shown all the same


def test_train_may_be_several_texts_compressed_and_of_another_format(lmkit_run: Run, texts: tuple[Path, Path]) -> None:
    data = "".join(json.dumps({"content": line}) + "\n" for line in TRAIN.splitlines()).encode()
    Path("a.gz").write_bytes(gzip.compress(data))
    command = ("matches", "a.gz", "train.txt", texts[1], "--json")
    refused = lmkit_run("matches", "train.txt", texts[1], "--train-field", "content")
    assert (refused.code, "the field content was asked for" in refused.err) == (2, True)
    found = json.loads(
        lmkit_run("matches", "a.gz", texts[1], *command[-1:], "--train-format", "jsonl", "--train-field", "content").out
    )
    assert found["longest"]["train"] == "a.gz:1"
    Path("b.jsonl").write_bytes(data)
    both = json.loads(lmkit_run("matches", "b.jsonl", "b.jsonl", texts[1], "--train-field", "content", "--json").out)
    assert (both["longest"]["count"], both["train_tokens"]) == (2, 20)


def test_the_field_of_test_is_not_asked_of_plain_training_text(lmkit_run: Run, texts: tuple[Path, Path]) -> None:
    Path("t.jsonl").write_text('{"q": "a b c"}\n', encoding="utf-8")
    assert json.loads(lmkit_run("matches", texts[0], "t.jsonl", "--field", "q", "--json").out)["longest"]["length"] == 3


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ("train.txt",),
            2,
            (
                "lmkit: there is only one text, train.txt: TEST is the last name, and TRAIN those before it.\n"
                "Name both: lmkit matches TRAIN TEST; - is standard input.\n"
            ),
        ),
        (
            ("-", "-"),
            2,
            "lmkit: two of the texts would be read from standard input.\nName a file for one of them.\n",
        ),
        (
            ("train.txt", "test.txt", "--id", "url"),
            2,
            "lmkit: --id names records, and there are none with --by corpus.\nAdd --by record, or leave it out.\n",
        ),
        (
            ("empty.txt", "test.txt"),
            1,
            "lmkit: empty.txt: there is no sentence in the text.\nIt is empty, or has only blank lines (see --blank-lines).\n",
        ),
        (
            ("train.txt", "empty.txt", "--by", "token"),
            1,
            "lmkit: empty.txt: there is no sentence in the text.\nIt is empty, or has only blank lines (see --blank-lines).\n",
        ),
    ],
)
@pytest.mark.usefixtures("texts")
def test_what_makes_no_sense_is_refused(lmkit_run: Run, arguments: tuple[str, ...], code: int, message: str) -> None:
    Path("empty.txt").write_text("\n", encoding="utf-8")
    found = lmkit_run("matches", *arguments)
    assert (found.code, found.out, found.err) == (code, "", message)


def test_a_text_that_is_matched_with_itself_is_warned_of(lmkit_run: Run, texts: tuple[Path, Path]) -> None:
    Path("link.txt").symlink_to("train.txt")
    found = lmkit_run("matches", texts[0], "link.txt", "--json")
    assert found.err == "lmkit: link.txt is read both as training and as test text, and matches itself.\n"
    assert json.loads(found.out)["mean_length"] == 3  # (1 + 2 + 3 + 4 + 5) / 5
