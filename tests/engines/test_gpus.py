"""What the driver's program says of this machine, and what it means when it says nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from weft.engines.gpus import find_gpus, read_gpus
from weft.engines.types import Gpu

LISTED = "0, NVIDIA H100 80GB HBM3, 81559\n1, Odd, Name, 24564\n"
FOUND = (Gpu(0, "NVIDIA H100 80GB HBM3", 81_559), Gpu(1, "Odd, Name", 24_564))


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], str]:
    """A program that does what a shell script says."""

    def write(script: str) -> str:
        path = tmp_path / "driver"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    return write


def test_gpus_when_the_driver_lists_them_then_they_are_found(
    program: Callable[[str], str],
) -> None:
    assert find_gpus(program(f"printf '{LISTED}'")) == FOUND


@pytest.mark.parametrize("script", ["exit 9", "printf 'No devices were found'"])
def test_gpus_when_the_driver_fails_then_there_are_none(
    program: Callable[[str], str], script: str
) -> None:
    assert find_gpus(program(script)) == ()


def test_gpus_when_there_is_no_driver_then_there_are_none() -> None:
    assert find_gpus("no-such-program") == ()


@pytest.mark.parametrize("line", ["", "x, y, z", "0, name, [N/A]", "0", "-1, name, 5"])
def test_list_when_a_line_is_of_another_form_then_it_is_passed_over(line: str) -> None:
    assert read_gpus(f"{line}\n{LISTED}") == FOUND
