"""Which tensors an adapter adds to: named for each architecture, and refused by name where it cannot be."""

from collections.abc import Mapping

import pytest

from weft.catalog.adapters.types import AdapterUnusable, LoraModule, Peft, Unusable
from weft.engines.adapters.gguf import GgufHead
from weft.engines.adapters.modules import ARCHITECTURES, Target, find_targets

F32 = ("F32", "F32")
WIDTH, OUT, EXPERTS = 8, 16, 4


def a_head(architecture: str, *, without: str = "") -> GgufHead:
    """A model of one block that has every tensor there is."""
    names = {
        *ARCHITECTURES.get(architecture, ARCHITECTURES["llama"]).layers.values(),
    }
    experts = ARCHITECTURES[architecture].experts.values() if architecture in ARCHITECTURES else ()
    tensors: dict[str, tuple[int, ...]] = {f"blk.0.{name}.weight": (WIDTH, OUT) for name in names}
    tensors |= {f"blk.0.{name}.weight": (WIDTH, OUT, EXPERTS) for name in experts}
    tensors.pop(f"blk.0.{without}.weight", None)
    values: Mapping[str, str | int] = {
        "general.architecture": architecture,
        f"{architecture}.attention.head_count": 4,
        f"{architecture}.attention.head_count_kv": 2,
    }
    return GgufHead(values, tensors)


def a_peft(*paths: str, **sizes: int) -> Peft:
    whole = {"rank": 2, "inputs": WIDTH, "outputs": OUT, **sizes}
    modules = tuple(LoraModule(path, dtypes=F32, **whole) for path in paths)
    return Peft("base", 2, 4.0, modules, 100)


def tensors_of(targets: tuple[Target, ...]) -> list[str]:
    return [target.tensor for target in targets]


@pytest.mark.parametrize("architecture", sorted(ARCHITECTURES))
def test_modules_when_known_of_the_architecture_then_each_has_its_tensor(architecture: str) -> None:
    known = ARCHITECTURES[architecture]
    paths = [f"model.layers.0.{module}" for module in known.layers]
    found = find_targets(a_peft(*paths), a_head(architecture), "it")
    assert tensors_of(found) == [f"blk.0.{name}" for name in known.layers.values()]


def test_heads_when_the_architecture_pairs_rows_then_queries_and_keys_have_theirs() -> None:
    paths = [f"model.layers.0.self_attn.{part}_proj" for part in "qkvo"]
    heads = [one.heads for one in find_targets(a_peft(*paths), a_head("llama"), "it")]
    assert heads == [4, 2, 0, 0]
    heads = [one.heads for one in find_targets(a_peft(*paths), a_head("qwen3"), "it")]
    assert heads == [0, 0, 0, 0]


def test_experts_when_some_are_added_to_then_stack_under_one_tensor() -> None:
    paths = [f"model.layers.0.mlp.experts.{number}.up_proj" for number in (3, 1)]
    (target,) = find_targets(a_peft(*paths), a_head("qwen3moe"), "it")
    assert (target.tensor, target.experts) == ("blk.0.ffn_up_exps", EXPERTS)
    assert [number for number, _ in target.modules] == [1, 3]


def refusal_of(peft: Peft, head: GgufHead) -> str:
    with pytest.raises(AdapterUnusable, match="loom/cloth/pirate@v1") as caught:
        find_targets(peft, head, "loom/cloth/pirate@v1")
    assert caught.value.metadata["reason"] == Unusable.UNSUPPORTED_MODULES
    assert caught.value.metadata["remedy"]
    return caught.value.message


@pytest.mark.parametrize(
    ("architecture", "path"),
    [
        ("llama", "model.layers.0.self_attn.qkv_proj"),
        ("llama", "lm_head"),
        ("llama", "model.embed_tokens"),
        ("llama", "model.layers.7.self_attn.q_proj"),
        ("llama", "model.vision.layers.0.self_attn.q_proj"),
        ("llama", "model.layers.0.mlp.experts.0.up_proj"),
        ("gpt-oss", "model.layers.0.mlp.experts.0.up_proj"),
        ("gpt-oss", "model.layers.0.mlp.router"),
        ("phi3", "model.layers.0.self_attn.q_proj"),
        ("deepseek2", "model.layers.0.self_attn.q_a_proj"),
        ("deepseek2", "model.layers.0.self_attn.kv_b_proj"),
        ("qwen3moe", "model.layers.0.mlp.experts.4.up_proj"),
    ],
)
def test_module_when_not_known_then_is_refused_by_name(architecture: str, path: str) -> None:
    assert path in refusal_of(a_peft(path), a_head(architecture))


def test_architecture_when_not_known_then_is_refused_by_name() -> None:
    path = "model.layers.0.self_attn.q_proj"
    assert "mamba" in refusal_of(a_peft(path), a_head("mamba"))


def test_module_when_the_model_has_no_such_tensor_then_is_refused_by_name() -> None:
    path = "model.layers.0.self_attn.q_proj"
    assert path in refusal_of(a_peft(path), a_head("llama", without="attn_q"))


@pytest.mark.parametrize("sizes", [{"inputs": 9}, {"outputs": 17}])
def test_module_when_of_other_sizes_than_the_model_then_is_refused_by_name(
    sizes: dict[str, int],
) -> None:
    path = "model.layers.0.self_attn.q_proj"
    message = refusal_of(a_peft(path, **sizes), a_head("llama"))
    assert path in message
    assert str(next(iter(sizes.values()))) in message


def test_experts_when_of_several_ranks_then_are_refused() -> None:
    path = "model.layers.0.mlp.experts.{}.up_proj"
    modules = tuple(
        LoraModule(path.format(number), number + 1, WIDTH, OUT, F32) for number in range(2)
    )
    assert "several ranks" in refusal_of(Peft("base", 2, 4.0, modules, 1), a_head("qwen3moe"))
