"""What lies in the data folder, and how it is opened: the same for the server and for every command."""

import os
import stat
from pathlib import Path

from weft.billing.migrations import MIGRATIONS as BILLING
from weft.gateway.idempotency.migrations import MIGRATIONS as IDEMPOTENCY
from weft.identity.migrations import MIGRATIONS as IDENTITY
from weft.identity.secrets import load_or_create_secret
from weft.kit.db import Database
from weft.kit.errors import CannotStart
from weft.kit.migrations import migrate
from weft.kit.settings import Settings
from weft.ledger.migrations import MIGRATIONS as LEDGER
from weft.limits.migrations import MIGRATIONS as LIMITS

DATABASE_NAME = "weft.db"
SECRET_NAME = "secret.key"  # noqa: S105 - a file's name
DATABASE_FILES = (DATABASE_NAME, f"{DATABASE_NAME}-wal", f"{DATABASE_NAME}-shm")
OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""What nobody but the owner may do with a file that holds hashes of passwords and keys."""
MIGRATIONS = (*IDENTITY, *LEDGER, *LIMITS, *BILLING, *IDEMPOTENCY)


def open_database(data_dir: Path) -> Database:
    """Open `<data_dir>/weft.db`, making it if it is missing, and bring its tables up to date.

    Raises:
        CannotStart: the file cannot be opened, is damaged, or was written by a newer Weft.
    """
    _keep_private(data_dir)
    database = Database(data_dir / DATABASE_NAME)
    try:
        database.check()
        migrate(database, MIGRATIONS)
    except BaseException:
        database.close()
        raise
    return database


def _keep_private(data_dir: Path) -> None:
    """Have only the owner read and write the database; SQLite gives the files that it adds the mode of the first."""
    path = data_dir / DATABASE_NAME
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        for name in DATABASE_FILES:
            make_private(data_dir / name)
    except OSError as error:
        raise CannotStart(
            f"cannot open the database {path} ({error.strerror})",
            remedy="run as the user who owns the file, or name another folder with --data",
        ) from error


def make_private(path: Path) -> None:
    """Take from others what they may do with `path`, if it is there and ours; `weft doctor` tells of the rest."""
    try:
        now = path.stat()
    except FileNotFoundError:
        return
    if now.st_mode & OTHERS and now.st_uid == os.geteuid():
        path.chmod(stat.S_IMODE(now.st_mode) & ~OTHERS)


def server_secret(settings: Settings) -> bytes:
    """The secret that API keys and logins are hashed with: set, or kept in the data folder.

    Raises:
        CannotStart: the file is damaged.
    """
    configured = settings.secret_key.get_secret_value()
    if configured:
        return configured.encode()
    return load_or_create_secret(settings.data_dir / SECRET_NAME)
