"""A folder of catalog files, written line by line, so that a test can name the line it expects."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from weft.catalog.catalog import Catalog
from weft.catalog.load import load_catalog
from weft.catalog.types import ModelCard
from weft.kit.errors import CannotStart

WriteCard = Callable[..., Path]
LoadCard = Callable[..., ModelCard]
RefusalOf = Callable[[str], str]

OWN = 'id = "our/own"\ncontext_window_tokens = 4096\n'


class FixedClock:
    """A clock that stands still."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def monotonic_s(self) -> float:
        return 0.0


@pytest.fixture(scope="session")
def shipped() -> Catalog:
    return load_catalog(clock=FixedClock(datetime(2026, 11, 1, tzinfo=UTC)))


@pytest.fixture
def write_card(tmp_path: Path) -> WriteCard:
    """Write a file into the extra folder."""

    def write(text: str, name: str = "card.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def load_card(tmp_path: Path, write_card: WriteCard) -> LoadCard:
    """Load the shipped catalog with one file over it, and take a card from it."""

    def load(text: str, model_id: str = "our/own") -> ModelCard:
        write_card(text)
        return load_catalog(tmp_path).get(model_id)

    return load


@pytest.fixture
def refusal_of(tmp_path: Path, write_card: WriteCard) -> RefusalOf:
    """The one line that a file stops the start with, its folder left out."""

    def refuse(text: str) -> str:
        write_card(text)
        with pytest.raises(CannotStart) as caught:
            load_catalog(tmp_path)
        message = caught.value.message
        assert "\n" not in message
        return message.replace(f"{tmp_path}/", "")

    return refuse


@pytest.fixture
def at() -> Callable[..., FixedClock]:
    """A clock that stands at a day."""

    def clock(year: int, month: int, day: int) -> FixedClock:
        return FixedClock(datetime(year, month, day, tzinfo=UTC))

    return clock
