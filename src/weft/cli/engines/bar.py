"""The progress of a transfer, on one line of standard error: only where somebody looks at it."""

import shutil
import sys
import time
from collections.abc import Callable
from typing import Self

from weft.cli.engines.place import shown_bytes
from weft.engines.adding.meter import Meter

_LEAST_BAR = 8
_MOST_NAME = 40


class TransferBar:
    """Draws one transfer after another; as a context it leaves a clean line behind."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._shows = sys.stderr.isatty()
        self._clock = clock
        self._drawn = False

    def __enter__(self) -> Self:
        """Nothing is drawn before the first bytes."""
        return self

    def __exit__(self, *_: object) -> None:
        """Take the line away."""
        self._clear()

    def begin(self, name: str) -> Callable[[int, int], None]:
        """What to tell of the bytes of `name`."""
        meter = Meter()

        def show(done: int, total: int) -> None:
            if self._shows and (meter.read(self._clock(), done) or done >= total):
                self._draw(line(name, done, total, meter.bytes_per_s, _width()))

        return show

    def _draw(self, text: str) -> None:
        sys.stderr.write(f"\r\x1b[2K{text}")
        sys.stderr.flush()
        self._drawn = True

    def _clear(self) -> None:
        if self._drawn:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
            self._drawn = False


def line(name: str, done: int, total: int, bytes_per_s: float, width: int) -> str:
    """One line of at most `width` characters: name, bar, share, bytes, speed, time left. Pure."""
    share = done / total if total else 1.0
    speed = left = ""
    if bytes_per_s > 0:
        speed = f"{shown_bytes(bytes_per_s)}/s"
        left = f"{_time((total - done) / bytes_per_s)} left"
    # Of one width whatever they say, so that nothing jumps.
    figures = f"{share:4.0%} {shown_bytes(done):>9} of {shown_bytes(total)}{speed:>13}{left:>13}"
    room = width - len(figures) - 2
    name = _cut(name, max(_LEAST_BAR, min(_MOST_NAME, room - _LEAST_BAR - 4)))
    bar = room - len(name) - 4
    if bar < _LEAST_BAR:
        return _cut(f"{name}  {figures}", width)
    full = round(share * bar)
    return f"{name}  [{'#' * full}{'-' * (bar - full)}]  {figures}"


def _time(seconds: float) -> str:
    hours, rest = divmod(round(min(seconds, 359_999)), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _width() -> int:
    return shutil.get_terminal_size((80, 24)).columns - 1  # a full line would wrap


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else "…" + text[len(text) - size + 1 :]
