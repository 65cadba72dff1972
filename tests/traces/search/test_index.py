"""An index follows what is done to calls, and whatever it says, answers are those of reading every call."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from identity.house import HandClock
from traces.search.indexed import Indexed, has
from traces.stores import call, end_of, start_of, trace_store
from weft.kit.db import POSTGRESQL, SQLITE, Database
from weft.traces.calls.change.remove import remove
from weft.traces.calls.write import INLINE_BYTES
from weft.traces.json_text import dump
from weft.traces.retention.cleaner import Cleaner
from weft.traces.search.indexer import Indexer
from weft.traces.search.reading import find_index
from weft.traces.search.schema import INDEXED, SWITCH
from weft.traces.search.switch import missing_indexes, renew_missing
from weft.traces.search.trigrams import lost_places
from weft.traces.search.work import LARGEST_BYTES, sweep

ALPHABET = 'aAbBkKsSiI  %_"\\/\n\t{}[],:.1-\x00ſKİıßẞΣσςéÉ漢字仮名الم\u0301😀\ufffd'  # noqa: RUF001
RANDOM = random.Random(5)


def words(size: int) -> str:
    return "".join(RANDOM.choice(ALPHABET) for _ in range(size))


def document() -> dict[str, Any]:
    nested = {"list": [words(6), RANDOM.randrange(1000), 1.5, True, None], words(4): words(5)}
    return {"text": words(25), "nested": nested}


def said(value: dict[str, Any]) -> str:
    """As some client may write it: with spaces, and whatever may be escaped escaped."""
    written = json.dumps(value, ensure_ascii=False) if RANDOM.random() < 0.3 else dump(value)
    return written.replace("/", "\\/") if RANDOM.random() < 0.5 else written


@pytest.fixture(scope="module")
def library(shared_database: Database) -> tuple[Indexed, list[str]]:
    indexed = Indexed(shared_database)
    documents = [document() for _ in range(150)]
    indexed.turn(on=True)
    indexed.write(*(call(inputs=said(d), output=said(document())) for d in documents[:100]))
    indexed.work()
    indexed.write(*(call(inputs=said(d)) for d in documents[100:]))
    return indexed, [d["text"] for d in documents] + [dump(d["nested"]) for d in documents]


@settings(deadline=None, max_examples=60, derandomize=True, database=None)
@given(data=st.data())
def test_search_when_by_index_then_the_same_as_without(
    library: tuple[Indexed, list[str]], data: st.DataObject
) -> None:
    indexed, known = library
    whole = data.draw(st.sampled_from(known))
    start = data.draw(st.integers(0, len(whole) - 1))
    cut = whole[start : start + data.draw(st.integers(1, 12))]
    piece = data.draw(st.sampled_from([cut, cut.lower(), cut.upper(), cut.swapcase()]))
    path = data.draw(st.sampled_from(["inputs", "inputs.text", "inputs.nested", "output"]))
    query = has(piece, path, ignore_case=data.draw(st.booleans()))
    if data.draw(st.booleans()):
        query = {"$expr": {"$not": [query["$expr"]]}}
    assert indexed.find(query) == indexed.find(query, by_index=False)


def test_fill_when_there_are_calls_then_few_are_left_to_be_read(database: Database) -> None:
    other, indexed = Indexed(database), Indexed(database)
    other.write(*(call(inputs=dump({"text": "needle"})) for _ in range(5)))
    large = dump({"text": "x" * INLINE_BYTES + "LargeNeedle"})
    parts = [call(id=f"c{n}", inputs=dump({"text": f"word {n} 100%"})) for n in range(120)]
    indexed.write(*parts, call(id="large", inputs="{}", output=large))
    assert indexed.status.state == "off"
    indexed.turn(on=True)
    assert (indexed.status.state, indexed.status.progress) == ("filling", 0)
    indexed.work()
    assert (indexed.status.state, indexed.status.waiting) == ("on", 0)
    assert indexed.candidates("word 77") == 1
    assert indexed.candidates("needle") == 1
    with database.read() as connection:
        index = find_index(connection, indexed.key)
        assert index is not None
        assert replace(index, most=119).narrow("word") is None
        assert replace(index, most=120).narrow("word") is not None
    assert indexed.find(has("word 77")) == ["c77"]
    assert len(indexed.find(has("D 77 100%", ignore_case=True))) == 1
    assert indexed.find(has("largeneedle", "output.text", ignore_case=True)) == ["large"]
    assert other.status.state == "off"


def test_calls_when_they_come_change_and_go_then_index_follows(database: Database) -> None:
    indexed = Indexed(database)
    indexed.turn(on=True)
    indexed.work()
    whole = call(id="a", inputs='{"text":"before"}', output='"the answer"')
    indexed.write(start_of(whole), call(id="b", inputs='{"text":"stays"}'))
    assert (indexed.status.waiting, indexed.find(has("before"))) == (2, ["a"])
    indexed.work()
    assert indexed.status.waiting == 0
    indexed.write(end_of(whole))
    assert indexed.status.waiting == 1
    assert indexed.find(has("answer", "output")) == ["a"]
    indexed.work()
    assert indexed.candidates("answer") == 1
    with database.write() as connection:
        assert remove(connection, indexed.key, ["a"]) == 1
    indexed.write(call(id="c", inputs='{"text":"quite other"}'))
    indexed.work()
    for gone in ("answer", "before"):
        assert indexed.candidates(gone) == 0
    assert indexed.candidates("stays") == indexed.candidates("quite") == 1


def test_call_when_it_is_too_large_then_read_by_each_search(database: Database) -> None:
    indexed = Indexed(database)
    indexed.turn(on=True)
    indexed.write(call(id="a", inputs=dump({"text": "long word " * (LARGEST_BYTES // 9)})))
    indexed.work()
    assert (indexed.status.state, indexed.status.waiting) == ("on", 1)
    assert indexed.find(has("word long")) == ["a"]


def test_index_when_switched_off_then_nothing_is_left_and_on_makes_it_anew(
    database: Database,
) -> None:
    indexed = Indexed(database)
    indexed.turn(on=True)
    indexed.write(*(call(inputs=dump({"text": f"word {n}"})) for n in range(120)))
    indexed.work()
    indexed.turn(on=False)
    assert indexed.status.state == "off"
    indexed.turn(on=True)
    assert indexed.status.state == "filling"
    indexed.work()
    assert indexed.candidates("word 77") == 1
    indexed.turn(on=False)
    indexed.work()
    with database.read() as connection:
        for table in (SWITCH, INDEXED):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
        if database.dialect == SQLITE:
            left = text(
                "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'search\\_%' ESCAPE '\\'"
            )
            assert connection.execute(left).scalar_one() == 0


async def test_project_when_removed_then_nothing_is_left_of_its_index(
    database: Database, tmp_path: Path
) -> None:
    gone, kept = Indexed(database), Indexed(database)
    for indexed in (gone, kept):
        indexed.turn(on=True)
        indexed.write(call(id="a", inputs='{"text":"before"}'), call(id="b"))
        indexed.work()

    async def removed(_ids: Sequence[str]) -> set[str]:
        return {gone.project_id}

    async with trace_store(database, tmp_path) as store:
        clock = HandClock()
        await Cleaner(store, removed, clock, server_days=0).clean()
        await Indexer(store, clock).work()
    with database.read() as connection:
        for table in (SWITCH, INDEXED):
            assert set(connection.execute(select(table.c.project)).scalars()) == {kept.key}
        assert lost_places(connection) == []
    assert kept.candidates("before") == 1


def test_copy_when_it_lacks_the_index_then_made_again(database: Database) -> None:
    indexed = Indexed(database)
    indexed.turn(on=True)
    indexed.write(call(id="a", inputs='{"text":"before"}'))
    indexed.work()
    with database.write() as connection:
        if database.dialect == POSTGRESQL:
            connection.execute(text("DROP INDEX trace_search_body"))
        else:
            connection.execute(SWITCH.update().values(place="search_0123456789abcdef"))
            assert len(lost_places(connection)) == 1
    indexed.write(call(id="a", inputs='{"text":"before and after"}'))
    with database.write() as connection:
        assert find_index(connection, indexed.key) is None
        assert missing_indexes(connection) == [indexed.key]
        renew_missing(connection)
        while sweep(connection, 10):
            pass
        assert lost_places(connection) == []
    indexed.work()
    assert indexed.candidates("after") == 1
    with database.read() as connection:
        assert connection.execute(select(SWITCH.c.place)).scalar_one() != "search_0123456789abcdef"
