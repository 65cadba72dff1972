"""The index itself, in either database.

SQLite: a table of FTS5 for each project, of trigrams, without the texts and without where in them each one is. Measured
with 200,000 calls of 2.3 KB: 340 MB beside 470 MB, and 2 to 8 ms for a rare piece instead of 260 to 560. To take a text
out, FTS5 has to be given the text that it was given: see the invariant of the package.
Source: https://sqlite.org/fts5.html, read 2026-11.

PostgreSQL: a copy of the texts, folded, with one GIN index of `pg_trgm` over all projects.
Source: https://www.postgresql.org/docs/current/pgtrgm.html, read 2026-11.
"""

import re
import secrets
from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    Select,
    Table,
    Text,
    literal,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, OperationalError

from weft.kit import bulk
from weft.kit.db import SQLITE
from weft.kit.dialects.texts import fold
from weft.kit.errors import InvalidRequest
from weft.traces.json_text import dump
from weft.traces.search.needles import trigrams
from weft.traces.search.schema import DONE, INDEXED, SWITCH
from weft.traces.types import ProjectKey

GIN = "trace_search_body"
_PLACE = re.compile(r"search_[0-9a-f]{16}")
_WILD, _ESCAPED = re.compile("[%_]"), r"\\\g<0>"
_PUT_IN = """UPDATE trace_search_call SET body = given.body, state = 0
    FROM json_to_recordset(?) AS given (seq bigint, body text)
    WHERE trace_search_call.seq = given.seq AND project = ?"""
_HEADER_IDS = 10
"""Rows of FTS5's own table up to this one say how it is built; without them it could not be dropped."""

Text_ = tuple[int, str]
"""The `seq` of a call, and what is looked for in it."""


class SearchUnavailable(InvalidRequest):
    """This database cannot have such an index."""

    status = 409
    code = "search_unavailable"


def make_place(connection: Connection) -> str:
    """Make a project's index, empty; its name.

    Raises:
        SearchUnavailable: the database cannot.
    """
    try:
        if connection.dialect.name == SQLITE:
            name = f"search_{secrets.token_hex(8)}"
            connection.execute(
                text(
                    f"CREATE VIRTUAL TABLE {name} USING fts5"
                    "(body, content='', detail=none, columnsize=0, tokenize='trigram')"
                )
            )
            return name
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
        connection.execute(
            text(
                f"CREATE INDEX IF NOT EXISTS {GIN} ON trace_search_call USING gin (body gin_trgm_ops)"
            )
        )
    except OperationalError as error:
        if connection.dialect.name != SQLITE:
            raise
        raise SearchUnavailable(
            f"this SQLite has no FTS5 with trigrams ({error.orig})",
            remedy="run Weft with SQLite 3.34 or newer that was built with FTS5, or on PostgreSQL",
        ) from error
    except DBAPIError as error:
        if not isinstance(error.orig, _REFUSALS):
            raise
        said = str(error.orig).partition("\n")[0]
        raise SearchUnavailable(
            f"this PostgreSQL has no trigrams ({said})",
            remedy="install PostgreSQL's contrib package, and have an owner of the database run"
            " CREATE EXTENSION pg_trgm",
        ) from error
    return GIN


_REFUSALS = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.UndefinedFile,
    psycopg.errors.FeatureNotSupported,
    psycopg.errors.UndefinedObject,
)


def has_place(connection: Connection, place: str) -> bool:
    """Whether a project's index is there: a copy of the database has its tables, and not the index."""
    if connection.dialect.name == SQLITE:
        wanted = text("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = :name")
    else:
        wanted = text("SELECT 1 WHERE to_regclass(:name) IS NOT NULL")
    return connection.execute(wanted, {"name": place}).first() is not None


def drop_place(connection: Connection, place: str, most: int) -> int:
    """Remove some rows of a project's index, and in the end all of it; 0 when it is gone.

    On PostgreSQL the index goes with the rows of `trace_search_call`.
    """
    if connection.dialect.name != SQLITE or not has_place(connection, place):
        return 0
    _check(place)
    removed = connection.execute(
        text(
            f"DELETE FROM {place}_data WHERE id IN"  # noqa: S608 - our own name
            f" (SELECT id FROM {place}_data WHERE id > {_HEADER_IDS} LIMIT :most)"
        ),
        {"most": most},
    ).rowcount
    if not removed:
        connection.execute(text(f"DROP TABLE {place}"))
    return removed


def lost_places(connection: Connection) -> list[str]:
    """Indexes of no project: it was removed, or its tables were replaced by others."""
    if connection.dialect.name != SQLITE:
        return []
    wanted = text("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'search_*'")
    known = set(connection.execute(select(SWITCH.c.place)).scalars())
    names = connection.execute(wanted).scalars()
    return [name for name in names if _PLACE.fullmatch(name) and name not in known]


def put_in(connection: Connection, project: ProjectKey, place: str, texts: Sequence[Text_]) -> None:
    """Have these texts of a project in its index.

    On PostgreSQL their rows are then done: to change each one again would put its text into the index again.
    """
    if connection.dialect.name == SQLITE:
        sql = f"INSERT INTO {_check(place)} (rowid, body) VALUES (?, ?)"  # noqa: S608 - our own name
        for one in texts:
            bulk.run(connection, sql, one)
        return
    rows = dump([{"seq": seq, "body": fold(body)} for seq, body in texts])
    bulk.run(connection, _PUT_IN, (rows, project))


def take_out(connection: Connection, place: str, texts: Sequence[Text_]) -> None:
    """Take these texts out of the index; on PostgreSQL they go with their rows."""
    if connection.dialect.name == SQLITE:
        sql = f"INSERT INTO {_check(place)} ({place}, rowid, body) VALUES ('delete', ?, ?)"  # noqa: S608 - our own name
        for one in texts:
            bulk.run(connection, sql, one)


def matching(dialect: str, project: ProjectKey, place: str, found: list[str]) -> Select[Any]:
    """Selects the `seq` of calls in the index that have all these runs."""
    if dialect == SQLITE:
        table = Table(_check(place), MetaData(), Column("rowid", BigInteger), Column(place, Text))
        asked = " AND ".join(f'"{three}"' for three in trigrams(found))
        return select(table.c.rowid).where(table.c[place].op("MATCH")(literal(asked)))
    likes = [INDEXED.c.body.like(f"%{_WILD.sub(_ESCAPED, run)}%") for run in found]
    return select(INDEXED.c.seq).where(
        INDEXED.c.project == project, INDEXED.c.state == DONE, *likes
    )


def _check(place: str) -> str:
    assert _PLACE.fullmatch(place), "this is no name of an index"
    return place
