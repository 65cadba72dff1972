"""The nouns of weights: a repository's listing, a file in it, and what fetches them.

Knows no network and no disk. A path in a listing comes from strangers: `safe_path` is the only way from it to a folder.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from weft.kit.errors import CannotStart

MAX_FILES = 20_000
"""In one repository; more is no repository of a model."""
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9][A-Za-z0-9._-]{0,95})?")
_PATH_CHARS = 1024

Progress = Callable[[int, int], None]
"""Told how many bytes are done, of how many."""


@dataclass(frozen=True, slots=True)
class Digest:
    """The checksum of a file: `sha256` of its bytes, or `git-sha1` of git's blob of them."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class RepositoryFile:
    """One file as its repository lists it."""

    path: str
    """From the repository's root, with slashes."""
    size_bytes: int
    digest: Digest | None = None
    """None where the source keeps no checksum."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a repository holds at one revision."""

    repository: str
    revision: str
    """The commit; empty where the source has none."""
    files: tuple[RepositoryFile, ...]
    license: str = ""
    parameters_total: int = 0
    """Where the source has counted them."""
    likes: int = 0
    """How many people said on the hub that they like it; the same for what they downloaded."""
    downloads: int = 0
    gguf_architecture: str = ""
    """Where the source has read a GGUF of it; the same for the two below."""
    gguf_context_tokens: int = 0
    gguf_chat_template: str = ""

    @property
    def size_bytes(self) -> int:
        """Of all files together."""
        return sum(file.size_bytes for file in self.files)


class Sink(Protocol):
    """Takes a file's bytes in order."""

    def write(self, data: bytes, /) -> int:
        """Take the next bytes."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go back to `offset`, because the source sends from there."""
        ...

    def truncate(self, size: int | None = None, /) -> int:
        """Forget what stands behind the present place."""
        ...

    def tell(self) -> int:
        """Where the next bytes go."""
        ...


class Source(Protocol):
    """Where repositories are had from: the hub, or a mirror folder."""

    @property
    def name(self) -> str:
        """For people: `https://huggingface.co`, `the mirror /srv/hub`."""
        ...

    def list_files(self, repository: str, revision: str) -> Listing:
        """What is there.

        Raises:
            CannotStart: it is not, or not for this caller.
        """
        ...

    def fetch(self, listing: Listing, file: RepositoryFile, sink: Sink, offset: int) -> None:
        """Write the bytes of `file` from `offset` on into `sink`.

        Raises:
            CannotStart: the source refused, or broke off.
        """
        ...


def is_repository(name: str) -> bool:
    """Whether this can be the name of a repository: a card may say anything."""
    return _REPOSITORY.fullmatch(name) is not None and ".." not in name


def check_repository(name: str) -> str:
    """`name`, if it can be the name of a repository.

    Raises:
        CannotStart: it cannot.
    """
    if not is_repository(name):
        raise CannotStart(f"{name[:200]!r} is no repository; write organisation/repository")
    return name


def safe_path(folder: Path, path: str) -> Path:
    """Where the file `path` of a repository lies in `folder`: never outside of it.

    Raises:
        CannotStart: the path leads elsewhere.
    """
    pure = PurePosixPath(path)
    parts = path.split("/")
    is_safe = (
        0 < len(path) <= _PATH_CHARS
        and not pure.is_absolute()
        and not any(part in {"", ".", ".."} for part in parts)
        and not any(char in path for char in "\\\0\r\n")
    )
    if not is_safe:
        raise CannotStart(
            f"the repository lists a file that leads out of its folder: {path[:200]!r}",
            remedy="do not use this repository",
        )
    return folder.joinpath(*parts)
