from collections.abc import Callable
from pathlib import Path

import pytest

from weft.catalog.catalog import LIST_REMEDY, Catalog
from weft.catalog.load import load_catalog
from weft.catalog.needs import ModelNotRunnable, describe_needs, not_runnable
from weft.catalog.types import ModelCard

OWN = 'id = "our/own"\ncontext_window_tokens = 4096\n'


def test_describe_needs_when_three_engines_can_then_a_line_for_each(shipped: Catalog) -> None:
    assert describe_needs(shipped.get("openai/gpt-oss-20b")) == (
        (
            "vLLM: 1 GPU with 16 GiB for MXFP4 weights; run `vllm serve openai/gpt-oss-20b"
            " --enable-auto-tool-choice --tool-call-parser openai --reasoning-parser openai_gptoss`"
            ' and bind it with [engines.remote] url = "http://HOST:PORT/v1".'
        ),
        (
            "SGLang: 1 GPU with 16 GiB for MXFP4 weights; run `python -m sglang.launch_server"
            " --model-path openai/gpt-oss-20b --tool-call-parser gpt-oss --reasoning-parser gpt-oss`"
            ' and bind it with [engines.remote] url = "http://HOST:PORT/v1".'
        ),
        (
            "llama.cpp: a GGUF of about 11,550 MiB at MXFP4 from ggml-org/gpt-oss-20b-GGUF and about"
            " 13,400 MiB of memory; `weft models pull` brings it, or write its path under"
            " [engines.llama_cpp] weights."
        ),
    )


def test_describe_needs_when_many_gpus_are_needed_then_the_whole_command(shipped: Catalog) -> None:
    vllm, sglang, _ = describe_needs(shipped.get("moonshotai/Kimi-K2-Instruct"))
    assert vllm.startswith("vLLM: 16 GPUs with 80 GiB each for FP8 weights; run ")
    assert (
        "`vllm serve moonshotai/Kimi-K2-Instruct --tensor-parallel-size 8"
        " --pipeline-parallel-size 2 --enable-auto-tool-choice --tool-call-parser kimi_k2"
        " --trust-remote-code`"
    ) in vllm
    assert "--tp-size 16 --tool-call-parser kimi_k2 --trust-remote-code`" in sglang


def test_describe_needs_when_every_flag_is_set_then_every_flag_is_named(
    load_card: Callable[..., ModelCard],
) -> None:
    table = (
        'repository = "a/b"\ngpus = 8\ngpu_memory_gib = 141\ntensor_parallel = 4\n'
        "pipeline_parallel = 2\nexpert_parallel = true\ncontext_tokens = 9000\n"
        'extra_args = ["--x", "two words"]\n'
    )
    vllm, sglang = describe_needs(
        load_card(OWN + f"[engines.vllm]\n{table}[engines.sglang]\n{table}")
    )
    assert (
        "`vllm serve a/b --tensor-parallel-size 4 --pipeline-parallel-size 2"
        " --enable-expert-parallel --max-model-len 9000 --x 'two words'`"
    ) in vllm
    assert ("--tp-size 4 --pp-size 2 --ep-size 4 --context-length 9000 --x 'two words'`") in sglang


def test_describe_needs_when_a_server_or_file_is_bound_then_neither_is_told(
    load_card: Callable[..., ModelCard], tmp_path: Path
) -> None:
    card = load_card(
        OWN + '[engines.remote]\nurl = "http://secret-host:1/v1"\napi_key = "hush"\n'
        '[engines.llama_cpp]\nweights = "secret.gguf"\n[engines.fake]\n'
    )
    lines = describe_needs(card)
    assert lines == (
        "remote: the server that it is bound to, up and answering.",
        "llama.cpp: a GGUF; the file that [engines.llama_cpp] names must be there.",
        "fake: nothing; it is the engine for tests.",
    )
    told = not_runnable(card).envelope().decode()
    for secret in ("secret", "hush", str(tmp_path)):
        assert secret not in told


def test_describe_needs_when_there_is_no_engine_then_says_so(
    load_card: Callable[..., ModelCard],
) -> None:
    assert describe_needs(load_card(OWN)) == (
        "No way to run it is written down: add an [engines.*] table to its file.",
    )


def test_not_runnable_when_raised_then_a_404_that_says_what_is_missing(shipped: Catalog) -> None:
    card = shipped.get("microsoft/Phi-4-mini-instruct")
    error = not_runnable(card)
    assert isinstance(error, ModelNotRunnable)
    assert (error.status, error.code, error.param) == (404, "model_not_found", "model")
    assert error.message.startswith(
        "The requested resource was not found: the model `microsoft/Phi-4-mini-instruct` is in"
        " the catalog, and this server has nothing to run it with. It needs one of: vLLM: "
    )
    assert error.metadata["needs"] == list(describe_needs(card))
    remedy = error.metadata["remedy"]
    assert isinstance(remedy, str)
    assert remedy.startswith(LIST_REMEDY)


@pytest.mark.parametrize("card", load_catalog().cards, ids=lambda card: card.id)
def test_describe_needs_when_a_card_ships_then_no_line_names_this_machine(card: ModelCard) -> None:
    for line in describe_needs(card):
        assert str(card.path.parent) not in line
        assert line.endswith(".")
