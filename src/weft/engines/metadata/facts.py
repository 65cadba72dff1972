"""What is known about a model from its own files, and what its chat template tells. Pure.

A template is a program that nobody runs here: which variables it names says what the model was taught. `tools` is the
variable of Hugging Face's and llama.cpp's renderers, `enable_thinking` that of Qwen3 and those that followed it.
"""

import re
from dataclasses import dataclass

from weft.catalog.types import ReasoningPolicy

_TOOLS = re.compile(r"\btools\b")
_OTHER_SWITCH = re.compile(r"\bthinking is (not )?defined|not thinking is defined")
_THINKS = re.compile(r"<think>|</think>|<\|channel\|>|reasoning_effort")
_OFF = re.compile(
    r"enable_thinking\s*\|\s*default\(\s*false"
    r"|(not enable_thinking is defined|enable_thinking is not defined)[^%]*%}\s*{%-?\s*set enable_thinking = false",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a model's files tell; 0 and empty where they do not."""

    name: str = ""
    architecture: str = ""
    license: str = ""
    context_tokens: int = 0
    parameters_total: int = 0
    quantization: str = ""
    chat_template: str = ""
    size_bytes: int = 0
    """Of the weights."""
    cache_bytes_per_token: int = 0
    """Of keys and values in 16 bits."""
    vision: bool = False
    embedding: bool = False
    """It yields vectors instead of text."""
    likes: int = 0
    """On the hub, as are the downloads."""
    downloads: int = 0

    @property
    def tools(self) -> bool:
        """Whether the template has a place for tools."""
        return _TOOLS.search(self.chat_template) is not None

    @property
    def reasoning(self) -> ReasoningPolicy:
        """Whether the template knows thinking, and lets a request choose."""
        template = self.chat_template
        if "enable_thinking" in template:
            is_off = _OFF.search(template) is not None
            policy = ReasoningPolicy
            return policy.DISABLED_BY_DEFAULT if is_off else policy.ENABLED_BY_DEFAULT
        if not _THINKS.search(template) or _OTHER_SWITCH.search(template):
            return ReasoningPolicy.NONE  # a switch that no request here can reach stays as it is
        return ReasoningPolicy.ALWAYS_ON
