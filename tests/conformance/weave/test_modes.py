"""The client's switches: the same program, the same answers."""

import json
from pathlib import Path

import pytest

from conformance.programs import CLIENTS_PYTHON, child_environ, run
from conformance.server import Weft
from conformance.weave.programs import tour, weave_environ

pytestmark = pytest.mark.conformance

MODES = {
    "default": {},
    "complete": {"WEAVE_USE_CALLS_COMPLETE": "true"},
    "legacy": {"WEAVE_USE_CALLS_COMPLETE": "false"},
    "digests": {"WEAVE_ENABLE_CLIENT_SIDE_DIGESTS": "true"},
    "wal": {"WEAVE_ENABLE_WAL": "true"},
    "cache": {"WEAVE_USE_SERVER_CACHE": "true"},
}


@pytest.mark.parametrize("mode", MODES)
def test_client_when_it_is_set_so_then_sees_the_same(weft: Weft, tmp_path: Path, mode: str) -> None:
    more = {**MODES[mode], "WEAVE_SERVER_CACHE_DIR": str(tmp_path / "cache")}
    toured = tour(weft, tmp_path, "modes_tour.py", f"loom/mode-{mode}", **more)
    assert toured.failed == {}
    assert toured.seen["calls"] == {"output": 8, "children": 2, "status": "success"}
    assert toured.seen["objects"] == {"same": True, "x": "é"}
    assert toured.seen["evaluation"] == {"right": 2, "rows": 2}


def test_client_when_it_asks_at_the_root_then_sees_the_same(weft: Weft, tmp_path: Path) -> None:
    url = weft.console_url.rstrip("/")
    toured = tour(weft, tmp_path, "modes_tour.py", "loom/mode-root", WF_TRACE_SERVER_URL=url)
    assert toured.failed == {}
    assert toured.seen["calls"]["output"] == 8


def test_login_when_done_once_then_programs_need_no_environment(weft: Weft, tmp_path: Path) -> None:
    environ = child_environ(weft, HOME=str(tmp_path), WANDB_ERROR_REPORTING="false")
    wandb = str(CLIENTS_PYTHON.with_name("wandb"))
    url = weft.console_url.rstrip("/")
    run([wandb, "login", "--verify", "--host", url, weft.api_key], environ, folder=tmp_path)
    source = "import weave; print(weave.init('logged-in').project_id)"
    said = run([str(CLIENTS_PYTHON), "-c", source], environ, folder=tmp_path)
    assert said.strip().splitlines()[-1].endswith("/logged-in")


RUN = """
import json, wandb
assert wandb.login(verify=True)
quiet = wandb.Settings(x_disable_stats=True)
run = wandb.init(entity="loom", project="logged", config={"lr": 0.5}, settings=quiet)
run.log({"loss": 1.0})
run.log({"loss": 0.5})
for number in range(20):
    run.log({"rate": number, "of": {"row": number}} if number % 2 else {"rate": number})
run.finish()
api = wandb.Api()
read = api.run(f"loom/logged/{run.id}")
listed = [one.id for one in api.runs("loom/logged")]
told = [api.viewer.username, read.state, read.config, read.summary["loss"], listed == [run.id]]
history = [
    read.history(keys=["rate"], samples=5, pandas=False),
    read.history(keys=["rate", "of.row"], pandas=False),
    [step["_step"] for step in read.history(pandas=False)],
    len(read.history(samples=10, pandas=False)),
    [step["rate"] for step in read.scan_history(keys=["rate"], page_size=7)],
    [step["_step"] for step in read.scan_history(min_step=3, max_step=6)],
]
print(json.dumps([told, history]))
"""


def test_wandb_when_it_logs_in_and_runs_then_ends_cleanly_and_reads_back(
    weft: Weft, tmp_path: Path
) -> None:
    environ = weave_environ(weft, tmp_path)
    said = run([str(CLIENTS_PYTHON), "-c", RUN], environ, folder=tmp_path).strip()
    told, history = json.loads(said.splitlines()[-1])
    assert told == ["admin", "finished", {"lr": 0.5}, 0.5, True]
    sampled, both, whole, some, scanned, span = history
    assert [row["rate"] for row in sampled] == [0, 4, 9, 14, 19]
    assert set(sampled[0]) == {"_step", "rate"}
    assert [row["of.row"] for row in both] == list(range(1, 20, 2))
    assert whole == list(range(22))
    assert some == 8, "every third, to the last"
    assert scanned == list(range(20))
    assert span == [3, 4, 5]
