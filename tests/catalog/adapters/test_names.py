"""How adapters are named: what is read as a name, and what keys can be restricted to."""

from pathlib import Path

import pytest

from weft.catalog.adapters.names import may_name_adapter, names_of, parse_name
from weft.catalog.adapters.types import Adapter, AdapterName, Peft

BASE = "openai/gpt-oss-20b"


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (f"{BASE}:pirate", AdapterName("pirate", "latest", base=BASE)),
        (f"{BASE}:pirate@v2", AdapterName("pirate", "v2", base=BASE)),
        (f"{BASE}:pi.ra-te_2@prod", AdapterName("pi.ra-te_2", "prod", base=BASE)),
        (
            "wandb-artifact:///loom/cloth/pirate:v3",
            AdapterName("pirate", "v3", team="loom", project="cloth"),
        ),
        (
            "wandb-artifact:///loom/cloth/pirate",
            AdapterName("pirate", "latest", team="loom", project="cloth"),
        ),
    ],
)
def test_name_when_well_formed_then_is_taken_apart(model: str, expected: AdapterName) -> None:
    assert may_name_adapter(model)
    assert parse_name(model) == expected


@pytest.mark.parametrize(
    "model",
    [
        f"{BASE}:",
        ":pirate",
        f"{BASE}:../pirate",
        f"{BASE}:_shared",
        f"{BASE}:a/b",
        f"{BASE}:pirate@",
        f"{BASE}:pirate@..",
        f"{BASE}:pirate@v1@v2",
        f"{BASE}:a:b",
        f"{BASE}:pi\0rate",
        f"{BASE}:{'x' * 129}",
        f"{'x' * 600}:pirate",
        "wandb-artifact:///loom/pirate:v1",
        "wandb-artifact:///_shared/cloth/pirate:v1",
        "wandb-artifact:///loom/cloth/../pirate:v1",
        "wandb-artifact:///loom/cloth/pirate:v1:v2",
        "wandb-artifact:///loom/cloth/pirate@v1",
        "wandb-artifact://loom/cloth/pirate:v1",
    ],
)
def test_name_when_malformed_then_is_none(model: str) -> None:
    assert parse_name(model) is None


def test_name_when_no_colon_then_is_no_adapter() -> None:
    assert not may_name_adapter(BASE)


def an_adapter(team: str, project: str) -> Adapter:
    peft = Peft(BASE, 4, 8.0, (), 0)
    return Adapter(team, project, "pirate", "v2", ("latest", "prod"), Path("x"), "0", peft)


def test_names_when_adapter_is_of_the_project_then_are_short_and_whole() -> None:
    assert names_of(BASE, an_adapter("loom", "cloth"), "cloth") == (
        f"{BASE}:pirate",
        f"{BASE}:pirate@v2",
        f"{BASE}:pirate@latest",
        f"{BASE}:pirate@prod",
        "wandb-artifact:///loom/cloth/pirate",
        "wandb-artifact:///loom/cloth/pirate:v2",
        "wandb-artifact:///loom/cloth/pirate:latest",
        "wandb-artifact:///loom/cloth/pirate:prod",
    )


def test_names_when_adapter_is_of_another_project_then_none_is_short() -> None:
    names = names_of(BASE, an_adapter("loom", "cloth"), "other")
    assert names
    assert all(name.startswith("wandb-artifact:///") for name in names)


def test_names_when_adapter_is_everybodys_then_all_are_short() -> None:
    names = names_of(BASE, an_adapter("", ""), "other")
    assert names
    assert all(name.startswith(f"{BASE}:pirate") for name in names)
