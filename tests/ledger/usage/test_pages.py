"""Pages of requests: newest first, each once, whatever is written meanwhile."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from weft.kit.db import Database
from weft.kit.errors import InvalidRequest
from weft.ledger.types import Outcome, UsageRecord
from weft.ledger.usage import pages
from weft.ledger.usage.pages import Cursor, Page, PageAsk, list_usage, parse_cursor
from weft.ledger.usage.report import UsageFilter
from weft.ledger.usage.store import insert_usage

RecordMaker = Callable[..., UsageRecord]
START = datetime(2026, 1, 1, tzinfo=UTC)


def write(database: Database, *records: UsageRecord) -> None:
    with database.write() as connection:
        insert_usage(connection, records)


def page(database: Database, ask: PageAsk, *filters: UsageFilter) -> Page:
    with database.read() as connection:
        return list_usage(connection, filters or [UsageFilter()], ask)


def ids(records: Sequence[UsageRecord]) -> list[str]:
    return [record.id for record in records]


def test_pages_when_followed_then_each_record_comes_once_newest_first_while_more_are_written(
    database: Database, a_record: RecordMaker
) -> None:
    old = [a_record(number, second=number * 1700) for number in range(40)]
    same_moment = [
        msgspec.structs.replace(a_record(100 + n), posted_at_us=old[20].posted_at_us)
        for n in range(5)
    ]
    write(database, *old, *same_moment)
    seen: list[UsageRecord] = []
    ask = PageAsk(limit=7)
    for turn in range(100):
        found = page(database, ask)
        seen += found.records
        write(database, a_record(1000 + turn, day=30, second=turn))
        if found.next_cursor is None:
            break
        ask = PageAsk(limit=7, cursor=parse_cursor(str(found.next_cursor)))
    wanted = sorted([*old, *same_moment], key=lambda r: (r.posted_at_us, r.id), reverse=True)
    assert ids(seen) == ids(wanted)


FILTERED: list[tuple[UsageFilter, PageAsk, list[int]]] = [
    (UsageFilter(), PageAsk(), [4, 3, 2, 1]),
    (UsageFilter(key_id="k2"), PageAsk(), [2]),
    (UsageFilter(user_id="usr_bob"), PageAsk(), [3]),
    (UsageFilter(project_id="prj_b"), PageAsk(), [4]),
    (UsageFilter(team_id="team_b"), PageAsk(), [1]),
    (UsageFilter(model_id="m"), PageAsk(), [4, 1]),
    (UsageFilter(model_id="m"), PageAsk(limit=1), [4]),
    (UsageFilter(), PageAsk(outcome=Outcome.FAILED), [3]),
    (UsageFilter(), PageAsk(outcome=Outcome.COMPLETED), [4, 2, 1]),
    (UsageFilter(), PageAsk(outcome=Outcome.REFUSED), []),
    (UsageFilter(), PageAsk(status=502), [3]),
    (UsageFilter(user_id="usr_ada"), PageAsk(status=502), []),
    (UsageFilter(since=START + timedelta(days=2)), PageAsk(), [4, 3]),
    (UsageFilter(until=START + timedelta(days=2)), PageAsk(), [2, 1]),
    (
        UsageFilter(since=START + timedelta(days=1), until=START + timedelta(days=2)),
        PageAsk(),
        [2],
    ),
    (UsageFilter(since=START + timedelta(days=300)), PageAsk(), []),
    (UsageFilter(until=START), PageAsk(), []),
]


def test_page_when_filtered_then_only_what_fits_comes(
    database: Database, a_record: RecordMaker
) -> None:
    write(
        database,
        a_record(1, team="team_b", model="m"),
        a_record(2, day=1, key="k2"),
        a_record(3, day=60, user="usr_bob", outcome=Outcome.FAILED),
        a_record(4, day=61, project="prj_b", model="m"),
    )
    for chosen, ask, numbers in FILTERED:
        found = page(database, ask, chosen)
        wanted = ids([a_record(number) for number in numbers])
        assert ids(found.records) == wanted, (chosen, ask)


def test_page_when_two_filters_are_given_then_what_fits_either_comes(
    database: Database, a_record: RecordMaker
) -> None:
    write(database, a_record(1, team="a"), a_record(2, team="b"), a_record(3, team="c"))
    own = UsageFilter(team_id="b", except_team_ids=("a",))
    found = page(database, PageAsk(), UsageFilter(team_ids=("a",)), own)
    assert ids(found.records) == ids([a_record(2), a_record(1)])


def test_page_when_there_is_no_filter_at_all_then_it_is_empty(
    database: Database, a_record: RecordMaker
) -> None:
    write(database, a_record())
    with database.read() as connection:
        assert list_usage(connection, [], PageAsk()) == Page((), None)


def test_page_when_nothing_was_ever_written_then_it_is_empty(database: Database) -> None:
    assert page(database, PageAsk()) == Page((), None)


def test_page_when_a_rare_status_is_sought_then_it_stops_and_can_go_on(
    database: Database, a_record: RecordMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MAX_HOURS", 10)
    rare = msgspec.structs.replace(a_record(0, outcome=Outcome.FAILED), status=418)
    failed = [a_record(n, second=n * 3600, outcome=Outcome.FAILED) for n in range(1, 25)]
    write(database, rare, *failed)
    seen: list[UsageRecord] = []
    cursor: Cursor | None = None
    turns = 0
    while turns < 10:
        found = page(database, PageAsk(status=418, cursor=cursor))
        seen += found.records
        turns += 1
        if found.next_cursor is None:
            break
        cursor = found.next_cursor
    assert (ids(seen), turns) == ([rare.id], 3)


@pytest.mark.parametrize("text", ["", "x", "12", "-1.req", "1e3.req", "٣.req", "1." + "x" * 300])
def test_cursor_when_it_was_made_up_then_it_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="no cursor"):
        parse_cursor(text)
