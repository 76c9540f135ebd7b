"""Record sets: which records, in which window, under which condition."""

from dataclasses import dataclass, replace

from compliance_engine.compiling.checks import condition, express, of_kind
from compliance_engine.compiling.desk import FINDING, Frame, Scope
from compliance_engine.compiling.index import find_id
from compliance_engine.compiling.links import link
from compliance_engine.compiling.optional import present_if
from compliance_engine.compiling.quantities import compile_number
from compliance_engine.compiling.typed import with_article
from compliance_engine.kernel.span import Span
from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.model.expression import AnyNode, Duration, Set, WindowSpec
from compliance_engine.model.program import Grain
from compliance_engine.model.syntax import Argument, Expr, Path, RecordSet, Window

SLOTS = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What a set ranges over, as written: `TYPE` or a provision (`finding`), and what follows."""

    source: str
    finding: bool
    alias: str | None
    window: Window | None
    where: Expr | None
    place: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranged:
    """A compiled set and the scope inside it; there, what `where` says of absence is known."""

    set: Set
    inside: Scope


def records_of_set(written: RecordSet) -> Records:
    """Read a record set of the syntax."""
    return Records(
        source=str(written.source),
        finding=written.finding,
        alias=written.alias,
        window=written.window,
        where=written.where,
        place=written.span,
    )


def records_of_argument(written: Argument, source: Path | str) -> Records:
    """Read an aggregate's argument as the set that it ranges over."""
    return Records(
        source=str(source),
        finding=written.finding,
        alias=written.alias,
        window=written.window,
        where=written.where,
        place=written.span,
    )


def compile_set(records: Records, scope: Scope, *, filters: bool = True) -> Ranged | None:
    """Compile a record set; `where` becomes its filter if it `filters`. None after a report."""
    frame = _frame(records, scope)
    if frame is None:
        return None
    pairs = () if frame.slot else link(frame, records.place, scope)
    window = _window(records.window, frame, scope) if records.window else None
    inside = scope.within(frame)
    if frame.slot:
        inside = replace(inside, timed=True, grain=Grain(kind="calendar", unit=frame.slot))
    if frame.type == FINDING and (records.window or scope.timed):
        _warn_of_no_day(frame, records, scope)
    where = condition(records.where, inside, "`where`") if records.where is not None and filters else None
    if pairs is None or (records.window and window is None) or (where is not None and where.is_wrong):
        return None
    compiled = Set(
        source="slot" if frame.slot else FINDING if frame.type == FINDING else "facts",
        type=frame.slot or frame.provision or frame.type,
        scope=frame.scope,
        duty=frame.duty,
        pairs=pairs,
        window=window,
        where=where.node if where else None,
    )
    return Ranged(set=compiled, inside=inside.knowing(present_if(where.node)) if where else inside)


def _frame(records: Records, scope: Scope) -> Frame | None:
    """Name the records of a set; None after a report."""
    desk, name = scope.desk, records.source
    if records.finding:
        return _finding_frame(records, scope)
    if name in desk.index.types:
        desk.read_type(name, records.place)
        return Frame(scope=scope.name_set(), type=name, alias=records.alias)
    if name in SLOTS:
        return _slot_frame(records, scope)
    hint = desk.index.near_type(name, SLOTS)
    desk.report("unknown-type", f"{name} is no type of record", records.place, hint)
    return None


def _slot_frame(records: Records, scope: Scope) -> Frame | None:
    """Name the slots of a window, or of the current period."""
    desk, name = scope.desk, records.source
    if not scope.timed and records.window is None:
        desk.report(
            "no-period",
            f"`{name}` ranges over the calendar {name}s of a period, and there is no period here",
            records.place,
            f"say which: {name} from started to ended, or add `each: calendar year`",
        )
        return None
    return Frame(scope=scope.name_set(), type="", slot=name)


def _finding_frame(records: Records, scope: Scope) -> Frame | None:
    """Name the findings of a provision, or of one of its duties (`finding of P.DUTY`)."""
    found = resolve_provision(records.source, records.place, scope)
    if found is None:
        return None
    provision, duty = found
    scope.desk.read_from(provision, records.place)
    return Frame(scope=scope.name_set(), type=FINDING, provision=provision, duty=duty, alias=records.alias)


def resolve_provision(name: str, place: Span, scope: Scope) -> tuple[str, str] | None:
    """Find the provision that `P`, `P/DUTY` or `P.DUTY` names, and the duty ("" any); None after a report."""
    desk = scope.desk
    provisions = desk.index.provisions
    name, _, duty = name.partition("/")
    identity = find_id(name, provisions, desk.index)
    if isinstance(identity, tuple) and not duty and "." in name:
        head, _, duty = name.rpartition(".")
        shorter = find_id(head, provisions, desk.index)
        if isinstance(shorter, str) and duty in _duties(shorter, scope):
            return shorter, duty
    if isinstance(identity, tuple):
        desk.report("unknown-name", f"{identity[0]} (a provision is expected)", place, identity[1])
        return None
    if duty and duty not in _duties(identity, scope):
        desk.report(
            "unknown-duty", f"{identity} has no duty {duty}", place, did_you_mean(duty, _duties(identity, scope))
        )
        return None
    return identity, duty


def _warn_of_no_day(frame: Frame, records: Records, scope: Scope) -> None:
    """Warn that findings without a period lie in no window for certain."""
    versions = scope.desk.index.provisions[frame.provision]
    duties = [(version, duty) for version in versions for duty in version.duties if frame.duty in {"", duty.id.text}]
    if all(v.each or v.after or d.each or d.after or d.recur for v, d in duties):
        return
    message = f"findings of {frame.provision} have no days of their own: whether they lie in this time is not known"
    hint = f"give {frame.provision} `each: calendar month`, or `after:` the day of what it is about"
    scope.desk.warn("finding-without-days", message, records.place, hint)


def _duties(identity: str, scope: Scope) -> set[str]:
    """List the duties of all versions of a provision."""
    return {duty.id.text for version in scope.desk.index.provisions[identity] for duty in version.duties}


def _window(window: Window, frame: Frame, scope: Scope) -> WindowSpec | None:
    """Compile the time that a set is cut to; None after a report."""
    desk = scope.desk
    entry = desk.index.types.get(frame.type)
    kind = entry.fact.kind if entry else "finding" if frame.type == FINDING else "slot"
    if kind == "reference":
        desk.report("bad-window", f"{frame.type} records are timeless, and take no window", window.span)
        return None
    if window.kind == "at" and kind not in {"state", "slot"}:
        desk.report(
            "bad-window",
            f"`at` is for states, and {with_article(frame.type)} is {with_article(kind)}",
            window.span,
            "write `from X to Y` or `in 30 days to X`",
        )
        return None
    if window.kind == "running" and kind != "event":
        desk.report(
            "bad-window",
            f"`running` is for events, and {with_article(frame.type or frame.slot)} is {with_article(kind)}",
            window.span,
            "write running sum(stock-change.mass)",
        )
        return None
    if window.kind == "leading" and not scope.timed:
        desk.report("no-period", "`before period` needs a period", window.span, "add `each: calendar month`")
        return None
    length = _length(window, scope) if window.length else None
    outer = scope.expecting(())
    start = _end(window.start, outer) if window.start is not None else None
    end = _end(window.end, outer) if window.end is not None else None
    wanted = ((window.length, length), (window.start, start), (window.end, end))
    if any(written is not None and compiled is None for written, compiled in wanted):
        return None
    return WindowSpec(kind=window.kind, length=length, start=start, end=end)


def _end(expression: Expr, scope: Scope) -> AnyNode | None:
    """Compile a window's end: a date or an instant; None after a report."""
    value = of_kind(express(expression, scope), ("date", "instant"), scope, "a window")
    return None if value.is_wrong else value.node


def _length(window: Window, scope: Scope) -> Duration | None:
    """Compile a window's length; None after a report."""
    assert window.length is not None
    value = of_kind(compile_number(window.length, scope), ("duration",), scope, "a window's length")
    if not isinstance(value.node, Duration):
        return None
    if value.node.micros:
        end = window.end or "X"
        scope.desk.report(
            "bad-window",
            "a window is made of whole days, and its length is in hours",
            window.length.span,
            f"write in 1 day to {end}, or from {end} - 24 hours to {end} where the record's own time says which",
        )
        return None
    return value.node
