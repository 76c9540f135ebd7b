"""Names inside expressions as links to what they name."""

import re
from collections.abc import Iterable

from markupsafe import Markup, escape

from compliance_engine.model.register import Reference, Register

_NAME = re.compile(r'"[^"]*"|[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*')
_WEB = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)


def address_of(reference: Reference) -> str:
    """Give the page of a document, from the site's folder."""
    folder = "provisions" if reference.kind == "provision" else "values"
    return f"{folder}/{reference.id}.html"


def is_web_address(text: str) -> bool:
    """Hold for what may become a link: no other scheme than http and https."""
    return _WEB.fullmatch(text) is not None


class Linker:
    """Knows the types of a register, and writes expressions with links."""

    def __init__(self, register: Register) -> None:
        """Remember the names of types."""
        self._types = {kind.name for kind in register.types}

    def link(self, text: str, references: Iterable[Reference], root: str) -> Markup:
        """Write an expression: names of these documents and of fact types are links. `root` leads to the site's folder."""
        short = _shorten_all(references)
        parts: list[Markup] = []
        place = 0
        for match in _NAME.finditer(text):
            address, length = self._find(match[0], short)
            if address:
                stop = match.start() + length
                parts += [
                    escape(text[place : match.start()]),
                    Markup('<a href="{}">{}</a>').format(root + address, text[match.start() : stop]),
                ]
                place = stop
        return Markup().join([*parts, escape(text[place:])])

    def _find(self, name: str, short: dict[str, str]) -> tuple[str, int]:
        """Find the longest beginning of a dotted name that is known."""
        words = name.split(".")
        for count in range(len(words), 0, -1):
            beginning = ".".join(words[:count])
            if beginning in short:
                return short[beginning], len(beginning)
        return (f"facts.html#{words[0]}", len(words[0])) if words[0] in self._types else ("", 0)


def _shorten_all(references: Iterable[Reference]) -> dict[str, str]:
    """Give the addresses of documents by every suffix of their ids, which is how expressions may name them."""
    short: dict[str, str] = {}
    for reference in references:
        words = reference.id.split(".")
        for count in range(len(words)):
            short.setdefault(".".join(words[count:]), address_of(reference))
    return short
