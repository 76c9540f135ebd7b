"""Definitions, parameters and findings of other provisions, read by name."""

from dataclasses import replace

from compliance_engine.compiling.definition_reads import is_read_at_grain, read_definition, subject_identity
from compliance_engine.compiling.desk import FINDING, Scope
from compliance_engine.compiling.fields import ATTRIBUTES, STATUSES
from compliance_engine.compiling.typed import Typed, truth, with_article, wrong
from compliance_engine.kernel.span import Span
from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.model.expression import (
    AnyNode,
    Determined,
    FindingRef,
    ParameterRef,
    PolicyRef,
)
from compliance_engine.model.law import Provision
from compliance_engine.model.relations import Determination
from compliance_engine.model.syntax import Path

Found = tuple[str, str, tuple[str, ...]]  # kind of document, id, names left


def documents_named(path: Path, scope: Scope) -> tuple[Found, ...]:
    """Give what a path may name: by its longest beginning that is the ending of an id; and what fits the names left."""
    index = scope.desk.index
    for length in range(len(path.parts), 0, -1):
        name, rest = ".".join(path.parts[:length]), path.parts[length:]
        found: list[Found] = []
        for identity in index.matches(name):
            kind = _kind_of(identity, scope)
            if _fits(kind, rest):
                found.append((kind, identity, rest))
        if found:
            return tuple(found)
    return ()


def _kind_of(identity: str, scope: Scope) -> str:
    """Say what kind of document an id names."""
    index = scope.desk.index
    if identity in index.definitions:
        return "definition"
    if identity in index.parameters:
        return "parameter"
    if identity in index.policies:
        return "policy"
    if identity in index.determinations:
        return "determination"
    return "provision" if identity in index.provisions else "table"


def _fits(kind: str, rest: tuple[str, ...]) -> bool:
    """Say whether so many names can follow such a document; whether they are right is reported later."""
    if kind in {"parameter", "policy", "determination"}:
        return not rest
    if kind == "definition":
        return len(rest) <= 1
    return kind == "provision" and 1 <= len(rest) <= 2


def read_document(path: Path, scope: Scope) -> Typed:
    """Read the definition, parameter or finding that a path names; report where several fit."""
    found = documents_named(path, scope)
    if len(found) > 1:
        ids = " or ".join(identity for _, identity, _ in found)
        scope.desk.report("ambiguous-name", f"{path} may mean {ids}", path.span, "write more of the id")
        return wrong(path.span)
    kind, identity, rest = found[0]
    if kind == "parameter":
        return read_parameter(identity, None, path.span, scope)
    if kind == "policy":
        return _read_policy(identity, path.span, scope)
    if kind == "determination":
        return read_determination(scope.desk.index.determinations[identity], path.span, scope)
    if kind == "definition":
        return read_definition(identity, rest, path, scope)
    return _read_finding(identity, rest, path, scope)


def read_parameter(identity: str, at: AnyNode | None, place: Span, scope: Scope) -> Typed:
    """Read a parameter, at a date if one is given."""
    entry = scope.desk.index.parameters[identity]
    if at is None and len(entry.spec.values) > 1:
        _warn_of_today(identity, place, scope)
    type_ = entry.type
    return replace(type_, node=ParameterRef(kind=type_.kind, id=identity, at=at), place=place)


def _warn_of_today(identity: str, place: Span, scope: Scope) -> None:
    """Warn of an event of an earlier day for which the value of the as-of date is read."""
    entry = scope.desk.index.types.get(scope.subject.type)
    if entry is not None and entry.fact.kind == "event" and not (scope.timed or scope.triggered or scope.dated):
        scope.desk.warn(
            "value-of-today",
            f"{identity} is what it is on the as-of date, whatever the day of the {entry.fact.name}",
            place,
            f"write {identity} at {entry.fact.time}",
        )


def _read_policy(identity: str, place: Span, scope: Scope) -> Typed:
    """Read a choice."""
    choices = tuple(choice.text for choice in scope.desk.index.policies[identity].choices)
    node = PolicyRef(kind="symbol", id=identity, choices=choices)
    return Typed(node=node, kind="symbol", place=place, symbols=choices)


def read_determination(asked: Determination, place: Span, scope: Scope) -> Typed:
    """Read a person's answer about the subject."""
    node = Determined(
        kind="bool",
        question=asked.question,
        about=subject_identity(scope),
        id=asked.id.text,
        roles=asked.answered_by,
        void=asked.void,
    )
    return truth(node, place)


def _read_finding(identity: str, rest: tuple[str, ...], path: Path, scope: Scope) -> Typed:
    """Read an attribute of another provision's finding, for the same subject and period."""
    desk, place = scope.desk, path.span
    provision = desk.index.provisions[identity][-1]
    desk.read_from(identity, place)
    *duty_names, attribute = rest
    duty = _duty_read(provision, duty_names, path, scope)
    if attribute not in ATTRIBUTES:
        desk.report(
            "unknown-field", f"a finding has no attribute {attribute}", place, did_you_mean(attribute, ATTRIBUTES)
        )
        return wrong(place)
    if duty is None or not _is_same_subject(provision, path, scope):
        return wrong(place)
    each = next((one.each or provision.each for one in provision.duties if one.id.text == duty), provision.each)
    if not is_read_at_grain(each, identity, place, scope):
        return wrong(place)
    inner, kind, unit = ATTRIBUTES[attribute]
    symbols = STATUSES if attribute == "status" else None
    node = FindingRef(kind=kind, provision=identity, duty=duty, attribute=inner)
    return Typed(node=node, kind=kind, place=place, unit=unit, symbols=symbols)


def _duty_read(provision: Provision, names: list[str], path: Path, scope: Scope) -> str | None:
    """Give the duty whose finding is read; one that is not named must be the only one."""
    known = [duty.id.text for duty in provision.duties]
    if names and names[0] in known:
        return names[0]
    if not names and len(known) == 1:
        return known[0]
    message = f"{provision.id.text} has no duty {names[0]}" if names else f"{provision.id.text} has several duties"
    hint = (
        did_you_mean(names[0], known)
        if names
        else f"name one: {', '.join(f'{path.parts[-2]}.{d}.{path.parts[-1]}' for d in known)}"
    )
    scope.desk.report("unknown-duty", message, path.span, hint)
    return None


def _is_same_subject(provision: Provision, path: Path, scope: Scope) -> bool:
    """Check that a provision is about the same kind of subject as where its finding is read."""
    subject = provision.subject
    about = FINDING if subject.finding else subject.source.text
    if about == scope.subject.type:
        return True
    scope.desk.report(
        "wrong-subject",
        f"{provision.id.text} is about {with_article(about)}, and is read where the subject is {with_article(scope.subject.type)}",
        path.span,
        f"read its findings as records: some finding of {provision.id.text} where met is false",
    )
    return False
