"""Prices that administrators add while a server runs: judged, recorded, in force on their day, and withdrawn before."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.house import Door, open_door
from weft.app.storage import server_secret
from weft.identity.keys import NewKey, create_key
from weft.identity.people import NewUser, create_user
from weft.identity.types import Scope
from weft.kit.clock import SystemClock
from weft.ledger.prices.desk import PriceDesk
from weft.ledger.proof.verify import verify

USD = 1_000_000_000


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as door:
        yield door


def stranger(door: Door) -> dict[str, str]:
    """A key of somebody who manages nothing."""
    now = datetime.now(UTC)
    with door.database.write() as connection:
        user = create_user(connection, NewUser("eve"), now)
        new = NewKey(user, name="test", scopes=frozenset({Scope.MANAGE}))
        made = create_key(connection, new, secret=server_secret(door.house.settings), now=now)
    return {"Authorization": f"Bearer {made.api_key}"}


def wanted(days: int = 2, cost: str = "1.5", output: str = "2.5", **more: str) -> dict[str, str]:
    """A price from a day to come on; dollars in, nano-dollars out."""
    day = datetime.now(UTC).date() + timedelta(days=days)
    return {
        "model": "test/fake",
        "effective_on": day.isoformat(),
        "input_nusd_per_mtok": str(int(float(cost) * USD)),
        "output_nusd_per_mtok": str(int(float(output) * USD)),
        **more,
    }


async def history(door: Door) -> list[dict[str, Any]]:
    (model,) = (await door.client.get("/api/prices?model=test/alias")).json()["models"]
    return model["history"]


async def test_price_when_added_then_it_holds_from_its_day_on_wherever_prices_are_asked_for(
    door: Door,
) -> None:
    body = wanted(source="Finance", note="price list of 2027")
    added = await door.client.post("/api/prices", json=body)
    assert added.status_code == 201, added.text
    assert (added.json()["stage"], added.json()["added_by"]) == ("scheduled", "admin")
    card = door.house.catalog.get("test/fake")
    day = datetime.fromisoformat(added.json()["effective_at"])
    assert card.price_at(day - timedelta(microseconds=1)).output_nusd_per_mtok == 2 * USD
    assert card.price_at(day).output_nusd_per_mtok == 2.5 * USD
    assert door.house.engines.find_route(card).card.price_at(day).version == added.json()["version"]
    rows = await history(door)
    assert [(row["stage"], row["origin"]) for row in rows] == [
        ("scheduled", "added"),
        ("in_force", "file"),
    ]
    shown = (await door.client.get("/inference/catalog/models/test/fake")).json()
    assert [row["version"] for row in shown["prices"]["history"]][-1] == added.json()["version"]
    with door.database.read() as connection:
        assert not verify(connection).findings
    # Another server on the same books, and this one after a start.
    card.live.take(card.prices, ())
    PriceDesk(door.database, door.house.catalog, SystemClock()).load()
    assert card.price_at(day).version == added.json()["version"]


async def test_price_when_it_looks_like_a_slip_then_it_needs_somebody_who_stands_by_it(
    door: Door,
) -> None:
    body = wanted(cost="15", output="0.5")
    checked = (await door.client.post("/api/prices/check", json=body)).json()
    assert not checked["passes"]
    assert [one["figure"] for one in checked["doubts"]] == [
        "input_nusd_per_mtok",
        "input_nusd_per_mtok",
        "cached_input_nusd_per_mtok",
    ]
    assert checked["follows"] == "test/fake@2026-01-01"
    refused = await door.client.post("/api/prices", json={**body, "source": "here"})
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (400, "price_in_doubt")
    assert "over 20 times the output" in error["metadata"]["doubts"][0]
    assert len(await history(door)) == 1
    meant = {**body, "source": "here", "override_reason": "  it is\nmeant "}
    added = (await door.client.post("/api/prices", json=meant)).json()
    assert (added["override_by"], added["override_reason"]) == ("admin", "it is meant")
    between = (await door.client.post("/api/prices/check", json=wanted(1, "1.4", "2"))).json()
    assert between["until"] == added["effective_at"]
    assert "from 20" in between["doubts"][0]["what"]


async def test_price_when_withdrawn_before_its_day_then_another_may_take_its_place(
    door: Door,
) -> None:
    body = wanted(source="Finance")
    version = (await door.client.post("/api/prices", json=body)).json()["version"]
    again = await door.client.post("/api/prices", json=body)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "price_settled")
    assert (await door.client.delete(f"/api/prices/{version}")).status_code == 400
    gone = await door.client.delete(f"/api/prices/{version}?reason=wrong+year")
    assert (gone.json()["stage"], gone.json()["withdraw_reason"]) == ("withdrawn", "wrong year")
    assert len(door.house.catalog.get("test/fake").history) == 1
    assert (await door.client.delete(f"/api/prices/{version}?reason=x")).status_code == 404
    second = (await door.client.post("/api/prices", json=body)).json()
    assert second["version"] == f"{version}.2"
    assert [row["stage"] for row in await history(door)] == ["scheduled", "withdrawn", "in_force"]


@pytest.mark.parametrize("days", [-1, 0, 4000])
async def test_price_when_its_day_has_begun_or_is_far_away_then_400(door: Door, days: int) -> None:
    answer = await door.client.post("/api/prices/check", json=wanted(days=days))
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "effective_on")


async def test_price_when_in_the_wrong_unit_or_of_no_model_then_it_is_told(door: Door) -> None:
    too_dear = {**wanted(), "output_nusd_per_mtok": str(1001 * USD)}
    answer = await door.client.post("/api/prices/check", json=too_dear)
    assert answer.json()["error"]["param"] == "output_nusd_per_mtok"
    nobody = {**wanted(), "model": "test/nothing"}
    assert (await door.client.post("/api/prices/check", json=nobody)).status_code == 404


async def test_price_when_somebody_else_asks_then_they_may_look_and_not_touch(door: Door) -> None:
    eve = stranger(door)
    book = (await door.client.get("/api/prices", headers=eve)).json()
    assert not book["may_add"]
    assert "test/fake" in {model["model"] for model in book["models"]}
    body = {**wanted(), "source": "here"}
    for path, sent in (("/api/prices", body), ("/api/prices/check", wanted())):
        assert (await door.client.post(path, json=sent, headers=eve)).status_code == 403
        assert (
            await door.client.post(path, json=sent, headers={"Authorization": ""})
        ).status_code == 401
    assert (await door.client.delete("/api/prices/x@y", headers=eve)).status_code == 403
