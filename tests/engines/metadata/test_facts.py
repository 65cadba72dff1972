"""What a model's own files tell, and the card that is made of it."""

import random
import struct
from datetime import date
from pathlib import Path

import pytest

from engines.metadata.files import QWEN3_TEMPLATE, write_folder, write_gguf
from weft.catalog.load import load_catalog
from weft.catalog.types import LlamaCppSpec, ReasoningPolicy
from weft.demo import GGUF_PATH, MODEL_DIR
from weft.engines.metadata.card_toml import NewCard, render_card
from weft.engines.metadata.config_folder import read_folder
from weft.engines.metadata.facts import Facts
from weft.engines.metadata.gguf_file import read_gguf
from weft.engines.metadata.origins import look_on_disk
from weft.kit.errors import CannotStart

R1 = "{% if '</think>' in content %}{{ content.split('</think>')[-1] }}{% endif %}<think>\n"
GPT_OSS = "{%- if tools -%}namespace functions{% endif %}{{ 'Reasoning: ' + reasoning_effort }}"
OFF = "{% if enable_thinking is not defined %}{% set enable_thinking = false %}{% endif %}<think>"
V31 = "{% if not thinking is defined %}{% set thinking = false %}{% endif %}<think>{{ tools }}"


@pytest.mark.parametrize(
    ("template", "tools", "reasoning"),
    [
        ("", False, ReasoningPolicy.NONE),
        ("{{ messages }}", False, ReasoningPolicy.NONE),
        (QWEN3_TEMPLATE, True, ReasoningPolicy.ENABLED_BY_DEFAULT),
        (OFF, False, ReasoningPolicy.DISABLED_BY_DEFAULT),
        ("{{ enable_thinking | default(false) }}", False, ReasoningPolicy.DISABLED_BY_DEFAULT),
        (R1, False, ReasoningPolicy.ALWAYS_ON),
        (GPT_OSS, True, ReasoningPolicy.ALWAYS_ON),
        (V31, True, ReasoningPolicy.NONE),
    ],
)
def test_facts_when_a_template_is_read_then_tells_what_the_model_was_taught(
    template: str, tools: bool, reasoning: ReasoningPolicy
) -> None:
    facts = Facts(chat_template=template)
    assert facts.tools is tools
    assert facts.reasoning is reasoning


def test_read_gguf_when_it_is_the_model_that_ships_then_as_its_card_says() -> None:
    facts = read_gguf(GGUF_PATH)
    card = load_catalog().get("weft/tiny-chat")
    assert facts.context_tokens == card.context_window_tokens
    assert facts.parameters_total == card.parameters_total
    assert facts.quantization == card.quantization
    assert facts.license == card.license.lower()
    assert facts.tools is card.capabilities.tools
    assert facts.architecture == "llama"
    assert facts.cache_bytes_per_token == 4 * 2 * 128 * 2


def test_read_gguf_when_layers_differ_then_the_cache_is_that_of_the_widest(tmp_path: Path) -> None:
    facts = read_gguf(write_gguf(tmp_path / "m-Q4_K_M.gguf", template=QWEN3_TEMPLATE))
    assert facts.quantization == "Q4_K_M"
    assert facts.cache_bytes_per_token == 2 * 2 * 32 * 2
    assert facts.name == "Tiny"


def test_read_gguf_when_it_is_a_projector_then_says_to_name_the_model(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="is a vision projector"):
        read_gguf(write_gguf(tmp_path / "mmproj.gguf", arch="clip"))


def test_read_gguf_when_the_header_is_broken_then_one_line(tmp_path: Path) -> None:
    whole = write_gguf(tmp_path / "m.gguf", template=QWEN3_TEMPLATE).read_bytes()
    chance = random.Random(7)
    broken = [b"", b"GGUF", b"version https://git-lfs.github.com/spec/v1\n", whole[:300]]
    for _ in range(60):
        place = chance.randrange(4, 700)
        value = struct.pack("<I", chance.getrandbits(32))
        broken.append(whole[:place] + value + whole[place + 4 :])
    complaints: list[str] = []
    for number, content in enumerate(broken):
        path = tmp_path / f"broken-{number}.gguf"
        path.write_bytes(content)
        try:
            read_gguf(path)
        except CannotStart as error:  # some headers are only odd, and can be read
            complaints.append(error.message)
    assert len(complaints) > len(broken) / 4
    assert all("broken-" in complaint and "\n" not in complaint for complaint in complaints)


def test_read_folder_when_it_is_the_model_that_ships_then_as_its_card_says() -> None:
    facts = read_folder(MODEL_DIR)
    assert facts.context_tokens == 2048
    assert facts.parameters_total == 3_344_640
    assert facts.tools


def test_read_folder_when_it_has_a_vision_tower_then_reads_the_language_part(
    tmp_path: Path,
) -> None:
    inner = {"max_position_embeddings": 8192, "num_hidden_layers": 1}
    facts = read_folder(write_folder(tmp_path / "m", text_config=inner, vision_config={}))
    assert facts.vision
    assert facts.context_tokens == 8192
    assert facts.quantization == "BF16"
    assert facts.reasoning is ReasoningPolicy.ENABLED_BY_DEFAULT
    assert facts.parameters_total == 2048


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("config.json", b"{", "config.json is no JSON"),
        ("config.json", b"[]", "neither a GGUF nor a config.json"),
        ("model.safetensors", b"\xff" * 20, "no safetensors"),
        ("model.safetensors", b"", "no safetensors"),
    ],
)
def test_read_folder_when_a_file_is_broken_then_one_line(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    folder = write_folder(tmp_path / "m")
    (folder / name).write_bytes(content)
    with pytest.raises(CannotStart, match=says):
        read_folder(folder)


def test_look_on_disk_when_a_model_is_split_then_all_parts_count(tmp_path: Path) -> None:
    for number in (1, 2):
        write_gguf(tmp_path / f"m-Q8_0-0000{number}-of-00002.gguf")
    origin = look_on_disk(tmp_path / "m-Q8_0-00001-of-00002.gguf")
    assert origin.facts.parameters_total == 2 * 2048
    assert origin.weights.endswith("00001-of-00002.gguf")
    (tmp_path / "m-Q8_0-00002-of-00002.gguf").unlink()
    with pytest.raises(CannotStart, match="No such file"):
        look_on_disk(tmp_path / "m-Q8_0-00001-of-00002.gguf")


def test_look_on_disk_when_a_folder_holds_a_projector_then_the_model_sees(tmp_path: Path) -> None:
    write_gguf(tmp_path / "m-Q8_0.gguf")
    write_gguf(tmp_path / "mmproj-F16.gguf", arch="clip")
    origin = look_on_disk(tmp_path)
    assert origin.facts.vision
    assert origin.mmproj == str(tmp_path / "mmproj-F16.gguf")
    assert not look_on_disk(tmp_path / "m-Q8_0.gguf").facts.vision


def test_render_card_when_names_are_odd_then_the_catalog_reads_them_back(tmp_path: Path) -> None:
    odd = 'A "quoted" \\ name\nof\ttwo \x7f lines \ud800'
    card = NewCard(
        id="acme/odd",
        input_usd_per_mtok="0.10",
        output_usd_per_mtok="0.40",
        price_source=odd,
        read_on=date(2026, 11, 28),
        engine="llama_cpp",
        weights=str(tmp_path / 'a "b".gguf'),
        read_from="here",
    )
    facts = Facts(name=odd, context_tokens=2048, size_bytes=3 << 20, cache_bytes_per_token=1024)
    path = tmp_path / "odd.toml"
    path.write_text(render_card(card, facts), encoding="utf-8")
    read = load_catalog(candidate=path).get("acme/odd")
    assert read.label == odd.replace("\ud800", "?")
    spec = read.engines[0]
    assert isinstance(spec, LlamaCppSpec)
    assert spec.weights == card.weights
    assert spec.context_tokens == 4 * 2048
    assert spec.memory_mib == 3 + 8 + 512
