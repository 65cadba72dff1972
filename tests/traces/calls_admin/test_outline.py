"""A trace by columns, for trees of calls."""

import pytest

from traces.calls_admin.conftest import Place
from traces.calls_admin.setting import call, fresh_project, told, write
from traces.calls_admin.test_stats import price
from weft.kit.db import Database
from weft.traces.calls.outline.read import Outline, read_outline
from weft.traces.calls.usage.tree import TooManyCalls
from weft.traces.costs.book import EMPTY_BOOK
from weft.traces.types import ProjectKey


def outline(database: Database, project: ProjectKey, id_: str, limit: int = 100) -> Outline | None:
    with database.read() as connection:
        return read_outline(connection, project, id_, EMPTY_BOOK, limit=limit)


def test_outline_when_asked_by_any_call_then_the_whole_trace_with_what_it_tells(
    database: Database,
) -> None:
    calls = [
        call("root", started_at_us=10, usage={"llama": (30, 12), "qwen": (1, 1)}),
        call("a", "root", started_at_us=20, ended_at_us=25, usage={"llama": (10, 4)}),
        call("b", "a", started_at_us=15, ended_at_us=None),
        call("c", "nobody", started_at_us=40),
        call("other", trace_id="another"),
    ]
    project = write(database, fresh_project(), calls)
    price(database, project, "llama", 0, 0.5)
    found = outline(database, project, "b")
    assert found is not None
    assert found.ids == ["root", "b", "a", "c"]
    assert found.parents == [-1, 2, 0, -1]
    assert found.starts_us == [0, 5, 10, 30]
    assert found.lengths_us[1:3] == [None, 5]
    assert [found.statuses[n] for n in found.status][:2] == ["success", "running"]
    uses = found.uses
    told_uses = {
        (found.ids[at], found.models[model]): (
            uses.input_tokens[n],
            uses.output_tokens[n],
            uses.prices[n],
        )
        for n, (at, model) in enumerate(zip(uses.calls, uses.models, strict=True))
    }
    assert told_uses == {
        ("root", "llama"): (30, 12, 0),
        ("root", "qwen"): (1, 1, -1),
        ("a", "llama"): (10, 4, 0),
    }
    # Half a dollar for a token is so many nano-dollars for a million.
    assert found.prices[0].input == "500000000000000"


def test_outline_when_there_is_no_such_call_or_too_many_then_said_so(database: Database) -> None:
    project = write(database, fresh_project(), [call(str(n)) for n in range(5)])
    assert outline(database, project, "nobody") is None
    with pytest.raises(TooManyCalls):
        outline(database, project, "0", limit=4)


async def test_route_when_asked_then_of_those_who_may_see_it(place: Place) -> None:
    await place.write(call("a", summary=told({})))
    answer = await place.told("/trace/outline", {"call_id": "a"}, "eve")
    assert answer["outline"]["ids"] == ["a"]
    assert await place.told("/trace/outline", {"call_id": "b"}) == {"outline": None}
