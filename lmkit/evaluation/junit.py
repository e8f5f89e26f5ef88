"""The outcome of a suite as JUnit XML, which CI systems show: a test suite for each text, a test case for each gate."""

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from lmkit.errors import LmkitError
from lmkit.evaluation.gates import NO_WORSE, Gate
from lmkit.evaluation.outcome import Check, Outcome, PairOutcome, oov_rate

NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 has no place for


def as_junit(outcome: Outcome) -> bytes:
    """The XML of an outcome. A pair without a gate has one test case, `measured`. No times, so that equal runs are equal files."""
    root = ET.Element("testsuites", name=text_of(outcome.suite.name))
    for text in dict.fromkeys(pair.pair.text.name for pair in outcome.pairs):
        suite = ET.SubElement(root, "testsuite", name=text_of(text))
        for pair in outcome.pairs:
            if pair.pair.text.name == text:
                for check in pair.checks or (None,):
                    suite.append(test_case(pair, check))
        count(suite, suite.findall("testcase"))
    count(root, root.iter("testcase"))
    return written(root)


def error_as_junit(suite: str, error: LmkitError) -> bytes:
    """The XML of a suite that could not be run: one test case, which says why."""
    root = ET.Element("testsuites", name=text_of(suite))
    element = ET.SubElement(root, "testsuite", name=text_of(suite))
    case = ET.SubElement(element, "testcase", classname=text_of(suite), name="suite")
    ET.SubElement(case, "error", message=text_of(error.message), type="error").text = text_of(error.remedy)
    for each in (element, root):
        count(each, [case])
    return written(root)


def written(root: ET.Element) -> bytes:
    """The XML as it stands in a file."""
    ET.indent(root)
    xml: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return xml + b"\n"


def count(element: ET.Element, cases: Iterable[ET.Element]) -> None:
    """Set how many test cases there are, and how they ended."""
    listed = list(cases)
    element.set("tests", str(len(listed)))
    for name, tag in (("failures", "failure"), ("errors", "error")):
        element.set(name, str(sum(case.find(tag) is not None for case in listed)))


def test_case(pair: PairOutcome, check: Check | None) -> ET.Element:
    """The test case of a gate, or of a pair without any, with all figures as properties."""
    names = {
        "classname": f"{pair.pair.text.name}.{pair.pair.model.name}",
        "name": case_name(check.gate) if check else "measured",
    }
    case = ET.Element("testcase", {key: text_of(value) for key, value in names.items()})
    figures = {name: value for name, value in (check.figures if check else {}).items() if value is not None}
    if pair.figures:
        measured = {"oov_rate": oov_rate(pair.figures)} | pair.figures.shown()
        orders = {f"matched_orders.{order}": tokens for order, tokens in measured.pop("matched_orders", {}).items()}
        figures |= orders | measured  # the signature last
    if figures:
        properties = ET.SubElement(case, "properties")
        for name, value in figures.items():
            ET.SubElement(properties, "property", name=name, value=text_of(value_of(value)))
    status, reason = (check.status, check.reason) if check else ("error" if pair.error else "pass", "")
    if status == "error":
        message = " ".join(part for part in (reason, pair.error) if part)
        ET.SubElement(case, "error", message=text_of(message), type="error")
    elif status == "fail":
        ET.SubElement(case, "failure", message=text_of(reason), type="gate")
    elif reason:
        ET.SubElement(case, "system-out").text = text_of(reason)
    return case


def case_name(gate: Gate) -> str:
    """A gate in a few words; its line tells gates of the same words apart."""
    what = gate.baseline if gate.kind == NO_WORSE else f"{gate.limit:.10g}"
    return f"{gate.kind} {what} (line {gate.line})"


def value_of(value: object) -> str:
    """A figure as text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def text_of(text: str) -> str:
    """A text with what XML cannot hold replaced."""
    return NO_XML.sub("\ufffd", text)
