"""Run by Alembic: migrates over the connection that `upgrading` hands in, inside its transaction."""

from alembic import context

from compliance_engine.storing.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="compliance_version",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
