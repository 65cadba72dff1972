"""A small database with every kind of column, words that need quotes, and a table that refers to another."""

from sqlalchemy import Connection, text

from weft.kit.db import Database
from weft.kit.migrations import Migration

STEPS = (
    Migration(
        "shop.0001_books",
        (
            "CREATE TABLE zone (id INTEGER PRIMARY KEY, total BIGINT NOT NULL)",
            "INSERT INTO zone (id, total) VALUES (1, 0)",
            "CREATE TABLE shelf (id TEXT PRIMARY KEY, is_open {flag} NOT NULL)",
            """CREATE TABLE "order" (
                id TEXT PRIMARY KEY,
                shelf_id TEXT NOT NULL REFERENCES shelf (id),
                "position" BIGINT NOT NULL,
                seal {bytes},
                paid BOOLEAN,
                note TEXT
            )""",
            "CREATE UNIQUE INDEX shelf_name ON shelf (lower(id))",
        ),
    ),
)
ORDERS = 5_432
"""More than one batch."""


def fill(connection: Connection, orders: int = ORDERS) -> None:
    """Put something odd into every column."""
    is_open = [{"id": f"shelf {n} \N{SNOWMAN}", "is_open": n % 2 == 0} for n in range(3)]
    connection.execute(text("INSERT INTO shelf (id, is_open) VALUES (:id, :is_open)"), is_open)
    rows = [
        {
            "id": f"o_{number}",
            "shelf": is_open[number % 3]["id"],
            "position": (1 << 62) - number,
            "seal": None if number % 7 == 0 else bytes([number % 256, 0, 255]),
            "paid": (None, True, False)[number % 3],
            "note": ("", None, "tab\tline\nquote'\" \\N \N{GRINNING FACE}")[number % 3],
        }
        for number in range(orders)
    ]
    connection.execute(
        text(
            'INSERT INTO "order" (id, shelf_id, "position", seal, paid, note)'
            " VALUES (:id, :shelf, :position, :seal, :paid, :note)"
        ),
        rows,
    )
    connection.execute(text("UPDATE zone SET total = 9223372036854775807"))


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, alike for both kinds."""
    with database.read() as connection:
        return {
            table: [
                tuple(int(value) if isinstance(value, bool) else value for value in row)
                for row in connection.execute(text(f'SELECT * FROM "{table}" ORDER BY id'))
            ]
            for table in ("zone", "shelf", "order")
        }
