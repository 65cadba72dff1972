"""`weft eval` against a running server: what is started, listed, stopped, gone on with and compared from a terminal."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.said import Said, said
from conformance.server import ECHO
from evals.batches.conftest import Evals, dataset, wanted
from evals.batches.test_budget import rows
from evals.conftest import NAME, Client

Eval = Callable[..., Said]


@pytest.fixture
def weft_eval(
    client: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Eval:
    """Runs `weft eval WORDS... --project loom/cloth` on the server's folder, with its administrator's key."""
    monkeypatch.setenv("WEFT_API_KEY", client.weft.api_key)
    monkeypatch.delenv("WEFT_URL", raising=False)

    def run(*words: str) -> Said:
        return said(client.weft.data_dir, ("eval", *words, "--project", NAME), monkeypatch, capsys)

    return run


def listed(weft_eval: Eval, name: str) -> dict[str, Any]:
    """The newest evaluation of a name, as `weft eval ls --json` tells it."""
    return next(one for one in weft_eval("ls", "--json").json if one["name"] == name)


def test_eval_run_when_its_budget_is_short_then_it_says_how_to_go_on_and_resume_does(
    weft_eval: Eval, tmp_path: Path
) -> None:
    file = tmp_path / "weavers.jsonl"
    lines = [{**row, "input": row.pop("user_input")} for row in rows(12)]
    file.write_text("\n".join(json.dumps(line) for line in lines))
    models = ("--model", ECHO, "--max-tokens", "64", "--concurrency", "2")
    asked = ("run", "--dataset", str(file), *models, "--scorer", "contains:expected")
    short = weft_eval(*asked, "--budget", "0.0016", "--yes")
    batch = listed(weft_eval, "weavers-eval")
    assert short.code == 1, short
    assert "which is never passed" in short.out
    assert batch["state"] == "out_of_budget"
    assert f"`weft eval resume {batch['id']} --project {NAME}` goes on with --budget" in short.err
    assert 0 < int(batch["spent_nusd"]) <= 1_600_000
    shown = weft_eval("ls").out
    assert batch["id"] in shown
    assert "out of budget" in shown
    more = weft_eval("resume", batch["id"], "--budget", "$1", "--json")
    assert more.code == 0, more
    [run] = more.json["batch"]["runs"]
    assert (more.json["batch"]["state"], run["rows_done"]) == ("done", 12)
    [metric] = [one for one in more.json["comparison"]["metrics"] if one["scorer"] == "contains"]
    assert metric["figures"][0]["estimate"]["n"] == 12
    assert weft_eval("resume", batch["id"]).code == 1, "there is nothing left to go on with"


def test_eval_stop_when_it_runs_then_it_rests_with_what_was_done(
    client: Client, weft_eval: Eval
) -> None:
    body = wanted(dataset(client, rows(16, delay_ms=20), "Long"), concurrency=1)
    id_ = Evals(client).start({**body, "name": "long"})["id"]
    told = weft_eval("stop", id_)
    assert told.code == 0, told
    assert told.out.startswith("long is stopped, with ")
    assert listed(weft_eval, "long")["runs"][0]["rows_done"] < 16


def test_eval_compare_when_two_models_ran_then_the_second_is_held_against_the_first(
    weft_eval: Eval, tmp_path: Path
) -> None:
    file = tmp_path / "pair.toml"
    (tmp_path / "pair.csv").write_text("input,expected\nwarp,warp\nweft,weft\nloom,none\n")
    file.write_text(
        f'dataset = "pair.csv"\nbudget = "1"\n'
        f'models = [{{model = "{ECHO}", name = "parrot", params = {{max_tokens = 16}}}},'
        f' {{model = "{ECHO}", name = "loud", system = "Shout.", params = {{max_tokens = 16}}}}]\n'
        'scorers = [{kind = "exact", name = "exact"}]\n'
    )
    ran = weft_eval("run", str(file), "--yes")
    assert ran.code == 0, ran
    assert "Spent $" in ran.out
    assert "/weave/evaluations/compare?runs=" in ran.out
    ids = [run["call_id"] for run in listed(weft_eval, "pair-eval")["runs"]]
    text = weft_eval("compare", *ids)
    assert text.code == 0, text
    assert "66.7 %" in text.out
    told = weft_eval("compare", *ids, "--baseline", ids[1], "--json").json
    assert [run["run"]["id"] for run in told["runs"]] == ids
    assert told["baseline"] == ids[1]


def test_eval_when_server_key_or_rows_are_not_there_then_refused_with_a_remedy(
    weft_eval: Eval, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("run", "--model", ECHO, "--yes", "--dataset")
    assert "cannot read" in weft_eval(*asked, str(tmp_path / "none.jsonl")).err
    away = weft_eval("ls", "--url", "http://127.0.0.1:9")
    assert (away.code, "weft serve" in away.err) == (1, True)
    monkeypatch.setenv("WEFT_API_KEY", "")
    assert "WEFT_API_KEY" in weft_eval("ls").err
