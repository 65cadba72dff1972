"""`weft config`, and the words of the command line as a whole."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from weft.cli import COMMANDS, build
from weft.cli.config import MASK
from weft.kit.settings import Settings

SECRET = "correct horse battery staple, twice over"


def weft(*words: str, environ: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """The real command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "weft", *words],
        env={**os.environ, **(environ or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def invoke(*words: str, environ: dict[str, str] | None = None) -> str:
    result = CliRunner().invoke(build(words), words, env=environ)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_config_when_shown_then_every_setting_has_its_origin(tmp_path: Path) -> None:
    (tmp_path / "weft.toml").write_text("team = 'weavers'\nlog_requests = false\n")
    text = invoke("config", "--data", str(tmp_path), environ={"WEFT_PORT": "9000"})
    lines = {line.split()[0]: line.split()[1:] for line in text.splitlines()}
    assert set(Settings.model_fields) <= set(lines)
    assert lines["port"] == ["9000", "WEFT_PORT"]
    assert lines["team"][0] == "weavers"
    assert lines["log_requests"][0] == "false"
    assert lines["host"] == ["127.0.0.1", "default"]
    assert lines["queue_timeout_s"] == ["60", "default"]


def test_config_when_shown_then_it_fits_a_hundred_columns(tmp_path: Path) -> None:
    text = invoke("config", "--data", str(tmp_path / ("deep" * 20) / ("deeper" * 20)))
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_config_when_there_is_a_secret_then_it_is_masked(tmp_path: Path, form: list[str]) -> None:
    text = invoke("config", "--data", str(tmp_path), *form, environ={"WEFT_SECRET_KEY": SECRET})
    assert SECRET not in text
    assert MASK in text


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_config_when_the_database_url_holds_a_password_then_it_is_masked(
    tmp_path: Path, form: list[str]
) -> None:
    environ = {"WEFT_DATABASE_URL": "postgresql://ada:geheim@db.example/weft"}
    text = invoke("config", "--data", str(tmp_path), *form, environ=environ)
    assert "geheim" not in text
    assert MASK in text


def test_config_when_the_database_url_is_wrong_then_its_forms_are_told_and_no_password(
    tmp_path: Path,
) -> None:
    environ = {"WEFT_DATABASE_URL": "mysql://ada:geheim@db.example/weft"}
    said = weft("config", "--data", str(tmp_path), environ=environ)
    assert said.returncode == 1
    assert "WEFT_DATABASE_URL: database_url = *** is not valid" in said.stderr
    assert "postgresql://user:password@host:5432/name" in said.stderr
    assert "geheim" not in said.stdout + said.stderr


def test_config_when_json_then_every_setting_is_described(tmp_path: Path) -> None:
    origins = "https://a.example,https://b.example"
    text = invoke(
        "config", "--data", str(tmp_path), "--json", environ={"WEFT_CORS_ORIGINS": origins}
    )
    lines = {line["key"]: line for line in json.loads(text)}
    assert set(lines) == set(Settings.model_fields)
    assert lines["port"] == {
        "key": "port",
        "value": 8080,
        "origin": "default",
        "variable": "WEFT_PORT",
        "expected": "a whole number from 0 to 65535",
        "description": "Port to listen on; 0 lets the system choose one.",
    }
    assert lines["cors_origins"]["value"] == ["https://a.example", "https://b.example"]
    assert lines["stand_in"]["value"] is False


def test_weft_when_a_setting_is_wrong_then_one_line_and_exit_code_1(tmp_path: Path) -> None:
    done = weft("config", "--data", str(tmp_path), environ={"WEFT_PROT": "1"})
    assert done.returncode == 1
    assert done.stderr == "weft: unknown environment variable WEFT_PROT; did you mean WEFT_PORT?\n"
    assert done.stdout == ""


def test_weft_when_an_error_has_a_remedy_then_it_stands_below(tmp_path: Path) -> None:
    done = weft("usage", "--data", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr == (
        f"weft: there is no Weft database in {tmp_path}\n"
        "      start the server once with `weft serve`, or name its folder with --data\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_weft_when_several_settings_are_wrong_then_each_has_its_line(tmp_path: Path) -> None:
    environ = {"WEFT_PORT": "x", "WEFT_MAX_TOOLS": "0"}
    done = weft("config", "--data", str(tmp_path), environ=environ)
    assert len(done.stderr.splitlines()) == 2


def test_weft_when_the_reader_leaves_then_it_is_quiet(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "weft", "config", "--json", "--data", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(60) == 1


def test_weft_when_asked_for_help_then_every_command_is_named_and_nothing_heavy_is_loaded() -> None:
    code = (
        "import sys, runpy; sys.argv = ['weft', '--help']\n"
        "try: runpy.run_module('weft', run_name='__main__')\n"
        "finally: print(sorted({'sqlalchemy', 'fastapi', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.rstrip().endswith("[]")
    for command in COMMANDS:
        assert f"\n  {command.name} " in done.stdout
        assert command.help in done.stdout


@pytest.mark.parametrize("word", ["version", "--version"])
def test_weft_when_asked_for_its_version_then_one_line(word: str) -> None:
    assert invoke(word) == "weft 0.1.0\n"


def test_weft_when_a_command_is_unknown_then_the_nearest_is_named() -> None:
    done = weft("serv")
    assert done.returncode == 2
    assert "Did you mean 'serve'" in done.stderr


@pytest.mark.parametrize("command", [c.name for c in COMMANDS])
def test_every_command_when_asked_for_help_then_it_fits_and_says_what_it_does(command: str) -> None:
    text = invoke(command, "--help")
    assert text.startswith(f"Usage: weft {command}") or f"{command} [OPTIONS]" in text
    assert max(map(len, text.splitlines())) <= 100
