"""What the commands about plans and limits share: the database with the plans, who gives the command, and figures."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from weft.catalog.load import load_catalog
from weft.cli import store
from weft.cli.store import open_database
from weft.kit.clock import to_us
from weft.kit.db import Database
from weft.kit.errors import InvalidRequest
from weft.kit.money import format_usd, parse_usd
from weft.kit.settings import load_settings
from weft.limits.changes import Changes
from weft.limits.plans.load import Plans, load_plans
from weft.limits.rules import Authority, Setter
from weft.limits.standing import Standings
from weft.limits.subjects import get_model_id
from weft.limits.types import MONEY_KINDS, LimitKind, Period

ReasonOption = Annotated[
    str, typer.Option(help="Why; it is kept with the change.", show_default=False)
]
_SPEND = re.compile(r"\$?(\d{1,10}(?:\.\d{1,9})?)/(day|month|year)")


@dataclass(frozen=True, slots=True)
class Place:
    """An open database, and the plans that its server knows."""

    database: Database
    plans: Plans
    default_plan: str
    catalog_dir: Path

    def model_id(self, name: str | None) -> str:
        """The id that a model is counted by, by its id or an alias; empty for no name.

        Raises:
            ModelNotFound: no model goes by this name.
        """
        if not name:
            return ""
        folder = self.catalog_dir
        return get_model_id(load_catalog(folder if folder.is_dir() else None), name)

    @property
    def changes(self) -> Changes:
        """What changes plans and limits."""
        return Changes(self.plans, default_plan=self.default_plan)

    @property
    def standings(self) -> Standings:
        """What tells how somebody stands."""
        return Standings(self.plans, self.default_plan)

    @contextmanager
    def writing(self) -> Generator[tuple[Connection, int]]:
        """One write transaction, and this moment."""
        with self.database.write() as connection:
            yield connection, now_us()

    @contextmanager
    def reading(self) -> Generator[tuple[Connection, int]]:
        """One snapshot, and this moment."""
        with self.database.read() as connection:
            yield connection, now_us()


@contextmanager
def opened_place(data: Path | None, config: Path | None) -> Generator[Place]:
    """The database and the plans that the flags `--data` and `--config` lead to."""
    settings = load_settings({"data_dir": data, "config": config}).settings
    plans = load_plans(settings.data_dir)
    database = open_database(settings)
    try:
        yield Place(database, plans, settings.default_plan, settings.catalog_dir)
    finally:
        database.close()


def operator(reason: str) -> Setter:
    """Who gives the command, and why."""
    return Setter(store.operator().name, Authority.SERVER, reason)


def now_us() -> int:
    """This moment."""
    return to_us(datetime.now(UTC))


def read_spend(text: str) -> tuple[int, Period]:
    """Nano-dollars and window of `5/day`, `99.50/month` or `700000/year`.

    Raises:
        InvalidRequest: it is none.
    """
    found = _SPEND.fullmatch(text)
    if found is None:
        raise InvalidRequest(
            f"{text[:60]!r} is no limit of spend; write dollars and a window: 5/day, 100/month, 1000/year",
            param="spend",
        )
    return parse_usd(found[1]), Period(found[2])


def shown(kind: LimitKind, amount: int) -> str:
    """An amount as people read it."""
    return f"${format_usd(amount)}" if kind in MONEY_KINDS else f"{amount:,}"
