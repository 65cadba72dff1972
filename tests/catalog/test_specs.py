from collections.abc import Callable
from pathlib import Path

import pytest

from weft.catalog.types import (
    Accelerator,
    FakeSpec,
    GpuServerSpec,
    LlamaCppSpec,
    ModelCard,
    OpenVinoSpec,
    RemoteSpec,
)

OWN = 'id = "our/own"\ncontext_window_tokens = 4096\n'

LoadCard = Callable[..., ModelCard]


def test_engine_specs_when_several_kinds_are_named_then_in_the_order_of_the_file(
    load_card: LoadCard,
) -> None:
    card = load_card(
        OWN + '[engines.fake]\nbehaviour = "delay_ms=5"\n'
        '[engines.sglang]\nrepository = "a/b"\ngpus = 2\ngpu_memory_gib = 80\n'
        '[engines.llama_cpp]\nweights = "/w.gguf"\n'
    )
    fake, sglang, llama_cpp = card.engines
    assert fake == FakeSpec(behaviour="delay_ms=5")
    assert sglang == GpuServerSpec("sglang", "a/b", "", gpus=2, gpu_memory_gib=80)
    assert llama_cpp == LlamaCppSpec(weights="/w.gguf")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", ""),
        ("/abs/m.gguf", "/abs/m.gguf"),
        ("package:weft.demo/m.gguf", "package:weft.demo/m.gguf"),
        ("m.gguf", "{here}/m.gguf"),
        ("sub/m.gguf", "{here}/sub/m.gguf"),
        ("~/m.gguf", "{home}/m.gguf"),
    ],
)
def test_engine_specs_when_weights_are_a_path_then_absolute_from_the_file(
    load_card: LoadCard, tmp_path: Path, written: str, expected: str
) -> None:
    (spec,) = load_card(OWN + f'[engines.llama_cpp]\nweights = "{written}"\n').engines
    assert isinstance(spec, LlamaCppSpec)
    assert spec.weights == expected.format(here=tmp_path, home=Path.home())


def test_engine_specs_when_a_remote_is_bound_then_its_secrets_are_not_printed(
    load_card: LoadCard, tmp_path: Path
) -> None:
    (spec,) = load_card(
        OWN + '[engines.remote]\nurl = "http://gpu1:8000/v1/"\napi_key = "hush"\n'
        'ca_file = "ca.pem"\nheaders = { Authorization = "hush" }\n'
    ).engines
    assert isinstance(spec, RemoteSpec)
    assert spec.url == "http://gpu1:8000/v1"
    assert spec.ca_file == str(tmp_path / "ca.pem")
    assert spec.api_key == "hush"
    assert "hush" not in repr(spec)


def test_engine_specs_when_a_key_is_given_twice_then_refused(
    refusal_of: Callable[[str], str],
) -> None:
    text = OWN + '[engines.remote]\nurl = "http://x/v1"\napi_key = "a"\napi_key_file = "b"\n'
    assert refusal_of(text) == "card.toml:5: both `api_key` and `api_key_file`; keep the file"


def test_engine_specs_when_the_split_needs_more_gpus_then_refused(
    refusal_of: Callable[[str], str],
) -> None:
    text = (
        OWN + '[engines.vllm]\nrepository = "a/b"\ngpus = 8\ngpu_memory_gib = 80\n'
        "tensor_parallel = 8\npipeline_parallel = 2\n"
    )
    assert refusal_of(text) == (
        "card.toml:5: `tensor_parallel` x `pipeline_parallel` is 16, and `gpus` is 8"
    )


def test_openvino_when_its_table_is_written_then_its_weights_are_found_from_the_file(
    load_card: LoadCard, tmp_path: Path
) -> None:
    card = load_card(OWN + '[engines.openvino]\nweights = "m.gguf"\nparallel = 3\n')
    assert card.engines == (OpenVinoSpec(weights=f"{tmp_path}/m.gguf", parallel=3),)


def test_gpu_server_when_it_runs_on_the_cpu_then_no_gpus_are_asked_for(
    load_card: LoadCard, tmp_path: Path
) -> None:
    table = '[engines.vllm]\nweights = "m"\ndevice = "cpu"\npython = "env/bin/python"\n'
    (spec,) = load_card(OWN + table).engines
    assert spec == GpuServerSpec(
        *("vllm", "", "", 0, 0),
        weights=f"{tmp_path}/m",
        python=f"{tmp_path}/env/bin/python",
        device=Accelerator.CPU,
    )


@pytest.mark.parametrize(
    ("table", "line", "said"),
    [
        ("gpus = 1\ngpu_memory_gib = 8\n", 3, "[engines.vllm] needs `repository`, or `weights`"),
        ('repository = "a/b"\ngpus = 1\n', 3, "[engines.vllm] needs `gpu_memory_gib`"),
        (
            'repository = "a/b"\ngpus = 3\ngpu_memory_gib = 8\nnodes = 2\n',
            7,
            "`gpus` is 3, which 2 nodes cannot share evenly",
        ),
        (
            'repository = "a/b"\ngpus = 4\ngpu_memory_gib = 8\ntensor_parallel = 4\ndata_parallel = 2\n',
            5,
            "`tensor_parallel` x `pipeline_parallel` x `data_parallel` is 8, and `gpus` is 4",
        ),
    ],
)
def test_gpu_server_when_its_keys_cannot_be_true_then_the_line_is_named(
    refusal_of: Callable[[str], str], table: str, line: int, said: str
) -> None:
    assert refusal_of(f"{OWN}[engines.vllm]\n{table}") == f"card.toml:{line}: {said}"
