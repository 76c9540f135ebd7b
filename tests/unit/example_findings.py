"""A small evaluation made by hand: two invented sites, every status, and texts that try to do harm."""

from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import polars as pl

from compliance_engine.model.expression import Const
from compliance_engine.model.facts import Quarantined, Source
from compliance_engine.model.findings import Findings, Provenance
from compliance_engine.model.program import (
    DutySpec,
    LimitSpec,
    NamedNode,
    Program,
    ProvisionSpec,
    RequireSpec,
    SubjectSpec,
)

VIOLATION = "4f1c9a0000000001"
FOLLOWING = "4f1c9a0000000002"
UNDETERMINED = "77aa000000000003"
PENDING = "88aa000000000004"
COMPLIANT = "99aa000000000005"
EXEMPT = "aaaa000000000006"
NOT_APPLICABLE = "bbbb000000000007"
LATE = "cccc000000000008"

FINDING_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "finding": pl.String,
    "site": pl.String,
    "provision": pl.String,
    "duty": pl.String,
    "subject_type": pl.String,
    "subject": pl.String,
    "occurrence": pl.String,
    "period_from": pl.Date,
    "period_to": pl.Date,
    "due": pl.Date,
    "due_at": pl.Datetime("us", "UTC"),
    "version": pl.UInt16,
    "status": pl.String,
    "possible": pl.String,
    "met": pl.String,
    "severity": pl.String,
    "value": pl.String,
    "limit": pl.String,
    "exceedance_percent": pl.Decimal(38, 9),
    "days_late": pl.Int32,
    "cured": pl.Date,
    "reason": pl.String,
    "rule": pl.String,
    "evidence": pl.String,
}

EVIDENCE_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "set": pl.String,
    "role": pl.String,
    "fact_type": pl.String,
    "fact": pl.String,
    "source": pl.UInt16,
    "row": pl.UInt32,
    "value": pl.String,
    "exceedance_percent": pl.Decimal(38, 9),
}

_MARCH = {"period_from": date(2026, 3, 1), "period_to": date(2026, 3, 31), "occurrence": "2026-03-01"}

_ROWS: list[dict[str, object]] = [
    {
        "finding": VIOLATION,
        **_MARCH,
        "due": date(2026, 3, 31),
        "status": "violation",
        "met": "false",
        "value": "36.2 mg/L",
        "limit": "30 mg/L",
        "exceedance_percent": Decimal("20.666666667"),
        "reason": "36.2 mg/L > 30 mg/L",
        "rule": "violation",
        "evidence": "set1",
    },
    {
        "finding": FOLLOWING,
        "provision": "us.example.notice",
        "duty": "written",
        "subject_type": "finding",
        "subject": VIOLATION,
        "due": date(2026, 4, 28),
        "due_at": datetime(2026, 4, 28, 12, 30, tzinfo=UTC),
        "status": "pending",
        "possible": "compliant|violation",
        "met": "unknown",
        "severity": "moderate",
        "reason": "no notice yet",
    },
    {
        "finding": UNDETERMINED,
        **_MARCH,
        "subject": "L8",
        "due": date(2026, 3, 31),
        "status": "undetermined",
        "possible": "compliant|violation",
        "met": "unknown",
        "limit": "-5 degC",
        "reason": "the value of result r9 is not known",
    },
    {
        "finding": PENDING,
        **_MARCH,
        "subject": "L9",
        "due": date(2026, 4, 25),
        "status": "pending",
        "possible": "compliant|violation",
        "met": "unknown",
        "reason": "the month is not over",
    },
    {"finding": COMPLIANT, **_MARCH, "subject": "L10", "status": "compliant", "value": "-3", "reason": "-3 <= 30"},
    {
        "finding": EXEMPT,
        **_MARCH,
        "subject": "L11",
        "status": "exempt",
        "met": "false",
        "reason": "exempt as upset: affirmative defence",
        "evidence": "set2",
    },
    {
        "finding": NOT_APPLICABLE,
        **_MARCH,
        "subject": "L12",
        "status": "not_applicable",
        "met": "unknown",
        "reason": "type is ENF is false",
    },
    {
        "finding": LATE,
        "site": "hilltop",
        "provision": "us.example.notice",
        "duty": "written",
        "subject_type": "incident",
        "subject": "=cmd|'/c calc'!A1",
        "occurrence": "i1",
        "due": date(2026, 2, 1),
        "status": "violation",
        "met": "false",
        "severity": "moderate",
        "days_late": 5,
        "cured": date(2026, 2, 6),
        "reason": "+done\x1b[31m 5 days late",
    },
]

_DEFAULTS: dict[str, object] = {
    **dict.fromkeys(FINDING_SCHEMA),
    "site": "riverside",
    "provision": "us.example.monthly-average",
    "duty": "main",
    "subject_type": "permit-limit",
    "subject": "L7",
    "occurrence": "",
    "version": 1,
    "possible": "",
    "met": "true",
    "severity": "major",
    "rule": "",
    "evidence": "",
}

_LINKS: list[tuple[object, ...]] = [
    ("set1", "counted", "result", "8101", 0, 14, "36 mg/L", None),
    ("set1", "counted", "result", "8102", 0, 15, "36.4 mg/L", Decimal(21)),
    ("set1", "subject", "permit-limit", "L7", 1, 31, None, None),
    ("set2", "excuses", "upset", "u1", 1, 2, None, None),
]


def make_findings() -> Findings:
    """Make the findings with evidence and trace."""
    frame = pl.DataFrame([{**_DEFAULTS, **row} for row in _ROWS], schema=FINDING_SCHEMA)
    evidence = pl.DataFrame(_LINKS, schema=EVIDENCE_SCHEMA, orient="row")
    trace = {
        "us.example.monthly-average/main": pl.DataFrame(
            {
                "when 1": [None, None, "false", "true", None, None],
                "let avg": [None, None, "unknown", "36.2 mg/L, the mean of 2 records", None, None],
                "value": [None, None, None, "36.2 mg/L", None, None],
                "of": [None, None, None, "30 mg/L", None, None],
                "unless upset": [None, None, None, "false", None, None],
            }
        ),
    }
    return Findings(frame=frame.sort("site", "provision", "duty", "subject"), evidence=evidence, trace=trace)


def make_provenance() -> Provenance:
    """Make what the evaluation used: two sources, one row refused."""
    return Provenance(
        rules_digest="3d02" + "0" * 60,
        facts_digest="aa11" + "0" * 60,
        findings_digest="bb22" + "0" * 60,
        as_of=date(2026, 4, 20),
        known_as_of=None,
        period="2026-03-01..2026-03-31",
        engine="python",
        product_version="0.1.0",
        sources=(
            Source(name="monitoring/2026.xlsx", sheet="Lab", digest="9b1f" + "0" * 60, rows=30, quarantined=1),
            Source(name="permit.csv", sheet="", digest="77ee" + "0" * 60, rows=31, quarantined=0),
        ),
        quarantine=(Quarantined(source=0, row=9, column="value", found="12,3", reason="not a number"),),
        rules=("rulesets/us",),
        facts=("facts/riverside",),
    )


def make_program() -> Program:
    """Make the law: a limit with an exception, and a notice that a breach of it calls for."""
    return Program(
        version=1,
        digest="3d02" + "0" * 60,
        types={},
        definitions={},
        parameters={},
        tables={},
        provisions={
            "us.example.monthly-average": (_make_limit(),),
            "us.example.notice": (_make_notice(),),
        },
        strata=(("us.example.monthly-average",), ("us.example.notice",)),
    )


def make_node(name: str, text: str, *, citation: str = "", because: str = "") -> NamedNode:
    """Make a named node; what it computes does not matter to a report."""
    return NamedNode(
        name=name,
        node=Const(kind="bool", value="true"),
        text=text,
        place="limits.yaml:12",
        citation=citation,
        because=because,
    )


def _make_limit() -> ProvisionSpec:
    demand = LimitSpec(
        value=make_node("value", "avg"),
        must=Const(kind="symbol", value="<="),
        of=make_node("of", "permit-limit.value"),
        unit="mg/L",
    )
    main = msgspec.structs.replace(
        _make_duty("main", demand),
        when=(make_node("1", "type is ENF"),),
        unless=(make_node("upset", "some upset", citation="40 CFR 122.41(n)", because="affirmative defence"),),
    )
    return _make_provision(
        "us.example.monthly-average",
        "The average monthly discharge stays within the limit",
        "40 CFR 122.41(a)(1)",
        main,
    )


def _make_notice() -> ProvisionSpec:
    demand = RequireSpec(any=False, parts=(make_node("1", "some notice where mode is written"),))
    return _make_provision(
        "us.example.notice", "A breach is reported in writing", "40 CFR 122.41(l)(7)", _make_duty("written", demand)
    )


def _make_duty(name: str, demand: LimitSpec | RequireSpec) -> DutySpec:
    return DutySpec(
        id=name,
        title="",
        citation="",
        severity="major",
        grain=None,
        when=(),
        after=None,
        by=None,
        recur=None,
        demand=demand,
        unless=(),
        excused_by=(),
        exceedance=None,
        days_late=None,
    )


def _make_provision(name: str, title: str, citation: str, duty: DutySpec) -> ProvisionSpec:
    return ProvisionSpec(
        id=name,
        version=1,
        title=title,
        text="",
        citation=citation,
        source="https://example.org/law",
        in_force_from="2020-01-01",
        in_force_to="",
        reviewed="2026-01-01",
        status="confirmed",
        subject=SubjectSpec(type="permit-limit"),
        bound_while=(),
        lets=(),
        duties=(duty,),
        evidence=(),
        responsible="plant superintendent",
        place="limits.yaml:1",
    )
