"""The tables of the store. They only grow: triggers refuse to change or remove a row.

`finding` has rows only for what is not compliant and not not_applicable, to be queried (the view `finding_list` joins
them with their requirements); `blob` has everything. Rows of these two name their evaluation without a foreign key:
nothing can remove what they name, and to look it up for every row would double the time to store them.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Named,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Table,
    TypedColumns,
    UniqueConstraint,
)

from compliance_engine.model.findings import Told

# The newest migration: a store of another version is brought to it, or refused if it is newer.
HEAD = "0002"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)


class _VersionColumns(TypedColumns):
    version_num: Named[str] = Column(String(32), nullable=False)


class _ProgramColumns(TypedColumns):
    digest: Named[str] = Column(String(64), primary_key=True)
    content: Named[bytes] = Column(LargeBinary, nullable=False)


class _EvaluationColumns(TypedColumns):
    id: Named[int] = Column(Integer, primary_key=True)
    created_at: Named[datetime] = Column(DateTime(timezone=True), nullable=False)
    as_of: Named[date] = Column(Date, nullable=False)
    known_as_of: Named[date | None] = Column(Date)
    period: Named[str] = Column(String, nullable=False)
    engine: Named[str] = Column(String, nullable=False)
    product_version: Named[str] = Column(String, nullable=False)
    rules_digest: Named[str] = Column(String, nullable=False)
    facts_digest: Named[str] = Column(String, nullable=False)
    findings_digest: Named[str] = Column(String, nullable=False)
    program: Named[str] = Column(String(64), ForeignKey("program.digest"), nullable=False)
    rules: Named[list[str]] = Column(JSON, nullable=False)
    facts: Named[list[str]] = Column(JSON, nullable=False)
    sources: Named[list[dict[str, Any]]] = Column(JSON, nullable=False)
    counts: Named[dict[str, int]] = Column(JSON, nullable=False)


class _RequirementColumns(TypedColumns):
    id: Named[int] = Column(Integer, primary_key=True)
    provision: Named[str] = Column(String, nullable=False)
    duty: Named[str] = Column(String, nullable=False)
    subject_type: Named[str] = Column(String, nullable=False)
    severity: Named[str] = Column(String, nullable=False)


class _FindingColumns(TypedColumns):
    evaluation: Named[int] = Column(Integer, primary_key=True)
    finding: Named[str] = Column(String, primary_key=True)
    requirement: Named[int] = Column(Integer, nullable=False)
    site: Named[str] = Column(String, nullable=False)
    subject: Named[str] = Column(String, nullable=False)
    occurrence: Named[str] = Column(String, nullable=False)
    period_from: Named[date | None] = Column(Date)
    period_to: Named[date | None] = Column(Date)
    due: Named[date | None] = Column(Date)
    due_at: Named[datetime | None] = Column(DateTime(timezone=True))
    version: Named[int | None] = Column(Integer)
    status: Named[str] = Column(String, nullable=False)
    possible: Named[str] = Column(String, nullable=False)
    value: Named[str | None] = Column(String)
    limit: Named[str | None] = Column(String)
    exceedance_percent: Named[Decimal | None] = Column(Numeric(38, 9))
    days_late: Named[int | None] = Column(Integer)
    cured: Named[date | None] = Column(Date)
    reason: Named[int] = Column(Integer, nullable=False)


class _ReasonColumns(TypedColumns):
    id: Named[int] = Column(Integer, primary_key=True)
    text: Named[str] = Column(String, nullable=False)


class _BlobColumns(TypedColumns):
    evaluation: Named[int] = Column(Integer, primary_key=True)
    kind: Named[str] = Column(String, primary_key=True)
    chunk: Named[int] = Column(Integer, primary_key=True)
    content: Named[bytes] = Column(LargeBinary, nullable=False)


# As Alembic makes it.
compliance_version = Table(
    "compliance_version",
    metadata,
    _VersionColumns,
    PrimaryKeyConstraint("version_num", name="compliance_version_pkc"),
)
program = Table("program", metadata, _ProgramColumns)
evaluation = Table("evaluation", metadata, _EvaluationColumns, sqlite_autoincrement=True)
requirement = Table(
    "requirement",
    metadata,
    _RequirementColumns,
    UniqueConstraint("provision", "duty", "subject_type", "severity", name="uq_requirement"),
)
reason = Table("reason", metadata, _ReasonColumns, UniqueConstraint("text", name="uq_reason"))
finding = Table("finding", metadata, _FindingColumns, sqlite_with_rowid=False)
blob = Table("blob", metadata, _BlobColumns)

APPEND_ONLY = ("program", "evaluation", "requirement", "reason", "finding", "blob")

# What stands in the places that a reason has for figures (`model.findings.Told`), in SQL.
_FIGURES = {
    Told.VALUE: 'finding."value"',
    Told.LIMIT: 'finding."limit"',
    Told.PERCENT: (
        "case when finding.exceedance_percent > 0 and round(finding.exceedance_percent, 1) = 0 then 'less than 0.1' "
        "else rtrim(rtrim(cast(round(finding.exceedance_percent, 1) as text), '0'), '.') end"
    ),
    Told.LATE: "cast(finding.days_late as text)",
    Told.CURED: "cast(finding.cured as text)",
    Told.DUE: "cast(finding.due as text)",
}


def finding_list() -> str:
    """Give the statement that makes the view of the findings in words."""
    text = "reason.text"
    for place, figure in _FIGURES.items():
        text = f"replace({text}, '{place}', coalesce({figure}, ''))"
    columns = ", ".join(f'finding."{name}"' for name in finding.c.keys() if name != "reason")  # noqa: SIM118
    return (
        f"CREATE VIEW finding_list AS SELECT {columns}, {text} AS reason, "  # noqa: S608 (names of ours)
        "requirement.provision, requirement.duty, requirement.subject_type, requirement.severity "
        "FROM finding JOIN requirement ON requirement.id = finding.requirement JOIN reason ON reason.id = finding.reason"
    )


_REFUSAL = "a stored evaluation is never changed"

POSTGRESQL_GUARD = f"""
CREATE FUNCTION compliance_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$
"""


def guard_statements(table: str, dialect: str) -> tuple[str, ...]:
    """Give the statements that make a table refuse changes (PostgreSQL: after `POSTGRESQL_GUARD`)."""
    if dialect == "postgresql":
        moment = f"BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        return (f"CREATE TRIGGER {table}_append_only {moment} EXECUTE FUNCTION compliance_append_only()",)
    return tuple(
        f"CREATE TRIGGER {table}_no_{action} BEFORE {action} ON {table} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        for action in ("update", "delete")
    )
