"""A test that fails once is told apart, and one that fails twice fails the run."""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FLAKY = """
from pathlib import Path

def test_once():
    mark = Path(__file__).with_name("mark")
    been = mark.exists()
    mark.touch()
    assert been, "the first time"
"""
BROKEN = "def test_never():\n    assert False, 'each time'\n"
FINE = "def test_fine():\n    pass\n"


def run(folder: Path, most: int, workers: int) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pytest", "-p", "second_try", "-n", str(workers), "-q"]
    (folder / "pytest.ini").write_text(f"[pytest]\npythonpath = {TESTS}\n")
    return subprocess.run(
        [*command, "--second-try", str(most), str(folder)],
        cwd=folder,
        env={"PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize("workers", [0, 2])
def test_run_when_a_test_fails_once_only_then_it_is_told_as_flaky(
    tmp_path: Path, workers: int
) -> None:
    (tmp_path / "test_flaky.py").write_text(FLAKY + FINE)
    done = run(tmp_path, 1, workers)
    assert done.returncode == 0, done.stdout
    assert "the first time" in done.stdout
    assert "1 passed, 1 flaky" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize(("tests", "most"), [(BROKEN, 3), (FLAKY, 0), (FLAKY + BROKEN, 1)])
def test_run_when_a_test_fails_again_or_too_many_do_then_the_run_fails(
    tmp_path: Path, tests: str, most: int
) -> None:
    (tmp_path / "test_broken.py").write_text(tests + FINE)
    done = run(tmp_path, most, 0)
    assert done.returncode == 1, done.stdout
    assert "flaky" not in done.stdout.splitlines()[-1]
    assert f"{tests.count('def ')} failed" in done.stdout.splitlines()[-1]
