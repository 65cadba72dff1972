"""The folder of weights and the mirror: what is found, what a card gets of it, and what is deleted."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from weft.catalog.types import Capabilities, GpuServerSpec, LlamaCppSpec, ModelCard, OpenVinoSpec
from weft.engines.kinds.plan import make_plan
from weft.engines.types import Machine
from weft.engines.weights.folder import Index, PulledFile, WeightsFolder
from weft.engines.weights.found import with_pulled
from weft.engines.weights.mirror import Mirror
from weft.engines.weights.pull import pull
from weft.kit.errors import CannotStart

MakeCard = Callable[..., ModelCard]
NAME = "acme/tiny-GGUF"


def put(folder: WeightsFolder, *names: str, content: bytes = b"GGUF", name: str = NAME) -> None:
    for path in names:
        file = folder.folder_of(name) / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def pulled(folder: WeightsFolder, name: str, *paths: str) -> None:
    put(folder, *paths, name=name)
    folder.write_index(Index(name, "", "x", {path: PulledFile(4, "") for path in paths}))


def silent(_name: str) -> Callable[[int, int], None]:
    return lambda _done, _total: None


def test_plan_when_weights_were_pulled_then_the_card_runs_as_it_is(
    make_card: MakeCard, weights: WeightsFolder
) -> None:
    card = make_card("acme/tiny", LlamaCppSpec("", quantization="Q8_0", repository=NAME))
    machine = Machine(weights_dir=weights.path)
    assert make_plan(card, card.engines[0], machine) is None
    put(weights, "tiny-Q8_0.gguf", "tiny-Q4_0.gguf")
    plan = make_plan(card, card.engines[0], machine)
    assert plan is not None
    assert plan.launch is not None
    assert str(weights.folder_of(NAME) / "tiny-Q8_0.gguf") in plan.launch.argv
    assert make_plan(card, card.engines[0], Machine()) is None


def test_with_pulled_when_another_quantization_is_here_alone_then_it_is_taken_with_its_size(
    make_card: MakeCard, weights: WeightsFolder
) -> None:
    spec = LlamaCppSpec("", quantization="Q8_0", repository=NAME, weights_mib=100, memory_mib=612)
    put(weights, "tiny-Q4_0.gguf", content=b"GGUF" * (5 << 18))
    found = with_pulled(make_card("acme/tiny", spec), spec, weights.path)
    assert isinstance(found, LlamaCppSpec)
    assert found.weights.endswith("tiny-Q4_0.gguf")
    assert (found.weights_mib, found.memory_mib) == (5, 517)
    put(weights, "tiny-Q5_0.gguf")
    assert with_pulled(make_card("acme/tiny", spec), spec, weights.path) is spec


def test_with_pulled_when_the_model_sees_then_with_its_projector(
    make_card: MakeCard, weights: WeightsFolder
) -> None:
    spec = LlamaCppSpec("", repository=NAME)
    put(weights, "tiny-Q8_0.gguf", "mmproj-F16.gguf")
    card = replace(make_card("acme/tiny", spec), capabilities=Capabilities(vision=True))
    found = with_pulled(card, spec, weights.path)
    assert isinstance(found, LlamaCppSpec)
    assert found.mmproj == str(weights.folder_of(NAME) / "mmproj-F16.gguf")


def test_with_pulled_when_the_card_names_weights_or_no_repository_then_nothing_changes(
    make_card: MakeCard, weights: WeightsFolder
) -> None:
    put(weights, "tiny-Q8_0.gguf")
    specs = [
        LlamaCppSpec("/elsewhere.gguf", repository=NAME),
        LlamaCppSpec("", repository="https://hub.example/acme/tiny, as a GGUF"),
        LlamaCppSpec("", repository="../.."),
        LlamaCppSpec(""),
    ]
    for spec in specs:
        assert with_pulled(make_card("acme/tiny", spec), spec, weights.path) is spec


def test_with_pulled_when_safetensors_were_pulled_then_the_gpu_server_gets_the_folder(
    make_card: MakeCard, weights: WeightsFolder
) -> None:
    spec = GpuServerSpec("vllm", "acme/big", "", gpus=1, gpu_memory_gib=24)
    card = make_card("acme/big", spec)
    put(weights, "model.safetensors", "config.json", name="acme/big")
    assert with_pulled(card, spec, weights.path) is spec
    pulled(weights, "acme/big", "model.safetensors", "config.json")
    found = with_pulled(card, spec, weights.path)
    assert isinstance(found, GpuServerSpec)
    assert found.weights == str(weights.folder_of("acme/big"))
    (weights.folder_of("acme/big") / "model.safetensors").unlink()
    assert with_pulled(card, spec, weights.path) is spec


def test_with_pulled_when_openvino_takes_a_gguf_then_it_gets_the_same(
    make_card: MakeCard, weights: WeightsFolder
) -> None:
    spec = OpenVinoSpec("", quantization="Q8_0", repository=NAME)
    put(weights, "tiny-Q8_0.gguf")
    found = with_pulled(make_card("acme/tiny", spec), spec, weights.path)
    assert isinstance(found, OpenVinoSpec)
    assert found.weights.endswith("tiny-Q8_0.gguf")


def test_remove_when_all_is_deleted_then_the_folders_go_too(weights: WeightsFolder) -> None:
    pulled(weights, NAME, "a.gguf", "sub/b.gguf")
    put(weights, "c.gguf", name="acme/other")
    assert weights.remove(NAME, ["a.gguf", "sub/b.gguf"]) == 8
    assert not weights.folder_of(NAME).exists()
    assert weights.files_of("acme/other") == {"c.gguf": 4}
    weights.remove("acme/other", ["c.gguf"])
    assert weights.path.is_dir()
    assert list(weights.path.iterdir()) == []


def test_remove_when_some_is_deleted_then_the_index_keeps_the_rest(weights: WeightsFolder) -> None:
    pulled(weights, NAME, "a.gguf", "b.gguf")
    weights.remove(NAME, ["a.gguf"])
    assert list(weights.index_of(NAME).files) == ["b.gguf"]
    assert weights.files_of(NAME) == {"b.gguf": 4}


def test_index_when_it_is_damaged_then_nothing_counts_as_pulled(weights: WeightsFolder) -> None:
    put(weights, "weft.json", "a.gguf", content=b"{")
    assert weights.index_of(NAME).files == {}
    assert list(weights.files_of(NAME)) == ["a.gguf"]


def test_mirror_when_sums_are_there_then_a_damaged_copy_is_refused(
    tmp_path: Path, weights: WeightsFolder
) -> None:
    mirror = Mirror(tmp_path / "mirror")
    put(WeightsFolder(tmp_path / "mirror"), "a-Q8_0.gguf", "b-Q4_0.gguf")
    sums = tmp_path / "mirror" / NAME / "SHA256SUMS"
    good = hashlib.sha256(b"GGUF").hexdigest()
    sums.write_text(f"{good}  a-Q8_0.gguf\n{'0' * 64} *b-Q4_0.gguf\n")
    listing = mirror.list_files(NAME, "")
    assert [file.path for file in listing.files] == ["a-Q8_0.gguf", "b-Q4_0.gguf"]
    assert pull(mirror, listing, ["a-Q8_0.gguf"], weights, silent).new_bytes == 4
    with pytest.raises(CannotStart, match="its checksum differs"):
        pull(mirror, listing, ["b-Q4_0.gguf"], weights, silent)
    assert weights.files_of(NAME) == {"a-Q8_0.gguf": 4}


def test_mirror_when_it_is_another_weights_folder_then_its_index_gives_the_sums(
    tmp_path: Path, weights: WeightsFolder
) -> None:
    first = WeightsFolder(tmp_path / "mirror")
    put(first, "a.gguf")
    digest = hashlib.sha256(b"GGUF").hexdigest()
    first.write_index(Index(NAME, "abc", "hub", {"a.gguf": PulledFile(4, digest)}))
    mirror = Mirror(first.path)
    listing = mirror.list_files(NAME, "")
    assert listing.revision == "abc"
    pull(mirror, listing, ["a.gguf"], weights, silent)
    assert weights.index_of(NAME).revision == "abc"


def test_mirror_when_it_has_no_such_repository_or_a_revision_is_asked_for_then_says_so(
    tmp_path: Path,
) -> None:
    mirror = Mirror(tmp_path)
    with pytest.raises(CannotStart, match=f"the mirror has no {NAME}"):
        mirror.list_files(NAME, "")
    with pytest.raises(CannotStart, match="one revision"):
        mirror.list_files(NAME, "v1")
    for name in ("../etc", "a/b/c", "/etc", ""):
        with pytest.raises(CannotStart, match="is no repository"):
            mirror.list_files(name, "")
