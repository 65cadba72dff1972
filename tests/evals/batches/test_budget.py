"""The budget of a batch: never passed, whatever questions cost, whoever is killed, and however often it is resumed."""

import random
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from conformance.server import TEAM, Weft, running_weft
from evals.batches.conftest import Evals, dataset, wanted
from evals.conftest import NAME, Client
from evals.test_runs import results
from weft.evals.batches import budget, store
from weft.evals.batches.budget import Question, Reservation, Settling
from weft.evals.batches.schema import ASK, BATCH
from weft.evals.batches.store import Batch, Run
from weft.kit.db import Database
from weft.ledger.schema import hold as hold_table
from weft.ledger.schema import usage as usage_table

OWNER = "gw_one"


def batch(budget_nusd: int) -> Batch:
    run = Run(0, "call", "m", "m", "ref", store.RUNNING, 9, 0, 0, 0, 1, None)
    return Batch(
        id="batch_1",
        project_id="proj_ours",
        name="b",
        description=None,
        evaluation_ref="",
        dataset_ref="",
        definition="{}",
        budget_nusd=budget_nusd,
        spent_nusd=0,
        held_nusd=0,
        state=store.RUNNING,
        reason="",
        remedy="",
        owner=OWNER,
        made_by="user_1",
        by="",
        questions_total=9,
        created_at_us=1,
        ended_at_us=None,
        is_orphan=False,
        runs=(run,),
    )


def used(request_id: str, cost_nusd: int, status: int = 200) -> dict[str, Any]:
    """A usage record."""
    zero = {
        column.name: "" if "TEXT" in str(column.type) else 0
        for column in usage_table.columns
        if column.name not in {"id", "cost_nusd", "status"}
    }
    return {**zero, "stream": False, "id": request_id, "cost_nusd": cost_nusd, "status": status}


@pytest.mark.parametrize("seed", range(3))
def test_budget_when_questions_cost_anything_and_processes_die_then_never_passed(
    database: Database, seed: int
) -> None:
    """A walk over all that can happen, in any order: reserve, charge, crash, be taken over by another process."""
    chance = random.Random(seed)
    most = chance.randrange(1_000, 50_000)
    charged, owner, open_holds = 0, OWNER, dict[str, int]()
    with database.write() as connection:
        store.add_batch(connection, batch(most))
    for step in range(120):
        with database.write() as connection:
            act = chance.random()
            if act < 0.5:
                question = Question("batch_1", 0, step, 0, "s")
                wish = Reservation(question, owner, chance.randrange(1, 5_000), step)
                budget.reserve(connection, [wish])
                if wish.request_id:
                    open_holds[wish.request_id] = wish.worst_nusd
                    row = {c.name: "" if "TEXT" in str(c.type) else 0 for c in hold_table.columns}
                    told = {**row, "stream": False, "id": wish.request_id}
                    connection.execute(
                        hold_table.insert().values(**{**told, "amount_nusd": wish.worst_nusd})
                    )
            elif act < 0.9 and open_holds:
                request_id = chance.choice(sorted(open_holds))
                worst = open_holds.pop(request_id)
                gone = hold_table.delete().where(hold_table.c.id == request_id)
                connection.execute(gone)
                cost = chance.choice([0, worst, chance.randrange(worst + 1)])
                charged += cost
                connection.execute(usage_table.insert().values(**used(request_id, cost)))
                if chance.random() < 0.5:  # else the process died before it noted the charge
                    budget.sealing(request_id, 200, b"{}", step)(connection)
            else:
                settling = Settling("batch_1", step)
                budget.settle_open(connection, [settling])
                assert settling.left == len(open_holds)
            now = connection.execute(
                select(BATCH.c.spent_nusd, BATCH.c.held_nusd).where(BATCH.c.id == "batch_1")
            ).one()
        assert charged <= now.spent_nusd + now.held_nusd <= most
    with database.write() as connection:
        for request_id in open_holds:
            connection.execute(hold_table.delete().where(hold_table.c.id == request_id))
        budget.settle_open(connection, [Settling("batch_1", 999)])
        spent, held = connection.execute(select(BATCH.c.spent_nusd, BATCH.c.held_nusd)).one()
        assert (spent, held) == (charged, 0)
        assert spent == sum(connection.execute(select(ASK.c.charged_nusd)).scalars())


def rows(count: int, delay_ms: int = 0) -> list[dict[str, Any]]:
    chance = random.Random(count)
    return [
        {
            "user_input": f"[[fake: tokens={chance.randrange(20, 60)} delay_ms={delay_ms}]] word {n}",
            "expected": "word",
        }
        for n in range(count)
    ]


def test_batch_when_budget_is_short_then_stops_below_it_and_goes_on_with_more(
    client: Client,
) -> None:
    evals = Evals(client)
    body = wanted(dataset(client, rows(12), "Short"), concurrency=2, budget_nusd="1600000")
    whole = evals.estimate(body)
    assert int(whole["keeps_nusd"]) < 1_600_000 < int(whole["most_nusd"])
    told = evals.ended(evals.start(body)["id"])
    assert told["state"] == "out_of_budget", told
    assert 0 < int(told["spent_nusd"]) <= 1_600_000
    assert "max_tokens" in told["remedy"]
    done = told["runs"][0]["rows_done"]
    assert 0 < done < 12
    half = results(client, told["runs"][0]["call_id"])
    assert half["total_rows"] == done
    low = evals.ask("POST", f"/batches/{told['id']}/resume", {"budget_nusd": "1"})
    assert low.status_code == 409
    before = client.weft.total_requests()
    evals.ok("POST", f"/batches/{told['id']}/resume", {"budget_nusd": "50000000"})
    again = evals.ended(told["id"])
    assert (again["state"], again["runs"][0]["rows_done"]) == ("done", 12), again
    assert client.weft.total_requests() == before + 12 - done
    assert int(again["spent_nusd"]) <= 50_000_000
    status = client.ok("/evaluations/status", {"call_id": told["runs"][0]["call_id"]})["status"]
    assert status["code"] == "complete"


def test_batch_when_stopped_then_keeps_what_was_answered_and_asks_the_rest(client: Client) -> None:
    evals = Evals(client)
    body = wanted(dataset(client, rows(16, delay_ms=2), "Slow"), concurrency=2)
    id_ = evals.start(body)["id"]
    while not evals.ok("GET", f"/batches/{id_}")["runs"][0]["rows_done"]:
        time.sleep(0.02)
    told = evals.ok("POST", f"/batches/{id_}/stop")
    done = told["runs"][0]["rows_done"]
    assert (told["state"], told["held_nusd"], told["is_resumable"]) == ("stopped", "0", True)
    assert 0 < done < 16
    assert told["questions_done"] == done
    before = client.weft.total_requests()
    evals.ok("POST", f"/batches/{id_}/resume", {})
    assert evals.ended(id_)["state"] == "done"
    assert client.weft.total_requests() == before + 16 - done
    listed = evals.ok("GET", "/batches?limit=1")
    assert listed["batches"][0]["id"] == id_
    assert listed["next_cursor"] == id_


def test_batch_when_the_account_is_refused_then_stops_and_says_what_to_do(client: Client) -> None:
    poor = replace(client, name=f"{TEAM}/poor")
    client.weft.cli("project", "create", poor.name)
    client.weft.cli(
        "limit", "set", "project", poor.name, "--spend", "0.0005/day", "--reason", "poor"
    )
    evals = Evals(poor)
    told = evals.ended(evals.start(wanted(dataset(poor, rows(20)), concurrency=2))["id"])
    assert (told["state"], told["is_resumable"]) == ("stopped", True), told
    assert "poor" in told["reason"] + told["remedy"]
    assert 0 < told["runs"][0]["rows_done"] < 20
    assert 0 < int(told["spent_nusd"]) <= 500_000


def opened(weft: Weft) -> httpx.Client:
    return httpx.Client(
        base_url=f"{weft.console_url}traces",
        headers={"Authorization": f"Bearer {weft.api_key}"},
        timeout=30,
    )


def ledger_sum(data_dir: Path, batch_id: str) -> tuple[int, int, int]:
    """What the ledger charged for a batch; how many of its requests were answered; what the batch says it spent."""
    database = Database(data_dir / "weft.db")
    with database.read() as connection:
        ids = select(ASK.c.id).where(ASK.c.batch_id == batch_id)
        found = connection.execute(
            select(usage_table.c.cost_nusd, usage_table.c.status).where(usage_table.c.id.in_(ids))
        ).all()
        spent = connection.execute(
            select(BATCH.c.spent_nusd).where(BATCH.c.id == batch_id)
        ).scalar_one()
    database.close()
    return sum(row[0] for row in found), sum(row[1] == 200 for row in found), spent


@pytest.mark.timeout(300)  # two servers start, on a machine that may do much else
def test_batch_when_server_is_killed_then_resumes_within_budget_and_asks_nothing_twice(
    tmp_path: Path,
) -> None:
    settings = {"WEFT_TEAM": TEAM}
    count, most = 24, 20_000_000
    left: list[tuple[Weft, str]] = []
    with (
        pytest.raises(AssertionError, match="ended with -9"),
        running_weft(tmp_path, settings=settings) as weft,
        opened(weft) as http,
    ):
        weft.cli("project", "create", NAME)
        evals = Evals(Client(weft, http))
        body = wanted(
            dataset(evals.client, rows(count, delay_ms=5)),
            budget_nusd=str(most),
            scorers=[{"kind": "contains", "name": "has"}],
            concurrency=2,
        )
        left.append((weft, evals.start(body)["id"]))
        while evals.ok("GET", f"/batches/{left[0][1]}")["runs"][0]["rows_done"] < 3:
            time.sleep(0.01)
        weft.process.kill()
    [(first, id_)] = left
    charged, answered, _spent = ledger_sum(first.data_dir, id_)
    assert 3 <= answered < count
    assert charged <= most
    shutil.rmtree(first.data_dir / "catalog")
    with running_weft(tmp_path, settings=settings) as later, opened(later) as http:
        weft = replace(later, api_key=first.api_key)  # told on the first start only
        http.headers.update(weft.headers)
        evals = Evals(Client(weft, http))
        told = evals.ended(id_)
        assert (told["state"], told["reason"]) == ("stopped", "the server was stopped")
        evals.ok("POST", f"/batches/{id_}/resume", {})
        told = evals.ended(id_)
        assert (told["state"], told["runs"][0]["rows_done"]) == ("done", count), told
        shown = results(evals.client, told["runs"][0]["call_id"])
        assert shown["total_rows"] == count
        assert all(len(row["evaluations"][0]["trials"]) == 1 for row in shown["rows"])
    charged, answered, spent = ledger_sum(first.data_dir, id_)
    assert charged == spent <= most
    assert answered == count, "nothing was asked twice"
