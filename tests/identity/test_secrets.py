import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from weft.identity.secrets import (
    NOBODY_HASH,
    WeakPassword,
    hash_password,
    is_key,
    key_prefix,
    keyed_hash,
    load_or_create_secret,
    new_key,
    new_password,
    verify_password,
)
from weft.kit.errors import CannotStart


def test_key_when_made_then_every_wandb_client_accepts_it() -> None:
    key = new_key()
    assert is_key(key.encode())
    assert len(key.split("-", 1)[-1]) == 40  # older clients: exactly 40 after the first hyphen
    assert re.fullmatch(r"\w+", key)  # newer clients: 40 or more word characters
    assert key.startswith("weft_")


def test_keys_when_made_then_differ() -> None:
    assert len({new_key() for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "key", [b"", b"weft_", b"weft_" + b"a" * 34, b"weft_" + b"a" * 36, b"weft_" + b"-" * 35, b"*"]
)
def test_is_key_when_the_form_is_wrong_then_says_no(key: bytes) -> None:
    assert not is_key(key)


def test_key_prefix_when_kept_then_hides_nearly_all() -> None:
    key = new_key()
    assert key_prefix(key) == key[:9]


def test_keyed_hash_when_secret_purpose_or_value_differ_then_differs() -> None:
    first = keyed_hash(b"s", "key", b"value")
    assert first == keyed_hash(b"s", "key", b"value")
    others = [
        keyed_hash(b"t", "key", b"value"),
        keyed_hash(b"s", "session", b"value"),
        keyed_hash(b"s", "key", b"valuf"),
    ]
    assert first not in others


def test_password_when_right_then_verifies() -> None:
    password = new_password()
    hashed = hash_password(password)
    assert hashed.startswith("$argon2id$")
    assert verify_password(hashed, password)
    assert not verify_password(hashed, password + "x")
    assert not verify_password(hashed, "")
    assert not verify_password(hashed, "x" * 100_000)


def test_password_when_the_user_has_none_then_never_verifies() -> None:
    assert not verify_password(None, "anything at all")
    assert not verify_password("not a hash", "anything at all")
    assert not PasswordHasher().check_needs_rehash(NOBODY_HASH)  # it takes as long as another's


@pytest.mark.parametrize("password", ["", "short", "x" * 257])
def test_hash_password_when_length_is_wrong_then_refuses(password: str) -> None:
    with pytest.raises(WeakPassword):
        hash_password(password)


def test_secret_when_first_asked_for_then_is_made_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret"
    secret = load_or_create_secret(path)
    assert len(secret) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_create_secret(path) == secret
    assert [entry.name for entry in path.parent.iterdir()] == ["secret"]


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_secret_when_damaged_then_the_start_ends(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)
    with pytest.raises(CannotStart, match="damaged"):
        load_or_create_secret(path)
    assert path.read_bytes() == content


def test_secret_when_the_folder_cannot_be_written_then_the_start_ends(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CannotStart, match="cannot read or write"):
        load_or_create_secret(tmp_path / "file" / "secret")


def test_secret_when_processes_start_at_once_then_all_have_the_same(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path;"
        "from weft.identity.secrets import load_or_create_secret;"
        "sys.stdin.readline(); print(load_or_create_secret(Path(sys.argv[1])).hex())"
    )
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "secret")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    for start in starts:
        assert start.stdin
        start.stdin.write(b"go\n")
        start.stdin.flush()
    secrets = {start.communicate(timeout=60)[0] for start in starts}
    assert len(secrets) == 1
    assert all(start.returncode == 0 for start in starts)
