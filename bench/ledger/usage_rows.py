"""A year of made-up usage: teams, projects, users, keys and models as a company has them, and ten million requests.

Seeded: the same arguments make the same rows. Who is busy follows Zipf's law; weekdays and office hours are busier, and
use doubles over the year. A key belongs to one user, works in one to three projects and asks for one to six models.
"""

import itertools
import random
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

US_PER_HOUR = 3_600_000_000
HOURS = 365 * 24
START_HOUR = 1_767_225_600 // 3600  # 2026-01-01T00:00Z
ENDINGS = (  # share, outcome, status, error code
    (0.965, "completed", 200, ""),
    (0.015, "cancelled", 499, ""),
    (0.010, "failed", 502, "engine_failed"),
    (0.008, "refused", 429, "concurrency_limit"),
    (0.0015, "refused", 404, "model_not_found"),
    (0.0005, "interrupted", 500, "interrupted"),
)


@dataclass(frozen=True)
class Key:
    """An API key: whose it is, where it is used, and what for."""

    id: str
    user: str
    places: tuple[tuple[str, str], ...]  # project, team
    models: tuple[str, ...]


@dataclass(frozen=True)
class House:
    """Who there is; `weights` say how busy each key is."""

    teams: tuple[str, ...]
    projects: tuple[str, ...]
    users: tuple[str, ...]
    models: tuple[str, ...]
    keys: tuple[Key, ...]
    weights: tuple[float, ...]


def make_house(seed: int) -> House:
    rnd = random.Random(seed)

    def ids(kind: str, count: int) -> tuple[str, ...]:
        return tuple(f"{kind}_019a{rnd.getrandbits(112):028x}" for _ in range(count))

    teams, projects, users = ids("team", 100), ids("proj", 400), ids("user", 500)
    models = tuple(f"org-{number % 5}/model-{number}-instruct" for number in range(12))
    places = [(project, rnd.choices(teams, zipf(100))[0]) for project in projects]
    keys = tuple(
        Key(
            id_,
            rnd.choices(users, zipf(500, 0.6))[0],
            tuple(rnd.choices(places, zipf(400, 0.7), k=rnd.choice((1, 1, 1, 2, 3)))),
            tuple(rnd.sample(models, rnd.choice((1, 2, 2, 3, 6)))),
        )
        for id_ in ids("key", 1000)
    )
    return House(teams, projects, users, models, keys, tuple(zipf(1000)))


def zipf(count: int, power: float = 1.0) -> list[float]:
    return [1 / (rank + 1) ** power for rank in range(count)]


def busy(hour: int) -> float:
    day, clock = divmod(hour, 24)
    weekend = 0.35 if (day + 3) % 7 > 4 else 1.0  # 2026-01-01 is a Thursday
    office = 1.6 if 8 <= clock < 18 else 0.5
    return weekend * office * (1 + hour / HOURS)


def make_rows(house: House, count: int, seed: int) -> Iterator[tuple[str | int | bool, ...]]:
    """Rows of the table `usage`, in the order of its columns and of their moments."""
    rnd = random.Random(seed + 1)
    ends = list(itertools.accumulate(busy(hour) for hour in range(HOURS)))
    key_ends = list(itertools.accumulate(house.weights))
    ending_ends = list(itertools.accumulate(share for share, *_ in ENDINGS))
    made = 0
    for hour in range(HOURS):
        upto = round(count * ends[hour] / ends[-1])
        step = US_PER_HOUR // max(upto - made, 1)
        for place in range(upto - made):
            posted_at_us = (START_HOUR + hour) * US_PER_HOUR + place * step
            key = house.keys[bisect_left(key_ends, rnd.random() * key_ends[-1])]
            _, outcome, status, code = ENDINGS[bisect_left(ending_ends, rnd.random())]
            yield _row(rnd, made + place, posted_at_us, (key, outcome, status, code))
        made = upto


def _row(
    rnd: random.Random, number: int, posted_at_us: int, what: tuple[Key, str, int, str]
) -> tuple[str | int | bool, ...]:
    key, outcome, status, code = what
    project, team = key.places[int(rnd.random() * len(key.places))]
    model = key.models[int(rnd.random() * len(key.models))]
    runs = outcome not in {"refused", "interrupted"}
    tokens = int(200 + rnd.random() * 4000) if runs else 0
    output = int(rnd.random() * 900) if runs else 0
    return (
        f"req_{posted_at_us // 1000:012x}{number:020x}",
        posted_at_us - 1_500_000,
        key.user,
        team,
        project,
        key.id,
        model,
        model if runs else "",
        "vllm" if runs else "",
        status,
        outcome,
        code,
        True,
        tokens,
        tokens // 3 if number % 4 == 0 else 0,
        output,
        output // 2 if number % 5 == 0 else 0,
        "engine" if runs else "none",
        f"{model}@2026-01-01" if runs else "",
        tokens * 150 + output * 600,
        100,
        250_000 if runs else 0,
        1_500_000,
        "",
        posted_at_us,
        number + 1 if runs else 0,
    )
