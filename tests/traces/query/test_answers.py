"""Questions with known answers, asked of SQLite and PostgreSQL."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, select, text

from traces.query.library import Question, answer, feedback, parts
from traces.query.questions import QUESTIONS
from weft.kit.db import SQLITE, Database
from weft.traces.calls.parts import WriteCalls
from weft.traces.calls.read.find import Search, places
from weft.traces.calls.read.wire import CallFilter
from weft.traces.calls.write import CallWriter
from weft.traces.feedback.parts import WriteFeedback
from weft.traces.feedback.write import FeedbackWriter
from weft.traces.plans import seed_plans
from weft.traces.projects import ProjectKeys
from weft.traces.query.compile import SortBy
from weft.traces.query.parse import parse_query
from weft.traces.schema import CALL
from weft.traces.types import ProjectKey

CALLS, TOLD = parts(), feedback()
Ask = Callable[[Question], list[str]]


@pytest.fixture(scope="module")
def reading(shared_database: Database) -> Iterator[tuple[Connection, ProjectKey]]:
    keys = ProjectKeys()
    with shared_database.write() as connection:
        for project in ("others", "ours"):
            CallWriter(keys).apply(connection, [WriteCalls(project, CALLS)])
            FeedbackWriter(keys).apply(connection, [WriteFeedback(project, TOLD)])
    seed_plans(shared_database)
    with shared_database.read() as connection:
        key = keys.find(connection, "ours")
        assert key is not None
        yield connection, key


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_a_question_has_its_answer(
    reading: tuple[Connection, ProjectKey], question: Question
) -> None:
    connection, key = reading
    search = Search(key, question.filter, parse_query(question.query))
    wanted = search.statement(question.sort_by, question.limit, question.offset)
    found = places(connection, wanted)
    ids = {row.seq: row.id for row in connection.execute(select(CALL.c.seq, CALL.c.id))}
    asked = [ids[seq] for seq in found]
    assert asked == answer(question, CALLS, TOLD)
    if question.by_hand is not None:
        by_hand = [f"c{number:03}" for number in question.by_hand]
        assert (asked if question.sort else sorted(asked)) == by_hand
    if question.limit is None and not question.offset:
        assert search.count(connection).count == len(asked)


@pytest.mark.parametrize(
    ("given", "index"),
    [
        (CallFilter(trace_roots_only=True), "trace_call_root"),
        (CallFilter(op_names=["weave:///t/p/op/predict:*"]), "trace_call_op"),
        (CallFilter(op_names=["weave:///t/p/op/predict:v1"], trace_roots_only=True), "trace_call_"),
        (CallFilter(trace_ids=["t1"]), "trace_call_trace"),
        (CallFilter(parent_ids=["c1"]), "trace_call_parent"),
        (CallFilter(call_ids=["c1"]), "trace_call_id"),
        (CallFilter(thread_ids=["th1"]), "trace_call_thread"),
        (CallFilter(), "trace_call_started"),
    ],
    ids=str,
)
def test_a_page_is_found_by_an_index(
    reading: tuple[Connection, ProjectKey], given: CallFilter, index: str
) -> None:
    connection, key = reading
    if connection.dialect.name != SQLITE:
        pytest.skip("PostgreSQL reads small tables from end to end")
    wanted = Search(key, given, None).statement([SortBy("started_at", "desc")], 100)
    compiled = wanted.compile(connection, compile_kwargs={"literal_binds": True})
    plan = [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))]
    assert f"USING INDEX {index}" in plan[0] or f"USING COVERING INDEX {index}" in plan[0], plan
    assert not any(step.startswith("SCAN") for step in plan), plan


def test_a_time_is_found_by_an_index(reading: tuple[Connection, ProjectKey]) -> None:
    connection, key = reading
    if connection.dialect.name != SQLITE:
        pytest.skip("PostgreSQL reads small tables from end to end")
    since = {"$gte": [{"$getField": "started_at"}, {"$literal": 1_790_000_000}]}
    wanted = Search(key, None, parse_query({"$expr": since})).statement(limit=100)
    compiled = wanted.compile(connection, compile_kwargs={"literal_binds": True})
    [step] = [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))]
    assert "trace_call_started (project=? AND started_at_us>?" in step
