"""Repositories from a folder, for machines without a network: `organisation/repository/file`.

A file `SHA256SUMS` in a repository's folder (as `sha256sum * > SHA256SUMS` writes it) gives the checksums.
"""

import re
from pathlib import Path

from weft.engines.weights.digests import SHA256
from weft.engines.weights.folder import WeightsFolder
from weft.engines.weights.types import (
    MAX_FILES,
    Digest,
    Listing,
    RepositoryFile,
    Sink,
    safe_path,
)
from weft.kit.errors import CannotStart

SUMS_NAME = "SHA256SUMS"
_SUM = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_CHUNK_BYTES = 1 << 20
_MAX_SUMS_BYTES = 4 << 20


class Mirror:
    """The folder `root`."""

    def __init__(self, root: Path) -> None:
        self._root = WeightsFolder(root)
        self.name = f"the mirror {root}"

    def list_files(self, repository: str, revision: str) -> Listing:
        """What lies in the repository's folder.

        Raises:
            CannotStart: there is no such folder, or a revision was asked for.
        """
        if revision:
            raise CannotStart(
                "a mirror folder holds one revision of each repository; leave --revision out"
            )
        folder = self._root.folder_of(repository)
        sizes = self._root.files_of(repository)
        sizes.pop(SUMS_NAME, None)
        if not sizes:
            raise CannotStart(
                f"the mirror has no {repository}: there is nothing in {folder}",
                remedy="copy the repository's files there",
            )
        if len(sizes) > MAX_FILES:
            raise CannotStart(f"{folder} holds {len(sizes):,} files; {MAX_FILES:,} is the most")
        digests = self._digests(repository)
        files = [RepositoryFile(path, size, digests.get(path)) for path, size in sizes.items()]
        return Listing(repository, self._root.index_of(repository).revision, tuple(files))

    def fetch(self, listing: Listing, file: RepositoryFile, sink: Sink, offset: int) -> None:
        """Copy the bytes of `file` from `offset` on.

        Raises:
            CannotStart: it cannot be read, or is another one by now.
        """
        path = self.path_of(listing, file.path)
        try:
            with path.open("rb") as source:
                source.seek(offset)
                while data := source.read(_CHUNK_BYTES):
                    sink.write(data)
        except OSError as error:
            raise CannotStart(f"{error.filename or path}: {error.strerror}") from error
        if sink.tell() != file.size_bytes:
            raise CannotStart(f"{path} changed while it was copied", remedy="pull again")

    def path_of(self, listing: Listing, path: str) -> Path:
        """Where a file of the listing lies."""
        return safe_path(self._root.folder_of(listing.repository), path)

    def _digests(self, repository: str) -> dict[str, Digest]:
        """Of the folder's `SHA256SUMS`, or else of the index that a pull into it wrote."""
        path = self._root.folder_of(repository) / SUMS_NAME
        if path.is_file():
            lines = path.read_bytes()[:_MAX_SUMS_BYTES].decode(errors="replace").splitlines()
            found = [match for match in map(_SUM.fullmatch, lines) if match]
            return {match[2].removeprefix("./"): Digest(SHA256, match[1]) for match in found}
        pulled = self._root.index_of(repository).files
        return {path: Digest(SHA256, file.sha256) for path, file in pulled.items()}
