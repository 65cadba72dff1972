"""Tables that fit."""

from hypothesis import given
from hypothesis import strategies as st

from weft.cli.table import Column, table

COLUMNS = (Column("name", shrinks=True), Column("count", right=True))


def test_table_when_there_is_room_then_columns_are_as_wide_as_their_cells() -> None:
    assert table(COLUMNS, [("a", "1"), ("longer name", "12,345")], footer=("total", "2")) == (
        "name          count\n"
        "-----------  ------\n"
        "a                 1\n"
        "longer name  12,345\n"
        "-----------  ------\n"
        "total             2"
    )


def test_table_when_a_line_is_too_long_then_only_the_shrinking_column_is_cut() -> None:
    text = table(COLUMNS, [("x" * 50, "12,345")], width=30)
    assert text.splitlines()[-1] == f"{'x' * 21}…  12,345"


@given(
    st.lists(st.tuples(st.text("ab ", max_size=200), st.integers(0, 10**9).map(str)), max_size=5),
    st.integers(25, 120),
)
def test_table_when_cells_are_any_then_no_line_is_wider_and_no_figure_is_cut(
    rows: list[tuple[str, str]], width: int
) -> None:
    lines = table(COLUMNS, rows, width=width).splitlines()
    assert all(len(line) <= width for line in lines)
    assert len(lines) == len(rows) + 2
    for (_name, figure), line in zip(rows, lines[2:], strict=True):
        assert line.endswith(figure)
