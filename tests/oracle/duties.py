"""The parts of a provision, with what each duty takes from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.oracle.composites import about
from tests.oracle.periods import Grain, read_grain

if TYPE_CHECKING:
    from tests.oracle.law import Document, FactType

DEMANDS = ("require", "limit", "done", "forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One duty. `demand` is require, limit, done or forbid; `asked` what stands under it. Conditions are texts.

    `governed`: the day that decides which law is read.
    """

    id: str
    demand: str
    asked: Any
    each: Grain | None
    after: str | None
    governed: str
    by: str | None
    recur: dict[str, str] | None
    when: tuple[str, ...]
    unless: tuple[str, ...]
    excused_by: tuple[str, ...]
    exceedance: str | None
    days_late: str | None
    lets: dict[str, str] = field(default_factory=dict)
    roll: str | None = None


def duties_of(provision: Document, types: dict[str, FactType]) -> list[Duty]:
    """List the duties of one version of a provision."""
    inline = {key: provision[key] for key in DEMANDS if key in provision}
    documents = provision.get("duties") or [{"id": "main", **inline}]
    return [_duty(document, provision, types) for document in documents]


def _duty(own: Document, provision: Document, types: dict[str, FactType]) -> Duty:
    applies = provision["applies"]
    demand = next(key for key in DEMANDS if key in own)
    each = own.get("each") or applies.get("each") or provision.get("each")

    after = own.get("after", provision.get("after", applies.get("after")))
    unless = (*exceptions(provision.get("unless")), *exceptions(own.get("unless")))

    def taken(key: str) -> Any:  # noqa: ANN401 - YAML
        return own.get(key, provision.get(key, applies.get(key)))

    grain, recur = read_grain(each) if each else None, taken("recur")
    day = "due" if recur is not None else governing(provision, grain, after, types)
    return Duty(
        id=own["id"],
        demand=demand,
        asked=own[demand],
        each=grain,
        after=after,
        governed=day,
        by=taken("by"),
        recur=recur,
        when=(*texts(applies.get("when")), *texts(own.get("when"))),
        unless=(*unless, *waivers(provision, own["id"], day)),
        excused_by=(*exceptions(provision.get("excused_by")), *exceptions(own.get("excused_by"))),
        exceedance=taken("exceedance"),
        days_late=taken("days_late"),
        lets=provision.get("let") or {},
        roll=taken("roll"),
    )


def governing(provision: Document, each: Grain | None, after: str | None, types: dict[str, FactType]) -> str:
    """Name the day that decides which law is read."""
    if each is not None and each.kind != "type":
        return "period.end"
    stated = provision.get("governed_by") or provision["applies"].get("governed_by")
    subject = about(provision["applies"]["to"])
    name = each.unit if each is not None else "" if subject.finding or subject.keys else subject.name
    kind = types[name].kind if name in types else ""
    if stated and (each is None or kind != "state"):
        return str(stated)
    if after:
        return "trigger"
    return f"{name}.{types[name].time}" if kind == "event" else "as-of"


def waivers(provision: Document, duty: str, day: str) -> tuple[str, ...]:
    """Say that an authority has waived the duty on that day."""
    if "waivable" not in provision:
        return ()
    authorities = ", ".join(f'"{one}"' for one in words(provision["waivable"]["by"]))
    identity = provision["provision"]
    where = f'w.provision in ["{identity}", "{identity}/{duty}"] and w.authority in [{authorities}]'
    return (f"some waiver as w at ({day}) where {where}",)


def texts(conditions: Any) -> tuple[str, ...]:  # noqa: ANN401 - YAML
    """Read one condition, a list, or a mapping of named ones."""
    if conditions is None:
        return ()
    if isinstance(conditions, str):
        return (conditions,)
    return tuple(conditions.values() if isinstance(conditions, dict) else conditions)


def exceptions(rows: Any) -> tuple[str, ...]:  # noqa: ANN401 - YAML
    """Read rows `{id, when}` or bare conditions."""
    if rows is None:
        return ()
    listed = [rows] if isinstance(rows, str | dict) else rows
    return tuple(row if isinstance(row, str) else row["when"] for row in listed)


def words(value: Any) -> list[str]:  # noqa: ANN401 - YAML
    """Read a list that may be a single text."""
    return [] if value is None else [value] if isinstance(value, str) else list(value)
