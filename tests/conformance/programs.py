"""Other people's clients run as programs of their own, as their users run them."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.server import ROOT, Weft

CLIENTS = Path(__file__).with_name("clients")
NEW_PYTHON = Path(sys.executable)
"""With the newest openai client."""
CLIENTS_PYTHON = ROOT / ".venv" / "clients" / "bin" / "python"
"""With litellm and the openai client that it asks for: the older major version."""
LITELLM = CLIENTS_PYTHON.with_name("litellm")
PROGRAM_S = 90.0


def child_environ(weft: Weft, **more: str) -> dict[str, str]:
    """What a child program finds: nothing of ours but what it is told, and no way out of this machine."""
    return {
        **weft.environ,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "PYTHONPATH": "",
        "NO_COLOR": "1",
        **more,
    }


def run(
    command: list[str],
    environ: Mapping[str, str],
    *,
    folder: Path | None = None,
    with_stderr: bool = False,
) -> str:
    """What the program prints; it must end well."""
    assert shutil.which(command[0]), f"{command[0]} is missing; `make test` installs the clients"
    done = subprocess.run(
        command,
        env=environ,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PROGRAM_S,
        check=False,
    )
    assert done.returncode == 0, (
        f"{command[0]} ended with {done.returncode}:\n{done.stderr[-6000:]}"
    )
    return done.stdout + done.stderr if with_stderr else done.stdout


def run_python(source: str, weft: Weft, *, python: Path = NEW_PYTHON, **environ: str) -> str:
    """Run `source` as a program."""
    return run([str(python), "-c", source], child_environ(weft, **environ))


def run_shell(source: str, weft: Weft) -> str:
    """Paste `source` into a shell."""
    assert shutil.which("curl"), "the samples need curl"
    return run(["bash", "-c", source], child_environ(weft))


def tour_python(python: Path, weft: Weft, script: str, *arguments: str, **environ: str) -> Any:
    """Run a Python script from `clients/`; the JSON that it prints."""
    command = [str(python), str(CLIENTS / script), *arguments]
    return json.loads(run(command, child_environ(weft, **environ)))


def tour_node(weft: Weft, script: str, *arguments: str, **environ: str) -> Any:
    """Run a Node program from `clients/`; the JSON that it prints."""
    command = ["node", str(CLIENTS / script), *arguments]
    return json.loads(run(command, child_environ(weft, **environ)))
