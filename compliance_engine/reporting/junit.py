"""Cases as JUnit XML, which build servers read: a suite a provision, a test a case."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.etree import ElementTree as ET

# What XML 1.0 cannot hold, whatever way it is written.
_FORBIDDEN = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """A case as a build server sees it: `failures` and `bug` are texts; without either it passed."""

    suite: str
    name: str
    kind: str
    file: str
    line: int
    failures: Sequence[str] = ()
    bug: str = ""


def render_junit(tests: Iterable[Tested], name: str = "compliance rules test") -> Iterator[str]:
    """Give the document; tests of one suite stand next to one another."""
    listed = tuple(tests)
    root = ET.Element("testsuites", {"name": name, **_count(listed)})
    for suite, group in groupby(listed, key=lambda test: test.suite):
        members = tuple(group)
        element = ET.SubElement(root, "testsuite", {"name": _clean(suite), **_count(members)})
        for test in members:
            _add_test(element, test)
    ET.indent(root)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield ET.tostring(root, encoding="unicode")
    yield "\n"


def _count(tests: Sequence[Tested]) -> dict[str, str]:
    failed = sum(bool(test.failures) and not test.bug for test in tests)
    return {
        "tests": str(len(tests)),
        "failures": str(failed),
        "errors": str(sum(bool(test.bug) for test in tests)),
        "skipped": "0",
    }


def _add_test(suite: ET.Element, test: Tested) -> None:
    attributes = {
        "name": _clean(f"{test.name} ({test.kind})"),
        "classname": _clean(test.suite),
        "file": _clean(test.file),
        "line": str(test.line),
    }
    element = ET.SubElement(suite, "testcase", attributes)
    if test.bug:
        ET.SubElement(element, "error", {"message": _clean(test.bug)})
    elif test.failures:
        failure = ET.SubElement(element, "failure", {"message": _clean(test.failures[0])})
        failure.text = _clean("\n".join(test.failures))


def _clean(text: str) -> str:
    """Replace what no XML may hold: facts and names come from anywhere."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
