"""The append-only record of evaluations: SQLAlchemy over SQLite or PostgreSQL.

`writing` appends an evaluation, `evaluations` reads it back, `opening` finds, makes and checks the database.
"""
