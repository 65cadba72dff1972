"""The statements about keys, on both databases, and against a model of a few lines."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from sqlalchemy import create_engine, inspect

from weft.gateway.idempotency import store
from weft.gateway.idempotency.migrations import MIGRATIONS
from weft.gateway.idempotency.schema import metadata
from weft.gateway.idempotency.store import Claim
from weft.gateway.idempotency.types import KEPT_US, STALE_US, Kept, State, Use
from weft.kit.db import Database, begin_write
from weft.kit.migrations import migrate

NOW_US = 1_800_000_000_000_000
USE = Use("prj_a", "key-1", "digest-1")
CLAIM = Claim(USE, "req_1")


def kept(request_id: str = "req_1", **fields: object) -> Kept:
    answer = Kept(request_id, 200, b"content-type: a\r\n", b"\0\xff body", is_stream=True)
    return replace(answer, **fields)  # pyright: ignore[reportArgumentType] - fields of several types


def claim(database: Database, asked: Claim, now_us: int = NOW_US) -> State:
    with database.write() as connection:
        return store.claim(connection, asked, now_us)


def keep(database: Database, use: Use, answer: Kept) -> bool:
    with database.write() as connection:
        return store.keep(connection, use, answer)


def found(database: Database, use: Use = USE, now_us: int = NOW_US) -> Kept | None:
    with database.read() as connection:
        return store.find_kept(connection, use, now_us)


def test_claim_when_free_then_is_ours_and_busy_for_others(database: Database) -> None:
    assert claim(database, CLAIM) is State.OURS
    assert claim(database, Claim(USE, "req_2")) is State.BUSY
    assert found(database) is None


def test_claim_when_asked_again_by_its_holder_then_is_still_ours(database: Database) -> None:
    assert claim(database, CLAIM) is State.OURS
    assert claim(database, CLAIM) is State.OURS


@pytest.mark.parametrize("is_done", [False, True])
def test_claim_when_the_parameters_differ_then_is_refused(
    database: Database, is_done: bool
) -> None:
    claim(database, CLAIM)
    if is_done:
        keep(database, USE, kept())
    assert claim(database, Claim(replace(USE, digest="other"), "req_2")) is State.OTHER


@pytest.mark.parametrize("other", [replace(USE, project_id="prj_b"), replace(USE, key="key-2")])
def test_claim_when_of_another_project_or_key_then_is_free(database: Database, other: Use) -> None:
    claim(database, CLAIM)
    assert claim(database, Claim(other, "req_2")) is State.OURS


def test_keep_when_held_then_the_same_is_found(database: Database) -> None:
    claim(database, CLAIM)
    assert keep(database, USE, kept())
    assert claim(database, Claim(USE, "req_2")) is State.KEPT
    assert found(database) == kept()


def test_keep_when_too_large_then_only_its_status_and_head_are_kept(database: Database) -> None:
    claim(database, CLAIM)
    keep(database, USE, kept(is_too_large=True))
    assert found(database) == kept(is_too_large=True, body=b"")


def test_keep_when_not_held_then_nothing_is_written(database: Database) -> None:
    assert not keep(database, USE, kept())
    claim(database, CLAIM)
    assert not keep(database, USE, kept("req_2"))
    assert found(database) is None


def test_release_when_held_then_the_key_is_free_for_other_parameters(database: Database) -> None:
    claim(database, CLAIM)
    with database.write() as connection:
        store.release(connection, CLAIM)
    assert claim(database, Claim(replace(USE, digest="other"), "req_2")) is State.OURS


def test_release_when_kept_then_the_answer_stays(database: Database) -> None:
    claim(database, CLAIM)
    keep(database, USE, kept())
    with database.write() as connection:
        store.release(connection, CLAIM)
    assert found(database) == kept()


def test_claim_when_its_holder_does_not_beat_then_the_same_request_takes_it_over(
    database: Database,
) -> None:
    claim(database, CLAIM)
    late_us = NOW_US + STALE_US
    with database.read() as connection:
        assert not store.is_claimable(connection, USE, late_us - 1)
        assert store.is_claimable(connection, USE, late_us)
    assert claim(database, Claim(replace(USE, digest="other"), "req_2"), late_us) is State.OTHER
    assert claim(database, Claim(USE, "req_2"), late_us) is State.OURS
    assert not keep(database, USE, kept("req_1"))  # the first one was not dead after all
    assert keep(database, USE, kept("req_2"))


def test_beat_when_held_then_the_claim_stays(database: Database) -> None:
    claim(database, CLAIM)
    late_us = NOW_US + STALE_US
    with database.write() as connection:
        store.beat(connection, [], late_us)
        store.beat(connection, [CLAIM, Claim(replace(USE, key="gone"), "req_9")], late_us)
    assert claim(database, Claim(USE, "req_2"), late_us + STALE_US - 1) is State.BUSY


def test_answer_when_a_day_is_over_then_the_key_is_free(database: Database) -> None:
    claim(database, CLAIM)
    keep(database, USE, kept())
    end_us = NOW_US + KEPT_US
    assert found(database, now_us=end_us - 1) == kept()
    assert found(database, now_us=end_us) is None
    other = replace(USE, digest="other")
    assert claim(database, Claim(other, "req_2"), end_us - 1) is State.OTHER
    assert claim(database, Claim(other, "req_2"), end_us) is State.OURS


def test_purge_when_some_are_over_then_deletes_these_few_at_a_time(database: Database) -> None:
    for number in range(5):
        claim(database, Claim(replace(USE, key=f"key-{number}"), "req_1"), NOW_US + number)
    over_us = NOW_US + KEPT_US + 2  # numbers 0 to 2 are over
    for expected in (2, 1, 0):
        with database.write() as connection:
            assert store.purge(connection, over_us, 2) == expected
    with database.read() as connection:
        assert not store.is_claimable(connection, replace(USE, key="key-3"), NOW_US)


def test_now_when_asked_then_goes_on(database: Database) -> None:
    with database.read() as connection:
        first = store.now_us(connection)
        assert first <= store.now_us(connection)
        assert 1_700_000_000_000_000 < first < 5_000_000_000_000_000


def test_claim_when_many_want_it_at_once_then_exactly_one_gets_it(database: Database) -> None:
    """As the group commit does it: without the lock that `Database.write` takes on PostgreSQL."""

    def try_it(number: int) -> State:
        with database.engine.connect() as connection:
            begin_write(connection)
            state = store.claim(connection, Claim(USE, f"req_{number}"), NOW_US)
            connection.commit()
            return state

    with ThreadPoolExecutor(8) as threads:
        states = list(threads.map(try_it, range(40)))
    assert sorted(states) == [State.BUSY] * 39 + [State.OURS]


def test_migrate_when_done_then_the_table_is_that_of_the_schema(tmp_path: Path) -> None:
    database = Database(tmp_path / "weft.db")
    migrate(database, MIGRATIONS)
    by_core = create_engine("sqlite://")
    metadata.create_all(by_core)
    wanted, made = inspect(by_core), inspect(database.engine)
    for ask in ("get_pk_constraint", "get_indexes"):
        assert getattr(made, ask)("idempotency") == getattr(wanted, ask)("idempotency")
    columns = [
        [(column["name"], str(column["type"]), column["nullable"]) for column in columns]
        for columns in (made.get_columns("idempotency"), wanted.get_columns("idempotency"))
    ]
    assert columns[0] == columns[1]
    by_core.dispose()
    database.close()


# Against a model.


@dataclass
class Row:
    """What the model knows of a key."""

    digest: str
    request_id: str
    beat_at_us: int
    expires_at_us: int
    answer: Kept | None = None


class Keys(RuleBasedStateMachine):
    """Any order of claims, beats, answers and releases by any number of requests, over days."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.database = Database(Path(self.folder.name) / "weft.db")
        migrate(self.database, MIGRATIONS)
        self.rows: dict[tuple[str, str], Row] = {}
        self.now_us = NOW_US
        self.number = 0

    uses = st.builds(
        Use, st.sampled_from(["prj_a", "prj_b"]), st.sampled_from(["k", "l"]), st.sampled_from("xy")
    )
    requests = st.integers(0, 5)

    @rule(passed_us=st.sampled_from([1, STALE_US // 2, STALE_US, KEPT_US // 2, KEPT_US]))
    def time_passes(self, passed_us: int) -> None:
        self.now_us += passed_us

    @rule(use=uses, request=requests)
    def claims(self, use: Use, request: int) -> None:
        request_id = f"req_{request}"
        row = self.rows.get(use.scope)
        state = claim(self.database, Claim(use, request_id), self.now_us)
        is_free = row is None or row.expires_at_us <= self.now_us
        if row is not None and not is_free:
            died = row.answer is None and row.beat_at_us <= self.now_us - STALE_US
            is_free = died and row.digest == use.digest
        if row is None or is_free:
            assert state is State.OURS
            self.rows[use.scope] = Row(use.digest, request_id, self.now_us, self.now_us + KEPT_US)
        elif row.digest != use.digest:
            assert state is State.OTHER
        elif row.answer is not None:
            assert state is State.KEPT
        else:
            assert state is (State.OURS if row.request_id == request_id else State.BUSY)

    @rule(use=uses, request=requests)
    def keeps(self, use: Use, request: int) -> None:
        self.number += 1
        answer = kept(f"req_{request}", body=b"%d" % self.number)
        row = self.held(use, request)
        assert keep(self.database, use, answer) is (row is not None)
        if row is not None:
            row.answer = answer

    @rule(use=uses, request=requests)
    def gives_back(self, use: Use, request: int) -> None:
        with self.database.write() as connection:
            store.release(connection, Claim(use, f"req_{request}"))
        if self.held(use, request) is not None:
            del self.rows[use.scope]

    @rule(use=uses, request=requests)
    def beats(self, use: Use, request: int) -> None:
        with self.database.write() as connection:
            store.beat(connection, [Claim(use, f"req_{request}")], self.now_us)
        if (row := self.held(use, request)) is not None:
            row.beat_at_us = self.now_us

    @rule(use=uses)
    def asks_again(self, use: Use) -> None:
        row = self.rows.get(use.scope)
        is_there = row is not None and row.digest == use.digest and row.expires_at_us > self.now_us
        expected = row.answer if is_there and row is not None else None
        assert found(self.database, use, self.now_us) == expected

    @rule()
    def purges(self) -> None:
        over = [scope for scope, row in self.rows.items() if row.expires_at_us <= self.now_us]
        with self.database.write() as connection:
            assert store.purge(connection, self.now_us, 100) == len(over)
        for scope in over:
            del self.rows[scope]

    def held(self, use: Use, request: int) -> Row | None:
        row = self.rows.get(use.scope)
        is_held = row is not None and row.answer is None and row.request_id == f"req_{request}"
        return row if is_held else None

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()


TestKeys = Keys.TestCase
TestKeys.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
