"""Make the findings of a duty into frames: what is reported and stored, and what later provisions read as facts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, evidence, identity, rational
from compliance_engine.deriving.context import Result, computed
from compliance_engine.deriving.judging import Judged, exceedance
from compliance_engine.deriving.kleene import expression
from compliance_engine.deriving.reasons import reason_column
from compliance_engine.deriving.tables import DOUBT, Table, id_hashes
from compliance_engine.deriving.values import Number
from compliance_engine.model.facts import Shape
from compliance_engine.model.findings import Status
from compliance_engine.model.program import FactType, FieldType, ForbidSpec, LimitSpec, Shown

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context

# So many findings of a duty that call for nothing have their evidence listed: more are proved by the records that the sources keep.
MOST_PROVED = 2_000
TRUTH = pl.Enum(["true", "false", "unknown"])
SEVERITY = pl.Enum(["minor", "moderate", "major", "critical"])
FINDING_TYPE = FactType(
    name="finding",
    kind="state",
    time="period_to",
    span_from="period_from",
    span_to="period_to",
    fields=(FieldType(name="subject", base="reference"), FieldType(name="status", base="text")),
    site=("site",),
)


@dataclass(frozen=True, slots=True)
class Assembled:
    """The findings of one duty: `frame` to report, `links` its evidence by finding, `facts` what later provisions read, `trace` its derivation."""

    frame: pl.DataFrame
    links: pl.DataFrame
    facts: pl.DataFrame
    shapes: dict[str, Shape]
    trace: pl.DataFrame


def assemble(judged: Judged, truths: pl.DataFrame, settled: pl.DataFrame) -> Assembled:
    """Give the findings of a duty with their reasons, figures and evidence."""
    context = judged.context
    columns = _identity(judged, context)
    ratio = _ratio(judged)
    violated = settled["status"] == Status.VIOLATION.value
    days_late = _days_late(judged, settled)
    frame = pl.DataFrame(columns).with_columns(settled["status"], settled["possible"], settled["rule"])
    frame = frame.with_columns(
        _due(judged, context),
        _due_at(judged, context),
        days_late[0].alias("days_late"),
        days_late[1].alias("cured"),
        _met_text(truths).alias("met"),
        _repeated(judged.duty.severity, judged.height, SEVERITY).alias("severity"),
        pl.lit(judged.provision.version, dtype=pl.UInt16).alias("version"),
        _percent(context, ratio, violated),
        *_figure_texts(judged, context),
    )
    frame = frame.with_columns(reason_column(judged, context, truths, frame).alias("reason"))
    read = judged.provision.id in context.world.read
    facts, shapes = _facts(judged, frame, truths, ratio) if read else (pl.DataFrame(), {})
    found = _links(judged, frame["status"])
    found = found.with_columns(frame["finding"][found["row"]].alias("finding")).drop("row")
    trace = _trace(judged, context)
    if "reported" in context.frame.columns:  # earlier periods serve what looks back at them
        reported = context.frame["reported"]
        frame, trace = frame.filter(reported), trace.filter(reported) if trace.width else trace
        found = found.filter(pl.col("finding").is_in(frame["finding"].implode()))
    return Assembled(frame, found, facts, shapes, trace)


def _links(judged: Judged, status: pl.Series) -> pl.DataFrame:
    """Give the evidence of each finding; of what was kept or does not apply only where the duty has not very many of them."""
    open_or_broken = status.is_in(
        [s.value for s in (Status.VIOLATION, Status.UNDETERMINED, Status.EXEMPT, Status.PENDING)]
    )
    parts = [pl.DataFrame(schema=evidence.SCHEMA)]
    for chosen, find, most in (
        (open_or_broken, evidence.links, status.len()),
        (status == Status.COMPLIANT.value, evidence.links_of_kept, MOST_PROVED),
        (status == Status.NOT_APPLICABLE.value, evidence.links_of_outside, MOST_PROVED),
    ):
        rows = chosen.arg_true().cast(pl.UInt32)
        if 0 < rows.len() <= most:
            parts.append(find(judged, rows))
    return pl.concat(parts)


def _identity(judged: Judged, context: Context) -> dict[str, pl.Series]:
    height = judged.height
    scope = context.scopes["subject"]
    index = context.frame[scope.index or "subject#"]
    subject = scope.table.frame["id"][index].cast(pl.String).alias("subject")
    occurrence = _occurrence(context, height)
    duty = f"{judged.provision.id}/{judged.duty.id}"
    ids = identity.mixed(
        [
            _repeated(identity.text_hashes(pl.Series([duty])).item(), height, pl.UInt64),
            id_hashes(scope.table)[index] if height > scope.table.frame.height else identity.text_hashes(subject),
            identity.text_hashes(occurrence),
        ]
    )
    if ids.n_unique() != height:
        message = f"two obligations of {duty} have one id"
        raise AssertionError(message)
    names = {
        "provision": judged.provision.id,
        "duty": judged.duty.id,
        "subject_type": "finding" if judged.provision.subject.finding else judged.provision.subject.type,
    }
    return {
        "finding": identity.hex_texts(ids),
        "site": context.frame["site"].cast(pl.Categorical),
        **{name: _repeated(text, height, pl.Categorical) for name, text in names.items()},
        "subject": subject,
        "occurrence": occurrence,
        **_period(context),
    }


def _repeated(value: object, height: int, dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
    """Give a column that is the same in every row."""
    return pl.Series([value], dtype=dtype).new_from_index(0, height) if height else pl.Series([], dtype=dtype)


def _period(context: Context) -> dict[str, pl.Series]:
    """Give the first and last day of each obligation; none where there is no window, no day in it (due before it begins), or no end."""
    height, columns = context.frame.height, context.frame.columns
    if "p.from" not in columns and "w.from" not in columns:
        return {name: _repeated(None, height, pl.Date) for name in ("period_from", "period_to")}
    first, last = pl.col("w.from").cast(pl.Int32), pl.col("w.to").cast(pl.Int32)
    days = [pl.when(end < dates.NEVER).then(end).cast(pl.Date) for end in (first, last)]
    if "w.cfrom" in columns:
        inside = ((first <= last) & (first < dates.NEVER)).fill_null(value=True)
        days = [pl.when(inside).then(day) for day in days]
    found = context.frame.select(day.alias(name) for name, day in zip(("period_from", "period_to"), days, strict=True))
    return found.to_dict()


def _occurrence(context: Context, height: int) -> pl.Series:
    if "occurrence" in context.scopes:
        scope = context.scopes["occurrence"]
        assert scope.index is not None
        return scope.table.frame["id"].cast(pl.String)[context.frame[scope.index]]
    if "chain.due" in context.frame.columns:
        return context.compute(dates.as_date(pl.col("chain.due")).cast(pl.String).fill_null("")).alias("o")
    if "p.index" in context.frame.columns:
        return computed(context.frame, dates.as_date(pl.col("p.from")).cast(pl.String))
    return _repeated("", height, pl.String)


def _evaluated(context: Context, expr: pl.Expr, name: str) -> pl.Series:
    return context.compute(expr).alias(name)


def _due(judged: Judged, context: Context) -> pl.Series:
    day = judged.due.day
    fixed = day.low.num if day.exact else pl.when(rational.compare("==", day.low, day.high)).then(day.low.num)
    shown: pl.Expr = pl.when(fixed < dates.NEVER).then(fixed)
    if judged.due.standing:
        shown = pl.lit(None, dtype=pl.Int64)
    return _evaluated(context, shown.cast(pl.Int32).cast(pl.Date), "due")


def _due_at(judged: Judged, context: Context) -> pl.Series:
    at = judged.due.at
    found = (
        pl.lit(None, dtype=pl.Int64)
        if at is None
        else at.low.num
        if at.exact
        else pl.when(rational.compare("==", at.low, at.high)).then(at.low.num)
    )
    return _evaluated(context, found.cast(pl.Int64).cast(pl.Datetime("us", "UTC")), "due_at")


def _met_text(truths: pl.DataFrame) -> pl.Series:
    text = (
        pl.when(pl.col("met.t") & pl.col("met.f"))
        .then(pl.lit("unknown"))
        .when(pl.col("met.t"))
        .then(pl.lit("true"))
        .otherwise(pl.lit("false"))
    )
    return truths.select(text.cast(TRUTH).alias("met"))["met"]


def _ratio(judged: Judged) -> rational.Rational | None:
    """Give the exceedance in percent as a fraction; the rule's own where it states one."""
    if judged.duty.exceedance is None:
        return exceedance(judged)
    stated = judged.context.value(judged.duty.exceedance)
    if not isinstance(stated, Number):  # `exceedance: none`
        return None
    fixed = (
        stated.low.num.is_not_null()
        if stated.exact
        else rational.compare("==", stated.low, stated.high).fill_null(value=False)
    )
    kept = pl.when(fixed & ~expression(stated.absent.may)).then(stated.low.num)
    return rational.Rational(kept, stated.low.scale, stated.low.bound, stated.low.den, stated.low.den_bound)


def _percent(context: Context, ratio: rational.Rational | None, violated: pl.Series) -> pl.Series:
    """Print the exceedance of the violations; null elsewhere."""
    shown = pl.Series("exceedance_percent", [None], dtype=pl.Decimal(38, 9)).new_from_index(0, violated.len())
    rows = violated.arg_true()
    if ratio is None or rows.len() == 0:
        return shown.head(violated.len())
    return shown.scatter(rows, evidence.percents(context.frame[rows], ratio))


def _days_late(judged: Judged, settled: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Give how many days late a breached duty is, and when it was cured (null: not yet)."""
    context, duty = judged.context, judged.duty
    nothing = (
        _evaluated(context, pl.lit(None, dtype=pl.Int32), "l"),
        _evaluated(context, pl.lit(None, dtype=pl.Date), "c"),
    )
    violated = settled["status"] == Status.VIOLATION.value
    if duty.days_late is not None:
        stated = context.value(duty.days_late)
        assert isinstance(stated, Number)
        shown = rational.rounded(stated.low, 0, "down").num.cast(pl.Int32)
        late = _evaluated(context, shown, "l")
        return pl.select(pl.when(violated).then(late).alias("l"))["l"], nothing[1]
    if not judged.due.stated or isinstance(duty.demand, LimitSpec | ForbidSpec) or not violated.any():
        return nothing
    cured = _cured(judged, violated)
    first, last = judged.due.day.low.num, judged.due.day.high.num
    due = pl.when(first == last).then(first)  # else it is not known how late
    as_of = dates.days_of(context.world.as_of)
    name = context.add("cured", cured.cast(pl.Int32))
    passed = (pl.coalesce(pl.col(name).cast(pl.Int64), pl.lit(as_of, dtype=pl.Int64)) - due).cast(pl.Int32)
    least = 1 if judged.due.at is None else 0  # late by hours on the due day itself
    late = _evaluated(context, pl.when(pl.lit(violated) & (passed >= least)).then(passed), "l")
    return late, cured


def _cured(judged: Judged, violated: pl.Series) -> pl.Series:
    """Find the first record after the due date that does what a late duty asked."""
    from_rows = violated.arg_true().cast(pl.UInt32)
    late = evidence.late_fulfilments(judged, from_rows)
    days = pl.Series("c", [None], dtype=pl.Date).new_from_index(0, judged.height)
    return days.scatter(late["row"], late["day"]) if late.height else days


def _figure_texts(judged: Judged, context: Context) -> list[pl.Series]:
    """Print the figure held against the limit, and the limit; an interval where that is all that is known."""
    demand = judged.duty.demand
    unit = demand.unit if isinstance(demand, LimitSpec) else ""
    shown = demand.shown if isinstance(demand, LimitSpec) else None
    result = []
    for name in ("value", "limit"):
        number = judged.figures.get(name)
        if number is None:
            text: pl.Expr = pl.lit(None, dtype=pl.String)
        elif shown is not None and number.unit is None:
            text = number_text(_as_seen(number, shown), shown.unit)
        else:
            text = number_text(number, unit)
        result.append(computed(context.frame, text).alias(name))
    return result


def _as_seen(number: Number, shown: Shown) -> Number:
    """Give a figure in the unit in which the author sees it."""
    offset, factor = (rational.constant(Fraction(text)) for text in (shown.offset, shown.factor))

    def seen(end: rational.Rational) -> rational.Rational:
        return rational.divide(rational.add(end, rational.negate(offset)), factor)

    low = seen(number.low)
    return replace(number, low=low, high=low if number.exact else seen(number.high))


def number_text(number: Number, unit: str) -> pl.Expr:
    """Print a number with its unit; `a to b`, `at least a`, `at most b` where it is not one value; null where nothing is known."""
    suffix = pl.lit(f" {unit}" if unit and unit != "varies" else "")
    if number.unit is not None:
        suffix = pl.concat_str(pl.lit(" "), number.unit.cast(pl.String)).fill_null("")
    low = rational.decimal_text(number.low)
    if number.exact:
        return pl.concat_str(low, suffix)
    high = rational.decimal_text(number.high)
    same = rational.compare("==", number.low, number.high).fill_null(value=False)
    spoken = (
        pl.when(same)
        .then(low)
        .when(number.low.num.is_null() & number.high.num.is_null())
        .then(None)
        .when(number.low.num.is_null())
        .then(pl.concat_str(pl.lit("at most "), high))
        .when(number.high.num.is_null())
        .then(pl.concat_str(pl.lit("at least "), low))
        .otherwise(pl.concat_str(low, pl.lit(" to "), high))
    )
    return pl.concat_str(spoken, suffix)


def _facts(
    judged: Judged, frame: pl.DataFrame, truths: pl.DataFrame, ratio: rational.Rational | None
) -> tuple[pl.DataFrame, dict[str, Shape]]:
    """Give the findings as facts of the type `finding`, with what `references.attribute_value` reads."""
    context = judged.context
    breached = frame["met"] == "false"
    day = pl.coalesce("due", "period_to")
    columns = frame.select(
        pl.col("finding").alias("id"),
        "subject",
        pl.col("site").cast(pl.String),
        *_calendar_period(context),
        pl.col("period_from").alias("bound_from"),
        pl.col("period_to").alias("bound_to"),
        "due",
        "days_late",
        pl.col("status").cast(pl.String),
        "cured",
        pl.when(pl.lit(breached)).then(day).alias("breach_at"),
    )
    truth = truths.select(pl.col(f"{n}.{e}").alias(f"{n}__{e}") for n in ("applies", "met", "lifted") for e in "tf")
    settled = ~columns["status"].is_in([Status.UNDETERMINED.value, Status.PENDING.value])
    columns = columns.with_columns(pl.when(pl.lit(settled)).then("status").alias("status"))
    scope = context.scopes["subject"]
    row = context.frame[scope.index or "subject#"].alias("subject_row")
    period = (
        context.frame["p.index"].cast(pl.Int32).alias("period")
        if "p.index" in context.frame.columns
        else _repeated(None, judged.height, pl.Int32).alias("period")
    )
    shapes = {"exceedance": Shape(scale=1, largest=1), "amount": Shape(scale=1, largest=1)}
    extra = []
    if ratio is not None:
        num, den = rational.reduced(ratio)
        shapes["exceedance"] = Shape(
            scale=min(ratio.den_bound * ratio.scale, rational.INT128_MAX), largest=min(ratio.bound, rational.INT128_MAX)
        )
        extra = [_evaluated(context, num, "exceedance__n"), _evaluated(context, den, "exceedance__d")]
    reported = (
        context.frame["reported"]
        if "reported" in context.frame.columns
        else pl.repeat(value=True, n=judged.height, eager=True)
    )
    return pl.concat([columns, truth], how="horizontal").with_columns(
        row, period, reported.alias("reported"), _evaluated(context, expression(judged.exists.may_not), DOUBT), *extra
    ), shapes


def _calendar_period(context: Context) -> list[pl.Series | str]:
    """Give the first and last day of the whole calendar period of each obligation, where there is one; else of its window."""
    if "p.from" not in context.frame.columns:
        return ["period_from", "period_to"]
    ends = (("period_from", "p.from"), ("period_to", "p.to"))
    return [context.frame[end].cast(pl.Int32).cast(pl.Date).alias(name) for name, end in ends]


def result_of(judged: Judged, assembled: Assembled) -> Result:
    """Give the findings of a duty for what reads them."""
    table = Table(FINDING_TYPE, assembled.facts, assembled.shapes)
    return Result(table, judged.provision.subject.type, judged.provision.subject.finding, judged.duty.grain)


def _trace(judged: Judged, context: Context) -> pl.DataFrame:
    """Keep what every named condition was, and what every `let` was, a row a finding; nothing where none is named."""
    columns = []
    for (role, name), truth in judged.parts.items():
        may, may_not = expression(truth.may), expression(truth.may_not)
        code = pl.when(may & may_not).then(pl.lit("unknown")).when(may).then(pl.lit("true")).otherwise(pl.lit("false"))
        columns.append(_evaluated(context, code.cast(TRUTH), f"{role} {name}"))
    for let in judged.provision.lets:
        found = context.cache.get(let.name)
        if isinstance(found, Number) and let.node.kind == "number":
            columns.append(_evaluated(context, number_text(found, ""), f"let {let.name}"))
    return pl.DataFrame({c.name: c for c in columns})
