"""The text in a field of JSON lines."""

import json
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmkit
from tests.texts import SKIPPING, error_of, in_format, json_lines, lines_of


def test_json_lines_give_the_text_of_a_field_with_the_lines_of_the_records() -> None:
    data = '{"text": "le chat", "id": 1}\n\n  \t\r\n{"id": 2, "text": "dort \\u00e9"}\r\n{"text":""}'
    assert lines_of(in_format(data, "jsonl")) == [(1, "le chat"), (4, "dort é"), (5, "")]


def test_a_value_of_several_lines_is_several_lines_of_one_record() -> None:
    data = json_lines(["a\nb", "c\n", "\n", "d\r\ne\u2028f", "\n\ng\n\n"])
    expected = [(1, "a"), (1, "b"), (2, "c"), (3, ""), (4, "d\r"), (4, "e\u2028f"), (5, ""), (5, ""), (5, "g"), (5, "")]
    assert lines_of(in_format(data, "jsonl")) == expected


def test_null_is_no_text() -> None:
    data = '{"text":null}\n{"text":"a"}\n{"text":null}\n'
    assert lines_of(in_format(data, "jsonl")) == [(2, "a")]
    assert lines_of(in_format('{"a":{"b":"x"}}\n{"a":null}\n{"a":{"b":null}}\n', "jsonl", field="a.b")) == [(1, "x")]


def test_nested_fields_are_named_with_dots_unless_a_field_has_that_very_name() -> None:
    nested = '{"doc": {"body": {"text": "x", "lang": "fr"}}, "text": "y"}\n'
    assert lines_of(in_format(nested, "jsonl", field="doc.body.text")) == [(1, "x")]
    assert lines_of(in_format('{"a.b": "x", "a": {"b": "y"}}\n', "jsonl", field="a.b")) == [(1, "x")]


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        ('{"text": "c"', "not valid JSON (Expecting ',' delimiter at column 13)"),
        ('{"text": "c"} x', "not valid JSON (Extra data at column 15)"),
        ('{"text": "c"}{"text": "d"}', "not valid JSON (Extra data at column 14)"),
        ('{"text": 12}', "the field text is a number, not text"),
        ('{"text": true}', "the field text is true or false, not text"),
        ('{"text": ["c", 1]}', "the field text is a list with something else than texts in it"),
        ('{"text": [["c"], "d"]}', "the field text is a list with something else than texts in it"),
        ('{"text": [[["c"]]]}', "the field text is a list with something else than texts in it"),
        ('{"text": [{"a": "c"}]}', "the field text is a list with something else than texts in it"),
        ('{"text": {"a": "c"}}', "the field text is an object, not text"),
        ('{"text": "a", "x": ' + 100_000 * "[" + 100_000 * "]" + "x", "not valid JSON (it is nested too deeply)"),
    ],
)
@pytest.mark.parametrize("block_bytes", [1, 20, 4 << 20])
def test_a_bad_line_is_an_error_with_its_number_or_skipped_with_a_warning(
    bad: str, what: str, block_bytes: int
) -> None:
    data = f'{{"text": "a"}}\n{bad}\n{{"text": "b"}}\n'
    block_bytes = max(block_bytes, len(bad) // 100)  # or the longest line would take seconds
    message = error_of(in_format(data, "jsonl"), reading=lmkit.Reading(block_bytes=block_bytes))
    assert message == f"<stream>:2: {what}.\n{SKIPPING.strip()}"
    with pytest.warns(lmkit.SkippedLinesWarning) as told:
        assert lines_of(
            in_format(data, "jsonl", skip_bad_lines=True), reading=lmkit.Reading(block_bytes=block_bytes)
        ) == [(1, "a"), (3, "b")]
    assert [str(warning.message) for warning in told] == [f"1 bad line was skipped; <stream>:2: {what}."]


@pytest.mark.parametrize("data", ['[\n{"text":"a"}\n]\n', '[{"text":"a"}]\n', '{\n"text":"a"\n}\n', '"a"\n'])
def test_one_json_value_is_no_json_lines_and_the_error_says_how_to_make_some(data: str) -> None:
    assert error_of(in_format(data, "jsonl")).endswith(
        "\nIf the file is one JSON value, make it JSON lines with jq -c '.[]' (of a list) or jq -c . (of one object)."
        + SKIPPING
    )


def test_an_object_over_two_lines_is_an_error_though_arrow_takes_it() -> None:
    assert "<stream>:1: not valid JSON" in error_of(in_format('{"text":"a"}{"text":\n"b"}\n', "jsonl"))


def test_a_missing_field_is_an_error_that_names_what_is_there() -> None:
    data = '{"text": null}\n{"id": 1, "texte": "a", "meta": {"url": "u", "tags": []}}\n'
    assert error_of(in_format(data, "jsonl")) == (
        "<stream>:2: there is no field text.\n"
        "Where --field names none, text is taken. Did you mean texte? The fields are: id, texte, meta.url, meta.tags."
        + SKIPPING
    )
    assert error_of(in_format(data, "jsonl", field="meta.uri")).startswith(
        "<stream>:1: there is no field meta.uri.\nThe fields are: text."
    )


def test_fields_nested_very_deep_are_named_some_levels_down() -> None:
    deep = 400 * '{"a":' + "1" + 400 * "}"
    assert f"The fields are: {'.'.join(10 * 'a')}." in error_of(in_format(deep, "jsonl"))


def test_what_python_writes_and_json_forbids_is_read() -> None:
    data = (
        f'{{"text": "a", "x": NaN}}\n{{"text": "b", "n": {10_000 * "9"}, "e": 1e999}}\n{{"text": "c", "text": "d"}}\n'
    )
    assert [line for _, line in lines_of(in_format(data, "jsonl"))] == ["a", "b", "d"]


def test_control_characters_and_half_pairs_in_values_are_errors_or_replaced() -> None:
    control = '{"text": "a"}\n{"text": "x\\u0007y"}\n'
    advice = "Or use --encoding-errors replace to put U+FFFD in the place of bad bytes."
    assert error_of(in_format(control, "jsonl")) == (
        "<stream>:2: control byte 0x07 in the text of the record.\n"
        f"The program that wrote the file let it pass. {advice}"
    )
    assert lines_of(in_format(control, "jsonl"), reading=lmkit.Reading(encoding_errors="replace")) == [
        (1, "a"),
        (2, "x\ufffdy"),
    ]
    half = '{"text": "a"}\n{"text": "x\\ud83dy"}\n{"text": "\\ud83d\\ude00"}\n'
    assert error_of(in_format(half, "jsonl")) == (
        "<stream>:2: half a surrogate pair (\\ud83d) in the text of the record.\n"
        "The text was probably cut there. Use --encoding-errors replace to put U+FFFD in its place."
    )
    replaced = [(1, "a"), (2, "x\ufffdy"), (3, "😀")]
    assert lines_of(in_format(half, "jsonl"), reading=lmkit.Reading(encoding_errors="replace")) == replaced


def test_line_ends_of_json_that_are_cr_are_told() -> None:
    data = '{"text": "a"}\r{"text": "b"}\r'
    assert error_of(in_format(data, "jsonl")) == (
        "<stream>:1: the line ends are CR, not newlines.\nConvert them with tr '\\r' '\\n'." + SKIPPING
    )


def test_invalid_utf8_in_json_is_an_error_with_byte_offset_or_replaced() -> None:
    data = b'{"text": "a"}\n{"text": "caf\xe9"}\n'
    assert "<stream>:2: invalid UTF-8 (byte 0xe9) at byte offset 27." in error_of(in_format(data, "jsonl"))
    assert lines_of(in_format(data, "jsonl"), reading=lmkit.Reading(encoding_errors="replace")) == [
        (1, "a"),
        (2, "caf\ufffd"),
    ]


JSON_LINES = (
    '{"text": "a b"}', '{"text": "c", "id": 1}', '{"id": 2, "text": "d\\ne"}', '{"text": null}', '{"text": ""}', "", " \t",
    '{"text": "f"} ', '{"text": NaN}', '{"id": 3}', '{"text": 4}', '{"text": "g"', '"h"}', '{"text": "i"}{"text": "j"}',
    '{"text":', '"k"}', "[", "]", '{"x": {}}', '{"x": NaN, "text": "l"}', '{"text": "m", "text": "n"}', '{"text": "}"}', '{"text": "{"}',
)  # fmt: skip


@given(
    st.lists(st.sampled_from(JSON_LINES), max_size=12), st.sampled_from([1, 30, 1 << 20]), st.sampled_from("\n \r\n")
)
def test_blocks_of_any_size_give_what_python_reads_line_by_line(lines: list[str], block_bytes: int, end: str) -> None:
    expected, bad = [], 0
    for number, line in enumerate(lines, start=1):
        try:
            value = json.loads(line)["text"] if line.strip() else None
            assert value is None or isinstance(value, str)
        except (ValueError, TypeError, KeyError, AssertionError):
            bad += 1
        else:
            expected += [] if value is None else [(number, part) for part in value.split("\n")]
    ends = "\r\n" if end == "\r" else "\n"
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        text = in_format(ends.join(lines), "jsonl", skip_bad_lines=True)
        assert lines_of(text, reading=lmkit.Reading(block_bytes=block_bytes)) == expected
    numbers = [str(warning.message).split()[0] for warning in told]
    assert numbers == ([str(bad)] if bad else [])
