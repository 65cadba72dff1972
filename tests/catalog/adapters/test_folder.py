"""The folder of adapters: who sees which, what versions and aliases mean, and that changes are seen at once."""

from pathlib import Path

import pytest

from adapters import tiny_numbers, write_peft
from weft.catalog.adapters.folder import AdapterFolder
from weft.catalog.adapters.types import Adapter, AdapterName, AdapterUnusable

NUMBERS = tiny_numbers(modules={"self_attn.q_proj": "attn_q"})
TEAM, PROJECT = "loom", "cloth"


@pytest.fixture
def folder(tmp_path: Path) -> AdapterFolder:
    return AdapterFolder(tmp_path)


def put(root: Path, place: str) -> Path:
    return write_peft(root / place, NUMBERS)


def find(
    folder: AdapterFolder, name: str = "pirate", version: str = "latest", **owner: str
) -> Adapter | None:
    return folder.find(TEAM, PROJECT, AdapterName(name, version, **owner))


def test_folder_when_it_does_not_exist_then_is_empty(tmp_path: Path) -> None:
    folder = AdapterFolder(tmp_path / "none")
    assert find(folder) is None
    assert list(folder.listed(TEAM)) == []


def test_adapter_when_the_project_has_its_own_then_that_is_nearest(
    tmp_path: Path, folder: AdapterFolder
) -> None:
    put(tmp_path, "_shared/pirate/v7")
    shared = find(folder)
    put(tmp_path, "loom/cloth/pirate/v1")
    own = find(folder)
    assert shared is not None
    assert own is not None
    assert (shared.shown, own.shown) == ("_shared/pirate@v7", "loom/cloth/pirate@v1")
    assert (shared.artifact, own.artifact) == ("", "wandb-artifact:///loom/cloth/pirate:v1")
    assert find(folder, version="v7") is None  # the name is the project's own now


def test_adapter_when_of_another_team_then_there_is_none(
    tmp_path: Path, folder: AdapterFolder
) -> None:
    put(tmp_path, "rival/cloth/pirate/v1")
    assert find(folder) is None
    assert find(folder, team="rival", project="cloth") is None
    assert folder.find("rival", "x", AdapterName("pirate", team="rival", project="cloth"))


def test_adapter_when_of_another_project_then_its_whole_name_finds_it(
    tmp_path: Path, folder: AdapterFolder
) -> None:
    put(tmp_path, "loom/silk/pirate/v1")
    assert find(folder) is None
    found = find(folder, team="loom", project="silk")
    assert found is not None
    assert found.project == "silk"


def test_latest_when_a_higher_version_comes_then_follows_by_number(
    tmp_path: Path, folder: AdapterFolder
) -> None:
    seen: list[str] = []
    for version in ("v2", "v9", "v10"):
        put(tmp_path, f"loom/cloth/pirate/{version}")
        found = find(folder)
        assert found is not None
        assert found.aliases == ("latest",)
        seen.append(found.version)
    assert seen == ["v2", "v9", "v10"]


def test_latest_when_the_newest_is_half_copied_then_stays(
    tmp_path: Path, folder: AdapterFolder
) -> None:
    put(tmp_path, "loom/cloth/pirate/v1")
    (put(tmp_path, "loom/cloth/pirate/v2") / "adapter_model.safetensors").unlink()
    found = find(folder)
    assert found is not None
    assert found.version == "v1"
    with pytest.raises(AdapterUnusable, match=r"adapter_model\.safetensors"):
        find(folder, version="v2")


def test_alias_when_in_the_list_or_a_link_then_names_its_version(
    tmp_path: Path, folder: AdapterFolder
) -> None:
    home = put(tmp_path, "loom/cloth/pirate/v1").parent
    put(tmp_path, "loom/cloth/pirate/v2")
    put(tmp_path, "secret/x/pirate/v3")
    (home / "aliases.json").write_text('{"prod": "v1", "latest": "v1", "gone": "v8", "v2": "v1"}')
    (home / "next").symlink_to("v2")
    (home / "stolen").symlink_to("../../../secret/x/pirate/v3")
    versions = {
        alias: found.version
        for alias in ("prod", "next", "latest", "gone", "v2", "stolen", "v3")
        if (found := find(folder, version=alias))
    }
    assert versions == {"prod": "v1", "next": "v2", "latest": "v2", "v2": "v2"}


def test_aliases_when_their_file_is_broken_then_names_it(
    tmp_path: Path, folder: AdapterFolder
) -> None:
    home = put(tmp_path, "loom/cloth/pirate/v1").parent
    (home / "aliases.json").write_text("{")
    with pytest.raises(AdapterUnusable, match=r"aliases\.json"):
        find(folder)


def test_adapter_when_without_versions_then_is_its_own(
    tmp_path: Path, folder: AdapterFolder
) -> None:
    put(tmp_path, "_shared/pirate")
    found = find(folder)
    assert found is not None
    assert found.version == "v0"


def test_adapter_when_its_files_change_then_is_another_one(
    tmp_path: Path, folder: AdapterFolder
) -> None:
    put(tmp_path, "loom/cloth/pirate/v1")
    first, again = find(folder), find(folder)
    write_peft(tmp_path / "loom/cloth/pirate/v1", NUMBERS, base="other/model")
    changed = find(folder)
    assert first is not None
    assert again is not None
    assert changed is not None
    assert first.key == again.key != changed.key
    assert changed.peft.base_model == "other/model"


def test_list_when_a_team_asks_then_has_its_own_and_everybodys(
    tmp_path: Path, folder: AdapterFolder
) -> None:
    for place in ("loom/cloth/pirate/v1", "loom/cloth/pirate/v2", "loom/silk/poet/v1"):
        put(tmp_path, place)
    put(tmp_path, "rival/cloth/spy/v1")
    put(tmp_path, "_shared/judge")
    (tmp_path / "loom" / "cloth" / "empty").mkdir()
    (put(tmp_path, "loom/cloth/bad/v1") / "adapter_config.json").write_text("{")
    listed = list(folder.listed(TEAM))
    assert [one.shown for one in listed if isinstance(one, Adapter)] == [
        "loom/cloth/pirate@v2",
        "loom/silk/poet@v1",
        "_shared/judge@v0",
    ]
    (bad,) = (one for one in listed if isinstance(one, AdapterUnusable))
    assert "loom/cloth/bad" in bad.message
