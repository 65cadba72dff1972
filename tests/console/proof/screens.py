"""Every screen of the console, found in ui/src/routes, and an address at which it shows something."""

import re
from dataclasses import dataclass
from pathlib import Path

from conformance.server import ECHO, PROJECT, ROOT, TEAM

ROUTES = ROOT / "ui" / "src" / "routes"


@dataclass(frozen=True)
class Visit:
    """How a screen is looked at."""

    path: str
    """`{request}` is a request that was answered; `filled.py` says what else has a name."""
    signed_in: bool = True


VISITS = {
    "/": Visit("/"),
    "/login": Visit("/login", signed_in=False),
    "/invite/$token": Visit("/invite/nothing", signed_in=False),
    "/reset/$token": Visit("/reset/nothing", signed_in=False),
    "/authorize": Visit("/authorize"),
    "/inference": Visit("/inference"),
    "/inference/compare": Visit(f"/inference/compare?models={ECHO}&models=test/thinker"),
    "/catalog/$": Visit(f"/catalog/{ECHO}"),
    "/playground": Visit("/playground"),
    "/$team/$project/playground": Visit(f"/{TEAM}/{PROJECT}/playground?models={ECHO}"),
    "/$team/$project": Visit(f"/{TEAM}/{PROJECT}"),
    "/$team/$project/weave": Visit(f"/{TEAM}/{PROJECT}/weave"),
    **{
        f"/$team/$project/weave/{page}": Visit(f"/{TEAM}/{PROJECT}/weave/{page}")
        for page in ("datasets", "prompts", "models", "scorers", "objects", "ops")
    },
    **{
        f"/$team/$project/weave/{page}": Visit(f"/{TEAM}/{PROJECT}/weave/{page}")
        for page in ("datasets/new", "datasets/add", "prompts/new")
    },
    "/$team/$project/weave/compare": Visit(
        f"/{TEAM}/{PROJECT}/weave/compare?objects=hostile-prompt:v0,hostile-rows:v0&view=side"
    ),
    **{
        f"/$team/$project/weave/{page}/$name/edit": Visit(
            f"/{TEAM}/{PROJECT}/weave/{page}/hostile-{name}/edit"
        )
        for page, name in (("datasets", "rows"), ("prompts", "prompt"))
    },
    "/$team/$project/weave/datasets/$name": Visit(f"/{TEAM}/{PROJECT}/weave/datasets/hostile-rows"),
    **{
        f"/$team/$project/weave/{page}/$name{rest}": Visit(
            f"/{TEAM}/{PROJECT}/weave/{page}/hostile-prompt{rest.replace('$digest', 'latest')}"
        )
        for page in ("objects", "ops")
        for rest in ("", "/versions/$digest")
    },
    "/$team/$project/weave/$": Visit(f"/{TEAM}/{PROJECT}/weave/other"),
    "/$team/$project/weave/traces": Visit(f"/{TEAM}/{PROJECT}/weave/traces"),
    "/$team/$project/weave/evaluations/new": Visit(f"/{TEAM}/{PROJECT}/weave/evaluations/new"),
    "/$team/$project/weave/evaluations/batches/$batchId": Visit(
        f"/{TEAM}/{PROJECT}/weave/evaluations/batches/{{batch}}"
    ),
    "/$team/$project/weave/leaderboards": Visit(f"/{TEAM}/{PROJECT}/weave/leaderboards"),
    "/$team/$project/weave/leaderboards/new": Visit(f"/{TEAM}/{PROJECT}/weave/leaderboards/new"),
    "/$team/$project/weave/leaderboards/dynamic": Visit(
        f"/{TEAM}/{PROJECT}/weave/leaderboards/dynamic?configure=models"
    ),
    "/$team/$project/weave/leaderboards/$name": Visit(
        f"/{TEAM}/{PROJECT}/weave/leaderboards/Planted"
    ),
    "/$team/$project/weave/leaderboards/$name/edit": Visit(
        f"/{TEAM}/{PROJECT}/weave/leaderboards/Planted/edit"
    ),
    "/$team/$project/weave/evaluations": Visit(f"/{TEAM}/{PROJECT}/weave/evaluations"),
    "/$team/$project/weave/evaluations/$callId": Visit(
        f"/{TEAM}/{PROJECT}/weave/evaluations/{{evaluation}}"
    ),
    "/$team/$project/weave/evaluations/compare": Visit(
        f"/{TEAM}/{PROJECT}/weave/evaluations/compare?runs={{evaluation}}"
    ),
    "/$team/$project/weave/monitors": Visit(f"/{TEAM}/{PROJECT}/weave/monitors"),
    "/$team/$project/weave/monitors/new": Visit(f"/{TEAM}/{PROJECT}/weave/monitors/new"),
    "/$team/$project/weave/monitors/$name": Visit(f"/{TEAM}/{PROJECT}/weave/monitors/{{monitor}}"),
    "/$team/$project/r/call/$callId": Visit(f"/{TEAM}/{PROJECT}/r/call/{{request}}"),
    "/$team/$project/weave/calls/$callId": Visit(
        f"/{TEAM}/{PROJECT}/weave/calls/{{request}}?tab=chat"
    ),
    **{
        f"/$team/$project/weave/annotation-queues{page}": Visit(
            f"/{TEAM}/{PROJECT}/weave/annotation-queues{page.replace('$queueId', '{queue}')}{search}"
        )
        for page, search in (("", ""), ("/$queueId", ""), ("/add", "?calls={request}"))
    },
    "/$team/$project/weave/threads": Visit(f"/{TEAM}/{PROJECT}/weave/threads"),
    "/$team/$project/runs/$": Visit(f"/{TEAM}/{PROJECT}/runs/{{run}}"),
    "/billing": Visit("/billing"),
    "/billing/$team": Visit(f"/billing/{TEAM}"),
    "/billing/$team/usage": Visit(f"/billing/{TEAM}/usage"),
    "/billing/$team/requests": Visit(f"/billing/{TEAM}/requests"),
    "/requests/$id": Visit("/requests/{request}"),
    "/settings": Visit("/settings"),
    "/settings/profile": Visit("/settings/profile"),
    "/settings/keys": Visit("/settings/keys"),
    **{
        f"/settings/teams/$team/{page}": Visit(f"/settings/teams/{TEAM}/{page}")
        for page in ("members", "projects", "limits", "plan", "providers", "audit", "invoices")
    },
    **{
        f"/settings/server/{page}": Visit(f"/settings/server/{page}")
        for page in ("users", "teams", "plans", "prices", "engines", "countries", "audit")
    },
    "/settings/server/notifications": Visit("/settings/server/notifications"),
}


def address_of(file: Path) -> str:
    """The address of a route's file, as TanStack Router reads its name."""
    name = str(file.relative_to(ROUTES)).removesuffix(".tsx").replace("/", ".")
    parts = [part for part in name.split(".") if part != "index" and not part.startswith("_")]
    return "/" + "/".join(parts)


def screens() -> list[str]:
    """The addresses of all screens; a file beside a folder of its name only frames what is in there."""
    files = sorted(ROUTES.rglob("*.tsx"))
    return sorted(
        {
            address_of(file)
            for file in files
            if not file.with_suffix("").is_dir() and not file.name.startswith("__")
        }
    )


def file_name(address: str) -> str:
    """What a screen's pictures are called."""
    plain = re.sub(r"/\$$", "/below", address).lower().replace("$", "")
    return re.sub(r"[^a-z]+", "-", plain).strip("-") or "start"
