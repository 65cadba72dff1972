"""What lies in the data folder, and how the database is opened: the same for the server and for every command."""

import os
import stat
from pathlib import Path

from pydantic import SecretStr

from weft.billing.migrations import MIGRATIONS as BILLING
from weft.engines.migrations import MIGRATIONS as ENGINES
from weft.engines.probes.migrations import MIGRATIONS as PROBES
from weft.evals.batches.migrations import MIGRATIONS as BATCHES
from weft.evals.monitors.migrations import MIGRATIONS as MONITORS
from weft.evals.providers.migrations import MIGRATIONS as PROVIDERS
from weft.evals.runs.migrations import MIGRATIONS as EVALS
from weft.gateway.idempotency.migrations import MIGRATIONS as IDEMPOTENCY
from weft.identity.audit.migrations import MIGRATIONS as AUDIT
from weft.identity.migrations import MIGRATIONS as IDENTITY
from weft.identity.secrets import load_or_create_secret
from weft.kit.db import SQLITE, Database
from weft.kit.errors import CannotStart
from weft.kit.migrations import migrate
from weft.kit.settings import Settings
from weft.ledger.migrations import MIGRATIONS as LEDGER
from weft.limits.migrations import MIGRATIONS as LIMITS
from weft.traces.agents.migrations import MIGRATIONS as AGENTS
from weft.traces.costs.migrations import MIGRATIONS as COSTS
from weft.traces.feedback.migrations import MIGRATIONS as FEEDBACK
from weft.traces.files.migrations import MIGRATIONS as FILES
from weft.traces.migrations import MIGRATIONS as CALLS
from weft.traces.objects.migrations import MIGRATIONS as OBJECTS
from weft.traces.provenance.migrations import MIGRATIONS as PROVENANCE
from weft.traces.queues.migrations import MIGRATIONS as QUEUES
from weft.traces.search.migrations import MIGRATIONS as SEARCH
from weft.traces.tables.migrations import MIGRATIONS as TABLES
from weft.wandb.runs.migrations import MIGRATIONS as RUNS

NO_URL = SecretStr("")
DATABASE_NAME = "weft.db"
SECRET_NAME = "secret.key"  # noqa: S105 - a file's name
DATABASE_FILES = (DATABASE_NAME, f"{DATABASE_NAME}-wal", f"{DATABASE_NAME}-shm")
OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""What nobody but the owner may do with a file that holds hashes of passwords and keys."""
TRACE_MIGRATIONS = (
    *CALLS,
    *AGENTS,
    *FEEDBACK,
    *COSTS,
    *EVALS,
    *OBJECTS,
    *MONITORS,
    *PROVENANCE,
    *FILES,
    *QUEUES,
    *RUNS,
    *SEARCH,
    *TABLES,
)
"""Of the trace store, which has a database of its own, or is a guest in that of everything else."""
OWN_MIGRATIONS = (
    *(
        *IDENTITY,
        *AUDIT,
        *LEDGER,
        *LIMITS,
        *BILLING,
        *IDEMPOTENCY,
        *ENGINES,
        *PROBES,
        *PROVIDERS,
        *BATCHES,
    ),
)
"""Of everything but traces."""
MIGRATIONS = (*OWN_MIGRATIONS, *TRACE_MIGRATIONS)


def place_of(settings: Settings) -> Path | str:
    """Where the database of these settings is: what `database_url` says, or a file in the data folder."""
    return settings.database_url.get_secret_value() or settings.data_dir / DATABASE_NAME


def open_database(data_dir: Path, url: SecretStr = NO_URL) -> Database:
    """Open the database, making its file if it is missing, and bring its tables up to date.

    It is at `url` (the setting `database_url`); without one it is `<data_dir>/weft.db`.

    Raises:
        CannotStart: it cannot be opened or reached, is damaged, or was written by a newer Weft.
    """
    database = reach_database(url.get_secret_value() or data_dir / DATABASE_NAME)
    try:
        migrate(database, MIGRATIONS)
    except BaseException:
        database.close()
        raise
    return database


def reach_database(place: Path | str, *, is_large: bool = False) -> Database:
    """Open a database, making its file if it is missing, and leave its tables as they are.

    Raises:
        CannotStart: it cannot be opened or reached, or is damaged.
    """
    database = Database(place, is_large=is_large)
    try:
        if database.dialect == SQLITE:
            _keep_private(database.path)
        database.check()
    except BaseException:
        database.close()
        raise
    return database


def _keep_private(path: Path) -> None:
    """Have only the owner read and write the database; SQLite gives the files that it adds the mode of the first."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        for ending in ("", "-wal", "-shm"):
            make_private(path.with_name(path.name + ending))
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
