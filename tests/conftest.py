"""What every test may use: hypothesis without a stopwatch, and an empty PostgreSQL database."""

import os
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

# A slow machine is not a wrong program: no example has a deadline. CI prints how to repeat a failure.
settings.register_profile("default", deadline=None, print_blob=True)
settings.load_profile("default")
settings.register_profile("thorough", max_examples=1000)  # see tests/properties/budget.py

# Another server than the local one: COMPLIANCE_TEST_POSTGRES=postgresql://user@host:port/database
_SERVER = os.environ.get("COMPLIANCE_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """Make an empty database and give its SQLAlchemy URL; without a server skip, but in CI fail."""
    name = f"compliance_{uuid.uuid4().hex}"
    try:
        server = psycopg.connect(_SERVER, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL server: {error}")
    with server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield _SERVER.replace("postgresql://", "postgresql+psycopg://", 1).rpartition("/")[0] + f"/{name}"
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
