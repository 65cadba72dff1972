"""What a command costs before it does anything: the modules that it imports, and none of another command's."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    *("aiohttp", "chdb", "fastapi", "gguf", "graphql", "httptools", "httpx", "httpx2", "jinja2"),
    *("llama_cpp", "numpy", "opentelemetry", "openvino", "ray", "reportlab", "rich", "starlette"),
    *("structlog", "tokenizers", "transformers", "uvicorn", "uvloop"),
}
ROOMS = {"engines.keeper", "engines.process", "evals.runs.work", "gateway.flow", "web"}
PROGRAM = """
import json, sys
from weft.cli import main
sys.argv = ["weft", *sys.argv[1:]]
try:
    main()
except SystemExit:
    pass
print(json.dumps(sorted(sys.modules)))
"""


def imported(*words: str) -> set[str]:
    """What a process of its own has imported when this command is done."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("words", "bound"),
    [
        (("--help",), 250),
        (("version",), 350),
        (("key", "ls"), 700),
        (("usage",), 700),
        (("serve", "--help"), 700),
    ],
    ids=str,
)
def test_command_when_called_then_imports_what_it_needs_and_no_server(
    words: tuple[str, ...], bound: int, tmp_path: Path
) -> None:
    data = () if "--help" in words or words == ("version",) else ("--data", str(tmp_path))
    modules = imported(*words, *data)
    assert not {name.partition(".")[0] for name in modules} & HEAVY
    assert not {f"weft.{room}" for room in ROOMS} & modules
    assert len(modules) <= bound


def test_version_when_called_then_no_database_is_imported() -> None:
    modules = imported("version")
    assert not {name.partition(".")[0] for name in modules} & {"sqlalchemy", "psycopg", "argon2"}
