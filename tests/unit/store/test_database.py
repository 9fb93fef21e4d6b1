import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from stoker.ports.store import Put
from stoker.store.database import Database
from stoker.store.errors import StoreError, StoreFault, from_database
from stoker.store.schema import HEAD, MIGRATIONS
from stoker.store.tables import METADATA, VERSION

ONE = Put(kind="endpoint", key="one", document=b"1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "stoker.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    opened = Database(path)
    yield opened
    opened.close()


def schema_of(path: Path) -> list[tuple[str, str, str]]:
    """Give every object of the database as SQLite keeps it, spaces and quotes aside."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name").fetchall()
    connection.close()
    return [(kind, name, "".join(sql.split()).replace('"', "")) for kind, name, sql in rows]


def query(path: Path, *statements: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    rows: list[tuple[object, ...]] = []
    for statement in statements:
        rows = connection.execute(statement).fetchall()
    connection.commit()
    connection.close()
    return rows


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    return made


def test_a_new_database_equals_one_that_went_through_all_migrations(database: Database, tmp_path: Path) -> None:
    migrated = tmp_path / "migrated.db"
    engine = sa.create_engine(f"sqlite:///{migrated}")
    with engine.begin() as connection:
        settings = config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
    engine.dispose()
    assert schema_of(database.path) == schema_of(migrated)
    assert query(database.path, "SELECT * FROM alembic_version") == query(migrated, "SELECT * FROM alembic_version")


def test_the_head_that_the_code_knows_is_the_last_migration() -> None:
    script = ScriptDirectory.from_config(config())
    assert script.get_heads() == [HEAD]
    assert [revision.revision for revision in script.walk_revisions()] == sorted(
        (revision.revision for revision in script.walk_revisions()), reverse=True
    )


def test_an_older_database_is_migrated_and_the_work_goes_on(path: Path) -> None:
    path.parent.mkdir()
    query(path, "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    database = Database(path)
    try:
        database.write([ONE])
        assert [record.key for record in database.load()] == ["one"]
    finally:
        database.close()
    assert query(path, "SELECT version_num FROM alembic_version") == [(HEAD,)]


def test_a_failed_migration_leaves_the_old_schema(path: Path) -> None:
    path.parent.mkdir()
    # A table of the first migration's second step is in its way.
    query(
        path,
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)",
        "CREATE TABLE history (a INTEGER)",
    )
    before = schema_of(path)
    with pytest.raises(StoreError, match="history already exists"):
        Database(path)
    assert schema_of(path) == before


def test_a_database_newer_than_the_program_is_refused_untouched(path: Path) -> None:
    Database(path).close()
    query(path, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(
        StoreError, match=r"written by a newer Stoker \(its schema is 9999, this Stoker knows up to 0001\)"
    ) as caught:
        Database(path)
    assert caught.value.fault is StoreFault.NEWER
    assert query(path, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_someone_elses_database_is_refused_untouched(path: Path) -> None:
    path.parent.mkdir()
    query(path, "CREATE TABLE theirs (a INTEGER)")
    with pytest.raises(StoreError, match="was not made by Stoker") as caught:
        Database(path)
    assert caught.value.fault is StoreFault.FOREIGN
    assert [name for _, name, _ in schema_of(path)] == ["theirs"]


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 500)
    with pytest.raises(StoreError, match=r"stoker\.db cannot be used: the file is no database; move it away") as caught:
        Database(path)
    assert caught.value.fault is StoreFault.DAMAGED


def test_damaged_pages_are_told_when_they_are_read(path: Path) -> None:
    database = Database(path)
    database.write([Put(kind="endpoint", key=str(number), document=bytes(500)) for number in range(200)])
    database.close()
    content = bytearray(path.read_bytes())
    # Every page but the first loses its head, which says what the page is.
    for start in range(4096, len(content), 4096):
        content[start : start + 100] = b"\xa5" * 100
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged") as caught, contextlib.closing(Database(path)) as again:
        again.load()
    assert caught.value.fault is StoreFault.DAMAGED


def test_a_full_disk_fails_the_write_whole(database: Database) -> None:
    database.write([ONE])
    database.pragma("max_page_count = 10")
    many = [Put(kind="endpoint", key=str(number), document=bytes(4000)) for number in range(20)]
    with pytest.raises(StoreError, match="its disk is full") as caught:
        database.write(many)
    assert caught.value.fault is StoreFault.FULL
    assert [record.key for record in database.load()] == ["one"]


def test_a_read_only_database_is_told(database: Database) -> None:
    database.pragma("query_only = 1")
    with pytest.raises(StoreError, match="it is read-only") as caught:
        database.write([ONE])
    assert caught.value.fault is StoreFault.READ_ONLY


def test_a_database_that_another_program_holds_is_told(database: Database) -> None:
    database.pragma("busy_timeout = 1")
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreError, match="another program holds it locked") as caught:
            database.write([ONE])
    finally:
        other.close()
    assert caught.value.fault is StoreFault.BUSY


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be made: Not a directory") as caught:
        Database(tmp_path / "file" / "data" / "stoker.db")
    assert caught.value.fault is StoreFault.UNREACHABLE


def test_a_database_path_that_is_a_directory_is_told(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StoreError, match="cannot be opened: Is a directory"):
        Database(path)
    path.rmdir()
    Database(path).close()  # the lock was given back


def test_commits_are_flushed_to_the_disk(database: Database) -> None:
    assert database.pragma("journal_mode") == "wal"
    assert database.pragma("synchronous") == 2  # FULL


def test_only_the_owner_may_read_what_is_kept(database: Database) -> None:
    database.write([ONE])
    files = sorted(database.path.parent.iterdir())
    assert {file.name for file in files} == {"stoker.db", "stoker.db-shm", "stoker.db-wal", "stoker.db.lock"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(database.path.parent.stat().st_mode) == 0o700


def test_an_unknown_fault_keeps_the_drivers_words() -> None:
    error = from_database(Path("x.db"), sqlite3.OperationalError("something odd"))
    assert (error.fault, str(error)) == (StoreFault.BROKEN, "The database x.db cannot be used: something odd.")


def test_tables_and_version_are_all_there_is(database: Database) -> None:
    tables = {name for kind, name, _ in schema_of(database.path) if kind == "table"}
    assert tables == {*METADATA.tables, VERSION.name}


def test_a_name_with_a_percent_sign_or_a_question_mark_is_a_name(tmp_path: Path) -> None:
    path = tmp_path / "50% off?mode=memory" / "stoker.db"
    database = Database(path)
    database.write([ONE])
    database.close()
    assert os.path.getsize(path) > 0  # noqa: PTH202
