"""Brings files of a repository here: room first, then each file until it is whole and like its checksum.

1. What is here already and was verified is left alone; what lies here unverified is compared.
2. There must be room for the rest.
3. Each file grows in `.parts`, from where an earlier pull stopped, is compared with its checksum, forced to disk, and
   only then gets its name; the index learns of it at once.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from weft.engines.weights.digests import CheckedFile, checksum_of
from weft.engines.weights.folder import Index, PulledFile, WeightsFolder
from weft.engines.weights.types import (
    Listing,
    Progress,
    RepositoryFile,
    Source,
    safe_path,
)
from weft.kit.errors import CannotStart

SPARE_BYTES = 256 << 20
"""Left free on the disk, so that a database beside the weights can go on."""
Tell = Callable[[str], Progress]
"""Told which file begins; what it gives back is told of its bytes."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull did."""

    folder: Path
    new: tuple[RepositoryFile, ...]
    kept: tuple[RepositoryFile, ...]
    """Were here already."""

    @property
    def new_bytes(self) -> int:
        """Of the files that came."""
        return sum(file.size_bytes for file in self.new)


def pull(
    source: Source, listing: Listing, paths: Sequence[str], weights: WeightsFolder, tell: Tell
) -> Pulled:
    """Bring the files `paths` of `listing` into `weights`.

    Raises:
        CannotStart: there is no room, the source fails, or a file is not what its checksum says.
    """
    by_path = {file.path: file for file in listing.files}
    wanted = [by_path[path] for path in paths]
    folder = weights.folder_of(listing.repository)
    for file in wanted:
        safe_path(folder, file.path)
    with weights.pulling(listing.repository):
        kept = [file for file in wanted if _is_here(weights, listing, file, source, tell)]
        new = [file for file in wanted if file not in kept]
        _check_room(weights, listing, new)
        for file in new:
            _pull_one(source, listing, file, weights, tell)
    return Pulled(folder, tuple(new), tuple(kept))


def _is_here(
    weights: WeightsFolder, listing: Listing, file: RepositoryFile, source: Source, tell: Tell
) -> bool:
    path = safe_path(weights.folder_of(listing.repository), file.path)
    if not path.is_file() or path.stat().st_size != file.size_bytes:
        return False
    known = weights.index_of(listing.repository).files.get(file.path)
    if known is not None and (file.digest is None or file.digest.value == known.sha256):
        return True
    checksum = checksum_of(path, file.size_bytes, tell(f"checking {file.path}"))
    if file.digest is None or not checksum.is_like(file.digest):
        return False
    _note(weights, listing, file, source, checksum.sha256)
    return True


def _check_room(weights: WeightsFolder, listing: Listing, files: Sequence[RepositoryFile]) -> None:
    started = sum(started_bytes(weights, listing, file) for file in files)
    needed = sum(file.size_bytes for file in files) - started
    free = weights.free_bytes()
    if files and needed + SPARE_BYTES > free:
        raise CannotStart(
            f"{listing.repository} needs {needed / 2**30:,.1f} GiB more, and {free / 2**30:,.1f} GiB are free"
            f" at {weights.path}",
            remedy="make room (`weft models rm`), choose a smaller --quantization, or another folder with"
            " WEFT_WEIGHTS_DIR",
        )


def _pull_one(
    source: Source, listing: Listing, file: RepositoryFile, weights: WeightsFolder, tell: Tell
) -> None:
    path = safe_path(weights.folder_of(listing.repository), file.path)
    part = weights.part_of(_mark(listing, file))
    if _started_bytes(part) > file.size_bytes:
        part.unlink()
    try:
        with part.open("ab+") as opened:
            sink = CheckedFile(opened, file.size_bytes, tell(file.path))
            done = sink.resume(part)
            if done < file.size_bytes:
                source.fetch(listing, file, sink, done)
            opened.flush()
            os.fsync(opened.fileno())
        if part.stat().st_size != file.size_bytes or not sink.checksum.is_like(file.digest):
            part.unlink()
            raise CannotStart(
                f"{file.path} came, and is not what {source.name} says it is: its checksum differs",
                remedy="pull again; if it stays, the source is damaged",
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        part.replace(path)
    except OSError as error:
        raise CannotStart(f"{path}: {error.strerror}") from error
    _note(weights, listing, file, source, sink.checksum.sha256)


def _note(
    weights: WeightsFolder, listing: Listing, file: RepositoryFile, source: Source, digest: str
) -> None:
    known = weights.index_of(listing.repository)
    files = {**known.files, file.path: PulledFile(file.size_bytes, digest)}
    weights.write_index(Index(listing.repository, listing.revision, source.name, files))


def started_bytes(weights: WeightsFolder, listing: Listing, file: RepositoryFile) -> int:
    """What an earlier pull left of a file that is not whole yet."""
    return _started_bytes(weights.part_of(_mark(listing, file)))


def _started_bytes(part: Path) -> int:
    try:
        return part.stat().st_size
    except OSError:
        return 0


def _mark(listing: Listing, file: RepositoryFile) -> str:
    """Names the content: by its checksum, or else by where it comes from and its size."""
    if file.digest is not None:
        return file.digest.value
    place = f"{listing.repository}\0{listing.revision}\0{file.path}\0{file.size_bytes}"
    return sha256(place.encode()).hexdigest()
