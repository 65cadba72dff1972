"""Programs that use the weave client, run as its users run them, against a running server."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.programs import CLIENTS_PYTHON, child_environ, run
from conformance.server import Weft

TOURS = Path(__file__).parents[1] / "clients" / "weave_tours"


@dataclass(frozen=True, slots=True)
class Toured:
    """What a tour told."""

    seen: Mapping[str, Any]
    """What each step returned, by its name."""
    failed: Mapping[str, str]
    called: frozenset[str]


def weave_environ(weft: Weft, home: Path, **more: str) -> dict[str, str]:
    """What a program finds that was told where Weft is, and nothing else."""
    usual = {
        "HOME": str(home),
        "WANDB_BASE_URL": weft.console_url.rstrip("/"),
        "WANDB_API_KEY": weft.api_key,
        "WANDB_ERROR_REPORTING": "false",
        "WANDB_SILENT": "true",
        "WEAVE_USE_SERVER_CACHE": "false",
        "WEAVE_PRINT_CALL_LINK": "false",
        "OPENAI_BASE_URL": weft.url,
        "OPENAI_API_KEY": weft.api_key,
    }
    return child_environ(weft, **{**usual, **more})


def tour(weft: Weft, home: Path, script: str, *arguments: str, **more: str) -> Toured:
    """Run one of `clients/weave_tours`; the first of its arguments is a project."""
    home.mkdir(parents=True, exist_ok=True)
    command = [str(CLIENTS_PYTHON), str(TOURS / script), *arguments]
    printed = run(command, weave_environ(weft, home, **more), folder=home)
    told = json.loads(printed.rstrip().rsplit("\n", 1)[-1])
    return Toured(told["seen"], told["failed"], frozenset(told["called"]))


def run_source(
    weft: Weft, home: Path, source: str, *, with_stderr: bool = False, **more: str
) -> str:
    """Run a program that is given as text: from a file, because weave reads the source of ops."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / "program.py"
    path.write_text(source)
    command = [str(CLIENTS_PYTHON), str(path)]
    return run(command, weave_environ(weft, home, **more), folder=home, with_stderr=with_stderr)
