"""What is done to the tables, as functions over a connection; the caller owns the transaction."""

from collections.abc import Sequence
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from stoker.ports.store import Append, Put, Record, Remove, Write
from stoker.store.tables import HISTORY, RECORDS
from stoker.units import Instant

_put = insert(RECORDS)
_PUT = _put.on_conflict_do_update(index_elements=["kind", "key"], set_={"document": _put.excluded.document})
_append = insert(HISTORY)
_APPEND = _append.on_conflict_do_update(
    index_elements=["kind", "key", "entry"],
    set_={"at": _append.excluded.at, "document": _append.excluded.document},
)
# Parameters of a statement may not bear the names of the columns it compares with, hence the prefix.
_REMOVE = sa.delete(RECORDS).where(RECORDS.c.kind == sa.bindparam("of_kind"), RECORDS.c.key == sa.bindparam("of_key"))


def write_all(connection: sa.Connection, writes: Sequence[Write]) -> None:
    """Do the writes in order; neighbours of one type go to the database as one statement with many rows."""
    for form, run in groupby(writes, key=type):
        if form is Put:
            connection.execute(_PUT, [_put_row(write) for write in run if isinstance(write, Put)])
        elif form is Append:
            connection.execute(
                _APPEND,
                [_append_row(write) for write in run if isinstance(write, Append)],
            )
        else:
            rows = [{"of_kind": write.kind, "of_key": write.key} for write in run if isinstance(write, Remove)]
            connection.execute(_REMOVE, rows)


def _put_row(write: Put) -> dict[str, object]:
    return {"kind": write.kind, "key": write.key, "document": write.document}


def _append_row(write: Append) -> dict[str, object]:
    return {
        "kind": write.kind,
        "key": write.key,
        "entry": write.entry,
        "at": write.at,
        "document": write.document,
    }


def all_records(connection: sa.Connection) -> list[Record]:
    """Give every record."""
    rows = connection.execute(sa.select(RECORDS.c.kind, RECORDS.c.key, RECORDS.c.document))
    return [Record(kind=kind, key=key, document=document) for kind, key, document in rows]


def newest(
    connection: sa.Connection,
    kind: str,
    key: str | None,
    *,
    limit: int,
    before: Instant | None,
) -> list[bytes]:
    """Give the newest documents of a history, newest first; of one instant, the one first written last comes first."""
    query = sa.select(HISTORY.c.document).where(HISTORY.c.kind == kind)
    if key is not None:
        query = query.where(HISTORY.c.key == key)
    if before is not None:
        query = query.where(HISTORY.c.at < before)
    query = query.order_by(HISTORY.c.at.desc(), HISTORY.c.sequence.desc()).limit(limit)
    return list(connection.execute(query).scalars())


def trim(connection: sa.Connection, kind: str, *, before: Instant, keep: int) -> int:
    """Drop entries older than `before`, and beyond the newest `keep` of each key; give how many went."""
    old = connection.execute(sa.delete(HISTORY).where(HISTORY.c.kind == kind, HISTORY.c.at < before)).rowcount
    place = sa.func.row_number().over(
        partition_by=HISTORY.c.key,
        order_by=(HISTORY.c.at.desc(), HISTORY.c.sequence.desc()),
    )
    ranked = sa.select(HISTORY.c.sequence, place.label("place")).where(HISTORY.c.kind == kind).subquery()
    beyond = sa.select(ranked.c.sequence).where(ranked.c.place > keep)
    return old + connection.execute(sa.delete(HISTORY).where(HISTORY.c.sequence.in_(beyond))).rowcount
