"""The database: can it be reached, is it whole and up to date, does it keep what it is given, does its clock agree."""

from pathlib import Path

from sqlalchemy.exc import DBAPIError

from weft.app.storage import MIGRATIONS, place_of
from weft.cli.checks.finding import Finding, fail, ok, warn
from weft.kit.db import SQLITE, Database
from weft.kit.errors import CannotStart
from weft.kit.migrations import pending
from weft.kit.settings import Settings

SKEW_LIMIT_S = 2.0
_RESTORE = "put a backup back: `weft restore FILE --force`"


def check_database(settings: Settings) -> list[Finding]:
    """Everything about the database that these settings name."""
    try:
        database = Database(place_of(settings))
    except CannotStart as error:
        return [fail("database", error.message, str(error.metadata["remedy"]))]
    try:
        if database.dialect == SQLITE:
            return [check_file(database.path)]
        return check_server(database)
    finally:
        database.close()


def check_file(path: Path) -> Finding:
    """Whether a SQLite database is whole, and no newer than this program."""
    if not path.exists():
        return ok("database", "none yet; the first start makes it")
    database = Database(path)
    try:
        database.check()
        missing = pending(database, MIGRATIONS)
    except CannotStart as error:
        return fail("database", error.message, _RESTORE)
    finally:
        database.close()
    return _up_to_date("sound", missing)


def check_server(database: Database) -> list[Finding]:
    """Whether a PostgreSQL server can be used, keeps what it confirmed, and has the same time as this machine."""
    try:
        database.check()
        missing = pending(database, MIGRATIONS)
        settings = database.settings("server_version", "synchronous_commit", "fsync")
        ahead_s = database.clock_ahead_s()
    except CannotStart as error:
        return [fail("database", error.message, str(error.metadata["remedy"]))]
    except DBAPIError as error:  # it went away meanwhile
        return [fail("database", f"{database.name}: {error.orig}", "look at the server's log")]
    version = settings["server_version"].split()[0]
    return [
        _up_to_date(f"PostgreSQL {version} at {database.name}", missing),
        check_durable(settings),
        check_skew(ahead_s),
    ]


def check_durable(settings: dict[str, str]) -> Finding:
    """Whether the server has a commit on its disk before it confirms it."""
    off = [name for name in ("fsync", "synchronous_commit") if settings[name] == "off"]
    if off:
        return warn(
            "durability",
            f"{' and '.join(off)} of the server: off; what was paid for can be lost with the power",
            f"set {' and '.join(f'{name} = on' for name in off)} in postgresql.conf",
        )
    return ok("durability", "a commit is on the disk before it is confirmed")


def check_skew(ahead_s: float) -> Finding:
    """Whether the clocks of the database and of this machine agree: windows and expiries are counted by both."""
    if abs(ahead_s) > SKEW_LIMIT_S:
        way = "ahead of" if ahead_s > 0 else "behind"
        return warn(
            "database clock",
            f"{abs(ahead_s):.1f} s {way} this machine's",
            "have both set their clocks by NTP",
        )
    return ok("database clock", f"{abs(ahead_s):.1f} s from this machine's")


def _up_to_date(what: str, missing: list[str]) -> Finding:
    if missing:
        return ok("database", f"{what}; {len(missing)} steps will bring it up to date")
    return ok("database", f"{what} and up to date" if what == "sound" else f"{what}, up to date")
