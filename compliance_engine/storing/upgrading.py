"""Bring a store of an older schema to this one. Imports Alembic (half a second), so it is loaded when it is needed."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade_store(connection: Connection, *, target: str = "head") -> None:
    """Run the missing migrations inside the connection's transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, target)
