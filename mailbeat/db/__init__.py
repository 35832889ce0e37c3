"""What we remember: SQLAlchemy models and queries, on SQLite and PostgreSQL.

Query functions take a `Session` first and never commit; the caller's
`with transaction(...)` does.
"""
