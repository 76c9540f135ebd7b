"""Reasons once: a table of them, in which figures have places; the view puts each finding's figures in.

A duty with a thousand findings has few different reasons, and their texts were most of a finding's row.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_REFUSAL = "a stored evaluation is never changed"
_MOMENT = "BEFORE UPDATE OR DELETE OR TRUNCATE"
_FIGURES = (
    ("value", 'finding."value"'),
    ("limit", 'finding."limit"'),
    ("percent", "rtrim(rtrim(cast(round(finding.exceedance_percent, 1) as text), '0'), '.')"),
    ("late", "cast(finding.days_late as text)"),
    ("cured", "cast(finding.cured as text)"),
    ("due", "cast(finding.due as text)"),
)
_SAME = (
    *("evaluation", "finding", "requirement", "site", "subject", "occurrence", "period_from", "period_to", "due"),
    *("due_at", "version", "status", "possible", "value", "limit", "exceedance_percent", "days_late", "cured"),
)


def upgrade() -> None:
    """Move the reasons of the findings into a table of their own."""
    op.execute("DROP VIEW finding_list")
    op.create_table(
        "reason",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reason"),
        sa.UniqueConstraint("text", name="uq_reason"),
    )
    op.execute("INSERT INTO reason (text) SELECT DISTINCT reason FROM finding ORDER BY 1")
    if op.get_bind().dialect.name == "postgresql":
        _change_in_postgresql()
    else:
        _change_in_sqlite()
    op.execute(_view())


def _view() -> str:
    """Give the view of the findings in words."""
    text = "reason.text"
    for name, figure in _FIGURES:
        text = f"replace({text}, '\x02{name}\x03', coalesce({figure}, ''))"
    columns = ", ".join(f'finding."{name}"' for name in _SAME)
    return (
        f"CREATE VIEW finding_list AS SELECT {columns}, {text} AS reason, "  # noqa: S608 (names of ours)
        "requirement.provision, requirement.duty, requirement.subject_type, requirement.severity "
        "FROM finding JOIN requirement ON requirement.id = finding.requirement JOIN reason ON reason.id = finding.reason"
    )


def _change_in_postgresql() -> None:
    for statement in (
        "ALTER TABLE finding DISABLE TRIGGER finding_append_only",
        "ALTER TABLE finding ADD COLUMN reason_id integer",
        "UPDATE finding SET reason_id = reason.id FROM reason WHERE reason.text = finding.reason",
        "ALTER TABLE finding ALTER COLUMN reason_id SET NOT NULL",
        "ALTER TABLE finding DROP COLUMN reason",
        "ALTER TABLE finding RENAME COLUMN reason_id TO reason",
        "ALTER TABLE finding ENABLE TRIGGER finding_append_only",
        f"CREATE TRIGGER reason_append_only {_MOMENT} ON reason EXECUTE FUNCTION compliance_append_only()",
    ):
        op.execute(statement)


def _change_in_sqlite() -> None:
    for action in ("update", "delete"):
        op.execute(f"DROP TRIGGER finding_no_{action}")
    op.rename_table("finding", "finding_before")
    _create_finding()
    columns = ", ".join(f'"{name}"' for name in _SAME)
    op.execute(
        f"INSERT INTO finding ({columns}, reason) SELECT {columns}, reason.id FROM finding_before "  # noqa: S608 (names of ours)
        "JOIN reason ON reason.text = finding_before.reason"
    )
    op.drop_table("finding_before")
    for table in ("finding", "reason"):
        for action in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{action} BEFORE {action} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )


def _create_finding() -> None:
    op.create_table(
        "finding",
        sa.Column("evaluation", sa.Integer, nullable=False),
        sa.Column("finding", sa.String, nullable=False),
        sa.Column("requirement", sa.Integer, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("site", "subject", "occurrence")),
        *(sa.Column(name, sa.Date) for name in ("period_from", "period_to", "due")),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer),
        *(sa.Column(name, sa.String, nullable=False) for name in ("status", "possible")),
        *(sa.Column(name, sa.String) for name in ("value", "limit")),
        sa.Column("exceedance_percent", sa.Numeric(38, 9)),
        sa.Column("days_late", sa.Integer),
        sa.Column("cured", sa.Date),
        sa.Column("reason", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("evaluation", "finding", name="pk_finding"),
        sqlite_with_rowid=False,
    )
