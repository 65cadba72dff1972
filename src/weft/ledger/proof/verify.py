"""`weft ledger verify`: walks the whole chain and names the rows that are not as they were written, the first first.

What it shows: that no row of the chain, and no usage record, grant or price behind it, was changed, removed or inserted
by anybody who did not also rewrite every hash after it. Whoever can do that needs an earlier receipt or statement to be
found out: `against.py`. What it costs: one pass over the tables, in batches, with the rows of one batch in memory.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection

from weft.kit import bulk
from weft.ledger.posting import GENESIS
from weft.ledger.proof.caches import compare_caches
from weft.ledger.proof.chain import CONTENT_OF, Link, read_link, read_links
from weft.ledger.proof.explain import explain, find_misplaced, missing_content
from weft.ledger.proof.finding import Finding, Head, entry, transaction
from weft.ledger.proof.keys import check_keys
from weft.ledger.proof.meaning import Meaning
from weft.ledger.usage.rollups.folding import find_wrong_rollup

MAX_FINDINGS = 20
"""Told at most: the first one is what matters, and one cut can make a thousand."""
_NO_TRANSACTION = (
    (
        "usage",
        "id",
        (
            "SELECT id FROM usage u WHERE u.seq <> 0 AND NOT EXISTS"
            " (SELECT 1 FROM ledger_transaction t WHERE t.idempotency_key = u.id AND t.kind = 'charge')"
        ),
    ),
    (
        "usage",
        "id",
        (
            "SELECT id FROM usage u WHERE u.seq = 0 AND u.cost_nusd <> 0"
            " AND u.posted_at_us > (SELECT MIN(posted_at_us) FROM ledger_transaction)"
        ),
    ),
    (
        "ledger_grant",
        "id",
        (
            "SELECT id FROM ledger_grant g WHERE NOT EXISTS"
            " (SELECT 1 FROM ledger_transaction t WHERE t.idempotency_key = 'grant:' || g.source)"
        ),
    ),
    (
        "ledger_price",
        "version",
        (
            "SELECT version FROM ledger_price p WHERE NOT EXISTS"
            " (SELECT 1 FROM ledger_transaction t WHERE t.idempotency_key = 'price:' || p.version)"
        ),
    ),
)
"""Rows that no transaction stands for: they were inserted."""
_TWICE = "SELECT MAX(seq) FROM ledger_transaction GROUP BY idempotency_key HAVING COUNT(*) > 1 ORDER BY 1"

Progress = Callable[[int, int], None]
"""Told how many transactions were looked at, and how many there are."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification came to."""

    transactions: int
    head: Head
    findings: tuple[Finding, ...]
    """At most `MAX_FINDINGS`, those of the chain in its order, then those of the caches."""
    chain_is_sound: bool
    """Whether only caches are wrong, if anything is."""


def verify(connection: Connection, progress: Progress | None = None) -> Verdict:
    """Check everything, in one snapshot of the database."""
    head = read_head(connection)
    walk = _Walk(connection, head, progress)
    findings = list(islice(walk.findings(), MAX_FINDINGS))
    sound = not findings
    with closing(compare_caches(connection)) as wrong:
        findings += islice(wrong, MAX_FINDINGS - len(findings))
    if sound and (told := find_wrong_rollup(connection)) is not None:
        findings.append(Finding("usage_sum", "roll-ups", told))
    return Verdict(walk.count, head, tuple(findings), sound)


def read_head(connection: Connection) -> Head:
    """Where the chain says that it ends."""
    rows = bulk.run(connection, "SELECT seq, hash, posted_at_us FROM ledger_head WHERE id = 1")
    return Head(*rows[0]) if rows else Head(-1, "", 0)


class _Walk:
    def __init__(self, connection: Connection, head: Head, progress: Progress | None) -> None:
        self._connection = connection
        self._head = head
        self._progress = progress
        self._meaning = Meaning()
        self._before = GENESIS
        self._seq = self._posted_at_us = 0
        self.count = 0

    def findings(self) -> Iterator[Finding]:
        """Everything that is wrong with the chain and with what hangs on it."""
        beyond: list[Finding] = []
        for links, strays in read_links(self._connection):
            for link in links:
                yield from self._follow(link)
            for seq, position, _, _ in strays[:MAX_FINDINGS]:
                stray = entry(seq, position, "it belongs to no transaction")
                if seq <= self._seq:
                    yield stray
                else:
                    beyond.append(stray)  # the last transactions may be missing: that comes first
            self.count += len(links)
            if self._progress is not None:
                self._progress(self.count, max(self._head.seq, 0))
        yield from self._check_end()
        yield from beyond
        for (seq,) in bulk.run(self._connection, _TWICE):
            yield transaction(seq, "its idempotency key was used before")
        for table, column, statement in _NO_TRANSACTION:
            for (key,) in bulk.run(
                self._connection, f"{statement} ORDER BY 1 LIMIT {MAX_FINDINGS}"
            ):
                yield Finding(table, f"{column}={key}", "no transaction stands for it")
        yield from check_keys(self._connection)

    def _follow(self, link: Link) -> Iterator[Finding]:
        """Take the chain's next transaction; what follows is judged by the hash that it carries."""
        for seq in range(self._seq + 1, min(link.seq, self._seq + 1 + MAX_FINDINGS)):
            yield transaction(seq, "it is missing")
        if link.seq <= self._seq:
            yield transaction(link.seq, "it was inserted; the chain begins with 1")
            return
        whole = link.seq == self._seq + 1
        before, self._seq, self._before = self._before, link.seq, link.hash
        posted_at_us, self._posted_at_us = self._posted_at_us, link.posted_at_us
        if not whole:
            return  # what it follows from is not there
        misplaced = find_misplaced(link)
        if misplaced is not None:
            yield misplaced
        elif link.chain_hash(before) != link.hash:
            after = read_link(self._connection, link.seq + 1) or self._head.hash
            yield explain(self._connection, link, before, after)
        elif link.kind in CONTENT_OF and link.behind is None:
            yield missing_content(link)
        elif link.digest != link.content_hash:
            yield _changed_content(link)
        elif link.kind in CONTENT_OF and link.content:
            yield transaction(link.seq, "its content was changed; it was empty")
        else:
            if link.posted_at_us < posted_at_us:
                yield transaction(link.seq, "it was posted before the one it follows")
            yield from self._meaning.check(link)

    def _check_end(self) -> Iterator[Finding]:
        head = self._head
        if (head.seq, head.hash) == (self._seq, self._before):
            if head.posted_at_us < self._posted_at_us:
                yield Finding("ledger_head", "id=1", "it is older than the last transaction")
        elif head.hash == self._before or head.seq <= self._seq:
            what = f"it says that the chain ends with {head.seq}; it ends with {self._seq}"
            same = "its hash is not that of the last transaction"
            yield Finding("ledger_head", "id=1", same if head.seq == self._seq else what)
        else:
            yield transaction(
                self._seq + 1, f"it is missing; the head says that {head.seq} were posted"
            )


def _changed_content(link: Link) -> Finding:
    table = CONTENT_OF.get(link.kind)
    if table is None:
        return transaction(link.seq, "its content was changed")
    assert link.behind is not None
    column = "version" if table == "ledger_price" else "id"
    what = f"it was changed after transaction {link.seq} was posted for it"
    return Finding(table, f"{column}={link.behind[0]}", what)
