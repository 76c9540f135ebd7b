"""The first schema: evaluations, findings, blobs, programs.

There is no way back: a migration never removes what was stored.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_REFUSAL = "a stored evaluation is never changed"


def upgrade() -> None:
    """Make the tables in an empty database."""
    _create_program()
    _create_evaluation()
    _create_requirement()
    _create_finding()
    _create_blob()
    _guard(("program", "evaluation", "requirement", "finding", "blob"))


def _create_program() -> None:
    op.create_table(
        "program",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_program"),
    )


def _create_evaluation() -> None:
    op.create_table(
        "evaluation",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("known_as_of", sa.Date),
        sa.Column("period", sa.String, nullable=False),
        sa.Column("engine", sa.String, nullable=False),
        sa.Column("product_version", sa.String, nullable=False),
        sa.Column("rules_digest", sa.String, nullable=False),
        sa.Column("facts_digest", sa.String, nullable=False),
        sa.Column("findings_digest", sa.String, nullable=False),
        sa.Column("program", sa.String(64), nullable=False),
        sa.Column("rules", sa.JSON, nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("sources", sa.JSON, nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evaluation"),
        sa.ForeignKeyConstraint(["program"], ["program.digest"], name="fk_evaluation_program"),
        sqlite_autoincrement=True,
    )


def _create_requirement() -> None:
    identity = ("provision", "duty", "subject_type", "severity")
    op.create_table(
        "requirement",
        sa.Column("id", sa.Integer, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in identity),
        sa.PrimaryKeyConstraint("id", name="pk_requirement"),
        sa.UniqueConstraint(*identity, name="uq_requirement"),
    )


def _create_finding() -> None:
    op.create_table(
        "finding",
        sa.Column("evaluation", sa.Integer, nullable=False),
        sa.Column("finding", sa.String, nullable=False),
        sa.Column("requirement", sa.Integer, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("site", "subject", "occurrence")),
        sa.Column("period_from", sa.Date),
        sa.Column("period_to", sa.Date),
        sa.Column("due", sa.Date),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer),
        *(sa.Column(name, sa.String, nullable=False) for name in ("status", "possible")),
        sa.Column("value", sa.String),
        sa.Column("limit", sa.String),
        sa.Column("exceedance_percent", sa.Numeric(38, 9)),
        sa.Column("days_late", sa.Integer),
        sa.Column("cured", sa.Date),
        sa.Column("reason", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("evaluation", "finding", name="pk_finding"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "CREATE VIEW finding_list AS "
        "SELECT finding.*, requirement.provision, requirement.duty, requirement.subject_type, requirement.severity "
        "FROM finding JOIN requirement ON requirement.id = finding.requirement"
    )


def _create_blob() -> None:
    op.create_table(
        "blob",
        sa.Column("evaluation", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("chunk", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("evaluation", "kind", "chunk", name="pk_blob"),
    )


def _guard(tables: tuple[str, ...]) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION compliance_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
        )
        for table in tables:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "EXECUTE FUNCTION compliance_append_only()"
            )
        return
    for table in tables:
        for action in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{action} BEFORE {action} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
