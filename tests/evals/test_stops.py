"""Runs whose server stops, or is gone."""

import json
import time
from pathlib import Path

import httpx
from sqlalchemy import select

from conformance.server import ECHO, PROJECT, TEAM, running_weft
from evals.conftest import NAME, Client
from evals.test_runs import BASES, model, publish
from evals.written import NOON_US, run, write
from weft.evals.runs.routes import told_of
from weft.evals.runs.store import STALE_US, add_run, beat, find_progress
from weft.kit.db import Database
from weft.traces.projects import ProjectKeys
from weft.traces.schema import CALL, PAYLOAD


def test_server_when_stopped_during_a_run_then_its_call_ends_and_says_so(tmp_path: Path) -> None:
    with (
        running_weft(tmp_path, settings={"WEFT_TEAM": TEAM}) as weft,
        httpx.Client(
            base_url=f"{weft.console_url}traces", headers=weft.headers, timeout=30
        ) as http,
    ):
        weft.cli("project", "create", f"{TEAM}/{PROJECT}")
        client = Client(weft, http)
        rows = [{"user_input": f"[[fake: tokens=500 delay_ms=50]] {n}"} for n in range(3)]
        table = client.post("/table/create", {"table": {"project_id": NAME, "rows": rows}}).json()
        dataset = publish(
            client,
            "Slow",
            {
                "_class_name": "Dataset",
                "_bases": BASES,
                "rows": f"weave:///{NAME}/table/{table['digest']}",
            },
        )
        evaluation = publish(
            client, "SlowEvaluation", {"_class_name": "Evaluation", "dataset": dataset}
        )
        body = {"evaluation_ref": evaluation, "model_ref": model(client, ECHO, max_tokens=500)}
        call_id = client.ok("/evaluations/evaluate_model", body)["call_id"]
        status = client.ok("/evaluations/status", {"call_id": call_id})["status"]
        assert status == {"code": "running", "completed_rows": 0, "total_rows": 3}
        time.sleep(0.2)
    database = Database(weft.data_dir / "traces.db")
    with database.read() as connection:
        [exception] = connection.execute(
            select(PAYLOAD.c.exception)
            .join(CALL, CALL.c.seq == PAYLOAD.c.seq)
            .where(CALL.c.id == call_id)
        ).scalars()
    database.close()
    assert "server stopped" in json.loads(exception)["message"]


def test_run_when_its_process_gives_no_sign_of_life_then_failed(database: Database) -> None:
    parts = run("one", [({"q": 1}, "a", {"s": 1})])
    parts[0].ended_at_us = None
    write(database, "proj_ours", parts)
    with database.write() as connection:
        key = ProjectKeys().make(connection, "proj_ours")
        add_run(connection, key, "one", 5, NOON_US)
    with database.read() as connection:
        fresh = find_progress(connection, key, "one", NOON_US + STALE_US)
        stale = find_progress(connection, key, "one", NOON_US + STALE_US + 1)
        assert (
            find_progress(connection, ProjectKeys().make(connection, "proj_ours"), "x", 0) is None
        )
    assert told_of(fresh) == {"code": "running", "completed_rows": 1, "total_rows": 5}
    assert told_of(stale)["code"] == "failed"
    with database.write() as connection:
        beat(connection, key, "one", NOON_US + STALE_US)
    with database.read() as connection:
        again = find_progress(connection, key, "one", NOON_US + STALE_US + 1)
    assert told_of(again)["code"] == "running"
