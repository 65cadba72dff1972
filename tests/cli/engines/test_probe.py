"""What `weft models probe` shows while it waits, and in the end."""

import os
import pty
import sys

import pytest

from weft.cli.engines.probe import report, told
from weft.cli.engines.server import ProbedFeature, ProbedLine


def test_told_when_on_a_terminal_then_the_line_goes_on_and_is_wiped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    above, below = pty.openpty()
    seen = b""
    with os.fdopen(below, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with told("acme/one: being probed"):
            while b"acme/one: being probed, " not in seen:  # the test's timeout bounds it
                seen += os.read(above, 65_536)
        while not seen.endswith(b"\r\x1b[2K"):
            seen += os.read(above, 65_536)
    os.close(above)


def test_report_when_a_detail_is_long_then_the_table_fits() -> None:
    found = [
        ProbedFeature("stream", "works", "2026-11-28T01:02:03Z"),
        ProbedFeature("tools", "broken", "2026-11-28T01:02:03Z", "a tool is not called " * 9),
        ProbedFeature("vision", "unknown"),
    ]
    lines = report(ProbedLine("acme/one", found), width=80).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[2].split() == ["stream", "works", "2026-11-28T01:02:03Z", "-"]
    assert lines[4].split() == ["vision", "unknown", "-", "-"]
