"""OpenVINO GenAI as far as it is used here, in types: the package is an extra, and is loaded in the child only.

Owns no behaviour. Names and meanings are those of openvino_genai 2026.4 (`py_openvino_genai.pyi`).
"""
# ruff: noqa: D102 - what the methods do is the library's to say

import importlib
from collections.abc import Mapping, Sequence
from typing import Protocol, cast


class Enumerated(Protocol):
    """A member of one of its enumerations."""

    name: str


class Tensor(Protocol):
    """Numbers in a shape."""

    shape: Sequence[int]
    data: Sequence[Sequence[int]]


class Encoded(Protocol):
    """A tokenised text."""

    input_ids: Tensor


class Tokenizer(Protocol):
    """`Tokenizer`."""

    chat_template: str

    def get_original_chat_template(self) -> str: ...

    def get_vocab(self) -> dict[bytes, int]: ...

    def get_bos_token(self) -> str: ...

    def get_eos_token(self) -> str: ...

    def get_eos_token_id(self) -> int: ...

    def encode(self, prompt: str, /, *, add_special_tokens: bool) -> Encoded: ...

    def decode(self, tokens: Sequence[int], *, skip_special_tokens: bool) -> str: ...


class StructuredOutput(Protocol):
    """`StructuredOutputConfig`."""

    grammar: str | None


class Generation(Protocol):
    """`GenerationConfig`."""

    max_new_tokens: int
    min_new_tokens: int
    ignore_eos: bool
    eos_token_id: int
    stop_token_ids: set[int]
    do_sample: bool
    temperature: float
    top_p: float
    top_k: int
    min_p: float
    rng_seed: int
    repetition_penalty: float
    presence_penalty: float
    frequency_penalty: float
    logprobs: int
    structured_output_config: StructuredOutput | None

    def validate(self) -> None: ...


class GenerationOutput(Protocol):
    """What one step made of one answer."""

    generated_ids: list[int]
    generated_log_probs: list[float]
    finish_reason: Enumerated


class GenerationHandle(Protocol):
    """One request."""

    def can_read(self) -> bool: ...

    def read(self) -> dict[int, GenerationOutput]: ...

    def cancel(self) -> None: ...

    def get_status(self) -> Enumerated: ...


class Scheduling(Protocol):
    """`SchedulerConfig`."""

    num_kv_blocks: int
    max_num_seqs: int
    max_num_batched_tokens: int
    enable_prefix_caching: bool


class Pipeline(Protocol):
    """`ContinuousBatchingPipeline`."""

    def get_tokenizer(self) -> Tokenizer: ...

    def get_config(self) -> Generation: ...

    def add_request(
        self, request_id: int, input_ids: Tensor, generation_config: Generation
    ) -> GenerationHandle: ...

    def step(self) -> None: ...

    def has_non_finished_requests(self) -> bool: ...


class Library(Protocol):
    """The module."""

    def SchedulerConfig(self) -> Scheduling: ...  # noqa: N802 - its name

    def GenerationConfig(self) -> Generation: ...  # noqa: N802 - its name

    def StructuredOutputConfig(self) -> StructuredOutput: ...  # noqa: N802 - its name

    def ContinuousBatchingPipeline(  # noqa: N802 - its name
        self,
        models_path: str,
        scheduler_config: Scheduling,
        device: str,
        properties: Mapping[str, str | int],
    ) -> Pipeline: ...


def load_library() -> Library:
    """Import the package: takes a while and a lot of memory.

    Raises:
        ImportError: it is not installed.
    """
    return cast("Library", importlib.import_module("openvino_genai"))


class _Runtime(Protocol):
    """The module `openvino`."""

    def Tensor(self, array: object) -> Tensor: ...  # noqa: N802 - its name


class _Numbers(Protocol):
    """The module `numpy`, which comes with it."""

    def array(self, values: Sequence[Sequence[int]], dtype: str) -> object: ...


def make_tensor(tokens: Sequence[int]) -> Tensor:
    """A prompt as the library takes it."""
    runtime = cast("_Runtime", importlib.import_module("openvino"))
    numbers = cast("_Numbers", importlib.import_module("numpy"))
    return runtime.Tensor(numbers.array([tokens], "int64"))
