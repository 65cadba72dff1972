"""The migrations and the schema say the same, on both databases; one row is in force, whoever writes."""

import pytest
from sqlalchemy import create_engine, insert, inspect, text
from sqlalchemy.exc import IntegrityError

from limits.setting import Office
from weft.kit.db import Database
from weft.limits.schema import LIMIT, METADATA, TEAM_PLAN
from weft.limits.types import LimitKind, LimitScope


def plain(kind: object) -> str:
    return str(kind).replace(' COLLATE "C"', "")


def test_migrate_when_done_then_the_tables_are_those_of_the_schema(database: Database) -> None:
    by_core = create_engine("sqlite://")
    METADATA.create_all(by_core)
    wanted, made = inspect(by_core), inspect(database.engine)
    for table in METADATA.tables:
        columns = [
            [
                (column["name"], plain(column["type"]), column["nullable"])
                for column in side.get_columns(table)
                if column["name"] != "id"
            ]
            for side in (made, wanted)
        ]
        assert columns[0] == columns[1]
        known = {index["name"] for index in made.get_indexes(table)}
        assert {index["name"] for index in wanted.get_indexes(table)} <= known
    by_core.dispose()


def test_tables_when_two_rows_would_be_in_force_then_the_second_is_refused(office: Office) -> None:
    office.give("pro")
    with pytest.raises(IntegrityError), office.database.write() as connection:
        connection.execute(
            insert(TEAM_PLAN).values(
                id="plan_2",
                team_id=office.team.id,
                plan="free",
                reason="",
                set_by="",
                set_at_us=1,
            )
        )
    made = office.set(LimitScope.USER, LimitKind.CONCURRENCY, 1)
    with pytest.raises(IntegrityError), office.database.write() as connection:
        row = connection.execute(LIMIT.select().where(LIMIT.c.id == made.id)).mappings().one()
        connection.execute(insert(LIMIT).values({**row, "id": "limit_2"}))


def test_limit_when_it_would_be_negative_then_the_table_refuses(office: Office) -> None:
    made = office.set(LimitScope.USER, LimitKind.CONCURRENCY, 1)
    with pytest.raises(IntegrityError), office.database.write() as connection:
        connection.execute(text("UPDATE limits_limit SET max = -1 WHERE id = :id"), {"id": made.id})
