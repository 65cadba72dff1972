"""Every route under `/api`, one row each. A new route without a row fails `test_matrix.py`.

A row says what each of six callers is answered (`rows.py` has names for the usual cases), what to send so that those
who may succeed, and, for a route that changes something, which action enters the audit log, or why none does.
"""

import asyncio
from datetime import UTC, datetime, timedelta

from app.matrix.grounds import MODEL, TEAM, Grounds
from app.matrix.leaderboards import ROWS as LEADERBOARDS
from app.matrix.monitors import ROWS as MONITORS
from app.matrix.playground import ROWS
from app.matrix.rows import (
    EVERYBODY,
    IN_TEAM,
    OF_REQUEST,
    SERVER_ADMINS,
    SERVER_ADMINS_OF_TEAM,
    SIGNED_IN,
    TEAM_ADMINS,
    Filled,
    Row,
)

_OWN = "one's own"
MONTH = f"{datetime.now(UTC):%Y-%m}"
PRICE = {"model": MODEL, "input_nusd_per_mtok": "1000000000", "output_nusd_per_mtok": "2000000000"}
LIMIT = {
    "scope": "team",
    "subject": TEAM,
    "kind": "spend",
    "period": "day",
    "max": "5",
    "reason": "r",
}


def new_key(grounds: Grounds, caller: str) -> Filled:
    return {"key_id": "key_x" if caller == "anonymous" else grounds.key(caller)}


def new_project(grounds: Grounds, _caller: str) -> Filled:
    return {"project": grounds.project()}


def new_limit(grounds: Grounds, _caller: str) -> Filled:
    return {"limit_id": grounds.limit()}


def new_source(grounds: Grounds, _caller: str) -> Filled:
    return {"source": grounds.fresh("source")}


async def new_download(grounds: Grounds, _caller: str) -> Filled:
    """One that has failed: there is nothing to be had."""
    wanted = {"repository": f"acme/{grounds.fresh('model')}"}
    made = await grounds.ask("POST", "/api/models/downloads", wanted)
    async with asyncio.timeout(20):
        while True:
            listed = (await grounds.ask("GET", "/api/models/downloads"))["downloads"]
            if next(one for one in listed if one["id"] == made["id"])["ended_at"]:
                return {"id": made["id"]}
            await asyncio.sleep(0.02)


async def new_invitation(grounds: Grounds, _caller: str) -> Filled:
    """Of a team that nobody is in."""
    team = grounds.team(empty=True)
    made = await grounds.ask("POST", f"/api/teams/{team}/invitations", {})
    token = made["url"].rpartition("/")[2]
    return {"token": token, "username": grounds.fresh("guest"), "invitation_id": made["id"]}


async def new_team_invitation(grounds: Grounds, _caller: str) -> Filled:
    made = await grounds.ask("POST", f"/api/teams/{TEAM}/invitations", {})
    return {"invitation_id": made["id"]}


async def new_reset(grounds: Grounds, _caller: str) -> Filled:
    made = await grounds.ask("POST", f"/api/users/{grounds.user()}/reset-link")
    return {"token": made["url"].rpartition("/")[2]}


def new_user(grounds: Grounds, _caller: str) -> Filled:
    return {"username": grounds.user()}


def new_name(grounds: Grounds, _caller: str) -> Filled:
    return {"name": grounds.fresh("name")}


def new_team(grounds: Grounds, _caller: str) -> Filled:
    return {"team": grounds.team()}


def new_repository(grounds: Grounds, _caller: str) -> Filled:
    return {"repository": f"acme/{grounds.fresh('model')}"}


def new_day(grounds: Grounds, _caller: str) -> Filled:
    return {"day": f"{datetime.now(UTC) + timedelta(days=30 + next(grounds.numbers)):%Y-%m-%d}"}


async def new_price(grounds: Grounds, caller: str) -> Filled:
    day = new_day(grounds, caller)["day"]
    made = await grounds.ask("POST", "/api/prices", {**PRICE, "effective_on": day, "source": "s"})
    return {"version": made["version"]}


async def new_webhook(grounds: Grounds, _caller: str) -> Filled:
    """The team's, at an address that nothing is posted to."""
    wanted = {"percents": [90], "overage_steps_usd": [300], "webhook_url": "https://localhost/weft"}
    await grounds.ask("PUT", f"/api/billing/{TEAM}/alerts", wanted)
    return {}


TABLE: dict[str, Row] = {
    **ROWS,
    **LEADERBOARDS,
    **MONITORS,
    # audit
    "GET /api/audit": Row("401 ok 403 403 ok ok"),
    # billing
    "GET /api/billing/{team}": Row(TEAM_ADMINS),
    "GET /api/billing/{team}/purchases": Row(TEAM_ADMINS),
    "GET /api/billing/{team}/alerts": Row(TEAM_ADMINS),
    "PUT /api/billing/{team}/alerts": Row(
        TEAM_ADMINS, send={"percents": [90], "overage_steps_usd": []}, tells="alert.set"
    ),
    "POST /api/billing/{team}/alerts/test": Row(TEAM_ADMINS, fill=new_webhook, tells="alert.test"),
    "POST /api/billing/checkout": Row(  # nobody is there where Stripe should be
        TEAM_ADMINS, 502, send={"team": TEAM, "usd": "25"}, tells="purchase.checkout"
    ),
    "POST /api/billing/webhooks/stripe": Row(
        EVERYBODY, 400, send={}, silent="Stripe's own, signed; what it says is booked"
    ),
    "GET /api/notifications": Row(SERVER_ADMINS),
    "POST /api/notifications/test": Row(
        SERVER_ADMINS, 400, send={"channel": "webhook"}, silent="sends, and keeps nothing"
    ),
    "POST /api/notifications/deliveries/{message_id}/retry": Row(
        SERVER_ADMINS,
        404,
        fill=lambda _g, _c: {"message_id": "none"},
        silent="sends what was decided before",
    ),
    "GET /api/invoices": Row(TEAM_ADMINS, query={"team": TEAM}),
    "GET /api/invoices/{team}/{month}": Row(TEAM_ADMINS, fill=lambda _g, _c: {"month": MONTH}),
    # credit
    "GET /api/credits/{team}": Row(IN_TEAM),
    "POST /api/credits/{team}": Row(
        SERVER_ADMINS_OF_TEAM,
        201,
        send={"amount_nusd": "5", "source": "{source}"},
        fill=new_source,
        tells="credit.grant",
    ),
    "POST /api/credits/{team}/adjustments": Row(
        SERVER_ADMINS_OF_TEAM,
        201,
        send={"amount_nusd": "-500000000", "note": "n"},
        tells="credit.adjust",
    ),
    "POST /api/credits/{team}/payments": Row(
        SERVER_ADMINS_OF_TEAM, 201, send={"amount_nusd": "5", "note": "n"}, tells="credit.pay"
    ),
    "POST /api/refunds": Row(
        SERVER_ADMINS,
        201,
        send={"request_id": "{request_id}", "reason": "r"},
        tells="credit.refund",
    ),
    # engines
    "GET /api/engines": Row(SERVER_ADMINS),
    "GET /api/engines/{model}": Row(SERVER_ADMINS),
    "GET /api/engines/{model}/log": Row(SERVER_ADMINS),
    "POST /api/engines/{model}/load": Row(SERVER_ADMINS, tells="engine.load"),
    "POST /api/engines/{model}/pin": Row(SERVER_ADMINS, tells="engine.pin"),
    "POST /api/engines/{model}/probe": Row(SERVER_ADMINS, tells="engine.probe"),
    "POST /api/engines/{model}/unpin": Row(SERVER_ADMINS, tells="engine.unpin"),
    "POST /api/engines/{model}/unload": Row(SERVER_ADMINS, tells="engine.unload"),
    # identity
    "GET /api/keys": Row(SIGNED_IN),
    "POST /api/keys": Row(SIGNED_IN, 201, send={"name": "k"}, silent=_OWN),
    "DELETE /api/keys/{key_id}": Row(SIGNED_IN, 204, fill=new_key, silent=_OWN),
    "POST /api/login": Row(
        EVERYBODY, 401, send={"username": "nobody", "password": "nothing"}, silent=_OWN
    ),
    "POST /api/logout": Row(EVERYBODY, 204, silent=_OWN, leaves=True),
    "GET /api/auth": Row(EVERYBODY),
    "GET /api/me": Row(SIGNED_IN),
    "PATCH /api/me": Row(SIGNED_IN, 204, send={"email": "{caller}@weft.test"}, silent=_OWN),
    "POST /api/me/oidc": Row(SIGNED_IN, 400, silent=_OWN),
    "DELETE /api/me/oidc": Row("401 400 400 400 400 ok", 204, silent=_OWN),
    "POST /api/me/password": Row(
        SIGNED_IN, 400, send={"old_password": "wrong", "new_password": "correct horse"}, silent=_OWN
    ),
    "GET /api/me/sessions": Row(SIGNED_IN),
    "DELETE /api/me/sessions": Row(SIGNED_IN, silent=_OWN),
    "DELETE /api/me/sessions/{session}": Row(
        SIGNED_IN, 404, fill=lambda _g, _c: {"session": "none"}, silent=_OWN
    ),
    "GET /api/teams/{team}/invitations": Row(TEAM_ADMINS),
    "POST /api/teams/{team}/invitations": Row(TEAM_ADMINS, 201, send={}, tells="invitation.create"),
    "DELETE /api/teams/{team}/invitations/{invitation_id}": Row(
        TEAM_ADMINS, 204, fill=new_team_invitation, tells="invitation.withdraw"
    ),
    "POST /api/invitations/find": Row(
        EVERYBODY, send={"token": "{token}"}, fill=new_invitation, silent="reads"
    ),
    "POST /api/invitations/accept": Row(
        SIGNED_IN, send={"token": "{token}"}, fill=new_invitation, tells="invitation.use"
    ),
    "POST /api/invitations/join": Row(
        EVERYBODY,
        201,
        send={"token": "{token}", "username": "{username}", "password": "correct horse"},
        fill=new_invitation,
        tells="invitation.use",
        by="{username}",
    ),
    "POST /api/users/{username}/reset-link": Row(
        SERVER_ADMINS, 201, fill=new_user, tells="user.reset_link"
    ),
    "POST /api/resets/find": Row(
        EVERYBODY, send={"token": "{token}"}, fill=new_reset, silent="reads"
    ),
    "POST /api/resets/use": Row(
        EVERYBODY,
        send={"token": "{token}", "password": "correct horse"},
        fill=new_reset,
        silent="one's own password, by a link that an admin made",
    ),
    # limits and plans
    "GET /api/country": Row(SERVER_ADMINS),
    "POST /api/country/test": Row(
        SERVER_ADMINS, send={"address": "192.0.2.1"}, silent="tries, and changes nothing"
    ),
    "GET /api/limits": Row(IN_TEAM, query={"project": TEAM}),
    "GET /api/limits/overview": Row(TEAM_ADMINS, query={"team": TEAM}),
    "GET /api/limits/set": Row(TEAM_ADMINS, query={"team": TEAM}),
    "PUT /api/limits/set": Row(TEAM_ADMINS, send=LIMIT, tells="limit.set"),
    "DELETE /api/limits/set/{limit_id}": Row(TEAM_ADMINS, fill=new_limit, tells="limit.end"),
    "GET /api/plans": Row(SIGNED_IN),
    "GET /api/plans/{plan}": Row(SIGNED_IN, fill=lambda _g, _c: {"plan": "free"}),
    "PUT /api/plans/{plan}": Row(
        SERVER_ADMINS,
        send={"changes": {"label": "Free of charge"}, "reason": "r"},
        fill=lambda _g, _c: {"plan": "free"},
        tells="plan.change",
    ),
    "GET /api/teams/{team}/plan": Row(IN_TEAM),
    "PUT /api/teams/{team}/plan": Row(
        SERVER_ADMINS, send={"plan": "free", "reason": "r"}, tells="team.plan"
    ),
    "GET /api/why/{request_id}": Row(OF_REQUEST),
    # models and prices
    "GET /api/models/downloads": Row(SERVER_ADMINS),
    "POST /api/models/downloads": Row(
        SERVER_ADMINS,
        202,
        send={"repository": "{repository}"},
        fill=new_repository,
        tells="download.start",
    ),
    "DELETE /api/models/downloads/{id}": Row(
        SERVER_ADMINS, 204, fill=new_download, tells="download.forget"
    ),
    "POST /api/models/downloads/{id}/cancel": Row(
        SERVER_ADMINS,
        409,
        fill=new_download,
        silent="it is over; tells download.cancel if it is not",
    ),
    "POST /api/models/downloads/{id}/resume": Row(
        SERVER_ADMINS, fill=new_download, tells="download.resume"
    ),
    "POST /api/models/look": Row(
        SERVER_ADMINS, 400, send={"repository": "acme/none"}, silent="looks, and changes nothing"
    ),
    "GET /api/models/speed": Row(SIGNED_IN),
    "GET /api/models/stages": Row(SIGNED_IN),
    "GET /api/prices": Row(SIGNED_IN),
    "POST /api/prices": Row(
        SERVER_ADMINS,
        201,
        send={**PRICE, "effective_on": "{day}", "source": "s"},
        fill=new_day,
        tells="price.add",
    ),
    "DELETE /api/prices/{version}": Row(
        SERVER_ADMINS, query={"reason": "r"}, fill=new_price, tells="price.withdraw"
    ),
    "POST /api/prices/check": Row(
        SERVER_ADMINS,
        send={**PRICE, "effective_on": "{day}"},
        fill=new_day,
        silent="judges, and keeps nothing",
    ),
    # projects
    "DELETE /api/projects/{team}/{project}": Row(
        TEAM_ADMINS, 204, fill=new_project, tells="project.remove"
    ),
    "GET /api/projects/{team}/{project}/search": Row(IN_TEAM),
    "PUT /api/projects/{team}/{project}/search": Row(
        TEAM_ADMINS, send={"search": True}, tells="project.search"
    ),
    "GET /api/projects/{team}/{project}/trace": Row(IN_TEAM),
    "PUT /api/projects/{team}/{project}/trace": Row(
        TEAM_ADMINS, send={"trace": "full"}, tells="project.trace"
    ),
    # teams and users
    "GET /api/teams": Row(SIGNED_IN),
    "POST /api/teams": Row(
        SERVER_ADMINS, 201, send={"name": "{name}"}, fill=new_name, tells="team.create"
    ),
    "DELETE /api/teams/{team}": Row(SERVER_ADMINS, 204, fill=new_team, tells="team.remove"),
    "GET /api/teams/{team}/members": Row(IN_TEAM),
    "PUT /api/teams/{team}/members/{username}": Row(
        TEAM_ADMINS, 204, send={"role": "viewer"}, fill=new_user, tells="member.set"
    ),
    "DELETE /api/teams/{team}/members/{username}": Row(
        TEAM_ADMINS, 204, fill=new_user, tells="member.remove"
    ),
    "GET /api/teams/{team}/projects": Row(IN_TEAM),
    "POST /api/teams/{team}/projects": Row(
        "401 404 403 ok ok ok", 201, send={"name": "{name}"}, fill=new_name, tells="project.create"
    ),
    "GET /api/users": Row(SERVER_ADMINS),
    "POST /api/users": Row(
        SERVER_ADMINS, 201, send={"username": "{name}"}, fill=new_name, tells="user.create"
    ),
    "PATCH /api/users/{username}": Row(
        SERVER_ADMINS, send={"disabled": True}, fill=new_user, tells="user.disable"
    ),
    # proof and usage
    "GET /api/receipts/{request_id}": Row(OF_REQUEST),
    "GET /api/statements/{team}/{month}": Row(TEAM_ADMINS, fill=lambda _g, _c: {"month": MONTH}),
    "GET /api/requests/{request_id}": Row(OF_REQUEST),
    "GET /api/usage": Row(SIGNED_IN),
    "GET /api/usage/export": Row(SIGNED_IN),
    "GET /api/usage/forecast": Row(SIGNED_IN),
    "GET /api/usage/requests": Row(SIGNED_IN),
    "GET /api/usage/{request_id}": Row(OF_REQUEST),
}
