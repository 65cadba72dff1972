"""Monitors at work, on both kinds of database."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from evals.monitors.house import ADA, CHARGED_NUSD, House, open_house
from weft.evals.failures import Failure
from weft.evals.monitors.types import Measure, Pause, Rule
from weft.evals.monitors.watching.items import is_sampled
from weft.evals.monitors.watching.parts import Pace
from weft.evals.values import object_in
from weft.kit.db import Database

BUDGET_NUSD = 1000


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(database, tmp_path) as house:
        yield house


def shares() -> Rule:
    return Rule(
        id="r1",
        measure=Measure.SHARE,
        scorer="Bad",
        field="flagged",
        threshold=0.4,
        window_minutes=60,
        least_n=2,
        every_minutes=30,
    )


async def test_monitor_when_servers_restart_then_the_sample_is_judged_once(house: House) -> None:
    scorer = await house.scorer("ValidJSONScorer", "Json")
    await house.live(["{}"] * 20)  # before it is switched on
    field = {"_type": "GetFieldOperator", "$getField": "inputs.question", "_bases": ["BaseModel"]}
    equal = {"_class_name": "EqOperation", "$eq": [field, {"$literal": "why"}]}
    query = {"$expr": equal}  # as the client writes it
    await house.publish("half", [scorer], sampling=0.5, op_names=["chat"], query=query)
    one, other = house.monitors(), house.monitors()
    ids = await house.live(["{}", "no"] * 40)
    await house.live(["{}"] * 5, op_name="weave:///loom/cloth/op/else:1a")
    await house.live(["{}"] * 5, exception='{"type":"E","message":"broken","traceback":[]}')
    for monitors in (one, other, one):
        await monitors.look()
        await monitors.rest()
    await one.close()
    await house.store.change(
        "proj_ours", lambda c, _key: c.exec_driver_sql("UPDATE trace_monitor SET position = 0")
    )  # as a process that saw rows late
    ids += await house.live(["{}"] * 20)
    fresh = house.monitors()
    for _ in range(3):
        await fresh.look()
        await fresh.rest()
    await fresh.close()
    judged = [row.call_id for row in await house.verdicts()]
    wanted = [id_ for id_ in ids if is_sampled(id_, 0.5)]
    assert sorted(judged) == sorted(wanted)
    assert 25 < len(judged) < 75
    standing = await house.standing("half")
    assert (standing.judged, standing.failed, standing.pause) == (len(judged), 0, Pause.NONE)
    [row, *_] = await house.verdicts()
    assert row.feedback_type == "wandb.runnable.Json"
    assert row.trigger_ref.startswith("weave:///loom/cloth/object/half:")


async def test_monitor_when_budget_is_spent_then_it_stands_still_until_the_day_turns(
    house: House,
) -> None:
    digest = await house.publish("dear", [await house.judging()])
    monitors = house.monitors()
    await house.live(["fine"] * 40)
    await monitors.look()
    await monitors.rest()
    assert (await house.standing("dear")).pause is Pause.GRANT
    assert not house.judge.asked, "nobody gave it a budget"
    await house.grant("dear", digest, BUDGET_NUSD)
    await monitors.look()
    await monitors.rest()
    await house.live(["fine"] * 40)
    for _ in range(3):
        await monitors.look()
        await monitors.rest()
    standing = await house.standing("dear")
    spent = len(house.judge.asked) * CHARGED_NUSD
    assert standing.pause is Pause.BUDGET
    assert 0 < spent <= BUDGET_NUSD
    assert standing.spent_nusd == spent
    assert standing.skipped > 0
    before = len(house.judge.asked)
    house.clock.ahead = timedelta(days=1)
    await monitors.look()
    await monitors.rest()
    await house.live(["fine"] * 2)
    await monitors.look()
    await monitors.rest()
    assert len(house.judge.asked) == before + 2
    assert (await house.standing("dear")).spent_nusd == 2 * CHARGED_NUSD
    await monitors.close()


async def test_monitor_when_it_judges_every_op_then_never_its_own_calls(house: House) -> None:
    digest = await house.publish("all", [await house.judging()])
    other = await house.publish("too", [await house.judging("Other")])
    monitors = house.monitors()
    await monitors.look()
    await monitors.rest()
    await house.grant("all", digest, 1_000_000)
    await house.grant("too", other, 1_000_000)
    for _ in range(2):
        await monitors.look()
        await monitors.rest()
    await house.live(["fine", "bad"])
    for _ in range(5):
        await monitors.look()
        await monitors.rest()
    assert len(house.judge.asked) == 4
    assert len(await house.verdicts()) == 4
    assert (await house.standing("all")).seen > 2, "it did look at what judges left"
    await monitors.close()


async def test_monitor_when_changed_by_a_client_then_its_budget_is_asked_for_anew(
    house: House,
) -> None:
    digest = await house.publish("kept", [await house.judging()])
    monitors = house.monitors()
    await monitors.look()
    await monitors.rest()
    await house.grant("kept", digest, 1_000_000)
    await monitors.look()
    await monitors.rest()
    await house.publish("kept", [await house.judging("Longer")])
    await house.live(["fine"])
    for _ in range(2):
        await monitors.look()
        await monitors.rest()
    assert (await house.standing("kept")).pause is Pause.GRANT
    assert not house.judge.asked
    await monitors.close()


async def test_monitor_when_it_looks_for_failures_then_failed_calls_have_their_kind(
    house: House,
) -> None:
    scorers = [
        await house.scorer("FailureScorer", "Failure"),
        await house.scorer("ValidJSONScorer", "Json"),
    ]
    await house.publish("failures", scorers)
    monitors = house.monitors()
    await monitors.look()
    await monitors.rest()
    [fine] = await house.live(["{}"], inputs='{"$exception": "{}", "exception": "timed out"}')
    told = '{"type":"RateLimitError","message":"slow down","traceback":[]}'
    [failed] = await house.live(["{}"], exception=told)
    for _ in range(2):
        await monitors.look()
        await monitors.rest()
    await monitors.close()
    said = {
        (row.call_id, row.feedback_type.rpartition(".")[2]): object_in(json.loads(row.payload))[
            "output"
        ]
        for row in await house.verdicts()
    }
    assert set(said) == {(fine, "Failure"), (fine, "Json"), (failed, "Failure")}
    assert not said[fine, "Failure"]["failed"]
    assert said[failed, "Failure"] == {
        **dict.fromkeys(Failure, False),
        "rate_limited": True,
        "failed": True,
        "reason": "RateLimitError: slow down",
    }


async def test_monitor_when_it_cannot_go_on_then_it_says_why(house: House) -> None:
    code = {"_type": "Mine", "_class_name": "Mine", "score": "weave:///loom/cloth/op/s:1"}
    coded = await house.shelf.publish(ADA, "Mine", code)
    await house.publish("coded", [coded])
    digest = await house.publish("poor", [await house.judging()])
    broken = await house.scorer("ContainsScorer", "Has", column="nothing")
    await house.publish("broken", [broken])
    monitors = house.monitors()
    await monitors.look()
    await monitors.rest()
    await house.grant("poor", digest, 1_000_000)
    house.judge.status = 402
    await monitors.look()
    await monitors.rest()
    await house.live(["fine"] * 6)
    await monitors.look()
    await monitors.rest()
    coded_, poor, stuck = [await house.standing(name) for name in ("coded", "poor", "broken")]
    assert coded_.pause is Pause.SCORER
    assert "code" in coded_.reason
    assert (poor.pause, poor.reason) == (Pause.REFUSED, "no credit Buy some.")
    assert stuck.pause is Pause.ERRORS
    assert "no column nothing" in stuck.last_error
    assert poor.spent_nusd == 0
    await monitors.close()


async def test_rule_when_a_share_is_too_high_then_it_is_told_no_sooner_than_it_says(
    house: House,
) -> None:
    digest = await house.publish("watch", [await house.judging()])
    monitors = house.monitors()
    await monitors.look()
    await monitors.rest()
    await house.grant("watch", digest, 1_000_000)
    await house.rules("watch", [shares()])
    await monitors.look()
    await monitors.rest()
    for outputs, alarms in ((["bad"], 0), (["fine", "bad"], 1), (["bad"] * 3, 1)):
        await house.live(outputs)
        for _ in range(2):
            await monitors.look()
            await monitors.rest()
        assert len(house.told.alarms) == alarms
    [alarm] = house.told.alarms
    assert alarm.subject == "Monitor watch: share of Bad.flagged is 66.7%, above 40.0%"
    assert alarm.path == "/loom/cloth/weave/monitors/watch"
    house.clock.ahead = timedelta(minutes=31)
    await monitors.look()
    await monitors.rest()
    assert len(house.told.alarms) == 2
    await monitors.close()


async def test_backlog_when_it_is_full_then_the_rest_is_passed_over_and_counted(
    house: House,
) -> None:
    house.pace = Pace(5.0, 12, 10)
    await house.publish("slow", [await house.scorer("ValidJSONScorer", "Json")])
    monitors = house.monitors()
    await monitors.look()
    await monitors.rest()
    await house.live(["{}"] * 30)
    await monitors.look()
    await monitors.rest()
    standing = await house.standing("slow")
    assert (standing.judged, standing.skipped, standing.seen) == (1, 20, 30)
    await monitors.close()
