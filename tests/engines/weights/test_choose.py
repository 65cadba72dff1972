"""Which files a model needs, by the names that repositories really use."""

import pytest

from weft.engines.weights.choose import (
    GgufChoice,
    choose_gguf,
    choose_included,
    choose_safetensors,
    find_gguf,
    other_parts,
    quantization_of,
)
from weft.kit.errors import CannotStart

UNSLOTH = [
    "README.md",
    "config.json",
    "Phi-4-mini-instruct-BF16.gguf",
    "Phi-4-mini-instruct-Q4_K_M.gguf",
    "Phi-4-mini-instruct-Q8_0.gguf",
    "Phi-4-mini-instruct-UD-Q4_K_XL.gguf",
    "Phi-4-mini-instruct-UD-Q4_K_M.gguf",
    "imatrix_unsloth.gguf",
]
SPLIT = [
    "UD-Q2_K_XL/big-UD-Q2_K_XL-00001-of-00002.gguf",
    "UD-Q2_K_XL/big-UD-Q2_K_XL-00002-of-00002.gguf",
    "Q8_0/big-Q8_0-00001-of-00003.gguf",
    "Q8_0/big-Q8_0-00003-of-00003.gguf",
]
VISION = ["scout-Q4_K_M.gguf", "mmproj-BF16.gguf", "mmproj-F16.gguf", "mmproj-F32.gguf"]


@pytest.mark.parametrize(
    ("path", "quantization"),
    [
        ("Phi-4-mini-instruct-Q4_K_M.gguf", "Q4_K_M"),
        ("gpt-oss-20b-mxfp4.gguf", "MXFP4"),
        ("big-UD-Q2_K_XL-00001-of-00002.gguf", "UD-Q2_K_XL"),
        ("Qwen3-0.6B-IQ4_XS.gguf", "IQ4_XS"),
        ("llama.f16.gguf", "F16"),
        ("model.gguf", ""),
        ("Q2-report-f32x.gguf", "Q2"),
    ],
)
def test_quantization_when_a_name_is_read_then_is_the_last_one_in_it(
    path: str, quantization: str
) -> None:
    assert quantization_of(path) == quantization


@pytest.mark.parametrize(
    ("paths", "quantization", "weights"),
    [
        (UNSLOTH, "Q4_K_M", ("Phi-4-mini-instruct-Q4_K_M.gguf",)),
        (UNSLOTH, "q8_0", ("Phi-4-mini-instruct-Q8_0.gguf",)),
        (UNSLOTH, "UD-Q4_K_M", ("Phi-4-mini-instruct-UD-Q4_K_M.gguf",)),
        (SPLIT, "UD-Q2_K_XL", tuple(SPLIT[:2])),
        (["gpt-oss-20b-mxfp4.gguf"], "MXFP4", ("gpt-oss-20b-mxfp4.gguf",)),
        (["model.gguf"], "", ("model.gguf",)),
    ],
)
def test_choose_gguf_when_the_quantization_is_there_then_its_files(
    paths: list[str], quantization: str, weights: tuple[str, ...]
) -> None:
    assert choose_gguf("acme/x", paths, quantization) == GgufChoice(weights)


def test_choose_gguf_when_the_model_sees_then_with_the_projector() -> None:
    assert choose_gguf("acme/x", VISION, "Q4_K_M", vision=True).mmproj == "mmproj-F16.gguf"
    assert choose_gguf("acme/x", VISION, "Q4_K_M").mmproj == ""
    assert choose_gguf("acme/x", VISION[:1], "Q4_K_M", vision=True).mmproj == ""


@pytest.mark.parametrize(
    ("paths", "quantization", "says"),
    [
        (UNSLOTH, "Q5_K_S", "no complete GGUF with Q5_K_S; it has BF16, Q4_K_M, Q8_0, UD-"),
        (UNSLOTH, "Q4_K", "no complete GGUF with Q4_K;"),
        (UNSLOTH, "", "holds 5 GGUF models"),
        (SPLIT, "Q8_0", "no complete GGUF with Q8_0"),
        (["README.md"], "Q8_0", "holds no GGUF file"),
    ],
)
def test_choose_gguf_when_it_is_not_there_then_says_what_is(
    paths: list[str], quantization: str, says: str
) -> None:
    with pytest.raises(CannotStart, match=says):
        choose_gguf("acme/x", paths, quantization)


def test_find_gguf_when_a_part_is_missing_then_none() -> None:
    assert find_gguf(SPLIT, "Q8_0") is None


def test_other_parts_when_a_model_is_split_then_the_names_of_the_rest() -> None:
    assert other_parts("b-00002-of-00003.gguf") == [
        "b-00001-of-00003.gguf",
        "b-00003-of-00003.gguf",
    ]
    assert other_parts("b.gguf") == []


def test_choose_safetensors_when_older_forms_lie_beside_then_they_are_left_out() -> None:
    paths = [
        ".gitattributes",
        "config.json",
        "consolidated-00001.safetensors",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
        "original/model.safetensors",
        "pytorch_model.bin",
        "tokenizer.json",
        "chat_template.jinja",
        "photo.png",
    ]
    assert choose_safetensors("acme/x", paths) == (
        "chat_template.jinja",
        "config.json",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
        "tokenizer.json",
    )
    assert "consolidated.safetensors" in choose_safetensors("a/x", ["consolidated.safetensors"])
    with pytest.raises(CannotStart, match="holds no safetensors"):
        choose_safetensors("acme/x", ["model.gguf"])


def test_choose_included_when_a_pattern_fits_nothing_then_says_which() -> None:
    assert choose_included("acme/x", UNSLOTH, ["*.json", "*Q8_0*"]) == [
        "Phi-4-mini-instruct-Q8_0.gguf",
        "config.json",
    ]
    with pytest.raises(CannotStart, match=r"matches --include '\*\.bin'"):
        choose_included("acme/x", UNSLOTH, ["*.json", "*.bin"])
