"""The rows of the monitors' routes; see `table.py`."""

from app.matrix.grounds import PROJECT, TEAM, Grounds
from app.matrix.playground import READERS, WRITERS
from app.matrix.rows import Filled, Row

BASE = "/api/monitors/{team}/{project}"
GUARDRAILS = "/api/guardrails/{team}/{project}"
HERE = BASE.format(team=TEAM, project=PROJECT)
WANTED = {"scorers": [{"kind": "ValidJSONScorer", "name": "json"}], "active": False}


def some_name(grounds: Grounds, _caller: str) -> Filled:
    return {"name": grounds.fresh("monitor")}


async def new_monitor(grounds: Grounds, caller: str) -> Filled:
    names = some_name(grounds, caller)
    await grounds.ask("PUT", f"{HERE}/{names['name']}", WANTED, by="admin")
    return names


ROWS: dict[str, Row] = {
    f"GET {BASE}": Row(READERS),
    f"GET {BASE}/{{name}}": Row(READERS, fill=new_monitor),
    f"GET {BASE}/{{name}}/series": Row(READERS, fill=some_name),
    f"GET {BASE}/{{name}}/results": Row(READERS, fill=some_name),
    f"PUT {BASE}/{{name}}": Row(WRITERS, send=WANTED, fill=some_name, tells="monitor.save"),
    f"POST {BASE}/{{name}}/activate": Row(WRITERS, fill=new_monitor, tells="monitor.activate"),
    f"POST {BASE}/{{name}}/pause": Row(WRITERS, fill=new_monitor, tells="monitor.pause"),
    f"DELETE {BASE}/{{name}}": Row(WRITERS, 204, fill=new_monitor, tells="monitor.delete"),
    "POST /api/monitor-forecasts/{team}/{project}": Row(
        WRITERS, send=WANTED, silent="works something out, and changes nothing"
    ),
    f"GET {GUARDRAILS}/series": Row(READERS),
    f"GET {GUARDRAILS}/results": Row(READERS),
}
