"""Checksums while bytes pass: sha256 always, and git's own of a blob where that is all that a source tells."""

import hashlib
from pathlib import Path
from typing import BinaryIO

from weft.engines.weights.types import Digest, Progress
from weft.kit.errors import CannotStart

GIT_SHA1 = "git-sha1"
SHA256 = "sha256"
_CHUNK_BYTES = 1 << 20


class Checksum:
    """Of one file whose size is known; git's is of `blob <size>`, a zero and the bytes (git hash-object)."""

    def __init__(self, size_bytes: int) -> None:
        self._sha256 = hashlib.sha256()
        self._git = hashlib.sha1(b"blob %d\0" % size_bytes, usedforsecurity=False)

    def update(self, data: bytes) -> None:
        """Take the next bytes in."""
        self._sha256.update(data)
        self._git.update(data)

    @property
    def sha256(self) -> str:
        """In hexadecimal."""
        return self._sha256.hexdigest()

    def is_like(self, digest: Digest | None) -> bool:
        """Whether the bytes are those that `digest` was made of; without one there is nothing to compare."""
        if digest is None:
            return True
        found = self._sha256 if digest.kind == SHA256 else self._git
        return found.hexdigest() == digest.value


def checksum_of(path: Path, size_bytes: int, progress: Progress) -> Checksum:
    """Of the file at `path`, which may be the beginning of one of `size_bytes`."""
    checksum, done = Checksum(size_bytes), 0
    with path.open("rb") as file:
        while data := file.read(_CHUNK_BYTES):
            checksum.update(data)
            done += len(data)
            progress(done, size_bytes)
    return checksum


class CheckedFile:
    """A file that is written in order, and whose checksum is known at each moment. What `Source.fetch` writes to."""

    def __init__(self, file: BinaryIO, size_bytes: int, progress: Progress) -> None:
        self._file = file
        self._size_bytes = size_bytes
        self._progress = progress
        self.checksum = Checksum(size_bytes)

    def resume(self, path: Path) -> int:
        """Go on behind what the file holds already; tells how much that is."""
        self.checksum = checksum_of(path, self._size_bytes, self._progress)
        return self._file.seek(0, 2)

    def write(self, data: bytes, /) -> int:
        """Take the next bytes.

        Raises:
            CannotStart: there are more than were promised.
        """
        if self._file.tell() + len(data) > self._size_bytes:
            raise CannotStart(
                f"the source sends more than the {self._size_bytes:,} bytes that it listed",
                remedy="pull again; the file may have changed meanwhile",
            )
        written = self._file.write(data)
        self.checksum.update(data)
        self._progress(self._file.tell(), self._size_bytes)
        return written

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go back to the beginning: a source that cannot go on sends all of it again."""
        assert offset == 0, "a checksum cannot be taken back by a part"
        self.checksum = Checksum(self._size_bytes)
        return self._file.seek(offset, whence)

    def truncate(self, size: int | None = None, /) -> int:
        """Forget what stands behind the present place."""
        return self._file.truncate(size)

    def tell(self) -> int:
        """Where the next bytes go."""
        return self._file.tell()
