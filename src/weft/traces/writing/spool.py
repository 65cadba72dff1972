"""A file of operations that the database could not take yet. Appended and fsynced before anybody is told "accepted".

A file begins with `MAGIC` and where the first frame that still waits begins, eight bytes, little-endian. Each frame is
its length and CRC-32, eight bytes, then the operation. A frame that a crash cut off, that the disk lost, or that is
nothing but zeros ends the file: everything before it was acknowledged, nothing after it was. The file of a process that
died is adopted by the next one that starts on the folder, from that place on. The place is not fsynced: after a power
cut it may be an earlier one, and frames are written once more, which changes nothing. Blocking; called from the spool's
own thread.
"""

import fcntl
import io
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from weft.kit.errors import Overloaded
from weft.kit.ids import uuid7_hex

MAGIC = b"weftspl2"
"""As the length of a frame this would be above the limit: files of before, which have no place, are told from it."""
_PLACE = struct.Struct("<Q")
_START = len(MAGIC) + _PLACE.size
_HEAD = struct.Struct("<II")
ENDING = ".spool"
FRAME_LIMIT_BYTES = 1 << 30
_ADOPTED_BYTES = 1 << 24
"""Copied at a time."""


class SpoolFull(Overloaded):
    """The database is away, and what may be kept on disk meanwhile is used up."""

    code = "trace_spool_full"
    remedy = (
        "retry later; whoever runs the server mends the trace database, or sets trace_spool_mib"
    )


class Spool:
    """One file of frames, taken out in the order in which they were put in. Locked: a file has one process."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._path = folder / f"{uuid7_hex()}{ENDING}"
        self._file = _open(self._path)
        self._read_at = self._end = _START
        self.count = 0
        """Frames that wait."""

    @property
    def size_bytes(self) -> int:
        """What waits, in bytes."""
        return self._end - self._read_at

    def adopt(self) -> int:
        """Take over what processes that died left behind; returns how many frames."""
        before = self.count
        for path in sorted(self._folder.glob(f"*{ENDING}")):
            if path == self._path:
                continue
            try:
                file = _open(path)
            except BlockingIOError:  # its process lives
                continue
            with file:
                for bodies in _batches(_frames(file, _place(file))):
                    self.append(bodies, is_bounded=False)
            path.unlink(missing_ok=True)
        return self.count - before

    def append(self, bodies: list[bytes], *, is_bounded: bool = True) -> None:
        """Put frames at the end, of a byte or more each; on disk when this returns.

        Raises:
            SpoolFull: there is no room for them.
        """
        frames = b"".join(_HEAD.pack(len(body), zlib.crc32(body)) + body for body in bodies)
        if not frames:
            return
        if is_bounded and self.size_bytes + len(frames) > self._limit_bytes:
            raise SpoolFull("the trace store takes nothing at the moment", retry_after_s=30)
        try:
            if self._end == _START:
                _write_at(self._file.fileno(), MAGIC + _PLACE.pack(_START), 0)
            _write_at(self._file.fileno(), frames, self._end)
            os.fdatasync(self._file.fileno())
        except OSError as error:
            raise SpoolFull(
                f"the trace store takes nothing at the moment ({error.strerror})", retry_after_s=30
            ) from error
        self._end += len(frames)
        self.count += len(bodies)

    def peek(self, most: int, most_bytes: int) -> list[bytes]:
        """The oldest frames: at most `most`, and no more after `most_bytes`; at least one if there is one."""
        bodies: list[bytes] = []
        size = 0
        for body in _frames(self._file, self._read_at):
            bodies.append(body)
            size += len(body)
            if len(bodies) >= most or size >= most_bytes:
                break
        return bodies

    def drop(self, bodies: list[bytes]) -> None:
        """Forget what `peek` showed: it is in the database. An empty file is cut to nothing."""
        self._read_at += sum(_HEAD.size + len(body) for body in bodies)
        self.count -= len(bodies)
        if self.count <= 0:
            self._file.truncate(0)
            self._read_at = self._end = _START
            self.count = 0
        else:
            _write_at(self._file.fileno(), _PLACE.pack(self._read_at), len(MAGIC))

    def close(self) -> None:
        """Let go of the file; removed if nothing waits in it."""
        if self.count == 0:
            self._path.unlink(missing_ok=True)
        self._file.close()


def _open(path: Path) -> io.FileIO:
    file = io.FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise
    return file


def _write_at(descriptor: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written


def _place(file: io.FileIO) -> int:
    """Where the first frame begins that waits in a file that somebody left behind."""
    head = os.pread(file.fileno(), _START, 0)
    if len(head) < _START or not head.startswith(MAGIC):
        return 0
    return _PLACE.unpack_from(head, len(MAGIC))[0]


def _batches(bodies: Iterator[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for body in bodies:
        batch.append(body)
        size += len(body)
        if size >= _ADOPTED_BYTES:
            yield batch
            batch, size = [], 0
    yield batch


def _frames(file: io.FileIO, offset: int) -> Iterator[bytes]:
    descriptor = file.fileno()
    while True:
        head = os.pread(descriptor, _HEAD.size, offset)
        if len(head) < _HEAD.size:
            return
        length, crc = _HEAD.unpack(head)
        if not 0 < length < FRAME_LIMIT_BYTES:
            return
        body = os.pread(descriptor, length, offset + _HEAD.size)
        if len(body) < length or zlib.crc32(body) != crc:
            return
        yield body
        offset += _HEAD.size + length
