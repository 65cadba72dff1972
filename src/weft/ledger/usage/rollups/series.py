"""The series of the roll-ups: a number for each team, project, user, key and model that were seen together.

Numbers instead of ids keep the roll-ups narrow: a tenth of the bytes to write and to scan. Series are never changed or
removed, so a connection remembers those that it read. What a transaction made itself is remembered until its end only:
it may be rolled back. Whoever makes series is alone (SQLite: the write lock, PostgreSQL: the lock on the ledger's
head), so that numbers are not given twice.
"""

from sqlalchemy import Connection, RootTransaction

from weft.kit import bulk
from weft.ledger.usage.rollups.tiers import Level

Ids = tuple[str, str, str, str, str]
"""Of team, project, user, key and model; those that the level does not hold are empty."""
Series = tuple[int, int, int, int, int]
"""The numbers of a series of the level `DETAIL`, and of what it is part of: project, user, team, all."""

KNOWN_LIMIT = 100_000
_INFO = "weft.usage_series"
_FIND = (
    "SELECT id, project_series, user_series, team_series, all_series FROM usage_series"
    " WHERE level = ? AND team_id = ? AND project_id = ? AND user_id = ? AND key_id = ? AND model_id = ?"
)
_LAST = "SELECT COALESCE(MAX(id), 0) FROM usage_series"
_COLUMNS = (
    "id",
    "level",
    "team_id",
    "project_id",
    "user_id",
    "key_id",
    "model_id",
    "project_series",
    "user_series",
    "team_series",
    "all_series",
)


class KnownSeries:
    """What one connection knows about series."""

    __slots__ = ("_committed", "_made", "_transaction")

    def __init__(self) -> None:
        self._committed: dict[Ids, Series] = {}
        self._made: dict[Ids, Series] = {}
        """Since the present transaction made its first one: what it finds from then on may be its own."""
        self._transaction: RootTransaction | None = None

    def get(self, connection: Connection, ids: Ids) -> Series:
        """The numbers of a series, which is made if it is new."""
        return (
            self._committed.get(ids) or self._made.get(ids) or self._find_or_make(connection, ids)
        )

    def begin(self, transaction: RootTransaction | None) -> None:
        """Forget what another transaction made."""
        if transaction is not self._transaction or transaction is None:
            self._transaction = transaction
            self._made.clear()

    def _find_or_make(self, connection: Connection, ids: Ids) -> Series:
        found = bulk.run(connection, _FIND, (int(Level.DETAIL), *ids))
        if found:
            known = self._made or self._committed
            if len(known) >= KNOWN_LIMIT:
                known.clear()
        else:
            found = [_make(connection, ids)]
            known = self._made
        number, project, user, team, everything = found[0]
        series = known[ids] = (number, project, user, team, everything)
        return series


def known_series(connection: Connection) -> KnownSeries:
    """What this connection knows, ready for its present transaction."""
    known = connection.info.get(_INFO)
    if not isinstance(known, KnownSeries):
        known = connection.info[_INFO] = KnownSeries()
    known.begin(connection.get_transaction())
    return known


def _make(connection: Connection, ids: Ids) -> Series:
    team, project, user, _key, model = ids
    coarser = (
        _number(connection, Level.PROJECT, (team, project, "", "", model)),
        _number(connection, Level.USER, (team, "", user, "", "")),
        _number(connection, Level.TEAM, (team, "", "", "", model)),
        _number(connection, Level.ALL, ("", "", "", "", model)),
    )
    return _insert(connection, Level.DETAIL, ids, coarser), *coarser


def _number(connection: Connection, level: Level, ids: Ids) -> int:
    found = bulk.run(connection, _FIND, (int(level), *ids))
    return int(found[0][0]) if found else _insert(connection, level, ids, (0, 0, 0, 0))


def _insert(
    connection: Connection, level: Level, ids: Ids, coarser: tuple[int, int, int, int]
) -> int:
    number = int(bulk.run(connection, _LAST)[0][0]) + 1
    bulk.insert(connection, "usage_series", _COLUMNS, [(number, int(level), *ids, *coarser)])
    return number
