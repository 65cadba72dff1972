"""Checks a signed receipt or statement of Weft with nothing but the public key. A single file: needs `cryptography`.

    python offline.py FILE --public-key KEY

KEY is the server's key set (`/.well-known/weft-signing-keys.json`), one JSON Web Key, a PEM file, or 64 hex digits.
It is written apart from the code that signs, and shares none with it, so that anybody can read what is checked:

* the signature (Ed25519) over canonical JSON: names sorted, no spaces, UTF-8; a statement's last line signs the
  SHA-256 of all lines before it, so that no byte of them may differ;
* each charge: its record's SHA-256 is its `content_hash`, its entries sum to zero, it is its tokens times the dated
  price, rounded up once to the nano-dollar (or less, where the record itself says that its hold cut it short);
* each transaction's place in the ledger's chain: SHA-256 of the hash before it and its content;
* of a statement also the order of the lines, every total, and opening balances + movements = closing balances.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

RECEIPT = "weft.receipt/1"
STATEMENT = "weft.statement/1"
PER_MTOK = 1_000_000
SUMS = ("requests", "input_tokens", "cached_input_tokens", "output_tokens", "cost_nusd")
GROUPS = {"by_model": "served_model_id", "by_project": "project_id", "by_key": "key_id"}

Json = dict[str, Any]
Keys = dict[str, Ed25519PublicKey]


class NotGenuine(Exception):
    """The file is not what the server signed, or what it signed does not add up."""


def check_file(path: Path, keys: Keys) -> str:
    """Check a receipt or a statement; one line that says what was proven.

    Raises:
        NotGenuine: saying what is wrong, with the line of a statement.
    """
    with path.open("rb") as file:
        first = file.readline()
        if b'"type":"%b"' % STATEMENT.encode() in first:
            file.seek(0)
            return Statement(keys).check(file)
    return check_receipt(path.read_bytes(), keys)


def canonical(value: Any) -> bytes:
    """JSON with sorted names, no spaces, UTF-8: what is hashed and signed."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def sha256(data: bytes) -> str:
    """The digest as hex digits."""
    return hashlib.sha256(data).hexdigest()


def parse(data: bytes, where: str) -> Json:
    """One JSON object, in which no name stands twice."""

    def unique(pairs: list[tuple[str, Any]]) -> Json:
        found = dict(pairs)
        need(len(found) == len(pairs), where, "a name stands twice")
        return found

    try:
        value = json.loads(data, object_pairs_hook=unique)
    except ValueError as error:
        raise NotGenuine(f"{where}: not JSON: {error}") from error
    need(isinstance(value, dict), where, "not a JSON object")
    return value


def need(holds: bool, where: str, what: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Go on only if it holds."""
    if not holds:
        raise NotGenuine(f"{where}: {what}")


def check_signature(signed: Json, keys: Keys, where: str) -> None:
    """That `signed` carries the signature of one of `keys` over all else that is in it."""
    key = keys.get(str(signed.get("key_id")))
    need(key is not None, where, f"signed with another key: {signed.get('key_id')}")
    assert key is not None
    signature = str(signed.get("signature"))
    unsigned = {name: value for name, value in signed.items() if name != "signature"}
    try:
        raw = bytes.fromhex(signature)
        need(raw.hex() == signature, where, "the signature is not in lower-case hex digits")
        key.verify(raw, canonical(unsigned))
    except (ValueError, InvalidSignature) as error:
        raise NotGenuine(f"{where}: the signature does not fit: something was changed") from error


def check_link(link: Json, where: str) -> None:
    """That a transaction sums to zero and has the hash that follows from the one before it."""
    entries = [[account, int(amount)] for account, amount in link["entries"]]
    need(sum(amount for _, amount in entries) == 0, where, "the entries do not sum to zero")
    content = [
        link["seq"],
        link["idempotency_key"],
        link["kind"],
        link["team_id"],
        link["posted_at_us"],
        link["content_hash"],
        entries,
    ]
    # Not `canonical`: the order within the list is the order in the ledger.
    hashed = sha256(link["hash_before"].encode() + b"\n" + canonical(content))
    need(hashed == link["hash"], where, "its hash does not follow from the one before it")


def check_charge(record: Json, link: Json, price: Json | None, where: str) -> int:
    """That a charge is for this record, and what its tokens cost; returns the cost."""
    cost = int(record["cost_nusd"])
    for name in ("team_id", "posted_at_us", "seq"):
        need(record[name] == link[name], where, f"{name} is not that of the transaction")
    need(record["id"] == link["idempotency_key"], where, "charged for another request")
    earned = sum(int(amount) for account, amount in link["entries"] if account == "house/revenue")
    need(earned == cost, where, f"the record cost {cost}, and {earned} was charged")
    cached, input_, output = (
        record["cached_input_tokens"],
        record["input_tokens"],
        record["output_tokens"],
    )
    need(0 <= cached <= input_, where, "more cached input than input")
    need(0 <= record["reasoning_tokens"] <= output, where, "more reasoning than output")
    due = 0
    if record["price_version"]:
        need(price is not None, where, f"no price {record['price_version']}")
        assert price is not None
        nano = (
            (input_ - cached) * int(price["input_nusd_per_mtok"])
            + cached * int(price["cached_input_nusd_per_mtok"])
            + output * int(price["output_nusd_per_mtok"])
        )
        due = -(-nano // PER_MTOK)
    if cost != due:
        noted = json.loads(record["refusal"] or "{}").get("capped_from_nusd")
        capped = cost < due and noted == str(due)
        need(capped, where, f"it cost {cost}; its tokens cost {due} at {record['price_version']}")
    return cost


def check_receipt(data: bytes, keys: Keys) -> str:
    """Check one receipt."""
    receipt = parse(data, "receipt")
    need(receipt.get("type") == RECEIPT, "file", "neither a receipt nor a statement of Weft")
    check_signature(receipt, keys, "receipt")
    link, record = receipt["transaction"], receipt["usage"]
    row = [
        int(record[name]) if name.endswith("_nusd") else record[name]
        for name in receipt["usage_columns"]
    ]
    need(
        sha256(canonical(row)) == link["content_hash"],
        "receipt",
        "the record is not what was charged",
    )
    check_link(link, "receipt")
    cost = check_charge(record, link, receipt["price"], "receipt")
    return f"genuine: request {record['id']} cost {usd(cost)} USD, transaction {link['seq']}"


class Statement:
    """Reads a statement line by line: a hundred thousand requests take seconds and little memory."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._digest = hashlib.sha256()
        self._header: Json = {}
        self._totals: Json = {}
        self._prices: dict[str, Json] = {}
        self._balances: defaultdict[str, int] = defaultdict(int)
        self._groups: dict[str, dict[str, list[int]]] = {name: {} for name in GROUPS}
        self._sums: defaultdict[str, int] = defaultdict(int)
        self._seq, self._hash = 0, ""

    def check(self, lines: Iterable[bytes]) -> str:
        """Check every line, the totals and the signature."""
        number, last = 0, b""
        for line in lines:
            if number:
                self._digest.update(last)
                self._take(parse(last, f"line {number}"), f"line {number}")
            number, last = number + 1, line
        where = f"line {number}"
        signed = parse(last, where)
        need(last == canonical(signed) + b"\n", where, "the last line is not as it was signed")
        need(signed.get("type") == "signature", where, "the file ends before its signature")
        need(signed["lines"] == number - 1, where, "lines were added or removed")
        need(signed["sha256"] == self._digest.hexdigest(), where, "a line before it was changed")
        check_signature(signed, self._keys, where)
        self._check_totals(f"line {number - 1}")
        header, count = self._header, self._sums["charges"]
        total = usd(self._sums["charged_nusd"])
        return f"genuine: {header['team']} {header['month']}, {count} charges, {total} USD"

    def _take(self, line: Json, where: str) -> None:
        kind = line.get("type")
        need(not self._totals, where, "a line after the totals")
        if not self._header:
            need(kind == STATEMENT, where, "not the beginning of a statement")
            self._header = line
            for each in line["opening"]:
                self._balances[each["account"]] = int(each["balance_nusd"])
        elif kind == "price":
            price = dict(zip(self._header["price_columns"], line["row"], strict=True))
            need(price["version"] not in self._prices, where, "a price for the second time")
            self._prices[price["version"]] = price
        elif kind == "transaction":
            self._take_transaction(line, where)
        else:
            need(kind == "totals", where, f"a line of no known type: {kind}")
            self._totals = line

    def _take_transaction(self, line: Json, where: str) -> None:
        header, row = self._header, line.get("row")
        need(line["team_id"] == header["team_id"], where, "of another team")
        need(line["seq"] > self._seq, where, "out of order")
        need(
            header["from_us"] <= line["posted_at_us"] < header["until_us"],
            where,
            "of another month",
        )
        if line["seq"] == self._seq + 1 and self._hash:
            need(line["hash_before"] == self._hash, where, "it does not follow the line before it")
        self._seq, self._hash = line["seq"], line["hash"]
        content = canonical(row) if row is not None else line["content"].encode()
        need(sha256(content) == line["content_hash"], where, "its content is not what was posted")
        check_link(line, where)
        for account, amount in line["entries"]:
            if not account.startswith("house/"):
                self._balances[account] += amount
        if line["kind"] != "charge":
            self._sums[f"{line['kind']}_nusd"] += abs_sum(line["entries"])
            return
        record = dict(zip(header["usage_columns"], row or [], strict=True))
        cost = check_charge(record, line, self._prices.get(record["price_version"]), where)
        self._sums["charges"] += 1
        self._sums["charged_nusd"] += cost
        for name, column in GROUPS.items():
            sums = self._groups[name].setdefault(record[column], [0] * len(SUMS))
            sums[0] += 1
            for at, each in enumerate(SUMS[1:], 1):
                sums[at] += record[each]

    def _check_totals(self, where: str) -> None:
        totals = self._totals
        need(bool(totals), where, "there are no totals")
        need(totals["charges"] == self._sums["charges"], where, "charges were left out")
        for name in ("charged", "grant", "expiry", "payment", "adjustment", "payback"):
            told, found = int(totals[f"{name}_nusd"]), self._sums[f"{name}_nusd"]
            need(told == found, where, f"{name}: it says {told}, the lines sum to {found}")
        for name in GROUPS:
            told = {each["id"]: [int(each[of]) for of in SUMS] for each in totals[name]}
            need(told == self._groups[name], where, f"{name} is not what the lines sum to")
        closing = {each["account"]: int(each["balance_nusd"]) for each in totals["closing"]}
        found = {account: amount for account, amount in self._balances.items() if amount}
        need(closing == found, where, "opening balances and movements do not give the closing ones")
        need(totals["head"]["seq"] >= self._seq, where, "the chain ends before its last line")


def abs_sum(entries: list[list[Any]]) -> int:
    """What came to the team's accounts, or left them."""
    return sum(amount for account, amount in entries if not account.startswith("house/"))


def usd(nusd: int) -> str:
    """Nano-dollars as dollars."""
    whole, nano = divmod(abs(nusd), 10**9)
    return f"{'-' if nusd < 0 else ''}{whole}.{nano:09d}".rstrip("0").rstrip(".")


def load_keys(text: str) -> Keys:
    """The public keys in a file (key set, JSON Web Key or PEM), or one of 64 hex digits.

    Raises:
        NotGenuine: there is none in it.
    """
    data = Path(text).read_bytes() if Path(text).is_file() else text.encode()
    try:
        if data.lstrip().startswith(b"{"):
            given = json.loads(data)
            raws = [_unpadded(str(key["x"])) for key in given.get("keys", [given])]
        elif b"-----BEGIN" in data:
            key = load_pem_public_key(data)
            need(isinstance(key, Ed25519PublicKey), "key", "not an Ed25519 key")
            assert isinstance(key, Ed25519PublicKey)
            raws = [key.public_bytes_raw()]
        else:
            raws = [bytes.fromhex(data.decode().strip())]
        return {sha256(raw)[:32]: Ed25519PublicKey.from_public_bytes(raw) for raw in raws}
    except (ValueError, KeyError, TypeError) as error:
        raise NotGenuine(f"{text[:200]}: no public key can be read from it: {error}") from error


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def main() -> None:
    """The command line of this file on its own."""
    parser = argparse.ArgumentParser(description="Check a signed receipt or statement of Weft.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--public-key", required=True, metavar="KEY")
    given = parser.parse_args()
    try:
        sys.stdout.write(check_file(given.file, load_keys(given.public_key)) + "\n")
    except NotGenuine as error:
        sys.exit(f"NOT genuine: {error}")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        sys.exit(f"NOT genuine: not of the form that was signed: {error!r}")


if __name__ == "__main__":
    main()
