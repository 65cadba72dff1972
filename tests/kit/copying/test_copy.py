"""A copy has every row as it was, on either kind of database, or nothing was changed."""

import itertools

import pytest
from sqlalchemy import text

from kit.copying.conftest import Open
from kit.copying.shop import ORDERS, STEPS, everything, fill
from weft.kit.copying.copy import NotEmpty, copy_database
from weft.kit.copying.shape import shape_of
from weft.kit.errors import CannotStart
from weft.kit.migrations import Migration

KINDS = ("sqlite", "postgresql")


def ignore(done: int, total: int) -> None:
    assert 0 <= done <= total


@pytest.mark.parametrize(
    ("kind", "other"), [("sqlite", "postgresql"), ("postgresql", "sqlite"), ("sqlite", "sqlite")]
)
def test_copy_when_done_then_every_row_is_as_it_was(opened: Open, kind: str, other: str) -> None:
    source, target = opened(kind), opened(other)
    with source.write() as connection:
        fill(connection)
    told: list[tuple[int, int]] = []
    copied = copy_database(
        source, target, STEPS, progress=lambda done, total: told.append((done, total))
    )
    assert everything(target) == everything(source)
    rows = {table.name: table.rows for table in copied}
    assert rows == {"zone": 1, "shelf": 3, "order": ORDERS}
    assert all(earlier[0] <= later[0] for earlier, later in itertools.pairwise(told))
    assert told[-1] == (2 * (ORDERS + 4), 2 * (ORDERS + 4))


def test_copy_when_there_and_back_then_the_digests_are_the_same(opened: Open) -> None:
    source, between, target = opened("sqlite"), opened("postgresql"), opened("sqlite")
    with source.write() as connection:
        fill(connection, 100)
    there = copy_database(source, between, STEPS, progress=ignore)
    assert copy_database(between, target, STEPS, progress=ignore) == there
    assert len({table.digest for table in there}) == 3
    assert everything(target) == everything(source)


@pytest.mark.parametrize("kind", KINDS)
def test_copy_when_the_target_is_not_empty_then_it_is_refused_or_replaced(
    opened: Open, kind: str
) -> None:
    source, target = opened("sqlite"), opened(kind)
    with source.write() as connection:
        fill(connection, 10)
    with target.write() as connection:
        connection.execute(text("INSERT INTO shelf (id, is_open) VALUES ('mine', '1')"))
    before = everything(target)
    with pytest.raises(NotEmpty, match="is not empty") as caught:
        copy_database(source, target, STEPS, progress=ignore)
    assert "--force" in str(caught.value.metadata["remedy"])
    assert everything(target) == before
    copy_database(source, target, STEPS, replace=True, progress=ignore)
    assert everything(target) == everything(source)


def test_copy_when_a_text_cannot_be_written_then_nothing_was_changed(opened: Open) -> None:
    source, target = opened("sqlite"), opened("postgresql")
    with source.write() as connection:
        fill(connection, 10)
        connection.execute(text("UPDATE \"order\" SET note = 'a' || char(0) WHERE id = 'o_9'"))
    before = everything(target)
    with pytest.raises(CannotStart, match="a row of the table order cannot be written"):
        copy_database(source, target, STEPS, progress=ignore)
    assert everything(target) == before


@pytest.mark.parametrize("kind", KINDS)
def test_copy_when_it_breaks_off_then_nothing_was_changed(opened: Open, kind: str) -> None:
    source, target = opened("sqlite"), opened(kind)
    with source.write() as connection:
        fill(connection)
    before = everything(target)

    def stop(done: int, total: int) -> None:
        if done > total // 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_database(source, target, STEPS, replace=True, progress=stop)
    assert everything(target) == before


def test_copy_when_what_arrives_is_not_what_was_sent_then_nothing_was_changed(
    opened: Open,
) -> None:
    source, target = opened("sqlite"), opened("sqlite")
    with source.write() as connection:
        fill(connection, 10)
    with target.write() as connection:  # a database that changes what it is given
        connection.execute(
            text(
                "CREATE TRIGGER slip AFTER INSERT ON \"order\" WHEN new.id = 'o_5' BEGIN"
                " UPDATE \"order\" SET note = 'slip' WHERE id = new.id; END"
            )
        )
    before = everything(target)
    with pytest.raises(CannotStart, match="the table order did not arrive as it was"):
        copy_database(source, target, STEPS, progress=ignore)
    assert everything(target) == before


def test_copy_when_one_of_them_lacks_a_step_then_cannot_start(opened: Open) -> None:
    more = (*STEPS, Migration("shop.0002_more", ("CREATE TABLE more (id TEXT PRIMARY KEY)",)))
    with pytest.raises(CannotStart, match="is not up to date"):
        copy_database(opened("sqlite"), opened("sqlite"), more, progress=ignore)


def test_shape_when_asked_then_it_knows_every_table_in_an_order_that_can_be_filled() -> None:
    shape = shape_of(STEPS)
    assert shape.new_rows == {"zone": 1, "shelf": 0, "order": 0}
    assert shape.tables.index("shelf") < shape.tables.index("order")
