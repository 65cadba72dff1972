"""Every snippet of the README and of the guides does what it says, run as it stands against a real server.

Python and JavaScript find the server in the environment, shell commands the data folder. The address 127.0.0.1:8080,
which pages show, is replaced by that of the test's server, and nothing else is.
"""

import json
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from conformance.programs import CLIENTS, CLIENTS_PYTHON, child_environ, run
from conformance.server import TINY, WEFT, Weft
from docs.pages import GUIDES, README, Block, blocks_of, name
from weft.catalog.load import load_catalog
from weft.kit.errors import Json
from weft.kit.settings import load_settings
from weft.limits.plans.load import FILE_NAME, load_plans

PAGES = [README, *GUIDES]
SHOWN = "127.0.0.1:8080"
RUN = {"sh", "python", "js"}
SHOWN_ONLY = {"text", "console"}
ANSWER_S = 60.0
OF_SCREENS = {
    "add-a-model",
    "console-traces",
    "datasets-and-prompts",
    "evaluation-playground",
    "evaluations",
    "monitors",
}
"""Guides of what is done in a browser, or takes a server or files of its own: tests/console does it."""
_OTHERS = re.compile(r"litellm|anthropic|weave|wandb")
"""Clients that live in an environment of their own."""


@pytest.mark.parametrize("page", PAGES, ids=name)
@pytest.mark.timeout(300)  # LiteLLM alone takes ten seconds to be imported
def test_page_when_its_snippets_are_run_in_order_then_all_end_well(
    page: Path, weft: Weft, tmp_path: Path
) -> None:
    blocks = [block for block in blocks_of(page) if block.language in RUN and not block.reason]
    assert blocks or page.stem in OF_SCREENS
    for block in blocks:
        output = _run(block, weft, tmp_path)
        assert '{"error"' not in output, f"{block}: {output}"
        if block.language == "js" or "print(" in block.source:
            assert output.strip(), f"{block} printed nothing"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_block_when_it_is_data_then_can_be_read(page: Path, tmp_path: Path) -> None:
    for block in blocks_of(page):
        if block.language == "json":
            json.loads(block.source)
        elif block.language == "toml":
            _load_toml(block, tmp_path)
        elif block.language not in RUN | SHOWN_ONLY:
            assert block.reason, f"{block}: say why it is not run"


def test_readme_when_a_first_start_is_shown_then_one_prints_that(first_start: str) -> None:
    shown = _console("$ make serve\n")
    assert _without_secrets(first_start).startswith(_without_secrets(shown))


def test_readme_when_an_answer_is_shown_then_one_has_that_shape(weft: Weft) -> None:
    (shown,) = [block for block in blocks_of(README) if block.language == "json"]
    question = {"role": "user", "content": "What is the capital of France?"}
    answer = httpx.post(
        f"{weft.url}/chat/completions",
        headers=weft.headers,
        json={"model": TINY, "messages": [question]},
        timeout=ANSWER_S,
    )
    assert _shape(json.loads(shown.source)) == _shape(answer.json())


def test_readme_when_a_report_is_shown_then_one_has_these_columns(weft: Weft) -> None:
    shown = _console("$ weft usage --by model\n").splitlines()[0]
    command = [str(WEFT), "usage", "--by", "model", "--data", str(weft.data_dir)]
    httpx.post(
        f"{weft.url}/chat/completions",
        headers=weft.headers,
        json={"model": TINY, "messages": [{"role": "user", "content": "Hello"}]},
        timeout=ANSWER_S,
    )
    assert run(command, child_environ(weft)).splitlines()[0].split() == shown.split()


@pytest.fixture
def first_start(weft: Weft, tmp_path: Path) -> Iterator[str]:
    """What a server prints when it starts in an empty folder."""
    command = [str(WEFT), "serve", "--stand-in", "--port", "0"]
    environ = {**weft.environ, "WEFT_DATA_DIR": str(tmp_path / "data")}
    with subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "Stop with Ctrl-C.\n")  # the test's timeout bounds it
        yield "".join(lines)
        process.send_signal(signal.SIGINT)
        assert process.wait(ANSWER_S) == 0


def _run(block: Block, weft: Weft, folder: Path) -> str:
    """Run one snippet in `folder`; what it printed."""
    environ = child_environ(
        weft,
        OPENAI_BASE_URL=weft.url,
        OPENAI_API_KEY=weft.api_key,
        WEFT_DATA_DIR=str(weft.data_dir),
        WANDB_ERROR_REPORTING="false",
        WEAVE_USE_SERVER_CACHE="false",  # it does not know one server from another
        PATH=f"{WEFT.parent}:{weft.environ['PATH']}",
    )
    source = block.source.replace(SHOWN, urlsplit(weft.url).netloc)
    try:
        return run(_COMMANDS[block.language](source, folder), environ, folder=folder)
    except AssertionError as error:
        pytest.fail(f"{block}: {error}")


def _shell(source: str, _folder: Path) -> list[str]:
    return ["bash", "-euo", "pipefail", "-c", source]


def _python(source: str, _folder: Path) -> list[str]:
    python = CLIENTS_PYTHON if _OTHERS.search(source) else Path(sys.executable)
    return [str(python), "-c", source]


def _node(source: str, folder: Path) -> list[str]:
    modules = folder / "node_modules"
    if not modules.exists():
        modules.symlink_to(CLIENTS / "node_modules")
    program = folder / "snippet.mjs"
    program.write_text(source)
    return ["node", str(program)]


_COMMANDS: dict[str, Callable[[str, Path], list[str]]] = {
    "sh": _shell,
    "python": _python,
    "js": _node,
}


def _load_toml(block: Block, folder: Path) -> None:
    """A table with an id is a model's card, one of tables only describes plans, every other one is a settings file."""
    table = tomllib.loads(block.source)
    place = folder / f"{block.page.stem}-{block.line}"
    place.mkdir()
    path = place / "shown.toml"
    path.write_text(block.source)
    if "id" in table:
        assert load_catalog(place).get(table["id"]).path == path
    elif all(isinstance(value, dict) for value in table.values()):
        path.rename(place / FILE_NAME)
        assert {plan.name for plan in load_plans(place) if plan.place} == set(table)
    else:
        loaded = load_settings({"config": path}, {})
        assert set(table) == {key for key, origin in loaded.origins.items() if origin != "default"}


def _console(prompt: str) -> str:
    (found,) = [
        block.source.removeprefix(prompt)
        for block in blocks_of(README)
        if block.language == "console" and block.source.startswith(prompt)
    ]
    return found


def _without_secrets(text: str) -> str:
    for pattern, word in (
        (r"weft_[0-9A-Za-z]+(\.\.\.)?", "KEY"),
        (r"password [a-z0-9-]+", "PASSWORD"),
        (r"/login/\S+", "LINK"),
        (r"127\.0\.0\.1:\d+", "ADDRESS"),
        (r"\S+/bin/weft\b", "weft"),
    ):
        text = re.sub(pattern, word, text)
    return text


def _shape(value: Json) -> Json:
    """The names in a JSON value, without what they hold."""
    if isinstance(value, dict):
        return {name: _shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_shape(member) for member in value]
    return None
