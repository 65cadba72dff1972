"""The folder of adapters: `team/project/name/v1`, and `_shared/name` or `_shared/name/v1` for everybody.

Looked at anew for each question, so that a new version is there as soon as its files are; what the files say is kept
until they change. Knows nothing of who asks: whoever does names a team that the caller was proven to belong to, and
gets what that team may use. Blocks on the disk: ask from a thread. Invariants: no path is made of a text that is not
one plain name, and every list has a bound.

An alias is an entry of `aliases.json` (`{"production": "v2"}`) or a link `production -> v2`; `latest` is always the
highest version whose files are all there, so that one that is being copied is not used half. An adapter without
versions is its own `v0`.
"""

import hashlib
import os
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Lock

import msgspec

from weft.catalog.adapters.names import PART
from weft.catalog.adapters.peft import CONFIG, MAX_JSON_BYTES, METADATA, WEIGHTS, read_peft
from weft.catalog.adapters.types import (
    LATEST,
    SHARED,
    Adapter,
    AdapterName,
    AdapterUnusable,
    Peft,
    Unusable,
)

ALIASES = "aliases.json"
ONLY_VERSION = "v0"
MAX_ENTRIES = 10_000
"""Of one folder: more are not seen."""
MAX_LISTED = 1_000
"""Adapters in one answer."""
KEPT = 256
"""Adapters whose files are known by heart."""
_VERSION = re.compile(r"v(0|[1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True)
class _Home:
    """One adapter with all its versions."""

    team: str
    project: str
    name: str
    folder: Path

    @property
    def shown(self) -> str:
        return "/".join(part for part in (self.team or SHARED, self.project, self.name) if part)


@dataclass(frozen=True, slots=True)
class _Versions:
    folders: Mapping[str, Path]
    aliases: Mapping[str, str]
    """Each to a version that is there; `latest` first."""


class AdapterFolder:
    """All adapters of a server. Safe to ask from several threads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = Lock()
        self._known: OrderedDict[str, tuple[str, Peft]] = OrderedDict()

    def find(self, team: str, project: str, asked: AdapterName) -> Adapter | None:
        """The adapter that a request of `team/project` means; None where there is none that the team may use.

        A short name means the project's own adapter, and else the one that everybody may use.

        Raises:
            AdapterUnusable: it is there, and its files are not in order.
        """
        if asked.team:
            if asked.team != team:
                return None
            homes = [self._home(team, asked.project, asked.name)]
        else:
            homes = [self._home(team, project, asked.name), self._home("", "", asked.name)]
        for home in homes:
            versions = _versions(home)
            version = versions.aliases.get(asked.version, asked.version)
            if folder := versions.folders.get(version):
                return self._read(home, version, folder, versions.aliases)
            if versions.folders:
                return None  # the nearest of the name has no such version
        return None

    def listed(self, team: str) -> Iterator[Adapter | AdapterUnusable]:
        """The latest version of each adapter that `team` may use, its own projects' first."""
        return islice(self._listed(team), MAX_LISTED)

    def _listed(self, team: str) -> Iterator[Adapter | AdapterUnusable]:
        homes = (
            self._home(team, project, name)
            for project in _plain_folders(self._root / team)
            for name in _plain_folders(self._root / team / project)
        )
        shared = (self._home("", "", name) for name in _plain_folders(self._root / SHARED))
        for group in (homes, shared):
            for home in group:
                try:
                    versions = _versions(home)
                    latest = versions.aliases.get(LATEST)
                    if latest:
                        folder = versions.folders[latest]
                        yield self._read(home, latest, folder, versions.aliases)
                except AdapterUnusable as error:
                    yield error

    def _home(self, team: str, project: str, name: str) -> _Home:
        assert all(PART.fullmatch(part) for part in (team, project, name) if part)
        parts = (team, project, name) if team else (SHARED, name)
        return _Home(team, project, name, self._root.joinpath(*parts))

    def _read(self, home: _Home, version: str, folder: Path, aliases: Mapping[str, str]) -> Adapter:
        stamp = _stamp(folder)
        with self._lock:
            known = self._known.get(str(folder))
        is_same = known is not None and known[0] == stamp
        peft = known[1] if known and is_same else read_peft(folder, f"{home.shown}@{version}")
        with self._lock:
            self._known[str(folder)] = (stamp, peft)
            self._known.move_to_end(str(folder))
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return Adapter(
            team=home.team,
            project=home.project,
            name=home.name,
            version=version,
            aliases=tuple(alias for alias, of in aliases.items() if of == version),
            folder=folder,
            stamp=stamp,
            peft=peft,
        )


def _versions(home: _Home) -> _Versions:
    """Which versions there are, and what else they are called."""
    folders: dict[str, Path] = {}
    links: dict[str, str] = {}
    for entry in _entries(home.folder):
        if entry.is_symlink():
            links[entry.name] = _sibling(Path(entry.path))
        elif _VERSION.fullmatch(entry.name) and entry.is_dir():
            folders[entry.name] = Path(entry.path)
    if not folders and _is_whole(home.folder):
        folders[ONLY_VERSION] = home.folder
    if not folders:
        return _Versions({}, {})
    ordered = sorted(folders, key=lambda version: int(version[1:]), reverse=True)
    latest = next((version for version in ordered if _is_whole(folders[version])), ordered[0])
    told = {**links, **_read_aliases(home)}
    aliases = {alias: of for alias, of in told.items() if of in folders and alias not in folders}
    return _Versions(folders, {LATEST: latest, **{a: v for a, v in aliases.items() if a != LATEST}})


def _sibling(link: Path) -> str:
    """The name that `link` points to in its own folder; empty where it points elsewhere."""
    try:
        target = link.readlink()
    except OSError:  # it is gone
        return ""
    return target.name if len(target.parts) == 1 else ""


def _read_aliases(home: _Home) -> dict[str, str]:
    path = home.folder / ALIASES
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_JSON_BYTES)
        return msgspec.json.decode(raw, type=dict[str, str])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise AdapterUnusable(
            f"The adapter {home.shown} has an {ALIASES} that cannot be read",
            reason=Unusable.BAD_FILE,
            remedy='write it as {"production": "v2"}, or remove it',
        ) from error


def _is_whole(folder: Path) -> bool:
    return (folder / CONFIG).is_file() and (folder / WEIGHTS).is_file()


def _stamp(folder: Path) -> str:
    """Of the sizes and times of the files that matter: reading gigabytes to tell a change would cost too much."""
    digest = hashlib.sha256()
    for name in (CONFIG, WEIGHTS, METADATA):
        try:
            stat = (folder / name).stat()
        except OSError:
            continue  # whether it must be there is said by whoever reads it
        digest.update(f"{name} {stat.st_size} {stat.st_mtime_ns} {stat.st_ino}\n".encode())
    return digest.hexdigest()[:8]


def _plain_folders(folder: Path) -> list[str]:
    return sorted(
        entry.name for entry in _entries(folder) if PART.fullmatch(entry.name) and entry.is_dir()
    )


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(islice(entries, MAX_ENTRIES))
    except OSError:
        return []
