"""Receipts of single requests, and the verifier as a program of its own."""

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from sqlalchemy import text

from ledger.proof.books import NOVEMBER_US, fill
from weft.kit.clock import from_us
from weft.kit.db import Database
from weft.kit.errors import CannotStart, Json, NotFound
from weft.ledger.proof import offline
from weft.ledger.proof.keys import KEY_NAME, Signer, key_set, list_keys
from weft.ledger.proof.offline import NotGenuine, canonical, check_file, load_keys
from weft.ledger.proof.receipt import BooksDisagree, read_receipt, sign

NOW = from_us(NOVEMBER_US)


@pytest.fixture
def books(database: Database) -> Database:
    fill(database)
    return database


def receipt(database: Database, folder: Path, request_id: str = "req_000001") -> Path:
    key = Signer(database, folder).key(NOW)
    with database.read() as connection:
        signed = sign(read_receipt(connection, request_id), key, NOW)
        (folder / "keys.json").write_text(json.dumps(key_set(list_keys(connection))))
    path = folder / "receipt.json"
    path.write_text(json.dumps(signed, indent=2))
    return path


def keys(folder: Path) -> offline.Keys:
    return load_keys(str(folder / "keys.json"))


@pytest.mark.parametrize("request_id", ["req_000001", "req_000004", "req_900000", "req_900001"])
def test_receipt_when_untouched_then_genuine(
    books: Database, tmp_path: Path, request_id: str
) -> None:
    said = check_file(receipt(books, tmp_path, request_id), keys(tmp_path))
    assert said.startswith(f"genuine: request {request_id} cost ")


def test_receipt_when_read_then_it_says_tokens_price_and_entries(
    books: Database, tmp_path: Path
) -> None:
    told = json.loads(receipt(books, tmp_path).read_text())
    assert told["usage"]["input_tokens"] == 1001
    assert told["usage"]["cost_nusd"] == "607800"
    assert told["price"]["input_nusd_per_mtok"] == "600000000"
    assert told["transaction"]["entries"][-1] == ["house/revenue", "607800"]
    assert told["signed_at"] == "2026-11-01T00:00:00+00:00"


def places(value: Json, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [place for name, each in value.items() for place in places(each, (*at, name))]
    if isinstance(value, list):
        return [place for n, each in enumerate(value) for place in places(each, (*at, n))]
    return [at]


def test_receipt_when_any_value_is_changed_then_refused(books: Database, tmp_path: Path) -> None:
    path = receipt(books, tmp_path)
    good = path.read_text()
    for place in places(json.loads(good)):
        told = json.loads(good)
        inner = told
        for step in place[:-1]:
            inner = inner[step]
        old = inner[place[-1]]
        inner[place[-1]] = old + 1 if isinstance(old, int) and not isinstance(old, bool) else "x"
        path.write_text(json.dumps(told))
        with pytest.raises(NotGenuine):
            check_file(path, keys(tmp_path))


def test_receipt_when_a_name_stands_twice_then_refused(books: Database, tmp_path: Path) -> None:
    path = receipt(books, tmp_path)
    path.write_text(path.read_text().replace("{", '{"type": "x",', 1))
    with pytest.raises(NotGenuine, match="stands twice"):
        check_file(path, keys(tmp_path))


def test_receipt_when_signed_with_wrong_figures_then_it_does_not_add_up(
    books: Database, tmp_path: Path
) -> None:
    key = Signer(books, tmp_path).key(NOW)
    told = json.loads(receipt(books, tmp_path).read_text())
    del told["signature"], told["key_id"], told["signed_at"]
    told["price"]["output_nusd_per_mtok"] = "1"
    path = tmp_path / "forged.json"
    path.write_bytes(canonical(sign(told, key, NOW)))
    with pytest.raises(NotGenuine, match="its tokens cost"):
        check_file(path, keys(tmp_path))


@pytest.mark.parametrize("request_id", ["req_none", "grant:promo:1"])
def test_receipt_when_nothing_was_charged_then_not_found(books: Database, request_id: str) -> None:
    with books.read() as connection, pytest.raises(NotFound):
        read_receipt(connection, request_id)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE usage SET output_tokens = 1 WHERE id = 'req_000001'",
        "DELETE FROM usage WHERE id = 'req_000001'",
        "UPDATE ledger_price SET input_nusd_per_mtok = 1",
    ],
)
def test_receipt_when_the_books_were_changed_then_nothing_is_signed(
    books: Database, tampering: str
) -> None:
    with books.write() as connection:
        connection.execute(text(tampering))
    with books.read() as connection, pytest.raises(BooksDisagree):
        read_receipt(connection, "req_000001")


def test_verifier_when_run_as_one_file_then_its_exit_code_tells(
    books: Database, tmp_path: Path
) -> None:
    path = receipt(books, tmp_path)
    alone = tmp_path / "verify.py"
    alone.write_text(Path(offline.__file__).read_text())

    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", str(alone), str(path), "--public-key", "keys.json"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert run().stdout.startswith("genuine: request req_000001 cost 0.0006078 USD")
    path.write_text(path.read_text().replace("607800", "607801"))
    refused = run()
    assert refused.returncode == 1
    assert refused.stderr == (
        "NOT genuine: receipt: the signature does not fit: something was changed\n"
    )
    path.write_text('{"type": 5}')
    assert "neither a receipt nor a statement" in run().stderr


def test_keys_when_given_in_any_form_then_the_same_key(books: Database, tmp_path: Path) -> None:
    path = receipt(books, tmp_path)
    private = load_pem_private_key((tmp_path / KEY_NAME).read_bytes(), None)
    public = private.public_key()
    pem = tmp_path / "key.pem"
    pem.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    one = tmp_path / "jwk.json"
    one.write_text(json.dumps(json.loads((tmp_path / "keys.json").read_text())["keys"][0]))
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    for form in (str(pem), str(one), raw):
        assert check_file(path, load_keys(form)).startswith("genuine")
    for form in ("nothing", str(path), "ab" * 31):
        with pytest.raises(NotGenuine, match="no public key can be read"):
            load_keys(form)


def test_signer_when_first_used_then_the_key_is_private_and_stays(
    books: Database, tmp_path: Path
) -> None:
    first = Signer(books, tmp_path).key(NOW)
    assert stat.S_IMODE((tmp_path / KEY_NAME).stat().st_mode) == 0o600
    assert Signer(books, tmp_path).key(NOW).id == first.id
    second = Signer(books, tmp_path).rotate(NOW)
    with books.read() as connection:
        found = {key.id: key.retired_at_us for key in list_keys(connection)}
    assert found == {first.id: NOVEMBER_US, second.id: None}


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\n", b"\xff" * 32])
def test_signer_when_the_file_is_damaged_then_it_says_what_to_do(
    books: Database, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / KEY_NAME).write_bytes(content)
    with pytest.raises(CannotStart, match="no Ed25519 private key"):
        Signer(books, tmp_path).key(NOW)
