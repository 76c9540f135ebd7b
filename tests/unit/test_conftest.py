"""The PostgreSQL that tests are given is a real server and an empty database."""

import sqlalchemy as sa


def test_the_database_is_empty_and_takes_a_table(postgres_url: str) -> None:
    engine = sa.create_engine(postgres_url)
    assert engine.dialect.name == "postgresql"
    assert sa.inspect(engine).get_table_names() == []
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (n int)"))
    assert sa.inspect(engine).get_table_names() == ["t"]
    engine.dispose()
