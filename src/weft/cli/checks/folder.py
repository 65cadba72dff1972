"""The data folder: can it be written, does it lie on a disk that SQLite can trust, who else may read it."""

import fcntl
import mmap
import os
import re
import shutil
import stat
import tempfile
from pathlib import Path

from weft.app.folder import LOCK_NAME
from weft.app.storage import (
    DATABASE_FILES,
    OTHERS,
    SECRET_NAME,
)
from weft.cli.checks.finding import Finding, fail, ok, warn

LOW_BYTES = 1 << 30
TOO_LOW_BYTES = 100 << 20
NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "glusterfs", "gpfs"}
)
PASSING = frozenset({"overlay", "aufs", "tmpfs", "ramfs"})
_MOUNTS = Path("/proc/self/mountinfo")
_OCTAL = re.compile(r"\\([0-7]{3})")
_CHOOSE = "choose another folder with --data or WEFT_DATA_DIR"


def check_folder(folder: Path, *, holds_database: bool) -> list[Finding]:
    """Everything about the data folder; what only a database of SQLite needs, if it is to hold one."""
    place = _existing(folder)
    return [
        check_writable(folder, place),
        *([check_file_system(file_system(place))] if holds_database else []),
        check_space(shutil.disk_usage(place).free),
        *check_secret(folder / SECRET_NAME),
        *check_privacy(folder),
        *check_lock(folder / LOCK_NAME),
    ]


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())


def check_writable(folder: Path, place: Path) -> Finding:
    """Whether files can be made in it, locked and mapped as SQLite does; `place` is what of its path exists."""
    if not place.is_dir():
        return fail("data folder", f"{place} is no folder", _CHOOSE)
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.truncate(mmap.PAGESIZE)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mmap.mmap(file.fileno(), mmap.PAGESIZE).close()
    except OSError as error:
        return fail("data folder", f"{place} cannot be used ({error.strerror})", _CHOOSE)
    if place != folder:
        return ok("data folder", f"{folder} will be made by the first start")
    return ok("data folder", f"{folder} can be written and locked")


def check_file_system(kind: str | None) -> Finding:
    """Whether what is written stays, and whether SQLite's locks hold."""
    if kind is None:
        return ok("file system", "this system does not tell its kind")
    if kind.removeprefix("fuse.") in NETWORK or kind.startswith(("fuse.sshfs", "fuse.rclone")):
        return fail(
            "file system",
            f"{kind} is a network file system; SQLite's locks do not hold there",
            "put the data folder on a local disk: --data or WEFT_DATA_DIR",
        )
    if kind in PASSING:
        return warn(
            "file system",
            f"{kind} may be gone after a restart",
            "mount a volume, and name it with --data or WEFT_DATA_DIR",
        )
    return ok("file system", f"{kind}, a local file system")


def file_system(place: Path, mounts: Path = _MOUNTS) -> str | None:
    """The kind of file system that `place` lies on; None if nobody tells.

    The form of mountinfo is that of proc(5): mount point in field 5, the kind after the lone hyphen.
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        return None
    found = (0, "")
    real = place.resolve()
    for line in lines:
        left, _, right = line.partition(" - ")
        fields, kind = left.split(), right.split()
        if len(fields) < 5 or not kind:
            continue
        point = Path(_OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[4]))
        if real.is_relative_to(point) and len(point.parts) >= found[0]:  # the last mount is on top
            found = (len(point.parts), kind[0])
    return found[1] or None


def check_space(free_bytes: int) -> Finding:
    """Whether there is room for the database to grow."""
    shown = f"{free_bytes / (1 << 30):.1f} GiB free"
    if free_bytes < TOO_LOW_BYTES:
        return fail("free space", shown, "free some, or choose another disk with --data")
    if free_bytes < LOW_BYTES:
        return warn("free space", shown, "free some: the usage log grows with every request")
    return ok("free space", shown)


def check_secret(path: Path) -> list[Finding]:
    """Whether only its owner can read the secret; nothing to say where there is none yet."""
    mode = _mode(path)
    if not mode:
        return []
    if mode & OTHERS:
        return [warn("secret", f"{path} can be read by others", f"chmod 600 {path}")]
    return [ok("secret", "only its owner can read it")]


def check_privacy(folder: Path) -> list[Finding]:
    """Whether others can change the folder, or read the database; nothing to say where there is none yet."""
    if not folder.is_dir():
        return []
    if _mode(folder) & (stat.S_IWGRP | stat.S_IWOTH):
        return [warn("privacy", f"others can change {folder}", f"chmod go-w {folder}")]
    open_ = [str(path) for name in DATABASE_FILES if _mode(path := folder / name) & OTHERS]
    if open_:
        files = " ".join(open_)
        return [warn("privacy", f"others can read {files}", f"chmod 600 {files}")]
    return [ok("privacy", "only its owner can read the database and change the folder")]


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:  # made by the first start, or gone with the last connection
        return 0


def check_lock(path: Path) -> list[Finding]:
    """Whether a server runs on this folder; nothing to say where none does."""
    owner = find_owner(path)
    return [ok("server", f"process {owner} serves this folder")] if owner else []


def find_owner(path: Path) -> str | None:
    """The process that holds the folder's lock, `unknown` if it did not say; None if nobody does."""
    try:
        lock = os.open(path, os.O_RDONLY)
    except OSError:  # no server was started here, or the folder's own check tells of it
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return os.pread(lock, 32, 0).decode(errors="replace").strip() or "unknown"
    finally:
        os.close(lock)
    return None
