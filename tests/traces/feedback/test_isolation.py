"""No function of the stores of feedback, costs and queues finds or changes what another project has."""

import contextlib
import inspect
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Connection, insert, text
from sqlalchemy import inspect as look

from weft.kit.db import Database
from weft.kit.errors import NotFound
from weft.traces.costs import prices, store
from weft.traces.feedback import aggregate, on_agents, read, stats, window, write
from weft.traces.feedback.aggregate import AggregateBody
from weft.traces.feedback.parts import FeedbackPart
from weft.traces.feedback.stats import FeedbackStatsBody, Metric, SchemaBody, feedback_span
from weft.traces.query.listing import Listing
from weft.traces.queues import items
from weft.traces.queues import store as queues
from weft.traces.queues.schema import ITEM, QUEUE
from weft.traces.queues.types import ItemFilter, Page, Queue, State
from weft.traces.schema import CALL
from weft.traces.types import ProjectKey

OURS, THEIRS = ProjectKey(1), ProjectKey(2)
MODEL, QUEUE_ID, ITEM_ID = "model", "queue-1", "item-1"
ALL = Listing(None, (), 100, 0, None)
NOW = datetime(1970, 1, 2, tzinfo=UTC)
BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
PART = FeedbackPart("fb-1", "weave:///a/b/call/call-1", "mine", '{"n":1}', "ada", 1, "call-1")
ON_TURN = FeedbackPart(
    "fb-0", "weave:///a/b/agent_turn/t", "wandb.agent_user_feedback", "{}", "ada", 1
)
PRICE = store.NewPrice("price-1", MODEL, "default", 0, 1.0, 2.0, 0.0, 0.0, "USD", "USD", "ada", 1)
STATS = FeedbackStatsBody("", BEGIN, NOW, metrics=[Metric("n")])
SCHEMA = SchemaBody("", BEGIN, NOW)

Ask = Callable[[Connection, ProjectKey], Any]


def added(connection: Connection, project: ProjectKey) -> tuple[Any, Any]:
    turn: dict[str, Any] = {"trace_id": "t", "messages": [], "feedback": []}
    on_agents.add_to_turns(connection, project, "a/b", [turn])
    talk: dict[str, Any] = {"conversation_id": "c", "spans": [turn], "spans_feedback": []}
    on_agents.add_to_conversations(connection, project, "a/b", [talk])
    return turn["feedback"], talk["spans_feedback"]


FINDS: dict[str, Ask] = {
    "feedback.read.list_feedback": lambda c, p: read.list_feedback(c, p, "a/b", ALL)[0],
    "feedback.window.rows_between": lambda c, p: list(window.rows_between(c, p, 0, 9, ())),
    "feedback.aggregate.aggregate": lambda c, p: aggregate.aggregate(
        c, p, AggregateBody("", 0, 9, group_by=["scorer_id"])
    ),
    "feedback.stats.stats": lambda c, p: stats.stats(c, p, STATS, feedback_span(STATS, NOW))[1][
        "n"
    ]["max"],
    "feedback.stats.payload_schema": lambda c, p: stats.payload_schema(
        c, p, SCHEMA, feedback_span(SCHEMA, NOW)
    ),
    "feedback.write.delete_feedback": lambda c, p: write.delete_feedback(c, p, ["fb-1"]),
    "feedback.write.forget_calls": lambda c, p: write.forget_calls(c, p, ["call-1"]),
    "feedback.on_agents.feedback_on": lambda c, p: on_agents.feedback_on(
        c, p, "a/b", [PART.weave_ref]
    ),
    "feedback.on_agents.add_to_turns": lambda c, p: added(c, p)[0],
    "feedback.on_agents.add_to_conversations": lambda c, p: added(c, p)[1],
    "costs.prices.prices_of": lambda c, p: prices.prices_of(c, p, [MODEL])[MODEL],
    "costs.store.list_prices": lambda c, p: store.list_prices(c, p, "a/b", ALL),
    "costs.store.delete_prices": lambda c, p: store.delete_prices(c, p, ["price-1"]),
    "queues.store.list_queues": lambda c, p: queues.list_queues(c, p, None, Page()),
    "queues.store.live_queues": lambda c, p: queues.live_queues(c, p, [QUEUE_ID]),
    "queues.items.stats_of": lambda c, p: items.stats_of(c, p, [QUEUE_ID])[0].total_items,
}
RAISES: dict[str, Ask] = {
    "queues.store.get_queue": lambda c, p: queues.get_queue(c, p, QUEUE_ID),
    "queues.store.update_queue": lambda c, p: queues.update_queue(c, p, QUEUE_ID, 9, name="x"),
    "queues.store.delete_queue": lambda c, p: queues.delete_queue(c, p, QUEUE_ID, 9),
    "queues.items.list_items": lambda c, p: items.list_items(c, p, QUEUE_ID, ItemFilter(), Page()),
    "queues.items.set_progress": lambda c, p: items.set_progress(
        c, p, QUEUE_ID, ITEM_ID, annotator_id="ada", state=State.COMPLETED, now_us=9
    ),
    "queues.items.add_calls": lambda c, p: items.add_calls(
        c, p, QUEUE_ID, ["call-1"], display_fields=[], user_id="ada", now_us=9
    ),
}
ADDS: dict[str, Ask] = {
    "feedback.write.insert_feedback": lambda c, p: write.insert_feedback(c, p, [ON_TURN, PART]),
    "costs.store.insert_prices": lambda c, p: store.insert_prices(c, p, [PRICE]),
    "queues.store.create_queue": lambda c, p: queues.create_queue(
        c, p, Queue("", "name", "", (), "ada", 1, 1)
    ),
}
MODULES = (on_agents, read, window, aggregate, stats, write, prices, store, queues, items)


@pytest.fixture
def filled(shared_database: Database) -> Database:
    """Our project has one of everything; theirs has nothing."""
    with shared_database.write() as connection:
        for name in look(connection).get_table_names():
            if name.startswith("trace_"):
                connection.execute(text(f'DELETE FROM "{name}"'))
        for add in ADDS.values():
            add(connection, OURS)
        connection.execute(insert(CALL), _call())
        connection.execute(insert(QUEUE), _queue())
        connection.execute(insert(ITEM), _item())
    return shared_database


def test_functions_when_asked_for_another_project_then_find_nothing(filled: Database) -> None:
    for name, find in FINDS.items():
        with _undone(filled) as connection:
            assert not find(connection, THEIRS), name
            assert find(connection, OURS), name
    for name, find in RAISES.items():
        with _undone(filled) as connection:
            with pytest.raises(NotFound):
                pytest.fail(f"{name} found {find(connection, THEIRS)}")
            find(connection, OURS)


def test_functions_when_they_add_and_remove_in_another_project_then_ours_stays(
    filled: Database,
) -> None:
    with filled.write() as connection:
        for add in ADDS.values():
            add(connection, THEIRS)  # with the ids that ours has
        taken = FeedbackPart("fb-2", "ref", "mine", "{}", "mel", 1, replaces="fb-1")
        write.insert_feedback(connection, THEIRS, [taken])
        write.delete_feedback(connection, THEIRS, ["fb-0", "fb-1", "fb-2"])
        store.delete_prices(connection, THEIRS, ["price-1"])
        assert read.list_feedback(connection, THEIRS, "c/d", ALL) == ([], 0)
        assert store.list_prices(connection, THEIRS, "c/d", ALL) == []
        assert [row["id"] for row in read.list_feedback(connection, OURS, "a/b", ALL)[0]] == [
            "fb-0",
            "fb-1",
        ]
        assert len(store.list_prices(connection, OURS, "a/b", ALL)) == 1


def test_functions_when_listed_then_each_has_its_place_here() -> None:
    listed = {
        f"{module.__name__.removeprefix('weft.traces.')}.{name}"
        for module in MODULES
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if _is_store_function(module, name, function)
    }
    assert listed == {*FINDS, *RAISES, *ADDS}


@contextlib.contextmanager
def _undone(database: Database) -> Generator[Connection]:
    """A transaction that comes to nothing."""
    with contextlib.suppress(_UndoneError), database.write() as connection:
        yield connection
        raise _UndoneError


class _UndoneError(Exception):
    pass


def _is_store_function(module: ModuleType, name: str, function: Callable[..., Any]) -> bool:
    return (
        function.__module__ == module.__name__
        and not name.startswith("_")
        and list(inspect.signature(function).parameters)[:2] == ["connection", "project"]
    )


def _call() -> dict[str, Any]:
    zeros = dict.fromkeys(("input_tokens", "output_tokens", "size_bytes"), 0)
    told = {"id": "call-1", "trace_id": "t", "op_name": "op", "op": "op", "status": "success"}
    return {"seq": 1, "project": OURS, "started_at_us": 1, **told, **zeros}


def _queue() -> dict[str, Any]:
    words = {"name": "n", "description": "", "scorer_refs": "[]", "created_by": "ada"}
    return {"project": OURS, "id": QUEUE_ID, **words, "created_at_us": 1, "updated_at_us": 1}


def _item() -> dict[str, Any]:
    return {
        "project": OURS,
        "id": ITEM_ID,
        "queue_id": QUEUE_ID,
        "place": 1,
        "call_id": "call-0",
        "call_started_at_us": 1,
        "call_op_name": "op",
        "call_trace_id": "t",
        "display_fields": "[]",
        "added_by": "ada",
        "created_at_us": 1,
    }
