"""The query language: whatever is asked, the evaluator, SQLite and PostgreSQL give the same rows."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    insert,
    select,
    text,
)

from databases import PostgresServer
from weft.kit.db import Database
from weft.kit.errors import InvalidRequest
from weft.traces.json_text import dump
from weft.traces.query.compile import SortBy, compile_query, sort_clauses
from weft.traces.query.evaluate import Moment, evaluate, sort_key, walk
from weft.traces.query.fields import JsonField, NumberField, TableFields, TextField, TimeField
from weft.traces.query.parse import parse_query
from weft.traces.query.paths import split_path

TABLE = Table(
    "asked",
    MetaData(),
    Column("key", Integer, primary_key=True),
    Column("name", Text),
    Column("size", BigInteger),
    Column("at_us", BigInteger, nullable=False),
    Column("doc", Text),
)
FIELDS = TableFields(
    {
        "name": TextField(TABLE.c.name),
        "size": NumberField(TABLE.c.size),
        "at": TimeField(TABLE.c.at_us),
    },
    {"doc": TABLE.c.doc},
)
NASTY = [
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        5,
        1.5,
        -2.25,
        1e100,
        9007199254740993,
        "",
        "5",
        "1.5",
        " 7 ",
        "1e3",
    ),
    *(
        "true",
        "0",
        "null",
        "A",
        "a",
        "Ä",
        "ä",
        "ÀΣ",
        "àσ",
        "ß",
        "K",
        "İ",
        "\U0001f600",
        "a\0b",
        'say "hi"',
    ),
    *("back\\slash", "a/b", "line\nbreak", "%", "_x", "weave:///t/p/op/x:1", "9" * 400, "1e999"),
    *([], [1], ["a", {"b": 2}], {}, {"a": None}, {"a": {"b": [0, "x"]}}, [["deep"]]),
]
KEYS = ["a", "b", "ä", "0", "x.y", "with space", "$"]

Strategy: TypeAlias = "st.SearchStrategy[Any]"


def nested(inner: Strategy) -> Strategy:
    return st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)


def path_of(steps: list[str]) -> str:
    return ".".join(["doc", *steps])


def op(parts: tuple[Any, ...]) -> Any:
    name, *operands = parts
    return {name: operands}


def conversion(parts: tuple[Any, Any]) -> Any:
    return {"$convert": {"input": parts[0], "to": parts[1]}}


def search(parts: tuple[Any, ...]) -> Any:
    inner, piece, ignore = parts
    return {
        "$contains": {"input": inner, "substr": {"$literal": piece}, "case_insensitive": ignore}
    }


def combined(inner: Strategy) -> Strategy:
    several = st.lists(inner, max_size=3)
    return several.map(all_of) | several.map(some_of) | inner.map(none_of)


def all_of(parts: list[Any]) -> Any:
    return {"$and": parts}


def some_of(parts: list[Any]) -> Any:
    return {"$or": parts}


def none_of(part: Any) -> Any:
    return {"$not": [part]}


def literal_of(value: Any) -> Any:
    return {"$literal": value}


def get_of(path: str) -> Any:
    return {"$getField": path}


def size_of(inner: Any) -> Any:
    return {"$size": inner}


plain = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.integers(-(2**53), 2**53)
values: Strategy = st.recursive(st.sampled_from(NASTY) | plain, nested, max_leaves=6)
documents: Strategy = st.dictionaries(st.sampled_from(KEYS), values, max_size=4)
STEPS = ["a", "b", "ä", "0", "1", "[x.y]", "with space"]
paths: Strategy = st.lists(st.sampled_from(STEPS), max_size=3).map(path_of)
fields: Strategy = (paths | st.sampled_from(["name", "size", "at"])).map(get_of)
literals: Strategy = st.sampled_from([v for v in NASTY if not isinstance(v, list | dict)]).map(
    literal_of
)
converted: Strategy = st.tuples(
    fields | literals, st.sampled_from(["double", "int", "bool", "exists"])
).map(conversion)
operands: Strategy = fields | literals | converted | fields.map(size_of)
orders: Strategy = st.sampled_from(["$eq", "$gt", "$gte", "$lt", "$lte"])
PIECES = ["a", "A", "Ä", "À", "5", '"', "\\", "/", "\n", "%", "", "true", "k", "\U0001f600", "hi"]
leaves: Strategy = (
    st.tuples(orders, operands, operands).map(op)
    | st.tuples(st.just("$in"), fields, st.lists(literals, max_size=4)).map(op)
    | st.tuples(fields, st.sampled_from(PIECES), st.booleans()).map(search)
    | converted
)
conditions: Strategy = st.recursive(leaves, combined, max_leaves=4)
names = st.sampled_from([v for v in NASTY if isinstance(v, str) and "\0" not in v])


def json_of(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False)


rows = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.none() | names,
            "size": st.none() | st.integers(-(2**40), 2**40),
            "at_us": st.sampled_from([0, 1_000_000, 1_500_000, 1_700_000_000_123_456]),
            "doc": st.none() | documents.map(dump) | documents.map(json_of),
        }
    ),
    min_size=1,
    max_size=6,
)


@pytest.fixture(scope="module")
def connections(
    postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Connection]]:
    folder: Path = tmp_path_factory.mktemp("language")
    with ExitStack() as stack:
        opened: list[Connection] = []
        for place in (folder / "asked.db", postgres.url(postgres.create())):
            database = Database(place)
            stack.callback(database.close)
            with database.write() as connection:
                collate = "" if isinstance(place, Path) else ' COLLATE "C"'
                connection.execute(
                    text(
                        f"CREATE TABLE asked (key INTEGER PRIMARY KEY, name TEXT{collate}, size BIGINT,"
                        f" at_us BIGINT NOT NULL, doc TEXT{collate})"
                    )
                )
            opened.append(stack.enter_context(database.engine.connect()))
        yield opened


def lookup_in(row: dict[str, Any]) -> Any:
    doc = None if row["doc"] is None else json.loads(row["doc"])

    def lookup(path: str) -> Any:
        if path == "at":
            return Moment(row["at_us"])
        if path in {"name", "size"}:
            return row[path]
        return walk(doc, split_path(path)[1:])

    return lookup


def asked(
    connection: Connection, found: list[dict[str, Any]], query: Any, sorts: list[SortBy]
) -> list[int]:
    with connection.begin() as transaction:
        connection.exec_driver_sql("BEGIN")
        connection.execute(insert(TABLE), [{"key": key, **row} for key, row in enumerate(found)])
        statement = (
            select(TABLE.c.key)
            .where(compile_query(parse_query(query), FIELDS))
            .order_by(*sort_clauses(sorts, FIELDS), TABLE.c.key)
        )
        keys = list(connection.execute(statement).scalars())
        transaction.rollback()
    return keys


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    found=rows,
    condition=conditions,
    sort=paths | st.sampled_from(["name", "size", "at"]),
    ascending=st.booleans(),
)
def test_any_query_is_answered_alike_everywhere(
    connections: list[Connection],
    found: list[dict[str, Any]],
    condition: Any,
    sort: str,
    ascending: bool,
) -> None:
    query = {"$expr": condition}
    parsed = parse_query(query)
    assert parsed is not None
    expected = [key for key, row in enumerate(found) if evaluate(parsed, lookup_in(row))]
    expected.sort(key=lambda key: sort_key(lookup_in(found[key])(sort), ascending=ascending))
    sorts = [SortBy(sort, "asc" if ascending else "desc")]
    for connection in connections:
        assert asked(connection, found, query, sorts) == expected, connection.dialect.name


@pytest.mark.parametrize(
    "query",
    [
        {"$and": []},
        {"$expr": {}},
        {"$expr": {"$eq": [1, 2]}},
        {"$expr": {"$eq": [{"$literal": 1}]}},
        {"$expr": {"$eq": [{"$literal": [1]}, {"$literal": 1}]}},
        {"$expr": {"$regex": [{"$literal": "a"}, {"$literal": 1}]}},
        {"$expr": {"$convert": {"input": {"$literal": 1}, "to": "date"}}},
        {"$expr": {"$in": [{"$literal": 1}, [{"$literal": 1}] * 1001]}},
        {"$expr": {"$contains": {"input": {"$literal": "a"}, "substr": {"$getField": "name"}}}},
        [],
        "name",
    ],
)
def test_what_is_no_query_is_refused(query: Any) -> None:
    with pytest.raises(InvalidRequest):
        parse_query(query)


def test_a_query_too_deep_is_refused() -> None:
    deep: Any = {"$literal": True}
    for _ in range(40):
        deep = {"$not": [deep]}
    with pytest.raises(InvalidRequest):
        parse_query({"$expr": deep})


@pytest.mark.parametrize(
    "path", ["", "doc..a", "doc.", ".doc", 'doc.a"b', "doc.a\\b", "x" * 2000, "nothing", "name.a"]
)
def test_what_is_no_field_is_refused(path: str) -> None:
    with pytest.raises(InvalidRequest):
        FIELDS.find(path)


def test_a_dot_in_a_key_is_written_in_brackets_or_with_a_backslash() -> None:
    assert FIELDS.find("doc.[x.y].0") == JsonField(TABLE.c.doc, ("x.y", 0))
    assert split_path("doc.x\\.y") == ("doc", "x.y")
