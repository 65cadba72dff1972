"""Having a database for oneself: no server or gateway of this machine, or that PostgreSQL knows of, uses it."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from weft.app.folder import GATEWAYS_LOCK_NAME, DataFolder
from weft.kit.db import Database
from weft.kit.errors import CannotStart

_STOP = "stop every server and gateway that uses this database, and try again"


@contextmanager
def alone_in(folder: Path) -> Generator[None]:
    """Hold the locks of a data folder, so that nobody serves it now and nobody starts to.

    Raises:
        CannotStart: somebody does.
    """
    with DataFolder(folder):
        lock = os.open(folder / GATEWAYS_LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            raise CannotStart(f"a gateway uses the data folder {folder}", remedy=_STOP) from error
        try:
            yield
        finally:
            os.close(lock)


def check_alone(database: Database) -> None:
    """Raise `CannotStart` if the database tells of another process of Weft that is connected to it."""
    others = database.others()
    if others:
        shown = ", ".join(others[:5])
        raise CannotStart(f"the database {database.name} is in use by {shown}", remedy=_STOP)
