"""The tables, once: a new database is created from these definitions, an old one is migrated to equal them.

Documents are opaque here (msgpack of domain values), so that a new field of a domain value needs no new column;
what is a column is what a query selects or sorts by.
"""

import sqlalchemy as sa

METADATA = sa.MetaData()

RECORDS = sa.Table(
    "records",
    METADATA,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

HISTORY = sa.Table(
    "history",
    METADATA,
    # Orders entries of one instant; an integer primary key is SQLite's rowid, so it costs nothing there.
    sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("entry", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("kind", "key", "entry", name="uq_history_entry"),
    sa.Index("ix_history_kind_at", "kind", "at"),
    sa.Index("ix_history_kind_key_at", "kind", "key", "at"),
)

# Alembic keeps the schema's version in a table of its own; a new database gets it the same, without importing alembic.
VERSION = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), primary_key=True),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
