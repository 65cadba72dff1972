"""What calls used with everything below them."""

from typing import Any

import pytest

from traces.calls_admin.conftest import Place
from traces.calls_admin.setting import call, fresh_project, told, write
from traces.calls_admin.test_stats import price
from weft.kit.db import Database
from weft.traces.calls.usage.tree import TooManyCalls, UsageTree, usage_below
from weft.traces.costs.book import EMPTY_BOOK
from weft.traces.types import ProjectKey


def used(database: Database, project: ProjectKey, *ids: str, limit: int = 100) -> UsageTree:
    with database.read() as connection:
        return usage_below(connection, project, ids, limit=limit, book=EMPTY_BOOK)


def tokens(tree: UsageTree, id_: str) -> dict[str, tuple[int, int]]:
    return {
        model: (used.usage.input_tokens, used.usage.output_tokens)
        for model, used in tree.used[id_].items()
    }


def test_usage_when_ancestors_tell_it_too_then_counted_once(database: Database) -> None:
    project = write(
        database,
        fresh_project(),
        [
            call("root", usage={"llama": (30, 12), "qwen": (1, 1)}),
            call("a", "root", usage={"llama": (10, 4)}),
            call("b", "root", usage={"llama": (20, 8)}),
            call("other", usage={"llama": (9, 9)}),
        ],
    )
    price(database, project, "llama", 0, 0.5)
    tree = used(database, project, "root", "a", "nobody")
    assert set(tree.used) == {"root", "a"}
    assert tokens(tree, "root") == {"llama": (30, 12), "qwen": (1, 1)}
    assert tokens(tree, "a") == {"llama": (10, 4)}
    costs = tree.used["root"]["llama"].costs
    assert costs is not None
    assert [float(cost) for cost in costs] == [15.0, 6.0, 0, 0]
    assert tree.used["root"]["qwen"].costs is None


def test_usage_when_only_leaves_tell_it_then_it_is_added_up(database: Database) -> None:
    project = write(
        database,
        fresh_project(),
        [
            call("root"),
            call("middle", "root", ended_at_us=None),
            call("a", "middle", usage={"llama": (10, 4)}),
            call("b", "middle", usage={"llama": (20, 8)}),
        ],
    )
    tree = used(database, project, "root")
    assert tokens(tree, "root") == {"llama": (30, 12)}
    assert tree.unfinished == ["middle"]


def test_usage_when_calls_go_round_in_a_circle_then_it_ends(database: Database) -> None:
    project = write(
        database,
        fresh_project(),
        [call("a", "b", usage={"m": (1, 1)}), call("b", "a"), call("c", "c", usage={"m": (2, 2)})],
    )
    assert tokens(used(database, project, "a"), "a") == {"m": (1, 1)}
    assert tokens(used(database, project, "c"), "c") == {"m": (2, 2)}


def test_usage_when_there_are_more_calls_than_allowed_then_refused(database: Database) -> None:
    project = write(database, fresh_project(), [call(str(n)) for n in range(5)])
    with pytest.raises(TooManyCalls):
        used(database, project, "0", limit=4)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/calls/usage", {"call_ids": ["a"], "include_costs": True}),
        ("/trace/usage", {"filter": {"trace_ids": ["trace"]}}),
    ],
)
async def test_route_when_asked_then_in_the_shape_of_the_api(
    place: Place, path: str, body: dict[str, Any]
) -> None:
    cached = (
        '{"usage":{"m":{"prompt_tokens":5,"completion_tokens":2,"requests":1,'
        '"cache_read_input_tokens":3}}}'
    )
    await place.write(call("a", summary=cached), call("b", trace_id="other", summary=told({})))
    assert await place.told(path, body, "eve") == {
        "call_usage": {
            "a": {
                "m": {
                    "requests": 1,
                    "prompt_tokens": 5,
                    "completion_tokens": 2,
                    "total_tokens": 7,
                    "cache_read_input_tokens": 3,
                    "cache_creation_input_tokens": 0,
                    "prompt_tokens_total_cost": None,
                    "completion_tokens_total_cost": None,
                    "cache_read_input_tokens_total_cost": None,
                    "cache_creation_input_tokens_total_cost": None,
                }
            }
        },
        "unfinished_call_ids": [],
    }


async def test_route_when_the_project_is_empty_then_nothing(place: Place) -> None:
    answer = await place.told("/calls/usage", {"call_ids": ["a"]})
    assert answer == {"call_usage": {}, "unfinished_call_ids": []}
