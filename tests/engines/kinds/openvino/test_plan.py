"""What OpenVINO is started with, and where it is not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from weft.catalog.types import ModelCard, OpenVinoSpec
from weft.engines.kinds.openvino import plan
from weft.engines.types import Endpoint, Machine

MakeCard = Callable[..., ModelCard]

pytestmark = pytest.mark.skipif(not plan.is_installed(), reason="the extra is not installed")


def test_plan_when_the_weights_are_there_then_it_names_the_card_and_no_secret(
    make_card: MakeCard, tiny_gguf: Path
) -> None:
    spec = OpenVinoSpec(str(tiny_gguf), memory_mib=300, context_tokens=1024, parallel=3)
    made = plan.plan(make_card("a/b", spec), spec, Machine(threads=5))
    assert made is not None
    assert made.launch is not None
    argv = list(made.launch.argv)
    for flag, value in (
        ("--model", str(tiny_gguf)),
        ("--alias", "a/b"),
        ("--device", "CPU"),
        ("--context", "1024"),
        ("--parallel", "3"),
        ("--threads", "5"),
    ):
        assert argv[argv.index(flag) + 1] == value
    assert (made.max_in_flight, made.demand.memory_mib, made.context_tokens) == (6, 300, 1024)
    assert set(made.launch.paths) == made.quirks.endpoints
    assert Endpoint.EMBEDDINGS not in made.quirks.endpoints


@pytest.mark.parametrize("weights", ["", "/nowhere/m.gguf", "package:weft.nowhere/m.gguf"])
def test_plan_when_the_weights_are_missing_then_none(make_card: MakeCard, weights: str) -> None:
    spec = OpenVinoSpec(weights)
    assert plan.plan(make_card("a/b", spec), spec, Machine()) is None


def test_weights_when_their_family_is_not_read_then_none(tiny_gguf: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(tiny_gguf.read_bytes().replace(b"llama", b"gemma"))
    assert plan.family_of(other) == b"gemma"
    assert plan.find_weights(OpenVinoSpec(str(other))) is None
    other.write_bytes(b"GGUF")
    assert plan.find_weights(OpenVinoSpec(str(other))) is None


def test_weights_when_a_folder_was_exported_then_it_is_taken_whole(tmp_path: Path) -> None:
    names = ["openvino_model.xml", "openvino_tokenizer.xml", "openvino_detokenizer.xml"]
    for name in names:
        assert plan.find_weights(OpenVinoSpec(str(tmp_path))) is None
        (tmp_path / name).touch()
    assert plan.find_weights(OpenVinoSpec(str(tmp_path))) == tmp_path
