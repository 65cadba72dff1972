"""How much memory a tree of processes takes."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from weft.engines.process.memory import gpu_mib, read_smi, resident_mib, trees

PARENT = """\
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "x = bytearray(64 << 20); print('up', flush=True); input()"],
    stdin=subprocess.PIPE)
child.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_trees_when_a_child_has_a_child_then_both_count() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, start_new_session=True, text=True
    ) as parent:
        try:
            assert parent.stdout is not None
            assert parent.stdout.readline() == "up\n"
            found = trees([parent.pid, 2**22 + 1])
            assert list(found) == [parent.pid]
            assert len(found[parent.pid]) == 2
            assert 64 < resident_mib(found[parent.pid]) < 500
        finally:
            os.killpg(parent.pid, 9)
    assert trees([parent.pid]) == {}


def test_trees_when_a_name_is_odd_then_the_parent_is_found_all_the_same(tmp_path: Path) -> None:
    for pid, stat_line in {7: "7 (a) b) (c) S 1 7", 8: "8 (x) S 7 7", 9: "torn"}.items():
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "stat").write_text(stat_line)
    assert trees([7, 9], tmp_path) == {7: [7, 8]}
    assert resident_mib([7, 8], tmp_path) == 0
    assert trees([7], tmp_path / "nowhere") == {}


def test_read_smi_when_a_process_is_on_two_gpus_then_its_sum() -> None:
    assert read_smi("12, 100\n12, 50\n13, [N/A]\n\n") == {12: 150}


async def test_gpu_mib_when_there_is_a_driver_then_what_it_says(tmp_path: Path) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho '4242, 1024'\n")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    assert await gpu_mib(str(tool)) == {4242: 1024}
    assert await gpu_mib("weft-has-no-such-tool") == {}
