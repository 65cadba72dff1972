"""What lies in the data folder, and how it is opened: the same for the server and for every command."""

from pathlib import Path

from weft.identity.migrations import MIGRATIONS as IDENTITY
from weft.identity.secrets import load_or_create_secret
from weft.kit.db import Database
from weft.kit.migrations import migrate
from weft.kit.settings import Settings
from weft.ledger.migrations import MIGRATIONS as LEDGER

DATABASE_NAME = "weft.db"
SECRET_NAME = "secret.key"  # noqa: S105 - a file's name
MIGRATIONS = (*IDENTITY, *LEDGER)


def open_database(data_dir: Path) -> Database:
    """Open `<data_dir>/weft.db`, making it if it is missing, and bring its tables up to date.

    Raises:
        CannotStart: the file is damaged, or was written by a newer Weft.
    """
    database = Database(data_dir / DATABASE_NAME)
    try:
        database.check()
        migrate(database, MIGRATIONS)
    except BaseException:
        database.close()
        raise
    return database


def server_secret(settings: Settings) -> bytes:
    """The secret that API keys and logins are hashed with: set, or kept in the data folder.

    Raises:
        CannotStart: the file is damaged.
    """
    configured = settings.secret_key.get_secret_value()
    if configured:
        return configured.encode()
    return load_or_create_secret(settings.data_dir / SECRET_NAME)
