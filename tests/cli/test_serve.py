"""`weft serve` as a process: its flags, what it says, and how it ends."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def serving(folder: Path, *words: str) -> Generator["subprocess.Popen[str]"]:
    """A server on a free port, in a process of its own; killed if a test fails before it ends."""
    command = [sys.executable, "-m", "weft", "serve", "--data", str(folder), "--port", "0", *words]
    environ = {**os.environ, "WEFT_EAGER_ENGINES": "false"}
    with subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def line(child: "subprocess.Popen[str]") -> str:
    assert child.stdout is not None
    return child.stdout.readline()


def test_serve_when_started_twice_then_the_key_is_shown_only_the_first_time(tmp_path: Path) -> None:
    with serving(tmp_path, "--announce", "json", "--team", "weavers") as child:
        first = json.loads(line(child))
        assert first["team"] == "weavers"
        assert first["api_key"]
        assert first["admin_link"].startswith(first["console_url"])
        with urllib.request.urlopen(f"{first['console_url']}healthz", timeout=10) as answer:
            assert json.load(answer)["status"] == "ok"
        child.send_signal(signal.SIGINT)
        assert child.wait(30) == 0
    with serving(tmp_path, "--announce", "json") as child:
        assert json.loads(line(child))["api_key"] is None
        child.send_signal(signal.SIGTERM)
        assert child.wait(30) == 0


def test_serve_when_the_folder_is_served_already_then_exit_code_1(tmp_path: Path) -> None:
    with serving(tmp_path) as child:
        assert line(child) == "Weft is ready.\n"
        with serving(tmp_path) as second:
            assert second.wait(30) == 1


@pytest.mark.parametrize("words", [["--port", "99999"], ["--log-level", "loud"]])
def test_serve_when_a_flag_is_wrong_then_it_is_named(tmp_path: Path, words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "weft", "serve", "--data", str(tmp_path / "data"), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"weft: {words[0]}: ")
    assert not (tmp_path / "data").exists()


def test_serve_when_text_then_more_keys_are_made_in_the_same_folder(tmp_path: Path) -> None:
    with serving(tmp_path, "--public-url", "https://weft.example.com") as child:
        assert child.stdout is not None
        said = [line(child) for _ in range(12)]
    assert any("https://weft.example.com/v1" in one for one in said)
    assert any(f"weft key create --data {tmp_path}" in one for one in said)
