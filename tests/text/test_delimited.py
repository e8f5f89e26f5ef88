"""CSV and TSV: records, columns, and what is wrong with them."""

import csv
import io
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import lmkit
from lmkit.text.sources import records
from lmkit.text.sources.names import Format
from lmkit.text.sources.records import Dialect, records_in, regular_ends
from tests.conftest import Run, text_file
from tests.texts import SKIPPING, error_of, in_format, lines_of

QUOTING = "A cell with quotes, delimiters or newlines stands in quotes, and quotes in it are doubled."


def test_csv_gives_a_column_with_the_lines_where_records_begin() -> None:
    data = 'id,text\n1,le chat\n\n2,"dort, ""bien"""\n3,"deux\nlignes"\n\r\n4,\n5,fin'
    expected = [(2, "le chat"), (4, 'dort, "bien"'), (5, "deux"), (5, "lignes"), (8, ""), (9, "fin")]
    for block_bytes in (1, 5, 16, 4 << 20):
        assert lines_of(in_format(data, "csv"), reading=lmkit.Reading(block_bytes=block_bytes)) == expected
        crlf = data.replace("\r", "").replace("\n", "\r\n").replace("deux\r", "deux")
        assert lines_of(in_format(crlf, "csv"), reading=lmkit.Reading(block_bytes=block_bytes)) == expected


def test_quotes_within_a_cell_are_characters_like_any_other() -> None:
    data = 'text,id\n5" pipe,1\n "a",2\na""b,3\n"q""",4\n'
    assert lines_of(in_format(data, "csv")) == [(2, '5" pipe'), (3, ' "a"'), (4, 'a""b'), (5, 'q"')]


def test_only_newlines_end_records_and_lines() -> None:
    data = 'id,text\n1,a\rb\n2,"c\rd"\n3,e\u2028f\x0b\x0cg\n'
    assert lines_of(in_format(data, "csv")) == [(2, "a\rb"), (3, "c\rd"), (4, "e\u2028f\x0b\x0cg")]
    assert lines_of(in_format(data.replace(",", "\t"), "tsv"))[0] == (2, "a\rb")


def test_quotes_mean_nothing_in_tsv() -> None:
    data = 'id\ttext\n1\t"a\n2\tb" c\n'
    assert lines_of(in_format(data, "tsv")) == [(2, '"a'), (3, 'b" c')]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_gives_the_header_the_column(delimiter: str) -> None:
    data = 'id,text\n1,"a,b;c\td|e"\n'.replace("id,text\n1,", f"id{delimiter}text\n1{delimiter}")
    assert lines_of(in_format(data, "csv")) == [(2, "a,b;c\td|e")]


def test_headers_may_be_quoted_have_spaces_blank_lines_before_and_a_byte_order_mark() -> None:
    for block_bytes in (1, 9, 100):
        quoted = in_format('\ufeff\n\n"i\nd", "text" , text\n1,2,a\n', "csv")
        assert lines_of(quoted, reading=lmkit.Reading(block_bytes=block_bytes)) == [(5, "a")]
    assert lines_of(in_format('\ufeff"text"\na\n', "csv")) == [(2, "a")]
    assert lines_of(in_format("id, text\n1,a\n", "csv")) == [(2, "a")]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ('id, text\n1, "a b"\n', ["a b"]),
        ('id, text\n1, "a, b"\n', ["a, b"]),
        ('id, "text"\n1,  "a ""b"" c"\n2, d "e"\n3,f\n4, \n', ['a "b" c', 'd "e"', "f", ""]),
        ('id; "text; all"; text\n1; a; "b;\nc"\n', ["b;", "c"]),
        ('n, id, "te,\nxt", text\n1, 2, 3, "a"\n', ["a"]),
    ],
)
@pytest.mark.parametrize("block_bytes", [1, 4 << 20])
def test_cells_are_quoted_after_spaces_where_the_header_has_spaces_after_its_delimiters(
    data: str, expected: list[str], block_bytes: int
) -> None:
    assert [
        line for _, line in lines_of(in_format(data, "csv"), reading=lmkit.Reading(block_bytes=block_bytes))
    ] == expected


def test_spaces_are_part_of_cells_where_the_header_has_none() -> None:
    assert lines_of(in_format('id,text\n1, "a"\n', "csv")) == [(2, ' "a"')]
    assert lines_of(in_format("id\t text\n1\t a\n", "tsv")) == [(2, " a")]


@pytest.mark.parametrize(("delimiter", "given"), [(";", "sep=;"), ("^", "SEP=^"), ("\t", "sep=\t"), (",", '"sep=,"')])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("format_", ["csv", "tsv"])
def test_the_first_line_may_tell_the_delimiter_as_for_excel(
    delimiter: str, given: str, end: str, format_: Format
) -> None:
    data = "".join(f"{line}{end}" for line in (given, f"id{delimiter}text", f'1{delimiter}"a{delimiter} ""b"""'))
    for block_bytes in (1, 100):
        assert lines_of(in_format(data, format_), reading=lmkit.Reading(block_bytes=block_bytes)) == [
            (3, f'a{delimiter} "b"')
        ]
    assert error_of(in_format(data, format_, field="body")).startswith("<stream>:2: there is no column body.\n")


def test_a_column_may_be_called_like_the_line_for_excel() -> None:
    assert lines_of(in_format("text,sep=,\na,b,\n", "csv")) == [(2, "a")]
    assert lines_of(in_format("sep=;,text\nb,a\n", "csv")) == [(2, "a")]


@pytest.mark.parametrize("format_", ["csv", "tsv"])
@pytest.mark.parametrize("data", ["id,text\r1,a\r2,b\r", "text,id\ra,1\r", '"id","text"\r"1","a"\r'])
def test_line_ends_that_are_cr_are_told(data: str, format_: Format) -> None:
    told = data.replace(",", "\t") if format_ == "tsv" else data
    assert error_of(in_format(told, format_)) == (
        "<stream>:1: the line ends are CR, not newlines.\nConvert them with tr '\\r' '\\n'."
    )


@pytest.mark.parametrize("data", ["", "\n", "\r\n\n", "id,text\n", "id,text", "\ufeff"])
def test_a_table_without_records_has_no_text(data: str) -> None:
    for format_ in ("csv", "tsv", "jsonl"):
        if format_ != "jsonl" or not data.strip("\ufeff\r\n"):
            assert lines_of(in_format(data.replace(",", "\t") if format_ == "tsv" else data, format_)) == []


@given(
    st.lists(
        st.tuples(st.text(st.sampled_from('ab, "\n'), max_size=6), st.text(st.sampled_from("ab "), max_size=3)),
        max_size=6,
    ),
    st.sampled_from([1, 7, 1 << 20]),
)
def test_cells_after_spaces_are_those_of_the_csv_module(rows: list[tuple[str, str]], block_bytes: int) -> None:
    quoted = [(text.replace('"', '""'), other) for text, other in rows]
    data = "id,  text, other\n" + "".join(f'1, "{text}",  {other}\n' for text, other in quoted)
    expected = [cells[1] for cells in csv.reader(io.StringIO(data, newline=""), skipinitialspace=True)][1:]
    assert expected == [text for text, _ in rows]
    found = [line for _, line in lines_of(in_format(data, "csv"), reading=lmkit.Reading(block_bytes=block_bytes))]
    assert found == [line for text in expected for line in text.removesuffix("\n").split("\n")]


def test_empty_cells_of_a_single_column() -> None:
    assert lines_of(in_format('text\na\n""\n\nb\n', "csv")) == [(2, "a"), (3, ""), (5, "b")]
    assert lines_of(in_format('text\na"\n""\n\nb\n', "csv")) == [(2, 'a"'), (3, ""), (5, "b")]


def test_a_missing_column_is_an_error_that_names_what_is_there() -> None:
    assert error_of(in_format("id,texte,lang\n", "csv")) == (
        "<stream>:1: there is no column text.\n"
        "The first line has the names. Where --field names none, text is taken. Did you mean texte? "
        "The columns are: id, texte, lang."
    )
    assert error_of(in_format("id;lang\n", "csv", field="body")) == (
        "<stream>:1: there is no column body.\nThe first line has the names. The columns are: id, lang."
    )
    assert error_of(in_format("text,id,text\n", "csv")) == (
        "<stream>:1: several columns are called text.\nGive them different names."
    )
    assert error_of(in_format('id,"text\n', "csv")) == (
        f"<stream>:1: a quote is opened in this record and not closed, in the line of column names.\n{QUOTING}"
    )


@pytest.mark.parametrize(
    ("bad", "what", "remedy"),
    [
        ("2,b,c", "3 cells, where the header has 2", "A cell with a delimiter in it stands in quotes."),
        ("2", "1 cell, where the header has 2", "A cell with a delimiter in it stands in quotes."),
        ('2,"b"c', "something follows a closing quote", QUOTING),
        ('2,"b', "something follows a closing quote", QUOTING),
        ('2,"b,', "something follows a closing quote", QUOTING),
    ],
)
@pytest.mark.parametrize("block_bytes", [1, 9, 4 << 20])
def test_a_bad_record_is_an_error_with_its_line_or_skipped(bad: str, what: str, remedy: str, block_bytes: int) -> None:
    data = f'id,text\n1,"a\n"\n{bad}\n3,"x"\n4,y\n'
    message = error_of(in_format(data, "csv"), reading=lmkit.Reading(block_bytes=block_bytes))
    assert message == f"<stream>:4: {what}.\n{remedy}{SKIPPING}"
    with pytest.warns(lmkit.SkippedLinesWarning, match=f"^1 bad line was skipped; <stream>:4: {what}.$"):
        rest = lines_of(in_format(data, "csv", skip_bad_lines=True), reading=lmkit.Reading(block_bytes=block_bytes))
    assert rest == [(2, "a"), (5, "x"), (6, "y")]


def test_tsv_with_too_many_cells() -> None:
    assert error_of(in_format("id\ttext\n1\ta\tb\n", "tsv")) == (
        "<stream>:2: 3 cells, where the header has 2.\n"
        "A cell holds no TAB; quotes mean nothing in TSV (if they do, use --format csv)." + SKIPPING
    )


def test_a_quote_that_is_never_closed_costs_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    data = 'id,text\n1,"a\n' + "2,b\n" * 50
    rest = [(line, "b") for line in range(3, 53)]
    for longest in (16 << 20, 60):  # it is found at the end of the file, or once the record is too long
        monkeypatch.setattr(records, "LONGEST_RECORD", longest)
        assert error_of(in_format(data, "csv"), reading=lmkit.Reading(block_bytes=30)) == (
            f"<stream>:2: a quote is opened in this record and not closed.\n{QUOTING}{SKIPPING}"
        )
        with pytest.warns(lmkit.SkippedLinesWarning, match="^1 bad line was skipped; <stream>:2: a quote is opened"):
            assert lines_of(in_format(data, "csv", skip_bad_lines=True), reading=lmkit.Reading(block_bytes=30)) == rest


def test_invalid_utf8_in_a_table_is_an_error_with_byte_offset() -> None:
    message = error_of(in_format(b'id,text\n1,"a\n\xe9"\n', "csv"))
    assert message.startswith("<stream>:3: invalid UTF-8 (byte 0xe9) at byte offset 13.\n")


CELLS = st.text(st.sampled_from(["a", "é", " ", ",", ";", '"', "\n", "\r", "\u2028", "\\", "{"]), max_size=8)


@given(
    st.lists(st.tuples(CELLS, CELLS), max_size=8),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from([1, 7, 40, 1 << 20]),
)
def test_what_the_csv_module_writes_is_read_back(
    rows: list[tuple[str, str]], end: str, quoting: Any, block_bytes: int
) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator=end, quoting=quoting)
    writer.writerows([("id", "text"), *rows])
    found = [
        line.rstrip("\r")
        for _, line in lines_of(in_format(buffer.getvalue(), "csv"), reading=lmkit.Reading(block_bytes=block_bytes))
    ]
    lines = [line for _, text in rows for line in text.removesuffix("\n").split("\n")]
    assert found == [line.rstrip("\r") for line in lines]  # a bare CR at the end of a record is part of CR LF


ODD = st.text(st.sampled_from('ab,"""\n\n\r'), max_size=40)


def read_skipping(data: str, format_: Any, block_bytes: int) -> tuple[list[tuple[int, str]], list[str]]:
    """The lines, and the warning for those that were skipped."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        lines = lines_of(in_format(data, format_, skip_bad_lines=True), reading=lmkit.Reading(block_bytes=block_bytes))
    return lines, [str(warning.message) for warning in told]


@given(ODD, st.sampled_from([1, 5, 13]))
@example('1,"a"\r\rb\n', 1)
@example('"\n",""\n"', 5)
def test_odd_tables_are_read_alike_in_blocks_of_any_size_and_record_by_record(odd: str, block_bytes: int) -> None:
    data = f"id,text\n{odd}"
    whole = read_skipping(data, "csv", 1 << 20)
    assert read_skipping(data, "csv", block_bytes) == whole
    text = data.encode() + (b"" if data.endswith("\n") else b"\n")
    read = list(records_in(text, Dialect(b",", quoted=True), at_end=True))[1:]
    values = [record.cells[1].decode() for record in read if not record.fault and len(record.cells) == 2]
    values = [value.removesuffix("\n") for value in values]
    assert [line for _, line in whole[0]] == [line for value in values for line in value.split("\n")]


@given(ODD)
def test_regular_records_end_where_they_do_when_read_one_by_one(odd: str) -> None:
    data = odd.encode() + b"\n"
    dialect = Dialect(b",", quoted=True)
    ends = regular_ends(data, dialect)
    read = list(records_in(data, dialect, at_end=False))
    if ends is not None and len(ends):
        read = [record for record in read if record.end <= ends[-1] + 1]
        assert [(record.end - 1, record.fault) for record in read] == [(end, "") for end in ends.tolist()]


@given(st.text(st.sampled_from('ab\t"\n\n\r'), max_size=40), st.sampled_from([1, 5, 1 << 20]))
def test_odd_tsv_is_split_at_tabs_and_newlines(odd: str, block_bytes: int) -> None:
    lines, _ = read_skipping(f"id\ttext\n{odd}", "tsv", block_bytes)
    rows = [(number, line.removesuffix("\r").split("\t")) for number, line in enumerate(odd.split("\n"), start=2)]
    assert lines == [(number, cells[1]) for number, cells in rows if len(cells) == 2]


def without_header(data: str, format: Format = "csv", field: str | None = "2") -> lmkit.TextFile:  # noqa: A002 (as TextFile has it)
    """A table whose first line is a record."""
    return lmkit.TextFile(io.BytesIO(data.encode()), format=format, field=field, header=False)


@pytest.mark.parametrize("block_bytes", [1, 7, 4 << 20])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_columns_without_a_header_are_numbered_from_1(delimiter: str, block_bytes: int) -> None:
    """The first record counts, and the delimiter is the one that cuts all records alike."""
    data = '\n1,"le chat, dort; ici"\n2,un chien\n\n3,"deux\nlignes | et"\n4,fin'.replace(",", delimiter, 1)
    data = data.replace("2,", f"2{delimiter}").replace("3,", f"3{delimiter}").replace("4,", f"4{delimiter}")
    texts = [(2, "le chat, dort; ici"), (3, "un chien"), (5, "deux"), (5, "lignes | et"), (7, "fin")]
    reading = lmkit.Reading(block_bytes=block_bytes)
    assert lines_of(without_header(data), reading=reading) == texts
    assert lines_of(without_header(data, field="1"), reading=reading) == [(2, "1"), (3, "2"), (5, "3"), (7, "4")]


def test_a_comma_in_a_text_is_no_delimiter_where_others_cut_all_records_alike() -> None:
    data = "1;Oui, oui\n2;non\n3;a, b, c\n"
    assert [line for _, line in lines_of(without_header(data))] == ["Oui, oui", "non", "a, b, c"]


@pytest.mark.parametrize("size", [1 << 10, 4 << 20])
def test_the_delimiter_does_not_depend_on_the_size_of_blocks(size: int) -> None:
    """The first 100 records are cut by commas, all others by semicolons only."""
    data = "1,a;b\n" * 100 + "2;c\n" * 1000
    with pytest.raises(lmkit.DataError, match=":101: 1 cell, where most records have 2"):
        lines_of(without_header(data), reading=lmkit.Reading(block_bytes=size))


def test_a_table_of_one_column_needs_no_number() -> None:
    assert lines_of(without_header("le chat\nun chien\n", field=None)) == [(1, "le chat"), (2, "un chien")]
    assert lines_of(without_header('"a ""b"""\n', "tsv", field=None)) == [(1, '"a ""b"""')]


def test_a_faulty_first_record_is_a_bad_line_like_any_other() -> None:
    data = '"a"b,1\n2,c\n3,d,e\n4,f\n'
    text = lmkit.TextFile(io.BytesIO(data.encode()), format="csv", field="2", skip_bad_lines=True, header=False)
    with pytest.warns(lmkit.SkippedLinesWarning, match="2 bad lines were skipped"):
        assert lines_of(text) == [(2, "c"), (4, "f")]
    assert error_of(without_header(data)).startswith("<stream>:1: something follows a closing quote.")


@pytest.mark.parametrize(
    ("data", "field", "message"),
    [
        (
            "1,a\n",
            "3",
            "<stream>:1: there is no column 3.\nRecords have 2 cells: say which one is the text, as --field 2.",
        ),
        (
            "\n1,a,b\n",
            None,
            "<stream>:2: no line has the names of the columns.\nRecords have 3 cells: say which one is the text, as --field 3.",
        ),
        ("1,a\r2,b\r", "2", "<stream>:1: the line ends are CR"),
        ('1,"a\n', "2", "<stream>:1: a quote is opened in this record and not closed."),
    ],
)
def test_what_is_wrong_with_a_table_without_a_header_is_said(data: str, field: str | None, message: str) -> None:
    assert error_of(without_header(data, field=field)).startswith(message)


def test_names_of_columns_come_before_their_numbers() -> None:
    """With a header, 2 is a name; without one, names are wrong usage."""
    assert lines_of(in_format("2,text\na,b\n", "csv", field="2")) == [(2, "a")]
    assert "--no-header, columns have numbers" in error_of(in_format("id,text\n1,b\n", "csv", field="2"))
    for field in ("text", "0", "-1", "1.5", "²"):
        with pytest.raises(lmkit.UsageError, match="columns without a header have numbers, not names"):
            without_header("1,a\n", field=field)


def test_a_header_is_missing_in_tables_only(lmkit_run: Run, tmp_path: Path) -> None:
    for name in ("x.txt", "x.jsonl"):
        path = text_file(tmp_path, '{"2": "a"}\n', name)
        result = lmkit_run("count", "--no-header", path)
        assert (result.code, result.out) == (2, "")
        assert result.err.startswith(f"lmkit: --no-header is for CSV and TSV, and {path} is neither")
    path = text_file(tmp_path, "1\tle chat\n2\tle chien\n", "x.tsv")
    assert lmkit_run("count", "--field", 2, "--no-header", path, "--top", 1).out == "le\t2\n"
