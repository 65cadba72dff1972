"""Secrets: how they look, and how they are kept.

A key is `weft_` and 35 letters and digits from the system's generator: 208 random bits. Forty word characters
without a hyphen is the one form that every `wandb` and `weave` client takes: older ones want exactly 40 characters
after the first hyphen, newer ones 40 or more, of letters, digits and underscores.

Keys and login tokens are kept as HMAC-SHA256 under the server's secret: they are random, so a slow hash would only cost
time, and a stolen database alone proves nothing. Passwords are chosen by people and kept as Argon2id.
"""

import hmac
import os
import re
import secrets
import string
import tempfile
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from weft.kit.errors import CannotStart, InvalidRequest

KEY_PREFIX = "weft_"
KEY_CHARS = 40
SECRET_BYTES = 32
PASSWORD_MIN_CHARS = 8
PASSWORD_MAX_CHARS = 256

_ALPHABET = string.ascii_letters + string.digits
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_KEY = re.compile(rb"weft_[0-9A-Za-z]{35}")
_HASHER = PasswordHasher()


class WeakPassword(InvalidRequest):
    """The password is too short or too long."""

    code = "weak_password"


def new_key() -> str:
    """A fresh API key."""
    body = KEY_CHARS - len(KEY_PREFIX)
    return KEY_PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(body))


def is_key(key: bytes) -> bool:
    """Whether `key` has the form of an API key."""
    return _KEY.fullmatch(key) is not None


def key_prefix(key: str) -> str:
    """The beginning of a key that is kept, so that people recognise it."""
    return key[: len(KEY_PREFIX) + 4]


def new_token() -> str:
    """A fresh token for a session or a login link: 256 random bits, fit for URLs."""
    return secrets.token_urlsafe(32)


def new_password() -> str:
    """A generated password of 98 random bits, in groups that can be read aloud."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(5)) for _ in range(4))


def keyed_hash(secret: bytes, purpose: str, value: bytes) -> str:
    """What is stored of `value`; `purpose` keeps one kind of secret from passing for another."""
    return hmac.digest(secret, purpose.encode() + b"\0" + value, "sha256").hex()


def hash_password(password: str) -> str:
    """The Argon2id hash of a password that people chose; takes tens of milliseconds on purpose."""
    if not PASSWORD_MIN_CHARS <= len(password) <= PASSWORD_MAX_CHARS:
        raise WeakPassword(
            f"a password has {PASSWORD_MIN_CHARS} to {PASSWORD_MAX_CHARS} characters",
            param="password",
        )
    return _HASHER.hash(password.encode("utf-8", "surrogatepass"))


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether the password is right; takes as long for a user who has none."""
    if len(password) > PASSWORD_MAX_CHARS:
        return False
    try:
        _HASHER.verify(password_hash or NOBODY_HASH, password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


NOBODY_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$DQ0Tvy/LXSt38o2Ye1aETA"
    "$ZqVQYrfaLao0Llm1Z3DEXioWZkANB13hpJZXLdDeGYI"
)
"""Of random bytes that were thrown away: what the password of somebody who is not there is held against, for the same
time. It is written here because making one at each start would take longer than many a command does.
"""


def load_or_create_secret(path: Path) -> bytes:
    """Read the server's secret, which the first start makes; of several starts at once, one makes it for all.

    Raises:
        CannotStart: the file is not 32 bytes, or cannot be read or written.
    """
    try:
        if not path.exists():
            _create(path)
        secret = path.read_bytes()
    except OSError as error:
        raise CannotStart(f"cannot read or write {path}: {error.strerror}") from error
    if len(secret) != SECRET_BYTES:
        raise CannotStart(
            f"{path} is damaged ({len(secret)} bytes, not {SECRET_BYTES}); restore it from a backup:"
            " without it no API key works"
        )
    return secret


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # A link to a finished file appears whole or not at all, and only where there was none. mkstemp makes mode 0600.
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first; its secret is the one
    finally:
        Path(draft).unlink()
