"""Bytes to text: what is not plain UTF-8 text that a person can see is refused at its line and column."""

import re

from compliance_engine.kernel.span import Span
from compliance_engine.reading.law.nodes import LINE_END, Source
from compliance_engine.reading.law.problems import Problems

MAX_BYTES = 4_000_000
# Controls, other line ends, marks inside, surrogates, and what makes text read otherwise than it is.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff\ud800-\udfff]"
)
_TAB = re.compile("\t")
_DOCUMENT_START = re.compile(r"---(?=\s|$)")


def decode_text(data: bytes, name: str, problems: Problems, *, tabs: bool) -> Source | None:
    """Decode UTF-8 and look for characters that may not stand in law; None if the text cannot be used.

    `tabs`: whether a tab is allowed (in a CSV table, not in YAML).
    """
    if len(data) > MAX_BYTES:
        problems.report(
            "file-too-large",
            f"the file has {len(data):,} bytes; law is read up to {MAX_BYTES:,}",
            Span(name, 1, 1),
            hint="one provision a file; put long tables into several",
        )
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        problems.report(
            "bad-encoding",
            f"the byte {data[error.start]:#04x} is not UTF-8",
            _place(before, len(before), name),
            hint="save the file as UTF-8",
        )
        return None
    text = text.removeprefix("\ufeff")
    return Source(name=name, text=text) if _is_seen(text, name, problems, tabs=tabs) else None


def holds_only(text: str, key: str) -> bool:
    """Say whether each document of a YAML text plainly begins with this key; what is written in another way is not looked into."""
    begins: list[str] = []
    is_begun = False
    for line in LINE_END.split(text):
        if line.startswith("..."):
            return False
        starts = _DOCUMENT_START.match(line)
        is_begun = is_begun and starts is None
        content = line[starts.end() :] if starts else line
        if not is_begun and content.strip() and not content.lstrip().startswith("#"):
            begins.append(content)
            is_begun = True
    return bool(begins) and all(re.match(rf"{re.escape(key)}:(\s|$)", line) for line in begins)


def _is_seen(text: str, name: str, problems: Problems, *, tabs: bool) -> bool:
    """Say whether every character can be seen; report the first that cannot."""
    unseen = _UNSEEN.search(text)
    if unseen:
        problems.report(
            "bad-character",
            f"the character U+{ord(unseen.group()):04X} cannot be seen, and may not stand in law",
            _place(text, unseen.start(), name),
            hint="remove it",
        )
    tab = None if tabs else _TAB.search(text)
    if tab:
        problems.report(
            "bad-character",
            "a tab was found; YAML is laid out with spaces",
            _place(text, tab.start(), name),
            hint="replace each tab by two spaces",
        )
    return not unseen and not tab


def clean_text(text: str) -> str | None:
    """Give a text without characters that cannot be seen, or None if there are none."""
    return _UNSEEN.sub("\ufffd", text) if _UNSEEN.search(text) else None


def _place(text: str, offset: int, name: str) -> Span:
    """Give line and column of an offset."""
    ends = list(LINE_END.finditer(text, 0, offset))
    return Span(name, len(ends) + 1, offset - (ends[-1].end() if ends else 0) + 1, 1)
