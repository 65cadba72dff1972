"""`weft serve` as a process: its flags, what it says, and how it ends."""

import json
import os
import shlex
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Generator, Iterator
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


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("data"), "--announce", "json") as child:
        yield json.loads(line(child))["console_url"].rstrip("/")


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


def test_serve_when_stdout_is_closed_then_one_line_and_nothing_is_made(tmp_path: Path) -> None:
    command = shlex.join([sys.executable, "-m", "weft", "serve", "--data", str(tmp_path / "data")])
    done = subprocess.run(
        ["/bin/sh", "-c", f"exec {command} >&-"],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("weft: standard output is closed\n")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("form", ["json", "text"])
def test_serve_when_nobody_reads_the_announcement_then_it_says_how_to_get_in(
    tmp_path: Path, form: str
) -> None:
    command = [sys.executable, "-m", "weft", "serve", "--port", "0", "--announce", form]
    environ = {**os.environ, "WEFT_EAGER_ENGINES": "false"}
    for first in (True, False):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(
            [*command, "--data", str(tmp_path)],
            env=environ,
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
        os.close(writer)
        assert done.returncode == 1
        assert "weft: standard output takes nothing (Broken pipe)" in done.stderr
        assert "Traceback" not in done.stderr
        assert "Exception ignored" not in done.stderr
        assert (f"weft key create --data {tmp_path}\n" in done.stderr) is first
        assert (f"weft user passwd admin --data {tmp_path}\n" in done.stderr) is first


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/metrics"])
def test_serve_when_asked_with_head_then_answers_as_for_get_without_a_body(
    base_url: str, path: str
) -> None:
    with urllib.request.urlopen(f"{base_url}{path}", timeout=10) as answer:
        body, get = answer.read(), answer.headers
    head = urllib.request.Request(f"{base_url}{path}", method="HEAD")
    with urllib.request.urlopen(head, timeout=10) as answer:
        assert answer.status == 200
        assert answer.read() == b""
        assert answer.headers["content-type"] == get["content-type"]
    assert body


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
