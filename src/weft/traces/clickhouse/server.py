"""A ClickHouse server, or its engine in this process: how it is reached, asked and brought up to date.

A client does one thing at a time, and one that is read from is busy until the end: clients are taken from a pool. What
says that the server cannot be reached is raised as SQLAlchemy's `OperationalError`, which the trace writer knows: what
it writes then waits on disk.
"""

import importlib
import re
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from sqlalchemy import ClauseElement
from sqlalchemy.exc import OperationalError

from weft.kit.errors import CannotStart
from weft.traces.clickhouse.dialect import compiled
from weft.traces.clickhouse.schema import COLUMNS

CONNECT_TIMEOUT_S = 10
STATEMENT_TIMEOUT_S = 60
_STEPS = Path(__file__).parent
_CODE = re.compile(r"Code: (\d+)")
_PASSING = frozenset({159, 202, 209, 210, 241, 242, 252, 999})
"""Too slow, too many queries, network, no memory, read-only, too many parts, no keeper: it may do the same later."""
_FORMS = "clickhouse://user:password@host:8123/database or chdb:///folder"
_MEND = "start it, or mend trace_clickhouse_url; a folder of chdb is open in one process at a time"
_BOUNDED = {"max_execution_time": STATEMENT_TIMEOUT_S}
_READING = {"final": 1, **_BOUNDED}


class ClickHouse:
    """Where calls are kept. Any thread may use it."""

    def __init__(self, url: str) -> None:
        """Get ready to connect; nothing is reached yet.

        Raises:
            CannotStart: the URL leads nowhere, or the libraries for it are not installed.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"clickhouse", "clickhouses", "chdb"}:
            raise CannotStart("the URL of ClickHouse cannot be read", remedy=f"write {_FORMS}")
        try:
            clickhouse: Any = importlib.import_module("clickhouse_connect")  # an extra
        except ImportError as error:
            raise CannotStart(
                "the client of ClickHouse is not installed",
                remedy="pip install 'weft[clickhouse]', or 'weft[chdb]' for the engine itself",
            ) from error
        self._connect: Any = clickhouse.get_client
        self._refused: Any = clickhouse.driver.exceptions.ClickHouseError
        self._arguments = _arguments(url)
        self._idle: list[Any] = []
        self._turn = threading.Lock()
        self.name = f"{parts.scheme}://{parts.hostname or ''}{parts.path}"

    def migrate(self) -> None:
        """Apply the steps that are missing: files `NNNN_what.sql` of this folder, remembered in a table.

        Raises:
            CannotStart: it cannot be reached, or does not let us in.
        """
        with self._starting(), self._asking() as client:
            client.command(
                "CREATE TABLE IF NOT EXISTS weft_migration (name String)"
                " ENGINE = MergeTree ORDER BY name"
            )
            done = {row[0] for row in client.query("SELECT name FROM weft_migration").result_rows}
            for step in sorted(_STEPS.glob("*.sql")):
                if step.name not in done:
                    client.command(step.read_text())
                    client.insert("weft_migration", [[step.name]], column_names=["name"])

    def check(self) -> None:
        """Ask it for nothing.

        Raises:
            CannotStart: it cannot be reached, or does not let us in.
        """
        with self._starting(), self._asking() as client:
            client.command("SELECT 1")

    def rows(self, statement: ClauseElement) -> list[Any]:
        """What a SELECT finds, each row with its columns by name."""
        return [row for group in self.groups(statement) for row in group]

    def groups(self, statement: ClauseElement) -> Iterator[Sequence[Any]]:
        """What a SELECT finds, as it comes, some rows at a time."""
        text, values = compiled(statement)
        with (
            self._asking() as client,
            client.query_row_block_stream(text, parameters=values, settings=_READING) as blocks,
        ):
            names: Sequence[str] = blocks.source.column_names
            for block in blocks:
                yield [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in block]

    def raw_rows(self, statement: ClauseElement) -> list[Any]:
        """What a SELECT of few rows finds among all that was ever written, also what counts no longer."""
        text, values = compiled(statement)
        with self._asking() as client:
            found = client.query(text, parameters=values, settings=_BOUNDED)
        names: Sequence[str] = found.column_names
        return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in found.result_rows]

    def remove(self, statement: ClauseElement) -> None:
        """Run a DELETE; what it took is not read any more when this returns."""
        text, values = compiled(statement)
        with self._asking() as client:
            client.command(text, parameters=values, settings=_BOUNDED)

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows of calls; durable when this returns."""
        if rows:
            values = [[row[name] for name in COLUMNS] for row in rows]
            with self._asking() as client:
                client.insert("trace_call", values, column_names=COLUMNS)

    def close(self) -> None:
        """Close every connection. Idempotent."""
        with self._turn:
            clients, self._idle = self._idle, []
        for client in clients:
            client.close()

    @contextmanager
    def _starting(self) -> Generator[None]:
        try:
            yield
        except OperationalError as error:
            raise CannotStart(f"cannot reach {self.name}", remedy=_MEND) from error
        except self._refused as error:
            said = str(error).partition("\n")[0][:200]
            raise CannotStart(f"{self.name} refuses: {said}", remedy=_MEND) from error

    @contextmanager
    def _asking(self) -> Generator[Any]:
        try:
            with self._turn:
                client = self._idle.pop() if self._idle else None
            client = client or self._connect(**self._arguments)
            try:
                yield client
            except BaseException:
                client.close()
                raise
            with self._turn:
                self._idle.append(client)
        except self._refused as error:
            code = _CODE.search(str(error))
            if code is None or int(code[1]) in _PASSING:
                raise OperationalError(f"ClickHouse {self.name}", None, error) from error
            raise


def _arguments(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme == "chdb":
        return {"interface": "chdb", "path": unquote(parts.path) or ":memory:"}
    return {
        "interface": "https" if parts.scheme == "clickhouses" else "http",
        "host": parts.hostname or "localhost",
        "port": parts.port or (8443 if parts.scheme == "clickhouses" else 8123),
        "username": unquote(parts.username or "default"),
        "password": unquote(parts.password or ""),
        "database": parts.path.strip("/") or "default",
        "connect_timeout": CONNECT_TIMEOUT_S,
        "send_receive_timeout": STATEMENT_TIMEOUT_S + 10,
        "autogenerate_session_id": False,
        **{name: values[-1] for name, values in parse_qs(parts.query).items()},
    }
