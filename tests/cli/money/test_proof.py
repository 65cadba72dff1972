"""`weft ledger`, `weft receipt`, `weft statement` and `weft verify` on real books."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from cli.said import Weft
from ledger.proof.books import TEAM, fill
from weft.app.storage import open_database
from weft.cli import build
from weft.kit.errors import InvalidRequest
from weft.ledger.proof import offline


@pytest.fixture
def books(tmp_path: Path) -> Path:
    database = open_database(tmp_path)
    fill(database)
    with database.write() as connection:
        connection.execute(
            text(
                "INSERT INTO identity_team (id, name, kind, created_at_us)"
                " VALUES (:id, 'weavers', 'team', 0)"
            ),
            {"id": TEAM},
        )
    database.close()
    return tmp_path


@pytest.fixture
def keys(books: Path, weft: Weft) -> str:
    path = books / "keys.json"
    path.write_text(weft("ledger", "keys", "--json").out)
    return str(path)


def change(folder: Path, statement: str) -> None:
    database = open_database(folder)
    with database.write() as connection:
        connection.execute(text(statement))
    database.close()


@pytest.mark.usefixtures("books")
def test_ledger_verify_when_sound_then_code_0_and_the_last_hash(weft: Weft) -> None:
    said = weft("ledger", "verify")
    assert said.code == 0
    assert said.out.startswith("Sound: 22 transactions, each as it was written. The last one has")
    told = weft("ledger", "verify", "--json").json
    assert told["sound"] is True
    assert told["head"]["hash"] in said.out


def test_ledger_verify_when_a_row_was_changed_then_code_1_and_its_name(
    books: Path, weft: Weft
) -> None:
    change(
        books,
        "UPDATE ledger_entry SET amount_nusd = amount_nusd + 1 WHERE seq = 7 AND position = 0",
    )
    said = weft("ledger", "verify", "--rebuild")
    assert said.code == 1
    assert "  ledger_entry seq=7 position=0: its amount was changed; it was -" in said.out
    first = weft("ledger", "verify", "--json").json["findings"][0]
    assert (first["table"], first["row"]) == ("ledger_entry", "seq=7 position=0")


def test_ledger_verify_when_only_caches_are_wrong_then_rebuild_mends_them(
    books: Path, weft: Weft
) -> None:
    change(books, "UPDATE ledger_balance SET balance_nusd = balance_nusd + 1")
    said = weft("ledger", "verify")
    assert said.code == 1
    assert "weft ledger verify --rebuild" in said.out
    mended = weft("ledger", "verify", "--rebuild")
    assert mended.code == 0
    assert mended.out.startswith("Balances, spend and roll-ups were rebuilt.\nSound")


def test_ledger_verify_when_the_end_was_cut_off_cleanly_then_an_earlier_receipt_shows_it(
    books: Path, weft: Weft
) -> None:
    receipt, statement = books / "receipt.json", books / "statement.jsonl"
    receipt.write_text(weft("receipt", "req_900000").out)
    weft("statement", "weavers", "2026-11", "--out", str(statement))
    for file in (receipt, statement):
        assert weft("ledger", "verify", "--against", str(file)).code == 0
    told = json.loads(receipt.read_text())["transaction"]
    seq, before = told["seq"], told["hash_before"]
    for table in ("ledger_transaction", "ledger_entry"):
        change(books, f"DELETE FROM {table} WHERE seq >= {seq}")
    change(books, f"UPDATE ledger_head SET seq = {seq - 1}, hash = '{before}'")
    change(books, f"DELETE FROM usage WHERE seq >= {seq}")
    change(books, "DELETE FROM ledger_grant WHERE kind = 'refund'")
    weft("ledger", "verify", "--rebuild")
    assert weft("ledger", "verify").code == 0
    for file in (receipt, statement):
        said = weft("ledger", "verify", "--against", str(file))
        assert said.code == 1
        assert f"ledger_transaction seq={seq}: it is missing; {file.name} proves" in said.out


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"type": "x"}'])
def test_ledger_verify_when_against_something_else_then_it_says_so(
    weft: Weft, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "else.json"
    file.write_text(content)
    said = weft("ledger", "verify", "--against", str(file))
    assert said.code == 1
    assert "is no receipt or statement of Weft" in said.err


def test_receipt_when_written_then_weft_verify_takes_it(books: Path, weft: Weft, keys: str) -> None:
    file = books / "receipt.json"
    file.write_text(weft("receipt", "req_000001").out)
    said = verify(file, keys)
    assert said == (0, "genuine: request req_000001 cost 0.0006078 USD, transaction 6\n")
    file.write_text(file.read_text().replace('"seq": 6', '"seq": 7'))
    code, told = verify(file, keys)
    assert code == 1
    assert told.startswith("NOT genuine: receipt: the signature does not fit")


def verify(file: Path, keys: str) -> tuple[int, str]:
    """`weft verify` needs no data folder."""
    done = invoke("verify", str(file), "--public-key", keys)
    return done.exit_code, done.stdout or done.stderr


def invoke(*words: str) -> Result:
    return CliRunner().invoke(build(words), words)


def test_statement_when_shown_then_sums_by_model_project_and_key(books: Path, weft: Weft) -> None:
    said = weft("statement", "weavers", "2026-11")
    lines = said.out.splitlines()
    assert lines[0].startswith("weavers, 2026-11")
    assert " charges, 0.00" in lines[0]
    assert "  credit given or bought: 0.0051078 USD" in lines
    assert [
        line.split()[0] for line in lines if line.startswith(("model ", "project ", "key "))
    ] == [
        "model",
        "project",
        "key",
    ]
    assert (books / "signing.key").exists()


def test_statement_when_json_then_the_same_as_in_a_file_and_genuine(
    books: Path, weft: Weft, keys: str
) -> None:
    file = books / "statement.jsonl"
    weft("statement", "weavers", "2026-11", "--out", str(file))
    printed = invoke("statement", "weavers", "2026-11", "--json", "--data", str(books))
    assert printed.stdout_bytes == file.read_bytes()
    code, told = verify(file, keys)
    assert code == 0
    assert told.startswith("genuine: weavers 2026-11, 12 charges, ")


def test_verify_when_script_then_it_is_the_verifier_itself() -> None:
    assert invoke("verify", "--script").stdout == Path(offline.__file__).read_text()


@pytest.mark.parametrize("words", [[], ["x.json"], ["nowhere.json", "--public-key", "ab" * 32]])
def test_verify_when_called_wrongly_then_it_says_how(words: list[str]) -> None:
    error = invoke("verify", *words).exception
    assert isinstance(error, InvalidRequest)


def test_verify_when_the_form_is_another_then_not_genuine(tmp_path: Path, keys: str) -> None:
    file = tmp_path / "odd.jsonl"
    file.write_text('{"type":"weft.statement/1"}\n{}\n')
    code, told = verify(file, keys)
    assert code == 1
    assert "NOT genuine" in told


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["statement", "nobody", "2026-11"], "there is no team nobody"),
        (["statement", "weavers", "november"], "'november' is no month; write 2026-11"),
        (["statement", "weavers", "2096-11"], "has not begun"),
        (["statement", "weavers", "2026-11", "--out", "/no/such/folder/x"], "cannot be written"),
        (["receipt", "req_none"], "nothing was charged for a request req_none"),
    ],
)
def test_command_when_something_is_wrong_then_one_line_says_what(
    weft: Weft, words: list[str], complaint: str
) -> None:
    said = weft(*words)
    assert said.code == 1
    assert complaint in said.err


@pytest.mark.usefixtures("books")
def test_keys_when_rotated_then_the_old_one_is_kept(weft: Weft) -> None:
    (first,) = weft("ledger", "keys", "--json").json["keys"]
    assert weft("ledger", "keys", "--rotate").code == 1
    lines = weft("ledger", "keys", "--rotate", "--yes").out.splitlines()
    assert lines[2].startswith(first["kid"])
    assert [line.endswith("in use") for line in lines[2:]] == [False, True]
