"""The rows of the routes of leaderboards; see `table.py`."""

from app.matrix.grounds import PROJECT, TEAM, Grounds
from app.matrix.playground import READERS, WRITERS
from app.matrix.rows import Filled, Json, Row

BASE = "/api/evals/{team}/{project}"
HERE = BASE.format(team=TEAM, project=PROJECT)
BOARD: Json = {"title": "Best", "columns": []}


def some_title(grounds: Grounds, _caller: str) -> Filled:
    return {"title": grounds.fresh("board")}


async def new_board(grounds: Grounds, _caller: str) -> Filled:
    wanted = {**BOARD, "title": grounds.fresh("board")}
    made = await grounds.ask("POST", f"{HERE}/leaderboards", wanted, by="admin")
    return {"name": made["name"]}


ROWS: dict[str, Row] = {
    f"GET {BASE}/leaderboards": Row(READERS),
    f"GET {BASE}/leaderboard-choices": Row(READERS),
    f"POST {BASE}/leaderboards/preview": Row(READERS, send=BOARD, silent="changes nothing"),
    f"POST {BASE}/leaderboards": Row(
        WRITERS,
        send={**BOARD, "title": "{title}"},
        fill=some_title,
        silent="an object of the project that says who made it",
    ),
    f"GET {BASE}/leaderboards/{{name}}": Row(READERS, fill=new_board),
    f"PUT {BASE}/leaderboards/{{name}}": Row(
        WRITERS, send=BOARD, fill=new_board, silent="a version that says who made it"
    ),
    f"DELETE {BASE}/leaderboards/{{name}}": Row(
        WRITERS, 204, fill=new_board, silent="an object of the project, as clients delete them"
    ),
}
