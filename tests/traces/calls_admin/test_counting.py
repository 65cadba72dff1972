"""Hourly sums are right in whatever order calls come, come twice, change and go."""

from collections import defaultdict
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from traces.calls_admin.setting import NOON_US, call, fresh_project, told, write
from traces.stores import end_of, start_of
from weft.kit.db import Database
from weft.traces.calls.change.remove import remove
from weft.traces.calls.facts import usage_of
from weft.traces.calls.parts import CallPart
from weft.traces.calls.rollups import OF_USES, bucket_of, main_model
from weft.traces.json_text import load
from weft.traces.schema import ROLLUP
from weft.traces.types import HOUR_US, ProjectKey

Sums = dict[tuple[int, str, str], dict[str, Any]]
PREDICT = "weave:///loom/cloth/op/predict"
MODELS = ("llama", "qwen")


def rollups(database: Database, project: ProjectKey) -> Sums:
    with database.read() as connection:
        rows = (
            connection.execute(select(ROLLUP).where(ROLLUP.c.project == project)).mappings().all()
        )
    found: Sums = {}
    for row in rows:
        values = {
            name: row[name] for name in row if name not in {"project", "hour_us", "op", "model"}
        }
        values["histogram"] = load(values["histogram"])
        found[row["hour_us"], row["op"], row["model"]] = values
    return found


def plain_sums(calls: dict[str, CallPart]) -> Sums:
    """The same from nothing but the calls themselves, those that ended."""
    slots: dict[tuple[int, str, str], dict[str, Any]] = defaultdict(
        lambda: {
            **dict.fromkeys(ROLLUP.columns.keys()[4:-1], 0),
            "histogram": defaultdict[str, int](int),
        }
    )
    usages = {id_: usage_of(part.summary) for id_, part in calls.items()}
    for id_, part in calls.items():
        own: dict[str, Any] = {}
        for model, used in usages[id_].items():
            left = type(used)(
                *(
                    max(
                        getattr(used, name)
                        - sum(
                            getattr(usages[child][model], name)
                            for child, its in calls.items()
                            if its.parent_id == id_ and child != id_ and model in usages[child]
                        ),
                        0,
                    )
                    for name in used.__struct_fields__
                )
            )
            if left != type(used)():
                own[model] = left
        hour_us = part.started_at_us // HOUR_US * HOUR_US
        latency_us = max((part.ended_at_us or 0) - part.started_at_us, 0)
        slot = slots[hour_us, PREDICT, main_model(own)]
        slot["calls"] += 1
        slot["errors"] += part.exception is not None
        slot["latency_us"] += latency_us
        slot["histogram"][str(bucket_of(latency_us))] += 1
        for model, used in own.items():
            slot = slots[hour_us, PREDICT, model]
            slot["uses"] += 1
            for name in OF_USES:
                slot[name] += getattr(used, name)
    return dict(slots)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[CallPart], dict[str, CallPart], list[int], list[str]]:
    """Parts of some calls in some order, cut into batches; the calls as they end up; which of them are removed."""
    count = draw(st.integers(1, 6))
    parts: list[CallPart] = []
    for number in range(count):
        for _again in range(draw(st.integers(1, 2))):
            models = draw(st.sets(st.sampled_from(MODELS)))
            tokens = st.integers(0, 20)
            whole = call(
                str(number),
                draw(st.sampled_from([None, *map(str, range(count))])),
                usage={model: (draw(tokens), draw(tokens)) for model in sorted(models)},
                started_at_us=NOON_US + draw(st.integers(0, 2)) * HOUR_US // 2,
                exception=draw(st.sampled_from([None, "boom"])),
            )
            whole.ended_at_us = whole.started_at_us + draw(st.integers(0, 5_000_000))
            is_whole = draw(st.booleans())
            parts += [whole] if is_whole else [start_of(whole), end_of(whole)]
    parts = draw(st.permutations(parts))
    final: dict[str, CallPart] = {}
    for part in parts:
        before = final.setdefault(part.id, CallPart(part.id))
        if part.has_start:
            before.op_name, before.parent_id = part.op_name, part.parent_id
            before.started_at_us = part.started_at_us
        if part.ended_at_us is not None:
            before.ended_at_us, before.summary = part.ended_at_us, part.summary
            before.exception = part.exception
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=len(parts)))
    removed = draw(st.lists(st.sampled_from(sorted(final)), unique=True, max_size=3))
    return parts, final, sizes, removed


def batches(parts: list[CallPart], sizes: list[int]) -> list[list[CallPart]]:
    cut: list[list[CallPart]] = []
    at = 0
    for size in sizes:
        cut.append(parts[at : at + size])
        at += size
    return [batch for batch in (*cut, parts[at:]) if batch]


def check_history(
    database: Database,
    history: tuple[list[CallPart], dict[str, CallPart], list[int], list[str]],
) -> None:
    parts, final, sizes, removed = history
    project = write(database, fresh_project(), *batches(parts, sizes))
    assert rollups(database, project) == plain_sums(final)
    with database.write() as connection:
        remove(connection, project, removed)
    kept = {id_: part for id_, part in final.items() if id_ not in removed}
    assert rollups(database, project) == plain_sums(kept)


@given(history=histories())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sums_when_parts_come_in_any_order_then_those_of_the_calls(
    shared_database: Database,
    history: tuple[list[CallPart], dict[str, CallPart], list[int], list[str]],
) -> None:
    check_history(shared_database, history)


def test_sums_when_a_child_comes_after_its_parents_end_then_counted_once(
    database: Database,
) -> None:
    parent = call("parent", usage={"llama": (10, 5)})
    child = call("child", "parent", usage={"llama": (10, 5)})
    project = write(database, fresh_project(), [parent], [child], [child])
    assert rollups(database, project) == plain_sums({"parent": parent, "child": child})
    with database.write() as connection:
        assert remove(connection, project, ["child", "parent"]) == 2
    assert rollups(database, project) == {}


def test_sums_when_numbers_are_nonsense_then_still_written(database: Database) -> None:
    huge = told({"llama": (10**300, 10**18)})
    calls = [
        call(str(n), summary=huge, started_at_us=0, ended_at_us=250_000_000_000_000_000)
        for n in range(50)
    ]
    project = write(database, fresh_project(), calls)
    [sums] = rollups(database, project).values()
    assert sums["calls"] == 50
    assert sums["input_tokens"] == 50 * 10**12
