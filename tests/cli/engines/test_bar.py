"""The line of a transfer: one width while it runs, and nothing where nobody looks."""

import re

import pytest

from weft.cli.engines.bar import TransferBar, line

NAME = "Llama-4-Scout-17B-16E-Instruct-Q4_K_M-00001-of-00002.gguf"
GIB = 1 << 30


@pytest.mark.parametrize("width", [60, 79, 100, 119])
def test_line_when_it_is_drawn_again_and_again_then_nothing_jumps(width: int) -> None:
    drawn = [
        line(NAME, done, 40 * GIB, speed, width)
        for done, speed in ((0, 0.0), (1 << 20, 900.0), (20 * GIB, 1e8), (40 * GIB, 5e9))
    ]
    assert {len(one) for one in drawn} == {width} or width < 79
    assert all(len(one) <= width for one in drawn)
    assert " 50%" in drawn[2]
    assert "20.0 GiB of 40.0 GiB" in drawn[2]


def test_line_when_half_is_there_then_half_of_the_bar_is_full() -> None:
    text = line("a.gguf", 1 << 29, GIB, 1 << 26, 100)
    bar = re.search(r"\[(#+)(-+)\]", text)
    assert bar is not None
    assert abs(len(bar[1]) - len(bar[2])) <= 1
    assert "64.0 MiB/s" in text
    assert "0:08 left" in text


def test_bar_when_nobody_looks_then_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    with TransferBar() as bar:
        bar.begin("a.gguf")(1, 2)
    assert capsys.readouterr() == ("", "")


def test_bar_when_somebody_looks_then_the_line_is_gone_at_the_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    ticks = iter([0.0, 0.01, 1.0, 2.0])
    with TransferBar(lambda: next(ticks)) as bar:
        show = bar.begin("a.gguf")
        for done in (1, 2, 3, 4):
            show(done << 20, 4 << 20)
    drawn = capsys.readouterr().err.split("\r\x1b[2K")
    assert [bool(one) for one in drawn] == [False, True, True, True, False]
    assert "100%" in drawn[-2]
