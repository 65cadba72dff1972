"""Every report, on both databases, against sums over the records themselves."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weft.kit.clock import from_us, to_us
from weft.kit.db import Database, begin_write
from weft.kit.errors import InvalidRequest
from weft.ledger.types import Outcome, Tokens, UsageRecord
from weft.ledger.usage import sums
from weft.ledger.usage.report import OTHERS, GroupBy, UsageFilter, UsageRow, total
from weft.ledger.usage.rollups.folding import find_wrong_rollup
from weft.ledger.usage.store import insert_usage
from weft.ledger.usage.sums import sum_usage

RecordMaker = Callable[..., UsageRecord]

START = datetime(2026, 1, 1, tzinfo=UTC)
TIMES = {GroupBy.HOUR: "%Y-%m-%dT%H:00Z", GroupBy.DAY: "%Y-%m-%d", GroupBy.MONTH: "%Y-%m"}


def write(database: Database, *records: UsageRecord) -> None:
    with database.write() as connection:
        insert_usage(connection, records)


def report(
    database: Database,
    by: GroupBy,
    chosen: UsageFilter | Sequence[UsageFilter] | None = None,
    by2: GroupBy | None = None,
    top: int | None = None,
) -> list[UsageRow]:
    with database.read() as connection:
        return sum_usage(
            connection, by, UsageFilter() if chosen is None else chosen, by2=by2, top=top
        )


def test_sum_when_there_is_nothing_then_no_rows(database: Database) -> None:
    assert report(database, GroupBy.MODEL) == []


def test_sum_when_by_day_then_utc_days_in_order(database: Database, a_record: RecordMaker) -> None:
    write(database, a_record(1, day=1), a_record(2), a_record(3, day=1, cost=500))
    rows = report(database, GroupBy.DAY)
    assert [(row.group, row.requests, row.cost_nusd) for row in rows] == [
        ("2026-01-01", 1, 1_000),
        ("2026-01-02", 2, 1_500),
    ]


def test_sum_when_grouped_then_every_figure_is_added(
    database: Database, a_record: RecordMaker
) -> None:
    write(
        database,
        a_record(1, tokens=Tokens(1, 1, 2, 2)),
        a_record(2, tokens=Tokens(10, 5, 20, 7), outcome=Outcome.CANCELLED),
        a_record(3, tokens=Tokens(), outcome=Outcome.REFUSED, cost=0),
        a_record(4, tokens=Tokens(100), outcome=Outcome.FAILED),
    )
    assert report(database, GroupBy.MODEL) == [
        UsageRow(
            group="weft/tiny",
            requests=4,
            cancelled=1,
            failed=1,
            refused=1,
            input_tokens=111,
            cached_input_tokens=6,
            output_tokens=22,
            reasoning_tokens=9,
            cost_nusd=3_000,
        )
    ]


DEAREST: list[tuple[GroupBy, list[str]]] = [
    (GroupBy.MODEL, ["b", "a"]),
    (GroupBy.PROJECT, ["prj_a"]),
    (GroupBy.KEY, ["key_k"]),
    (GroupBy.USER, ["usr_ada", "usr_bob"]),
    (GroupBy.TEAM, ["team_t"]),
]


def test_sum_when_by_anything_else_then_the_dearest_comes_first(
    database: Database, a_record: RecordMaker
) -> None:
    write(
        database,
        a_record(1, model="a", cost=1),
        a_record(2, model="b", cost=9),
        a_record(3, model="a", user="usr_bob", cost=1),
    )
    for by, groups in DEAREST:
        assert [row.group for row in report(database, by)] == groups, by


def test_sum_when_by_model_then_names_that_clients_made_up_are_one_group(
    database: Database, a_record: RecordMaker
) -> None:
    refused = [
        msgspec.structs.replace(
            a_record(number, model=name, outcome=Outcome.REFUSED, cost=0), error_code=code
        )
        for number, (name, code) in enumerate(
            [
                ("nope", "model_not_found"),
                ("x" * 256, "model_not_found"),
                ("", "invalid_json"),
                ("weft/tiny", "overloaded"),
            ],
            start=2,
        )
    ]
    write(database, a_record(1), *refused)
    rows = report(database, GroupBy.MODEL)
    assert [(row.group, row.requests) for row in rows] == [("weft/tiny", 2), ("(unknown)", 3)]
    assert report(database, GroupBy.MODEL, UsageFilter(model_id="nope")) == []
    [unknown] = report(database, GroupBy.DAY, UsageFilter(model_id="(unknown)"))
    assert unknown.requests == 3


FILTERED: list[tuple[UsageFilter, list[int]]] = [
    (UsageFilter(), [1, 2, 4]),
    (UsageFilter(since=datetime(2026, 1, 2, tzinfo=UTC)), [2, 4]),
    (UsageFilter(until=datetime(2026, 1, 2, tzinfo=UTC)), [1]),
    (UsageFilter(model_id="b"), [2]),
    (UsageFilter(user_id="usr_bob"), [4]),
    (UsageFilter(project_id="prj_b"), [4]),
    (UsageFilter(project_id="prj_b", model_id="b"), []),
    (UsageFilter(team_id="team_t", key_id="key_k"), [1, 2, 4]),
    (UsageFilter(team_id="team_x"), []),
    (UsageFilter(key_id="key_x"), []),
]


def test_sum_when_filtered_then_only_those_records_count(
    database: Database, a_record: RecordMaker
) -> None:
    write(
        database,
        a_record(1, cost=1, model="a"),
        a_record(2, cost=2, model="b", day=1),
        a_record(4, cost=4, model="a", day=2, user="usr_bob", project="prj_b"),
    )
    for chosen, numbers in FILTERED:
        assert sum(row.cost_nusd for row in report(database, GroupBy.DAY, chosen)) == sum(
            numbers
        ), chosen


def test_sum_when_there_are_more_groups_than_the_bound_then_the_rest_is_one(
    database: Database, a_record: RecordMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sums, "MAX_GROUPS", 2)
    write(database, *(a_record(number, model=f"m{number}", cost=number) for number in (1, 2, 3)))
    rows = report(database, GroupBy.MODEL)
    assert [(row.group, row.cost_nusd) for row in rows] == [("m3", 3), ("m2", 2), ("(others)", 1)]


def group_of(record: UsageRecord, by: GroupBy | None) -> str:
    if by is None:
        return ""
    if by in TIMES:
        return f"{from_us(record.posted_at_us):{TIMES[by]}}"
    return str(getattr(record, f"{by}_id"))


def by_hand(
    records: Sequence[UsageRecord], by: GroupBy, by2: GroupBy | None, chosen: UsageFilter
) -> dict[tuple[str, str], UsageRow]:
    """What a report has to say, from the records."""
    rows: dict[tuple[str, str], list[UsageRow]] = {}
    for record in records:
        if not lets_through(chosen, record):
            continue
        tokens = record.tokens
        row = UsageRow(
            "",
            requests=1,
            cancelled=record.outcome is Outcome.CANCELLED,
            failed=record.outcome is Outcome.FAILED,
            refused=record.outcome is Outcome.REFUSED,
            interrupted=record.outcome is Outcome.INTERRUPTED,
            input_tokens=tokens.input,
            cached_input_tokens=tokens.cached_input,
            output_tokens=tokens.output,
            reasoning_tokens=tokens.reasoning,
            cost_nusd=record.cost_nusd,
        )
        rows.setdefault((group_of(record, by), group_of(record, by2)), []).append(row)
    return {key: total(parts) for key, parts in rows.items()}


def lets_through(chosen: UsageFilter, record: UsageRecord) -> bool:
    return (
        (chosen.since is None or record.posted_at_us >= to_us(chosen.since))
        and (chosen.until is None or record.posted_at_us < to_us(chosen.until))
        and chosen.model_id in {None, record.model_id}
        and chosen.team_id in {None, record.team_id}
        and chosen.project_id in {None, record.project_id}
        and chosen.key_id in {None, record.key_id}
        and chosen.user_id in {None, record.user_id}
        and (chosen.team_ids is None or record.team_id in chosen.team_ids)
        and record.team_id not in chosen.except_team_ids
    )


seconds = st.integers(0, 70 * 86_400)
moments = st.none() | seconds.map(lambda second: START + timedelta(seconds=second))
names = st.sampled_from(["a", "b", "c"])
filters = st.builds(
    UsageFilter,
    since=moments,
    until=moments,
    model_id=st.none() | names,
    team_id=st.none() | names,
    project_id=st.none() | names,
    key_id=st.none() | names,
    user_id=st.none() | names,
    team_ids=st.none() | st.lists(names, max_size=2).map(tuple),
    except_team_ids=st.lists(names, max_size=2).map(tuple),
)
wanted = st.tuples(
    st.sampled_from(GroupBy),
    st.none() | st.sampled_from(GroupBy),
    filters,
    st.none() | st.integers(1, 3),
)
a_group = st.lists(
    st.tuples(seconds, names, names, names, names, names, st.sampled_from(Outcome)), min_size=1
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=40,
)
@given(groups=st.lists(a_group, max_size=4), reports=st.lists(wanted, min_size=1, max_size=6))
def test_report_when_asked_for_anything_then_it_is_the_sum_over_the_records(
    database: Database,
    a_record: RecordMaker,
    groups: list[list[tuple[int, str, str, str, str, str, Outcome]]],
    reports: list[tuple[GroupBy, GroupBy | None, UsageFilter, int | None]],
) -> None:
    written: list[UsageRecord] = []
    with database.engine.connect() as connection:
        begin_write(connection)
        for group in groups:
            records = [
                a_record(
                    len(written) + place,
                    second=second,
                    team=team,
                    project=project,
                    user=user,
                    key=key,
                    model=model,
                    outcome=outcome,
                    cost=7**place % 1_000_003,
                )
                for place, (second, team, project, user, key, model, outcome) in enumerate(group)
            ]
            insert_usage(connection, records)
            written += records
        assert find_wrong_rollup(connection) is None
        for by, by2, chosen, top in reports:
            try:
                rows = sum_usage(connection, by, chosen, by2=by2, top=top)
            except InvalidRequest:
                assert is_refused(by, by2, chosen)
                continue
            check(rows, by_hand(written, by, by2, chosen), (by, by2), top)
        connection.rollback()


def is_refused(by: GroupBy, by2: GroupBy | None, chosen: UsageFilter) -> bool:
    if by2 is not None and (by == by2 or (by in TIMES and by2 in TIMES)):
        return True
    most = sums.MAX_HOURS if by2 is None else sums.MAX_HOURS_BY_TWO
    until = chosen.until or datetime.now(UTC)
    return GroupBy.HOUR in {by, by2} and (
        chosen.since is None or until - chosen.since > timedelta(hours=most)
    )


def check(
    rows: list[UsageRow],
    truth: dict[tuple[str, str], UsageRow],
    axes: tuple[GroupBy, GroupBy | None],
    top: int | None,
) -> None:
    assert total(rows) == total(truth.values())
    assert len({(row.group, row.group2) for row in rows}) == len(rows), "no group comes twice"
    bounded = 1 if axes[0] in TIMES else 0
    for row in rows:
        if OTHERS not in {row.group, row.group2}:
            same = truth[row.group, row.group2]
            assert total([row]) == same
    shown = {(row.group, row.group2)[bounded] for row in rows} - {OTHERS}
    if top is not None and not (axes[1] is None and bounded):
        assert len(shown) <= top
    if OTHERS not in {group for row in rows for group in (row.group, row.group2)}:
        assert set(truth) == {(row.group, row.group2) for row in rows}


def test_report_when_top_is_given_then_the_dearest_over_the_whole_span_are_shown(
    database: Database, a_record: RecordMaker
) -> None:
    write(
        database,
        a_record(1, key="k1", cost=5),
        a_record(2, key="k2", cost=6, day=1),
        a_record(3, key="k3", cost=3),
        a_record(4, key="k1", cost=2, day=1),
        a_record(5, key="k3", cost=1, day=3),
    )
    rows = report(database, GroupBy.DAY, by2=GroupBy.KEY, top=1)
    assert [(row.group, row.group2, row.cost_nusd) for row in rows] == [
        ("2026-01-01", "k1", 5),
        ("2026-01-01", OTHERS, 3),
        ("2026-01-02", "k1", 2),
        ("2026-01-02", OTHERS, 6),
        ("2026-01-04", OTHERS, 1),
    ]
    swapped = report(database, GroupBy.KEY, by2=GroupBy.DAY, top=1)
    assert [(row.group2, row.group, row.cost_nusd) for row in swapped] == [
        (row.group, row.group2, row.cost_nusd) for row in rows
    ]
    pairs = report(database, GroupBy.KEY, by2=GroupBy.MODEL, top=2)
    assert [(row.group, row.group2, row.cost_nusd) for row in pairs] == [
        ("k1", "weft/tiny", 7),
        ("k2", "weft/tiny", 6),
        (OTHERS, "weft/tiny", 4),
    ]


@pytest.mark.parametrize(
    ("by", "by2"),
    [
        (GroupBy.DAY, GroupBy.MONTH),
        (GroupBy.MODEL, GroupBy.MODEL),
        (GroupBy.HOUR, None),
    ],
)
def test_report_when_the_groups_make_no_sense_then_it_says_what_to_ask_for(
    database: Database, by: GroupBy, by2: GroupBy | None
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        report(database, by, by2=by2)
    assert refused.value.metadata["remedy"] in {
        "name two different things, one time (hour, day, month) at most",
        "say since when, at most 31 days before until, or ask by day",
    }


def test_report_when_there_is_no_filter_at_all_then_there_is_nothing(
    database: Database, a_record: RecordMaker
) -> None:
    write(database, a_record())
    assert report(database, GroupBy.DAY, []) == []


def test_report_when_filters_do_not_overlap_then_they_are_added(
    database: Database, a_record: RecordMaker
) -> None:
    write(database, a_record(1, team="a", user="u"), a_record(2, team="b", user="u"))
    own = UsageFilter(user_id="u", except_team_ids=("a",))
    [row] = report(database, GroupBy.DAY, [UsageFilter(team_ids=("a",)), own])
    assert row.requests == 2
