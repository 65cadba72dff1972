"""`weft models ps`, `load`, `unload` and `pin` against a server in a process of its own."""

import json
import os
import pty
import shutil
import signal
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from cli.said import Said, Weft
from weft.app.folder import SERVER_NAME, find_server, told
from weft.catalog.badges.types import Feature
from weft.cli import main
from weft.demo import GGUF_PATH

CARDS = {
    "quick": 'id = "test/quick"\ncontext_window_tokens = 2048\n[engines.fake]\n',
    "broken": 'id = "test/broken"\ncontext_window_tokens = 2048\n'
    '[engines.llama_cpp]\nweights = "broken.gguf"\n',
    "big": 'id = "test/big"\ncontext_window_tokens = 2048\n'
    '[engines.llama_cpp]\nrepository = "test/big"\nquantization = "Q8_0"\n',
    "pulled": 'id = "test/pulled"\ncontext_window_tokens = 2048\n'
    '[engines.llama_cpp]\nrepository = "test/pulled"\nquantization = "Q8_0"\n',
}


@contextmanager
def serving(folder: Path) -> Generator["subprocess.Popen[str]"]:
    catalog = folder / "catalog"
    catalog.mkdir(parents=True)
    for name, text in CARDS.items():
        (catalog / f"{name}.toml").write_text(text)
    (catalog / "broken.gguf").write_bytes(b"GGUF" + bytes(64))
    command = [sys.executable, "-m", "weft", "serve", "--data", str(folder), "--port", "0"]
    environ = {**os.environ, "WEFT_EAGER_ENGINES": "false"}
    with subprocess.Popen(
        [*command, "--announce", "json"],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as child:
        try:
            assert child.stdout is not None
            assert json.loads(child.stdout.readline())["api_key"]
            yield child
        finally:
            child.send_signal(signal.SIGINT)
            child.wait(60)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of a server that runs."""
    folder = tmp_path_factory.mktemp("live")
    with serving(folder):
        yield folder
    assert not (folder / SERVER_NAME).exists()


@pytest.fixture
def live(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Weft:
    """Runs `weft models WORDS... --data FOLDER`."""

    def run(*words: str) -> Said:
        argv = ["weft", "models", *words, "--data", str(folder)]
        monkeypatch.setattr(sys, "argv", argv)
        code: object = 0
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        said = capsys.readouterr()
        assert isinstance(code, int)
        return Said(code, said.out, said.err)

    return run


def test_server_when_it_runs_then_only_its_owner_reads_where_and_the_token_opens_nothing_else(
    folder: Path,
) -> None:
    assert stat.S_IMODE((folder / SERVER_NAME).stat().st_mode) == 0o600
    here = find_server(folder)
    assert here is not None
    for path, status in (("/api/engines", 200), ("/api/me", 401), ("/v1/models", 401)):
        asked = urllib.request.Request(
            here.url + path, headers={"Authorization": f"Bearer {here.token}"}
        )
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                found = answer.status
        except urllib.error.HTTPError as error:
            found = error.code
        assert (path, found) == (path, status)


def test_load_when_the_model_gets_ready_then_ps_shows_what_it_uses(live: Weft) -> None:
    loaded = live("load", "test/quick")
    assert loaded.code == 0, loaded.err
    assert loaded.out.startswith("test/quick is ready, after ")
    row = next(line for line in live("ps").out.splitlines() if line.startswith("test/quick"))
    assert row.split()[1:4] == ["ready", "fake", "1"]
    (line,) = [one for one in live("ps", "--json").json if one["model"] == "test/quick"]
    assert line["replicas"][0]["pid"]
    listed = {one["id"]: one for one in live("ls", "--json").json}
    assert listed["test/quick"]["stage"] == "ready"
    assert live("unload", "test/quick").out == "test/quick sleeps; its memory is free.\n"
    assert "test/quick" not in live("ps").out
    assert "test/quick" in live("ps", "--all").out


def test_load_when_the_engine_fails_then_its_last_lines_are_shown(live: Weft) -> None:
    failed = live("load", "test/broken")
    assert failed.code == 1
    assert failed.err.startswith("weft: test/broken failed to load")
    assert "The last lines of its engine:" in failed.err
    assert "gguf" in failed.err.lower()
    assert "Traceback (most recent call last)" not in failed.err.splitlines()[0]


def test_load_when_there_is_nothing_to_run_it_with_then_says_where_to_look(live: Weft) -> None:
    refused = live("load", "test/big")
    assert refused.code == 1
    assert "nothing to run test/big with" in refused.err
    assert "weft models show test/big" in refused.err
    assert "knows no model 'test/nothing'" in live("load", "test/nothing").err


def test_load_when_the_weights_were_pulled_meanwhile_then_no_restart_is_needed(
    live: Weft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tmp_path / "test" / "pulled"
    repository.mkdir(parents=True)
    shutil.copy(GGUF_PATH, repository / "pulled-Q8_0.gguf")
    monkeypatch.setenv("WEFT_HUB_MIRROR", str(tmp_path))
    pulled = live("pull", "test/pulled")
    assert pulled.code == 0, pulled.err
    assert "weft models load test/pulled" in pulled.out
    loaded = live("load", "test/pulled")
    assert loaded.code == 0, loaded.err
    assert "It takes " in loaded.out or sys.platform != "linux"
    refused = live("rm", "test/pulled", "--yes")
    assert "weft models unload test/pulled" in refused.err
    assert live("unload", "test/pulled").code == 0
    assert live("rm", "test/pulled", "--yes").code == 0


def test_pin_when_pinned_then_it_stays_until_it_is_unpinned(live: Weft) -> None:
    assert "is pinned" in live("pin", "test/quick").out
    assert live("load", "test/quick").code == 0
    assert "pinned" in live("ps").out
    kept = live("unload", "test/quick")
    assert (kept.code, "is kept awake" in kept.err) == (1, True)
    refused = live("rm", "test/quick", "--yes")
    assert "is loaded in the running server" in refused.err
    assert live("unpin", "test/quick").code == 0
    assert live("unload", "test/quick").code == 0


def test_probe_when_the_model_sleeps_then_it_is_woken_and_each_feature_is_told(live: Weft) -> None:
    live("unload", "test/quick")
    probed = live("probe", "test/quick")
    assert probed.code == 0, probed.err
    title, _, *rows = probed.out.splitlines()
    assert title.split() == ["feature", "state", "checked", "detail"]
    states = {row.split()[0]: row.split()[1] for row in rows}
    assert set(states) == {feature.value for feature in Feature}
    assert states["stream"] == "works"
    told = live("probe", "test/quick", "--json").json
    assert told["model"] == "test/quick"
    shown = {
        one["feature"]: one["state"] for one in live("show", "test/quick", "--json").json["badges"]
    }
    assert {one["feature"]: one["state"] for one in told["badges"] if one["checked_at"]} == shown
    assert live("unload", "test/quick").code == 0


def test_probe_when_it_cannot_be_then_says_why(live: Weft) -> None:
    assert "nothing to run test/big with" in live("probe", "test/big").err
    broken = live("probe", "test/broken")
    assert broken.code == 1
    assert broken.err.startswith("weft: test/broken failed to load")


def test_ps_when_watched_on_a_terminal_then_ctrl_c_ends_it_cleanly(folder: Path) -> None:
    above, below = pty.openpty()
    command = [sys.executable, "-m", "weft", "models", "ps", "--watch", "--every", "0.2", "-a"]
    with subprocess.Popen(
        [*command, "--data", str(folder)], stdout=below, stderr=subprocess.PIPE, text=True
    ) as child:
        os.close(below)
        seen = b""
        while seen.count(b"\x1b[H") < 2:  # the test's timeout bounds it
            seen += os.read(above, 65_536)
        child.send_signal(signal.SIGINT)
        assert child.wait(30) == 0
        assert child.stderr is not None
        assert child.stderr.read() == ""
    with suppress(OSError):  # Linux: nobody holds the other end any more
        seen += os.read(above, 65_536)
    os.close(above)
    assert b"test/quick" in seen
    assert seen.startswith(b"\x1b[?25l")
    assert seen.rstrip().endswith(b"\x1b[?25h")


def test_commands_when_no_server_runs_then_say_so(weft: Weft, tmp_path: Path) -> None:
    for words in (("ps",), ("load", "x"), ("unload", "x"), ("pin", "x"), ("probe", "x")):
        said = weft("models", *words)
        assert said.code == 1
        assert f"no server runs on {tmp_path}" in said.err
        assert "weft serve" in said.err
    with told(tmp_path, "http://127.0.0.1:1"):
        assert "no server answers at http://127.0.0.1:1" in weft("models", "ps").err
        assert weft("models", "ls").code == 0
    assert not (tmp_path / SERVER_NAME).exists()


def test_commands_when_another_server_is_named_then_a_key_goes_with_it(
    weft: Weft, folder: Path
) -> None:
    assert "--url goes with --key" in weft("models", "ps", "--url", "http://x").err
    here = find_server(folder)
    assert here is not None
    there = weft("models", "ps", "--all", "--url", f"{here.url}/v1", "--key", here.token, "--json")
    assert {one["model"] for one in there.json} >= {"test/quick"}
    wrong = weft("models", "ps", "--url", here.url, "--key", "nonsense")
    assert wrong.code == 1
    assert "nonsense" not in wrong.err
    assert "is no URL" in weft("models", "ps", "--url", "x", "--key", "y").err


def test_presence_when_another_server_has_taken_over_then_its_file_stays(tmp_path: Path) -> None:
    with told(tmp_path, "http://127.0.0.1:1"):
        (tmp_path / SERVER_NAME).write_text('{"url":"http://127.0.0.1:2","token":"t","pid":1}')
    found = find_server(tmp_path)
    assert found is not None
    assert found.url.endswith(":2")
    (tmp_path / SERVER_NAME).write_text("{")
    assert find_server(tmp_path) is None
