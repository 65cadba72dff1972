"""The data folder: made on first use, and used by one server at a time, with any number of gateways beside it.

The lock is the kernel's (flock), so that a killed server leaves none behind. The command line does not take it: it
works beside a running server, through the database's own locking.

For its commands about engines a server says where it is: `server.json`, which only the folder's owner may read. Its
token opens `/api/engines` and nothing else, is new with each start, and lives in no database. A server that was killed
leaves the file behind: its reader must ask whether the server answers.
"""

import fcntl
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from weft.app.storage import make_private
from weft.kit.errors import CannotStart

LOCK_NAME = "weft.lock"
GATEWAYS_LOCK_NAME = "gateways.lock"
"""Shared by all gateways: whoever can have it alone knows that there is none."""
SERVER_NAME = "server.json"
TOKEN_PREFIX = "weft-local-"  # noqa: S105 - what a token begins with
_MAX_BYTES = 4096


class DataFolder:
    """Holds the folder's lock from `with` to its end."""

    def __init__(self, path: Path, *, beside: bool = False) -> None:
        """The folder at `path`; `beside` shares it with a server and other gateways."""
        self.path = path
        self._name = GATEWAYS_LOCK_NAME if beside else LOCK_NAME
        self._kind = fcntl.LOCK_SH if beside else fcntl.LOCK_EX
        self._lock: int | None = None

    def __enter__(self) -> Self:
        """Make the folder if it is missing, and lock it.

        Raises:
            CannotStart: it cannot be made or written, or another server holds it.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(self.path / self._name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise CannotStart(
                f"cannot write to the data folder {self.path} ({error.strerror});"
                " choose another with --data or WEFT_DATA_DIR"
            ) from error
        try:
            fcntl.flock(lock, self._kind | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.pread(lock, 32, 0).decode(errors="replace").strip() or "unknown"
            os.close(lock)
            raise CannotStart(
                f"another Weft (process {owner}) already serves the data folder {self.path};"
                " stop it, or choose another folder with --data"
            ) from error
        make_private(self.path / self._name)
        os.ftruncate(lock, 0)
        os.pwrite(lock, b"%d\n" % os.getpid(), 0)
        self._lock = lock
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let the folder go."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


class Presence(msgspec.Struct, frozen=True):
    """A server that runs, or did."""

    url: str
    """Without a path: `http://127.0.0.1:8080`."""
    token: str
    pid: int


@contextmanager
def told(folder: Path, url: str) -> Generator[str]:
    """Have the file there until the end; yields the token, which is new.

    Raises:
        CannotStart: it cannot be written.
    """
    presence = Presence(url, TOKEN_PREFIX + secrets.token_urlsafe(32), os.getpid())
    path = folder / SERVER_NAME
    draft = path.with_suffix(".new")
    try:
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(presence))
        draft.replace(path)
    except OSError as error:
        raise CannotStart(f"cannot write {path} ({error.strerror})") from error
    try:
        yield presence.token
    finally:
        if find_server(folder) == presence:  # it may be another one's by now
            with suppress(OSError):
                path.unlink()


def find_server(folder: Path) -> Presence | None:
    """What the file says; None where there is none that can be read."""
    try:
        raw = (folder / SERVER_NAME).read_bytes()[:_MAX_BYTES]
        return msgspec.json.decode(raw, type=Presence)
    except (OSError, msgspec.DecodeError):
        return None
