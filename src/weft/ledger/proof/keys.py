"""Signing keys: Ed25519 pairs that receipts and statements are signed with.

The private key is one file in the data folder, `signing.key`, which its first use makes. The public key goes into the
database, where those of all servers and of earlier times stay: a statement signed years ago is still checked. A key is
called by its fingerprint, the first 32 hex digits of the SHA-256 of its 32 public bytes, so the table cannot give a
name to another key. Published as a JSON Web Key Set: RFC 7517, for Ed25519 RFC 8037.
"""

import base64
import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from sqlalchemy import Connection

from weft.kit import bulk
from weft.kit.clock import to_us
from weft.kit.db import Database
from weft.kit.errors import CannotStart
from weft.ledger.proof.finding import Finding

KEY_NAME = "signing.key"
_ID_CHARS = 32
_LIST = (
    "SELECT id, public_key, made_at_us, retired_at_us FROM ledger_signing_key"
    " ORDER BY made_at_us, id"
)
_RETIRE = "UPDATE ledger_signing_key SET retired_at_us = ? WHERE id = ? AND retired_at_us IS NULL"


class PublicKey(msgspec.Struct, frozen=True):
    """A key that signatures are checked with."""

    id: str
    public_key: str
    """The 32 bytes in base64url without padding."""
    made_at_us: int
    retired_at_us: int | None
    """Since when nothing new is signed with it."""

    @property
    def jwk(self) -> dict[str, str]:
        """As a JSON Web Key."""
        return {
            "kty": "OKP",
            "crv": "Ed25519",
            "alg": "EdDSA",
            "use": "sig",
            "kid": self.id,
            "x": self.public_key,
        }


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key of this server."""

    id: str
    public_key: str
    _private: Ed25519PrivateKey

    def sign(self, data: bytes) -> str:
        """The signature of `data`, as 128 hex digits."""
        return self._private.sign(data).hex()


class Signer:
    """Signs with the key of a data folder; made when it is first needed, and read each time: it may be rotated."""

    def __init__(self, database: Database, data_dir: Path) -> None:
        self._database = database
        self._path = data_dir / KEY_NAME
        self._known = ""

    def key(self, now: datetime) -> SigningKey:
        """The key to sign with, its public half in the database.

        Raises:
            CannotStart: the file is damaged, or cannot be read or written.
        """
        key = _load_or_create(self._path)
        if key.id != self._known:
            with self._database.write() as connection:
                _publish(connection, key, now)
            self._known = key.id
        return key

    def rotate(self, now: datetime) -> SigningKey:
        """Retire the key in use, and make another. The old private key is gone for good."""
        old = self.key(now)
        self._path.unlink()
        new = self.key(now)
        with self._database.write() as connection:
            bulk.run(connection, _RETIRE, (to_us(now), old.id))
        return new


def list_keys(connection: Connection) -> list[PublicKey]:
    """All public keys, the oldest first."""
    return [PublicKey(*row) for row in bulk.run(connection, _LIST)]


def key_set(keys: list[PublicKey]) -> dict[str, list[dict[str, str]]]:
    """The keys as a JSON Web Key Set."""
    return {"keys": [key.jwk for key in keys]}


def check_keys(connection: Connection) -> Iterator[Finding]:
    """Keys that are not what they are called by."""
    for key in list_keys(connection):
        public = _decode(key.public_key)
        if key_id(public) != key.id or _encode(public) != key.public_key:
            yield Finding(
                "ledger_signing_key", f"id={key.id}", "it is not the key of this fingerprint"
            )


def key_id(public: bytes) -> str:
    """The fingerprint of a public key."""
    return hashlib.sha256(public).hexdigest()[:_ID_CHARS]


def _publish(connection: Connection, key: SigningKey, now: datetime) -> None:
    bulk.insert(
        connection,
        "ledger_signing_key",
        ("id", "public_key", "made_at_us", "retired_at_us"),
        [(key.id, key.public_key, to_us(now), None)],
        "ON CONFLICT (id) DO NOTHING",
    )


def _load_or_create(path: Path) -> SigningKey:
    try:
        if not path.exists():
            _create(path)
        private = load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise CannotStart(f"cannot read or write {path}: {error.strerror}") from error
    except ValueError as error:
        raise _damaged(path) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise _damaged(path)
    public = private.public_key().public_bytes_raw()
    return SigningKey(key_id(public), _encode(public), private)


def _damaged(path: Path) -> CannotStart:
    return CannotStart(
        f"{path} is no Ed25519 private key",
        remedy="restore it from a backup, or move it away: another one is made, and old signatures stay good",
    )


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    # A link to a finished file appears whole or not at all, and only where there was none. mkstemp makes mode 0600.
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".signing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first; its key is the one
    finally:
        Path(draft).unlink()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text + "==", altchars=b"-_")
    except ValueError:
        return b""
