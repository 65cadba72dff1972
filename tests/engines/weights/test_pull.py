"""A pull through the hub's own client: checksums, going on, gated repositories, room, and what is never left behind."""

import hashlib

import pytest

from engines.weights.conftest import LARGE, NAME, WEIGHTS, Pull
from engines.weights.hub_server import COMMIT, STRANGER, TOKEN, HubServer
from weft.engines.weights.folder import WeightsFolder
from weft.engines.weights.hub import Hub
from weft.kit.errors import CannotStart, WeftError

CONTENT = b"GGUF" + LARGE
README = "README.md"


def parts(weights: WeightsFolder) -> list[str]:
    return [path.name for path in (weights.path / ".parts").glob("*.part")]


def said(error: WeftError) -> str:
    return f"{error.message}\n{error.metadata.get('remedy')}"


def test_pull_when_all_goes_well_then_the_files_and_their_checksums_are_here(
    pull_from: Pull, weights: WeightsFolder
) -> None:
    told: list[tuple[str, int]] = []
    done = pull_from(WEIGHTS, README, told=told)
    assert (done.folder / WEIGHTS).read_bytes() == CONTENT
    assert done.new_bytes == len(CONTENT) + 7
    index = weights.index_of(NAME)
    assert index.revision == COMMIT
    assert index.files[WEIGHTS].sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert index.files[README].size_bytes == 7
    assert told[-2:] == [(WEIGHTS, len(CONTENT)), (README, 7)]
    assert parts(weights) == []


def test_pull_when_done_again_then_nothing_is_loaded(pull_from: Pull, hub: HubServer) -> None:
    pull_from(WEIGHTS, README)
    hub.asked.clear()
    again = pull_from(WEIGHTS, README)
    assert not again.new
    assert [asked.path.partition("?")[0] for asked in hub.asked] == [f"/api/models/{NAME}"]


def test_pull_when_the_download_leads_elsewhere_then_the_token_does_not_go_along(
    pull_from: Pull, hub: HubServer
) -> None:
    pull_from(token=TOKEN)
    assert {asked.authorization for asked in hub.downloads()} == {None}
    at_hub = {asked.authorization for asked in hub.asked if asked.server == "hub"}
    assert at_hub == {f"Bearer {TOKEN}"}


def test_pull_when_the_connection_breaks_then_it_goes_on_at_the_same_byte(
    pull_from: Pull, hub: HubServer
) -> None:
    hub.repositories[NAME].cut_at = [2 << 20]
    done = pull_from()
    assert (done.folder / WEIGHTS).read_bytes() == CONTENT
    assert [asked.range for asked in hub.downloads()] == [None, f"bytes={2 << 20}-"]


def test_pull_when_an_earlier_one_was_broken_off_then_it_goes_on(
    pull_from: Pull, hub: HubServer, weights: WeightsFolder
) -> None:
    part = weights.part_of(hashlib.sha256(CONTENT).hexdigest())
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT[:1_000_000])
    done = pull_from()
    assert (done.folder / WEIGHTS).read_bytes() == CONTENT
    assert [asked.range for asked in hub.downloads()] == ["bytes=1000000-"]


def test_pull_when_the_store_knows_no_ranges_then_it_begins_anew(
    pull_from: Pull, hub: HubServer, weights: WeightsFolder
) -> None:
    part = weights.part_of(hashlib.sha256(CONTENT).hexdigest())
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT[:1_000_000])
    hub.repositories[NAME].ignores_range = True
    done = pull_from()
    assert (done.folder / WEIGHTS).read_bytes() == CONTENT


def test_pull_when_what_was_begun_is_damaged_then_it_is_thrown_away(
    pull_from: Pull, weights: WeightsFolder
) -> None:
    part = weights.part_of(hashlib.sha256(CONTENT).hexdigest())
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 1_000_000)
    with pytest.raises(CannotStart, match="its checksum differs"):
        pull_from()
    assert parts(weights) == []
    assert (pull_from().folder / WEIGHTS).read_bytes() == CONTENT


@pytest.mark.parametrize("path", [WEIGHTS, README])
def test_pull_when_a_byte_is_wrong_then_nothing_gets_the_files_name(
    pull_from: Pull, hub: HubServer, weights: WeightsFolder, path: str
) -> None:
    hub.repositories[NAME].damaged = {path}
    with pytest.raises(CannotStart, match="its checksum differs"):
        pull_from(path)
    assert weights.files_of(NAME) == {}
    assert parts(weights) == []


def test_pull_when_the_store_sends_more_than_was_listed_then_it_is_cut_off(
    pull_from: Pull, hub: HubServer, weights: WeightsFolder
) -> None:
    hub.repositories[NAME].sizes = {WEIGHTS: 1_000_000}
    with pytest.raises(CannotStart, match="sends more than the 1,000,000 bytes"):
        pull_from()
    assert weights.files_of(NAME) == {}


def test_pull_when_there_is_no_room_then_nothing_is_loaded(pull_from: Pull, hub: HubServer) -> None:
    hub.repositories[NAME].sizes = {WEIGHTS: 1 << 60}
    with pytest.raises(CannotStart, match=r"needs 1,073,741,824\.0 GiB more, and .* GiB are free"):
        pull_from()
    assert hub.downloads() == []


def test_pull_when_the_repository_is_gated_then_says_where_to_accept_and_how_to_give_a_token(
    pull_from: Pull, hub: HubServer
) -> None:
    hub.repositories[NAME].gated = True
    with pytest.raises(CannotStart) as refused:
        pull_from()
    text = said(refused.value)
    assert "is gated" in text
    assert f"{hub.url}/{NAME}" in text
    assert "--token, WEFT_HUB_TOKEN or HF_TOKEN" in text
    with pytest.raises(CannotStart) as refused:
        pull_from(token=STRANGER)
    assert "does not let the account of this token in" in said(refused.value)
    assert STRANGER not in said(refused.value)
    assert pull_from(token=TOKEN).new


def test_list_when_the_repository_or_the_revision_is_not_there_then_says_so(
    pull_from: Pull, hub: HubServer
) -> None:
    with pytest.raises(CannotStart, match="has no revision 'v9'"):
        pull_from(revision="v9")
    hub.repositories.clear()
    with pytest.raises(CannotStart, match=f"has no repository {NAME} that is open to all"):
        pull_from()


def test_pull_when_the_listing_leads_out_of_the_folder_then_nothing_is_written(
    pull_from: Pull, hub: HubServer, weights: WeightsFolder
) -> None:
    hub.repositories[NAME].files["../../evil"] = b"x"
    with pytest.raises(CannotStart, match="leads out of its folder"):
        pull_from("../../evil")
    assert not weights.path.exists()


def test_pull_when_another_one_is_at_work_then_is_refused(
    pull_from: Pull, weights: WeightsFolder
) -> None:
    with weights.pulling(NAME), pytest.raises(CannotStart, match="another pull of"):
        pull_from()


def test_pull_when_the_file_lies_there_already_by_hand_then_it_is_compared_and_kept(
    pull_from: Pull, hub: HubServer, weights: WeightsFolder
) -> None:
    folder = weights.folder_of(NAME)
    folder.mkdir(parents=True)
    (folder / WEIGHTS).write_bytes(CONTENT)
    done = pull_from()
    assert [file.path for file in done.kept] == [WEIGHTS]
    assert hub.downloads() == []
    assert WEIGHTS in weights.index_of(NAME).files


def test_pull_when_the_hub_does_not_answer_then_names_the_mirror(
    hub: HubServer, weights: WeightsFolder
) -> None:
    with pytest.raises(CannotStart) as refused:
        Hub("http://127.0.0.1:1").list_files(NAME, "")
    assert "cannot be reached" in said(refused.value)
    assert "WEFT_HUB_MIRROR" in said(refused.value)
