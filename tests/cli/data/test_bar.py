"""The progress bar: drawn on a terminal, silent elsewhere."""

import io
import sys

import pytest
from typing_extensions import override

from weft.cli.data.bar import progress_bar


class Terminal(io.StringIO):
    @override
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("screen", "is_drawn"), [(Terminal(), True), (io.StringIO(), False)])
def test_bar_when_told_then_draws_where_somebody_looks(
    monkeypatch: pytest.MonkeyPatch, screen: io.StringIO, is_drawn: bool
) -> None:
    monkeypatch.setattr(sys, "stderr", screen)
    with progress_bar("Copying") as progress:
        for done in (0, 500, 1000):
            progress(done, 1000)
    assert ("100%" in screen.getvalue()) is is_drawn
    assert bool(screen.getvalue()) is is_drawn
