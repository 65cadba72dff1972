"""Any query of the language is answered by ClickHouse as the evaluator answers it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from traces.query.test_language import FIELDS, TABLE, conditions, lookup_in, paths, rows
from weft.traces.clickhouse.dialect import compiled
from weft.traces.query.compile import SortBy, compile_query, sort_clauses
from weft.traces.query.evaluate import evaluate, sort_key
from weft.traces.query.parse import parse_query

clickhouse_connect: Any = pytest.importorskip("clickhouse_connect")
pytest.importorskip("chdb")

COLUMNS = ("key", "name", "size", "at_us", "doc")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder: Path = tmp_path_factory.mktemp("language")
    client = clickhouse_connect.get_client(interface="chdb", path=str(folder))
    client.command(
        "CREATE TABLE asked (key Int32, name Nullable(String), size Nullable(Int64), at_us Int64,"
        " doc Nullable(String)) ENGINE = Memory"
    )
    yield client
    client.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(found=rows, condition=conditions, sort=paths, ascending=st.booleans())
def test_any_query_is_answered_alike(
    client: Any, found: list[dict[str, Any]], condition: Any, sort: str, ascending: bool
) -> None:
    parsed = parse_query({"$expr": condition})
    assert parsed is not None
    expected = [key for key, row in enumerate(found) if evaluate(parsed, lookup_in(row))]
    expected.sort(key=lambda key: sort_key(lookup_in(found[key])(sort), ascending=ascending))
    client.command("TRUNCATE TABLE asked")
    values = [[key, *(row[name] for name in COLUMNS[1:])] for key, row in enumerate(found)]
    client.insert("asked", values, column_names=COLUMNS)
    sorts = [SortBy(sort, "asc" if ascending else "desc")]
    text, parameters = compiled(
        select(TABLE.c.key)
        .where(compile_query(parsed, FIELDS))
        .order_by(*sort_clauses(sorts, FIELDS), TABLE.c.key)
    )
    asked = [key for (key,) in client.query(text, parameters=parameters).result_rows]
    assert asked == expected
