"""What a dotted name means where it stands: docs/language.md section 2, "Names"."""

from collections.abc import Iterator
from dataclasses import replace

from compliance_engine.compiling.definition_reads import read_definition_through
from compliance_engine.compiling.desk import FINDING, Frame, Scope
from compliance_engine.compiling.documents import documents_named, read_document
from compliance_engine.compiling.earlier import PREVIOUS, read_previous
from compliance_engine.compiling.fields import ATTRIBUTES, field_of, followed, subject_types, target_of
from compliance_engine.compiling.typed import Typed, symbol, wrong
from compliance_engine.kernel.span import Span
from compliance_engine.kernel.suggestions import did_you_mean, suggest
from compliance_engine.model.expression import Builtin
from compliance_engine.model.syntax import Path

BUILTINS = ("period.start", "period.end", "trigger", "due", "as-of")
_PERIOD = "period"
_ELSEWHERE = {"today": "as-of", "now": "as-of", "yes": "true", "true": "true", "no": "false", "false": "false"}


def compile_path(path: Path, scope: Scope) -> Typed:
    """Resolve a dotted name; where a bare word is one of the symbols expected, it is that symbol."""
    name = str(path)
    if scope.words and name in scope.words:
        return symbol(name, path.span)
    if path.parts[0] == PREVIOUS:
        return read_previous(path, scope)
    found = _from_record(path, scope) or _bare(path, scope) or _from_type(path, scope) or _builtin(path, scope)
    if found is None and documents_named(path, scope):
        found = read_document(path, scope)
    if found is not None:
        return found
    if scope.words is None and len(path.parts) == 1:
        return symbol(name, path.span)
    return _unknown(path, scope)


def is_a_name(path: Path, scope: Scope) -> bool:
    """Say whether the first word of a path is a field or let (without resolving the rest)."""
    word = path.parts[0]
    return word in scope.lets or any(field_of(frame, word, scope.desk, path.span) for frame in _frames(scope))


def _frames(scope: Scope) -> Iterator[Frame]:
    """Give the records that can be named, innermost first."""
    yield from reversed(scope.records)
    if scope.occurrence:
        yield scope.occurrence
    yield scope.subject


def _from_record(path: Path, scope: Scope) -> Typed | None:
    """Resolve `alias.field`, and `TYPE.field` of an enclosing record set."""
    word, *rest = path.parts
    for frame in reversed(scope.records):
        if frame.alias == word:
            return _member(frame, tuple(rest) or ("id",), path, scope)
    if rest and scope.slot() == word and word not in scope.desk.index.types:
        return compile_path(replace(path, parts=tuple(rest)), scope)
    for frame in reversed(scope.records) if rest else ():
        for named in _called(frame, scope):
            if named.type == word and not _leads_on(frame, word, path, scope):
                return _member(named, tuple(rest), path, scope)
    return None


def _leads_on(frame: Frame, word: str, path: Path, scope: Scope) -> bool:
    """Say whether a record has a field of this name that a dot may follow: `flow.flow` is the field of a record called as its type."""
    value = field_of(frame, word, scope.desk, path.span)
    return value is not None and target_of(value, scope.desk) is not None


def _called(frame: Frame, scope: Scope) -> tuple[Frame, ...]:
    """Give a record, and of a finding also its own subject: what `TYPE.field` may mean."""
    return (frame, *subject_types(frame, scope.desk)) if frame.type == FINDING else (frame,)


def _from_type(path: Path, scope: Scope) -> Typed | None:
    """Resolve `TYPE.field` of the occurrence or the subject."""
    word, *rest = path.parts
    for frame in (scope.occurrence, scope.subject):
        for named in _called(frame, scope) if frame is not None and rest else ():
            if named.type == word:
                return _member(named, tuple(rest), path, scope)
    return None


def _member(frame: Frame, names: tuple[str, ...], path: Path, scope: Scope) -> Typed:
    """Resolve what follows the name of a record: a field and references from it, else a definition about it."""
    first = field_of(frame, names[0], scope.desk, path.span)
    if first is not None:
        return _followed(first, names[1:], path, scope)
    found = read_definition_through(frame, names, path, scope)
    return found if found is not None else _no_field(frame, names[0], path, scope)


def _bare(path: Path, scope: Scope) -> Typed | None:
    """Resolve a name that starts with a field or a let, and what follows it."""
    word, *rest = path.parts
    found = _candidates(word, path.span, scope)
    if not found:
        return None
    if len(found) > 1:
        _report_ambiguous(path, found, scope)
        return wrong(path.span)
    return _followed(found[0][1], tuple(rest), path, scope)


def _candidates(word: str, place: Span, scope: Scope) -> list[tuple[str, Typed]]:
    """Give what a word may mean among fields and lets: a way to write it and its value; several are ambiguous."""
    desk = scope.desk
    found: list[tuple[str, Typed]] = []
    for frame in reversed(scope.records):
        value = field_of(frame, word, desk, place)
        if value is not None:
            found.append((f"{frame.alias or frame.type}.{word}", value))
            break
    if word in scope.lets:
        found.append((f"the let {word}", scope.lets[word].at(place)))
    outer = [frame for frame in (scope.occurrence, scope.subject) if frame is not None]
    if found:  # a record that belongs to a composite subject has its keys
        outer = [frame for frame in outer if not _is_composite(frame, scope)]
    fields = [(frame, field_of(frame, word, desk, place)) for frame in outer]
    if not found or found[0][0] != f"the let {word}":
        found += [(f"{frame.type}.{word}", value) for frame, value in fields if value is not None]
    return found


def _is_composite(frame: Frame, scope: Scope) -> bool:
    entry = scope.desk.index.types.get(frame.type)
    return entry is not None and entry.composite


def _report_ambiguous(path: Path, found: list[tuple[str, Typed]], scope: Scope) -> None:
    """Say that a name means two things."""
    ways = list(dict.fromkeys(way for way, _ in found))
    if len(ways) == 1:  # two records of one type
        kind, _, word = ways[0].rpartition(".")
        said = f"{word} may be that of the {kind} that the set ranges over, or of the {kind} around it"
        scope.desk.report("ambiguous-name", said, path.span, f"name the former: {kind} as other where other.{word} ...")
        return
    hint = f"write {' or '.join(way for way in ways if not way.startswith('the let'))}"
    scope.desk.report("ambiguous-name", f"{path.parts[0]} may be {' or '.join(ways)}", path.span, hint)


def _followed(start: Typed, names: tuple[str, ...], path: Path, scope: Scope) -> Typed:
    """Follow references; what is no field at the end may be a definition about the record reached."""
    if start.is_wrong:
        return start
    result = followed(start, names, scope)
    if isinstance(result, Typed):
        return result.at(path.span)
    value, left = result
    found = read_definition_through(value, left, path, scope)
    if found is not None:
        absent = value.optional and value.node not in scope.present
        return replace(found, optional=found.optional or absent)
    target = target_of(value, scope.desk)
    if target is not None and target.type not in {*scope.desk.index.types, FINDING}:
        return wrong(path.span)  # told where the reference is declared
    known = ", ".join(path.parts[: len(path.parts) - len(left)])
    scope.desk.report(
        "unknown-field",
        f"{known.replace(', ', '.')} has no field {left[0]}",
        path.span,
        _hidden(path, scope) or _field_hint(value, left[0], scope),
    )
    return wrong(path.span)


def _hidden(path: Path, scope: Scope) -> str | None:
    """Say how a document is read whose id begins as a record here is called; None where there is none."""
    found = documents_named(path, scope)
    if not found:
        return None
    kind, identity, _ = found[0]
    shorter = ".".join(path.parts[1:])
    return f"{path.parts[0]} is the record here; the {kind} {identity} is read as `{shorter}`, or needs another id"


def _field_hint(value: Typed, name: str, scope: Scope) -> str | None:
    """Suggest a field of the record that a value refers to."""
    frame = target_frame(value, scope)
    return did_you_mean(name, field_names(frame, scope)) if frame else "only a reference is followed with a dot"


def target_frame(value: Typed, scope: Scope) -> Frame | None:
    """Give the frame of the record that a value refers to."""
    from_fields = followed(value, ("id",), scope)
    if not isinstance(from_fields, Typed):
        return None
    node = from_fields.node
    hops = getattr(node, "hops", ())
    return Frame(scope=getattr(node, "scope", ""), type=getattr(node, "type", ""), hops=hops)


def field_names(frame: Frame, scope: Scope) -> tuple[str, ...]:
    """List the fields that a record has."""
    if frame.type == FINDING:
        own = [name for inner in subject_types(frame, scope.desk) for name in field_names(inner, scope)]
        return (*ATTRIBUTES, *own)
    entry = scope.desk.index.types.get(frame.type)
    return entry.names() if entry else ()


def _no_field(frame: Frame, name: str, path: Path, scope: Scope) -> Typed:
    """Say that a record has no such field."""
    hint = _hidden(path, scope) or did_you_mean(name, field_names(frame, scope))
    scope.desk.report("unknown-field", f"{frame.type} has no field {name}", path.span, hint)
    return wrong(path.span)


def _builtin(path: Path, scope: Scope) -> Typed | None:
    """Resolve `period.start`, `period.end`, `trigger`, `due`, `as-of`; report one that the document does not have."""
    name = str(path)
    if name == _PERIOD or (path.parts[0] == _PERIOD and name not in BUILTINS):
        scope.desk.report("unknown-name", f"{name} is not a date", path.span, "write period.start or period.end")
        return wrong(path.span)
    if name not in BUILTINS:
        return None
    missing = {
        "period.start": (scope.timed, "no-period", "there is no period here", "add `each: calendar month`"),
        "period.end": (scope.timed, "no-period", "there is no period here", "add `each: calendar month`"),
        "trigger": (scope.triggered, "no-trigger", "there is no trigger here", "add `after: DATE`"),
        "due": (
            scope.dated,
            "no-due-date",
            "due is not known here",
            "due may stand in `when`, `unless` and in what a duty demands",
        ),
        "as-of": (True, "", "", ""),
    }[name]
    available, code, message, hint = missing
    if not available:
        scope.desk.report(code, message, path.span, hint)
        return wrong(path.span)
    return Typed(node=Builtin(kind="date", name=name), kind="date", place=path.span)


def _unknown(path: Path, scope: Scope) -> Typed:
    """Say that a name means nothing, and what is near."""
    names = {*BUILTINS, *scope.lets, *scope.desk.index.suffixes, *(scope.words or ())}
    for frame in _frames(scope):
        names.update(field_names(frame, scope))
        names.update(filter(None, (frame.alias,)))
    symbols = f"expected one of {', '.join(scope.words)}" if scope.words else None
    hint = f"did you mean {near}?" if (near := suggest(str(path), names)) else symbols or did_you_mean(str(path), names)
    if path.parts[0] in scope.desk.index.types:
        word = path.parts[0]
        hint = f"{word} is a type of record: ask for some {word} where ..., or for a statistic such as max({path})"
    hint = _instead(path, scope) or hint
    scope.desk.report("unknown-name", f"nothing here is called {path}", path.span, hint)
    return wrong(path.span)


def _instead(path: Path, scope: Scope) -> str | None:
    """Give what stands for a word of other languages; and for a symbol, how it is asked for."""
    word = str(path)
    types = scope.desk.index.types.values()
    if word.lower() in _ELSEWHERE:
        return f"write `{_ELSEWHERE[word.lower()]}`"
    if any(word in field.symbols for entry in types for field in entry.fact.fields):
        return f"{word} is a symbol: write `x is {word}`, or `x in [A, {word}]`"
    return None
