import contextlib
from pathlib import Path

import pytest
from pydantic import SecretStr

from cli.said import Weft
from traces.calls_admin.setting import call, write
from traces.stores import end_of
from weft.app.traces.database import open_trace_database
from weft.cli.checks.finding import Verdict
from weft.cli.checks.traces import check_traces
from weft.kit.settings import Settings
from weft.traces.calls.parts import WriteCalls
from weft.traces.clickhouse.server import ClickHouse
from weft.traces.clickhouse.write import ClickHouseWriter
from weft.traces.projects import ProjectKeys

pytestmark = pytest.mark.usefixtures("started")


def test_status_when_there_are_calls_then_counted(weft: Weft, tmp_path: Path) -> None:
    with contextlib.closing(open_trace_database(Settings(data_dir=tmp_path))) as database:
        write(database, "proj_cloth", [call("a"), call("b")], [end_of(call("lone"))])
    spool = tmp_path / "spool"
    spool.mkdir()
    (spool / "left.spool").write_bytes(b"x" * 2048)
    told = weft("traces", "status", "--json").json
    assert (told["calls"], told["ends_without_start"]) == (2, 1)
    assert (told["spool_files"], told["spool_bytes"]) == (1, 2048)
    assert told["size_bytes"] > 10_000
    said = weft("traces", "status").out
    assert "1 files, 2.0 KiB" in said
    assert "for ever" in said


def test_retention_when_set_then_shown_until_it_is_forever(weft: Weft) -> None:
    project = "my-team/inference"
    assert "for ever" in weft("traces", "retention", project).out
    assert "for 30 days" in weft("traces", "retention", project, "30").out
    assert weft("traces", "retention", project, "--json").json["retention_days"] == 30
    assert "for ever" in weft("traces", "retention", project, "forever").out


@pytest.mark.parametrize("days", ["0", "soon", "36501"])
def test_retention_when_it_is_no_number_of_days_then_refused(weft: Weft, days: str) -> None:
    assert weft("traces", "retention", "my-team/inference", days).code == 1


def test_doctor_when_something_waits_or_is_damaged_then_says_so(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert [finding.verdict for finding in check_traces(settings, is_served=False)] == [Verdict.OK]
    open_trace_database(settings).close()
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "left.spool").write_bytes(b"x")
    found = check_traces(settings, is_served=False)
    assert [finding.verdict for finding in found] == [Verdict.OK, Verdict.WARN]
    assert len(check_traces(settings, is_served=True)) == 1
    (tmp_path / "traces.db").write_bytes(b"no database at all" * 1000)
    assert check_traces(settings, is_served=True)[0].verdict is Verdict.FAIL


def test_search_when_switched_then_told_and_gone_again(weft: Weft) -> None:
    project = "my-team/inference"
    assert "no index" in weft("traces", "search", "status", project).out
    assert "being made: 0%" in weft("traces", "search", "on", project).out
    told = weft("traces", "search", "status", project, "--json").json
    assert told == {
        "project": project,
        "search": True,
        "state": "filling",
        "progress": 0.0,
        "waiting": 0,
    }
    assert "no index" in weft("traces", "search", "off", project).out
    assert weft("traces", "search", "on", "my-team/nothing").code == 1


def test_commands_when_calls_are_in_clickhouse_then_it_is_asked_and_named(
    weft: Weft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("chdb")
    url = f"chdb://{tmp_path}/calls"
    monkeypatch.setenv("WEFT_TRACE_CLICKHOUSE_URL", url)
    settings = Settings(data_dir=tmp_path, trace_clickhouse_url=SecretStr(url))
    with (
        contextlib.closing(open_trace_database(settings)) as database,
        contextlib.closing(ClickHouse(url)) as server,
        database.write() as connection,
    ):
        server.migrate()
        writer = ClickHouseWriter(server, ProjectKeys())
        writer.write(connection, [WriteCalls("proj_cloth", [call("a"), call("b")])])
    told = weft("traces", "status", "--json").json
    assert (told["calls"], told["clickhouse"]) == (2, url)
    assert "calls      2\n" in weft("traces", "status").out
    assert "ClickHouse" in weft("backup", str(tmp_path / "whole.backup")).out
    found = check_traces(settings, is_served=False)
    assert [finding.verdict for finding in found] == [Verdict.OK, Verdict.OK]
    assert len(check_traces(settings, is_served=True)) == 1
    away = settings.model_copy(
        update={"trace_clickhouse_url": SecretStr("clickhouse://nobody@127.0.0.1:9/calls")}
    )
    assert check_traces(away, is_served=True)[-1].verdict is Verdict.FAIL
