# pyright: reportPrivateUsage=false
"""Parts of calls in any order, any number of times, come to the same calls and the same sums."""

import itertools
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from traces.stores import OTHER, PROJECT, START_US, call, end_of, start_of
from weft.app.storage import TRACE_MIGRATIONS
from weft.kit.db import Database
from weft.kit.migrations import migrate
from weft.traces.calls.parts import CallPart, WriteCalls
from weft.traces.calls.write import INLINE_BYTES, CallWriter
from weft.traces.projects import ProjectKeys
from weft.traces.schema import BLOB, CALL, ORPHAN, PAYLOAD, ROLLUP


class Books:
    """A database and what writes calls into it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._writer = CallWriter(ProjectKeys())

    def write(self, *parts: CallPart, project: str = PROJECT) -> None:
        with self.database.write() as connection:
            self._writer.apply(connection, [WriteCalls(project, list(parts))])

    def calls(self) -> list[dict[str, Any]]:
        """All there is of every call but `seq`, by id."""
        wanted = select(CALL, PAYLOAD).join(PAYLOAD, PAYLOAD.c.seq == CALL.c.seq)
        with self.database.read() as connection:
            rows = [row._asdict() for row in connection.execute(wanted.order_by(CALL.c.id))]
        for row in rows:
            del row["seq"], row["seq_1"]
        return rows

    def sums(self) -> list[dict[str, Any]]:
        """The roll-ups that are not empty."""
        with self.database.read() as connection:
            rows = connection.execute(
                select(ROLLUP).order_by(ROLLUP.c.hour_us, ROLLUP.c.op, ROLLUP.c.model)
            )
            return [row._asdict() for row in rows if row.calls or row.requests or row.output_tokens]

    def orphans(self) -> int:
        with self.database.read() as connection:
            return len(connection.execute(select(ORPHAN)).all())


@pytest.fixture
def books(database: Database) -> Books:
    return Books(database)


def usage(model: str, prompt: int, completion: int) -> str:
    counts = {"requests": 1, "prompt_tokens": prompt, "completion_tokens": completion}
    return json.dumps({"usage": {model: counts}, "status_counts": {"success": 1, "error": 0}})


def test_call_when_start_and_end_come_apart_then_is_as_if_it_came_whole(books: Books) -> None:
    whole = call(id="one", summary=usage("m", 3, 4), exception=None)
    books.write(start_of(whole))
    assert books.calls()[0]["status"] == "running"
    books.write(end_of(whole))
    apart = books.calls()
    books.write(call(id="two", summary=usage("m", 3, 4)))
    [one, two] = books.calls()
    assert [one] == apart
    assert {**one, "id": "two", "trace_id": "trace-two"} == two


def test_end_when_it_comes_before_its_start_then_waits_and_is_no_call(books: Books) -> None:
    whole = call(id="early", summary=usage("m", 3, 4))
    books.write(end_of(whole))
    assert (books.calls(), books.orphans()) == ([], 1)
    books.write(start_of(whole))
    [found] = books.calls()
    assert (found["status"], found["output"], books.orphans()) == ("success", '"done"', 0)


def test_call_when_it_failed_then_says_so(books: Books) -> None:
    below = json.dumps({"status_counts": {"success": 0, "error": 2}})
    books.write(call(id="a", exception="boom"), call(id="b", summary=below))
    assert [one["status"] for one in books.calls()] == ["error", "descendant_error"]
    assert [row["errors"] for row in books.sums()] == [1]


def test_call_when_its_payload_is_large_then_lies_apart_once(books: Books) -> None:
    text = json.dumps({"text": "long " * INLINE_BYTES})
    books.write(call(id="a", inputs=text), call(id="b", inputs=text, output=text))
    [a, b] = books.calls()
    assert (a["inputs"], a["inputs_blob"]) == ("{}", b["output_blob"])
    with books.database.read() as connection:
        assert [row.body for row in connection.execute(select(BLOB))] == [text]


def test_call_when_ids_are_the_same_in_two_projects_then_they_are_two(books: Books) -> None:
    books.write(call(id="same", inputs='{"whose":"ours"}'))
    books.write(call(id="same", inputs='{"whose":"theirs"}'), project=OTHER)
    assert [one["inputs"] for one in books.calls()] == ['{"whose":"ours"}', '{"whose":"theirs"}']


def test_call_when_sent_again_then_nothing_is_doubled(books: Books) -> None:
    parts = [
        call(id="child", parent_id="root", summary=usage("m", 3, 4)),
        call(id="root", summary=usage("m", 3, 4)),
    ]
    books.write(*parts)
    before = books.calls(), books.sums()
    books.write(*parts)
    books.write(parts[1])
    assert (books.calls(), books.sums()) == before


def test_sums_when_ancestors_repeat_their_childrens_usage_then_it_counts_once(books: Books) -> None:
    books.write(
        call(id="leaf", parent_id="middle", summary=usage("m", 30, 40)),
        call(id="middle", parent_id="root", summary=usage("m", 30, 40)),
        call(id="root", summary=usage("m", 30, 40)),
    )
    assert sum(row["input_tokens"] for row in books.sums()) == 30
    assert sum(row["output_tokens"] for row in books.sums()) == 40
    assert sum(row["calls"] for row in books.sums()) == 3


def test_call_when_somebody_named_it_then_its_end_leaves_the_name(books: Books) -> None:
    whole = call(id="named")
    books.write(start_of(whole))
    with books.database.write() as connection:
        connection.execute(CALL.update().values(display_name="mine"))
    books.write(end_of(whole))
    books.write(start_of(whole))
    assert books.calls()[0]["display_name"] == "mine"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "traces.db"
    database = Database(path)
    migrate(database, TRACE_MIGRATIONS)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@settings(max_examples=40)
@given(
    order=st.permutations(range(18)),
    again=st.lists(st.integers(0, 17), max_size=10),
    cuts=st.lists(st.integers(1, 9), min_size=1, max_size=6),
)
def test_parts_when_they_come_in_any_order_and_number_then_come_to_the_same(
    order: list[int],
    again: list[int],
    cuts: list[int],
    template: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    whole = [
        call(
            id=f"c{n}",
            parent_id=f"c{n // 2}" if n else None,
            started_at_us=START_US + n,
            ended_at_us=START_US + 1000 * (9 - n),
            exception="boom" if n == 3 else None,
            output='"' + "x" * INLINE_BYTES + '"' if n == 2 else '"done"',
        )
        for n in range(6)
    ]
    pieces = [piece for part in whole for piece in (start_of(part), end_of(part), part)]
    sent = [pieces[at] for at in (*order, *again)]
    folder = tmp_path_factory.mktemp("books")
    books, plain = (_books(folder / name, template) for name in ("a.db", "b.db"))
    for size in itertools.cycle(cuts):
        books.write(*sent[:size])
        sent = sent[size:]
        if not sent:
            break
    plain.write(*whole)
    assert books.calls() == plain.calls()
    assert books.sums() == plain.sums()
    for one in (books, plain):
        one.database.close()


def _books(path: Path, template: Path) -> Books:
    shutil.copy(template, path)
    return Books(Database(path))
