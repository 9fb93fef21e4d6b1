"""Brings a database's schema up to date, or says why it cannot.

Versions are the numbers of the migrations (`0001`, `0002`, ...). One plain query tells the version; alembic, slow to
import, is only loaded when there is something to migrate.
"""

from pathlib import Path

import sqlalchemy as sa

from stoker.store.errors import StoreError, StoreFault
from stoker.store.tables import METADATA, VERSION

HEAD = "0001"
"""The version that `stoker.store.tables` describes: that of the last migration."""

MIGRATIONS = Path(__file__).parent / "migrations"


def ensure_schema(connection: sa.Connection, path: Path) -> None:
    """Create the tables in an empty database or migrate an older one, inside the connection's transaction.

    Raises `StoreError` for a database that a newer Stoker wrote, and for one that is not Stoker's.
    """
    tables = set(sa.inspect(connection).get_table_names())
    if not tables:
        METADATA.create_all(connection)
        VERSION.create(connection)
        connection.execute(VERSION.insert().values(version_num=HEAD))
        return
    if VERSION.name not in tables:
        raise StoreError(
            StoreFault.FOREIGN,
            path,
            f"The database {path} was not made by Stoker: it has tables but no version.",
        )
    version = connection.execute(sa.select(VERSION.c.version_num)).scalar()
    if version == HEAD:
        return
    if version is not None and version > HEAD:
        text = (
            f"The database {path} was written by a newer Stoker (its schema is {version}, this Stoker knows up to {HEAD}): "
            "install that version again, or use another data directory."
        )
        raise StoreError(StoreFault.NEWER, path, text)
    _migrate(connection)


def _migrate(connection: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415 - slow to import and rarely needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
