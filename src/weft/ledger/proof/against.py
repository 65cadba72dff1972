"""The chain against a receipt or a statement that was given out earlier.

Somebody with the whole database can write every hash anew, or cut transactions off the end; both are sound in
themselves. What was signed and given away before does not change with them: its transaction has to be there, with the
hash that it had.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection

from weft.kit import bulk
from weft.kit.errors import InvalidRequest
from weft.ledger.proof.finding import Finding, transaction
from weft.ledger.proof.offline import RECEIPT, STATEMENT

_HASH = "SELECT hash FROM ledger_transaction WHERE seq = ?"


def check_against(connection: Connection, path: Path) -> Iterator[Finding]:
    """What the file proves, and the chain does not have.

    Raises:
        InvalidRequest: it is no receipt or statement.
    """
    for seq, hash_ in _proven(path):
        rows = bulk.run(connection, _HASH, (seq,))
        if not rows:
            yield transaction(seq, f"it is missing; {path.name} proves that it was posted")
        elif rows[0][0] != hash_:
            what = f"its hash is not the one in {path.name}: the chain was written anew since"
            yield transaction(seq, what)


def _proven(path: Path) -> Iterator[tuple[int, str]]:
    """The transactions that a file says there are, the first first."""
    try:
        with path.open(encoding="utf-8") as file:
            line = file.readline()
            if f'"type":"{STATEMENT}"' not in line:
                receipt = json.loads(line + file.read())
                if receipt["type"] != RECEIPT:
                    raise ValueError(RECEIPT)
                yield receipt["transaction"]["seq"], receipt["transaction"]["hash"]
                return
            for each in file:
                told = json.loads(each)
                if told["type"] == "transaction":
                    yield told["seq"], told["hash"]
                elif told["type"] == "totals" and told["head"]["seq"]:
                    yield told["head"]["seq"], told["head"]["hash"]
    except OSError as error:
        raise InvalidRequest(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidRequest(
            f"{path} is no receipt or statement of Weft",
            remedy="name a file that `weft receipt` or `weft statement` wrote",
        ) from error
