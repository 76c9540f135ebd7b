"""How YAML is read: places, and what is refused in a file before it is law."""

import pytest

from compliance_engine.kernel.span import Span
from compliance_engine.reading.law.nodes import ListNode, MapNode, Node, ScalarNode
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.texts import MAX_BYTES, decode_text
from compliance_engine.reading.law.yaml_nodes import MAX_DEPTH, MAX_NODES, read_documents


def read(data: bytes | str) -> tuple[tuple[Node, ...], tuple[tuple[str, int, int], ...]]:
    """Give the documents, and code, line and column of every mistake."""
    problems = Problems()
    text = decode_text(data.encode() if isinstance(data, str) else data, "law.yaml", problems, tabs=False)
    documents = () if text is None else read_documents(text, problems)
    places = [(found.code, found.span) for found in problems.found]
    return documents, tuple((code, span.line, span.column) for code, span in places if span is not None)


def test_every_node_has_its_place() -> None:
    (document,), mistakes = read("a: 1\nb:\n  - x y\n  - {c: 'd'}\n")
    assert mistakes == ()
    assert isinstance(document, MapNode)
    items = document.entries[1][1]
    assert isinstance(items, ListNode)
    first, second = items.items
    assert first.span == Span("law.yaml", 3, 5, 3)
    assert isinstance(second, MapNode)
    assert second.span == Span("law.yaml", 4, 5)
    assert second.entries[0][1].span == Span("law.yaml", 4, 9, 3)


@pytest.mark.parametrize("text", ["NO", "0.10", "1e-5", "2026-03-31", "0x10", "1_000", "010", "12:30:45", "true"])
def test_scalars_are_their_text(text: str) -> None:
    (document,), _ = read(f"a: {text}\n")
    assert isinstance(document, MapNode)
    value = document.entries[0][1]
    assert isinstance(value, ScalarNode)
    assert value.text == text


def test_places_count_characters_not_bytes() -> None:
    _, mistakes = read("title: « déjà » é\nb: &x 1\n")
    assert mistakes == (("yaml-feature", 2, 4),)
    (document,), _ = read("{µ: 1, b: 2}")
    assert isinstance(document, MapNode)
    assert document.entries[1][0].span == Span("law.yaml", 1, 8, 1)


def test_several_documents_and_empty_ones() -> None:
    documents, mistakes = read("---\n---\na: 1\n---\n# nothing\n---\nb: 2\n")
    assert (len(documents), mistakes) == (2, ())


@pytest.mark.parametrize(
    ("data", "mistake"),
    [
        ("a: 1\nb: 2\na: 3\n", ("duplicate-key", 3, 1)),
        ("a: {b: 1, b: 2}\n", ("duplicate-key", 1, 11)),
        ("a: &x 1\n", ("yaml-feature", 1, 4)),
        ("a: *x\n", ("yaml-feature", 1, 4)),
        ("<<: {a: 1}\n", ("yaml-feature", 1, 1)),
        ("a: !!python/object:os.system x\n", ("yaml-feature", 1, 4)),
        ("a: !thing {b: 1}\n", ("yaml-feature", 1, 4)),
        ("%YAML 1.1\n---\na: 1\n", ("yaml-feature", 1, 1)),
        ("? [a, b]\n: c\n", ("bad-key", 1, 3)),
        ("a: 1\n\tb: 2\n", ("bad-character", 2, 1)),
        ("a: b\x07c\n", ("bad-character", 1, 5)),
        ("a: \u202eb\n", ("bad-character", 1, 4)),
        ("a: 1\r\nb: \u2028c\r\n", ("bad-character", 2, 4)),
        ('a: "\\0"\n', ("bad-character", 1, 4)),
        ('a: "\\e[31m"\n', ("bad-character", 1, 4)),
        (b"a: 1\nb: \xff\n", ("bad-encoding", 2, 4)),
        (b"\xff\xfea\x00:\x00", ("bad-encoding", 1, 1)),
        ("a: [1, 2\n", ("broken-yaml", 2, 1)),
        ("a: b: c\n", ("broken-yaml", 1, 5)),
        ("a: @b\n", ("broken-yaml", 1, 4)),
        ('a: "b\n', ("broken-yaml", 2, 1)),
        ("a: {when: x in [A], then: y}\n", ("broken-yaml", 1, 16)),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), ("too-much", 1, 1)),
        ("[" * 100_000, ("too-much", 1, 1)),
        ("[" + "1," * MAX_NODES + "]", ("too-much", 1, 1)),
        (b"#" * (MAX_BYTES + 1), ("file-too-large", 1, 1)),
    ],
)
def test_refused_at_its_place(data: bytes | str, mistake: tuple[str, int, int]) -> None:
    _, mistakes = read(data)
    assert mistakes[0] == mistake


def test_aliases_cannot_grow() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    documents, mistakes = read("\n".join(lines))
    assert {code for code, _, _ in mistakes} == {"yaml-feature"}
    assert len(documents) == 1


def test_what_stands_before_broken_yaml_is_read() -> None:
    documents, mistakes = read("a: 1\n---\nb: [\n")
    assert (len(documents), mistakes) == (1, (("broken-yaml", 4, 1),))


def test_a_byte_order_mark_at_the_start_is_no_text() -> None:
    (document,), mistakes = read(b"\xef\xbb\xbfa: 1\n")
    assert mistakes == ()
    assert isinstance(document, MapNode)
    assert document.entries[0][0].text == "a"
