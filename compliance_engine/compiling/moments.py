"""`X at DATE` and `X at last`: parameters, definitions and findings read at another time."""

from dataclasses import replace

import msgspec

from compliance_engine.compiling.checks import as_day, of_kind, read
from compliance_engine.compiling.desk import Scope
from compliance_engine.compiling.documents import read_parameter
from compliance_engine.compiling.paths import compile_path
from compliance_engine.compiling.typed import Typed, wrong
from compliance_engine.kernel.span import Span
from compliance_engine.model.expression import AnyNode, DefinitionRef, FindingRef
from compliance_engine.model.law import Every
from compliance_engine.model.syntax import Binary, Path

LAST = "last"


def compile_at(expression: Binary, scope: Scope) -> Typed:
    """Compile `PARAMETER at DATE`, `DEFINITION at DATE`, `P.met at DATE`, and `at last`."""
    if not isinstance(expression.left, Path):
        return _refused(expression.span, scope)
    if isinstance(expression.right, Path) and str(expression.right) == LAST:
        return _one_back(expression.left, expression.span, scope)
    at = of_kind(read(scope.desk.express(expression.right, scope), scope), ("date", "instant"), scope, "`at`")
    return at if at.is_wrong else _at_date(expression.left, at, expression.span, scope)


def _at_date(path: Path, at: Typed, place: Span, scope: Scope) -> Typed:
    """Compile what a name is at a date."""
    parameters = scope.desk.index.matches(str(path), scope.desk.index.parameters)
    if len(parameters) == 1:
        return read_parameter(parameters[0], as_day(at).node, place, scope)
    found = compile_path(path, replace(scope, moment=True))
    node = found.node
    if found.is_wrong:
        return found
    if not isinstance(node, DefinitionRef | FindingRef) or _each_of(node, scope) is None:
        return _refused(place, scope)
    return _placed(found, msgspec.structs.replace(node, at=as_day(at).node), place)


def _one_back(path: Path, place: Span, scope: Scope) -> Typed:
    """Compile `X at last`: what a definition or finding of this grain was one period back."""
    found = compile_path(path, scope)
    node = found.node
    if found.is_wrong:
        return found
    each = _each_of(node, scope) if isinstance(node, DefinitionRef | FindingRef) else None
    if each is None or each.kind != "calendar" or not isinstance(node, DefinitionRef | FindingRef):
        return _refused(place, scope)
    return _placed(found, msgspec.structs.replace(node, back=1), place)


def _placed(value: Typed, node: AnyNode, place: Span) -> Typed:
    """Give the value read at another time."""
    return replace(value, node=node, place=place)


def _each_of(node: DefinitionRef | FindingRef, scope: Scope) -> Every | None:
    """Give the grain of what is read."""
    index = scope.desk.index
    if isinstance(node, DefinitionRef):
        return index.definitions[node.id].each
    provision = index.provisions[node.provision][-1]
    return next((one.each or provision.each for one in provision.duties if one.id.text == node.duty), provision.each)


def _refused(place: Span, scope: Scope) -> Typed:
    """Say what `at` may follow."""
    scope.desk.report(
        "kind-mismatch",
        "`at` follows the name of a parameter, or of a definition or finding with calendar periods",
        place,
        "write ask-days at accepted, generator-category at shipped, or limit.met at last",
    )
    return wrong(place)
