"""The folder of weights: what lies in it, and where. Knows no network.

Laid out as the hub names things, `organisation/repository/file`, so that a folder filled here serves another machine as
its mirror. Beside a repository's files lies `weft.json`, which says what was pulled and verified; files that somebody
put there by hand are found all the same. Invariant: under its own name a file is whole. What is on its way lies in
`.parts`, named by its checksum, so that a pull goes on where an earlier one stopped.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from weft.engines.weights.choose import GgufChoice, find_gguf
from weft.engines.weights.types import check_repository, safe_path
from weft.kit.errors import CannotStart

INDEX_NAME = "weft.json"
PARTS_NAME = ".parts"
_MAX_INDEX_BYTES = 16 << 20


class PulledFile(msgspec.Struct, frozen=True):
    """One file of the index."""

    size_bytes: int
    sha256: str


class Index(msgspec.Struct, frozen=True):
    """What was pulled of one repository."""

    repository: str = ""
    revision: str = ""
    """The commit; empty where the source has none."""
    source: str = ""
    """Where it came from, for people."""
    files: Mapping[str, PulledFile] = {}


@dataclass(frozen=True, slots=True)
class WeightsFolder:
    """The folder at `path`, which need not exist."""

    path: Path

    def folder_of(self, repository: str) -> Path:
        """Where the files of a repository lie, or would."""
        return safe_path(self.path, check_repository(repository))

    def index_of(self, repository: str) -> Index:
        """What was pulled of `repository`; an empty index where nothing was, or it cannot be read."""
        try:
            raw = (self.folder_of(repository) / INDEX_NAME).read_bytes()
            return msgspec.json.decode(raw[:_MAX_INDEX_BYTES], type=Index)
        except (OSError, msgspec.DecodeError):
            return Index(repository)

    def write_index(self, index: Index) -> None:
        """Write it in one step: a reader sees the old one or the new one."""
        folder = self.folder_of(index.repository)
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"{INDEX_NAME}.new"
        draft.write_bytes(msgspec.json.format(msgspec.json.encode(index)))
        draft.replace(folder / INDEX_NAME)

    def files_of(self, repository: str) -> dict[str, int]:
        """The files that lie here, pulled or not, with their sizes in bytes."""
        if not repository:
            return {}
        folder = self.folder_of(repository)
        return dict(_sizes(folder, folder))

    def find_gguf(
        self, repository: str, quantization: str, *, vision: bool = False
    ) -> GgufChoice | None:
        """The GGUF files of that quantization, as full paths; None where they are not all here."""
        found = find_gguf(list(self.files_of(repository)), quantization, vision=vision)
        if found is None:
            return None
        folder = self.folder_of(repository)
        weights = tuple(str(folder / path) for path in found.weights)
        return GgufChoice(weights, str(folder / found.mmproj) if found.mmproj else "")

    def find_snapshot(self, repository: str) -> Path | None:
        """The folder with the safetensors of `repository`, for engines that load such; None where they are not here.

        Only what was pulled counts: of files put here by hand nobody knows whether some are missing.
        """
        if not repository:
            return None
        files, folder = self.index_of(repository).files, self.folder_of(repository)
        pulled = [path for path in files if path.endswith(".safetensors")]
        is_here = pulled and "config.json" in files and all((folder / p).is_file() for p in files)
        return folder if is_here else None

    def part_of(self, mark: str) -> Path:
        """Where the file with this checksum lies until it is whole."""
        return self.path / PARTS_NAME / f"{mark}.part"

    def remove(self, repository: str, paths: Iterator[str] | list[str]) -> int:
        """Delete files of a repository, and its folder once nothing is left; tells how many bytes are free again."""
        folder, index = self.folder_of(repository), self.index_of(repository)
        kept, freed = dict(index.files), 0
        for path in paths:
            file = safe_path(folder, path)
            with contextlib.suppress(FileNotFoundError):
                freed += file.stat().st_size
                file.unlink()
            kept.pop(path, None)
        if kept:
            self.write_index(msgspec.structs.replace(index, files=kept))
        elif not any(path.suffix == ".safetensors" for path in folder.glob("*")):
            (folder / INDEX_NAME).unlink(missing_ok=True)
        _prune(folder, self.path)
        return freed

    def free_bytes(self) -> int:
        """What the file system takes in more."""
        place = self.path
        while not place.exists():
            place = place.parent
        return shutil.disk_usage(place).free

    @contextmanager
    def pulling(self, repository: str) -> Generator[None]:
        """Hold the right to write the repository's files.

        Raises:
            CannotStart: another process holds it, or the folder cannot be written.
        """
        parts = self.path / PARTS_NAME
        try:
            parts.mkdir(parents=True, exist_ok=True)
            name = check_repository(repository).replace("/", "--")
            lock = os.open(parts / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise CannotStart(
                f"cannot write to the folder of weights {self.path} ({error.strerror})",
                remedy="choose another with WEFT_WEIGHTS_DIR",
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            raise CannotStart(
                f"another pull of {repository} is at work", remedy="wait for it, or stop it"
            ) from error
        try:
            yield
        finally:
            os.close(lock)


def _sizes(folder: Path, root: Path) -> Iterator[tuple[str, int]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name in {INDEX_NAME, f"{INDEX_NAME}.new"}:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _sizes(Path(entry.path), root)
        elif entry.is_file():
            yield Path(entry.path).relative_to(root).as_posix(), entry.stat().st_size


def _prune(folder: Path, root: Path) -> None:
    """Remove the empty folders within `folder`, then those above it up to `root`."""
    for inner in sorted(folder.rglob("*"), key=lambda path: len(path.parts), reverse=True):
        if inner.is_dir():
            with contextlib.suppress(OSError):
                inner.rmdir()
    while folder != root:
        try:
            folder.rmdir()
        except OSError:  # not empty, or not there
            if folder.exists():
                return
        folder = folder.parent
