"""The country of an address, by a MaxMind DB file: GeoLite2, GeoIP2 (Country, City, Enterprise), DB-IP and their like.

The file is read into memory as a whole: whoever writes over it in place does no harm to a running server, as it would
to a mapped file. Records: `country.iso_code`, else `registered_country.iso_code` (dev.maxmind.com, "GeoIP2 and GeoLite2
Country and City Databases"); or a code at `country_code` or `country`, as IPinfo writes it.
"""

import itertools
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path
from typing import Protocol, Self, cast

import structlog
from maxminddb import MODE_MEMORY, InvalidDatabaseError
from maxminddb.reader import Metadata, Reader

from weft.kit.errors import CannotStart
from weft.limits.country.codes import find_code
from weft.limits.country.networks import Address

MAX_FILE_BYTES = 1 << 30
_SAMPLE = 256
"""Records that are looked at to tell whether the file is about countries at all."""
_DAMAGE = (
    InvalidDatabaseError,
    ValueError,
    LookupError,
    TypeError,
    OverflowError,
    RecursionError,
    struct.error,
)
"""What the reader raises on a file whose inside is damaged."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

Stamp = tuple[int, int, int]
"""By which a changed file is known: its inode, size and time of change."""


class _Reader(Protocol):
    """What is used of `maxminddb.Reader`, whose own types are incomplete."""

    def metadata(self) -> Metadata: ...

    def get(self, ip_address: Address) -> object: ...

    def __iter__(self) -> Iterator[tuple[object, object]]: ...


@dataclass(frozen=True, slots=True)
class Atlas:
    """A country file that was read."""

    path: Path
    kind: str
    """What the file calls itself: `GeoLite2-Country`."""
    built_at: datetime
    reader: _Reader

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the file.

        Raises:
            CannotStart: it is not there, is no MaxMind DB, or knows no countries.
        """
        try:
            size_bytes = path.stat().st_size
            if size_bytes > MAX_FILE_BYTES:
                raise CannotStart(f"country_file: {path} is larger than {MAX_FILE_BYTES} bytes")
            reader = cast("_Reader", Reader(os.fspath(path), MODE_MEMORY))
            metadata = reader.metadata()
            built_at = datetime.fromtimestamp(metadata.build_epoch, UTC)
            kind = str(metadata.database_type)[:100]
            sample = (record for _, record in itertools.islice(reader, _SAMPLE))
            if not any(_code_in(record) for record in sample):
                raise CannotStart(f"country_file: {path} ({kind}) names no countries")
        except OSError as error:
            raise CannotStart(f"country_file: cannot read {path}: {error.strerror}") from error
        except _DAMAGE as error:
            raise CannotStart(f"country_file: {path} is no MaxMind DB, or is damaged") from error
        return cls(path, kind, built_at, reader)

    def country_of(self, address: Address) -> str:
        """ISO code; empty if the file does not know the address."""
        if self.reader.metadata().ip_version == 4 and not isinstance(address, IPv4Address):
            return ""
        try:
            return _code_in(self.reader.get(address))
        except _DAMAGE:
            _log.warning("country_record_damaged", file=str(self.path))
            return ""


def find_stamp(path: Path) -> Stamp | None:
    """Of the file as it is now; None if it is not there."""
    try:
        now = path.stat()
    except OSError:
        return None
    return now.st_ino, now.st_size, now.st_mtime_ns


def _code_in(record: object) -> str:
    if not isinstance(record, dict):
        return ""
    found = cast("dict[str, object]", record)
    for key in ("country", "registered_country", "country_code"):
        value = found.get(key)
        if isinstance(value, dict):
            value = cast("dict[str, object]", value).get("iso_code")
        if code := find_code(value):
            return code
    return ""
