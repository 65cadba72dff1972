"""The families of the catalog.

Tokens are those of the published `tokenizer.json` files, as far as formats use them.
"""

from .draw import CERTAIN, LIKELY, RARE
from .family import Family
from .kinds.deepseek import DEEPSEEK, KIMI
from .kinds.gpt_oss import GPT_OSS
from .kinds.llama import LLAMA
from .kinds.llama4 import LLAMA_4
from .kinds.phi3 import PHI3
from .kinds.qwen3_moe import QWEN3_MOE
from .vocabulary import LINE_END, Shape

_LLAMA_3 = Shape(
    pre="llama-bpe",
    bos="<|begin_of_text|>",
    eos="<|eot_id|>",
    pad="<|finetune_right_pad_id|>",
    control=(
        "<|begin_of_text|>",
        "<|end_of_text|>",
        "<|finetune_right_pad_id|>",
        "<|start_header_id|>",
        "<|end_header_id|>",
        "<|eom_id|>",
        "<|eot_id|>",
        "<|python_tag|>",
    ),
    adds_bos=True,
)
_LLAMA_4 = Shape(
    pre="llama4",
    bos="<|begin_of_text|>",
    eos="<|eot|>",
    pad="<|finetune_right_pad|>",
    control=(
        "<|begin_of_text|>",
        "<|end_of_text|>",
        "<|finetune_right_pad|>",
        "<|header_start|>",
        "<|header_end|>",
        "<|eom|>",
        "<|eot|>",
        "<|python_start|>",
        "<|python_end|>",
        "<|image_start|>",
        "<|image_end|>",
        "<|image|>",
        "<|patch|>",
        "<|tile_x_separator|>",
        "<|tile_y_separator|>",
    ),
    adds_bos=True,
)
_QWEN_3 = Shape(
    pre="qwen2",
    bos="<|endoftext|>",
    eos="<|im_end|>",
    pad="<|endoftext|>",
    control=("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
    visible=(
        "<tool_call>",
        "</tool_call>",
        "<tool_response>",
        "</tool_response>",
        "<think>",
        "</think>",
    ),
)
_GPT_OSS = Shape(
    pre="gpt-4o",
    bos="<|startoftext|>",
    eos="<|return|>",
    pad="<|endoftext|>",
    control=(
        "<|startoftext|>",
        "<|endoftext|>",
        "<|return|>",
        "<|constrain|>",
        "<|channel|>",
        "<|start|>",
        "<|end|>",
        "<|message|>",
        "<|call|>",
    ),
)
_DEEPSEEK = Shape(
    pre="deepseek-v3",
    bos="<｜begin▁of▁sentence｜>",
    eos="<｜end▁of▁sentence｜>",
    pad="<｜▁pad▁｜>",
    control=("<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜▁pad▁｜>"),
    visible=(
        "<think>",
        "</think>",
        "<｜User｜>",
        "<｜Assistant｜>",
        "<｜tool▁calls▁begin｜>",
        "<｜tool▁calls▁end｜>",
        "<｜tool▁call▁begin｜>",
        "<｜tool▁call▁end｜>",
        "<｜tool▁outputs▁begin｜>",
        "<｜tool▁outputs▁end｜>",
        "<｜tool▁output▁begin｜>",
        "<｜tool▁output▁end｜>",
        "<｜tool▁sep｜>",
    ),
    adds_bos=True,
)
_KIMI = Shape(
    pre="kimi-k2",
    bos="[BOS]",
    eos="<|im_end|>",
    pad="[PAD]",
    control=(
        "[BOS]",
        "[EOS]",
        "[PAD]",
        "<|im_end|>",
        "<|im_user|>",
        "<|im_assistant|>",
        "<|im_system|>",
        "<|im_middle|>",
        "<|tool_calls_section_begin|>",
        "<|tool_calls_section_end|>",
        "<|tool_call_begin|>",
        "<|tool_call_argument_begin|>",
        "<|tool_call_end|>",
    ),
)
_PHI_4 = Shape(
    pre="gpt-4o",
    bos="<|endoftext|>",
    eos="<|end|>",
    pad="<|endoftext|>",
    control=(
        "<|endoftext|>",
        "<|end|>",
        "<|system|>",
        "<|user|>",
        "<|assistant|>",
        "<|tool|>",
        "<|/tool|>",
        "<|tool_call|>",
        "<|/tool_call|>",
        "<|tool_response|>",
    ),
)
_CALLS = {"<tool_call>": {LINE_END: CERTAIN}}

FAMILIES = {
    family.name: family
    for family in (
        Family(
            "llama-3",
            ("meta-llama/Llama-3.1-8B-Instruct", "meta-llama/Llama-3.3-70B-Instruct"),
            LLAMA,
            _LLAMA_3,
            "llama-3.jinja",
            anywhere={"<|eot_id|>": LIKELY, '{"': LIKELY},
        ),
        Family(
            "qwen3-instruct",
            ("Qwen/Qwen3-235B-A22B-Instruct-2507",),
            QWEN3_MOE,
            _QWEN_3,
            "qwen3-instruct.jinja",
            anywhere={"<|im_end|>": LIKELY, "<tool_call>": LIKELY},
            after=_CALLS,
        ),
        Family(
            "qwen3-thinking",
            ("Qwen/Qwen3-235B-A22B-Thinking-2507",),
            QWEN3_MOE,
            _QWEN_3,
            "qwen3-thinking.jinja",
            anywhere={"<|im_end|>": RARE, "</think>": LIKELY, "<tool_call>": LIKELY},
            after=_CALLS,
            seed=2,
        ),
        Family(
            "qwen3-coder",
            ("Qwen/Qwen3-Coder-480B-A35B-Instruct",),
            QWEN3_MOE,
            _QWEN_3,
            "qwen3-coder.jinja",
            anywhere={"<|im_end|>": LIKELY, "<tool_call>": LIKELY},
            after=_CALLS,
            seed=3,
        ),
        Family(
            "gpt-oss",
            ("openai/gpt-oss-20b", "openai/gpt-oss-120b"),
            GPT_OSS,
            _GPT_OSS,
            "gpt-oss.jinja",
            anywhere={"<|end|>": LIKELY, "<|return|>": RARE},
            after={
                "<|start|>": {"assistant": CERTAIN},
                "assistant": {"<|channel|>": CERTAIN},
                # Set so that each comes up: what the layers add speaks for `analysis`.
                "<|channel|>": {
                    "analysis": CERTAIN,
                    "commentary": CERTAIN + 4,
                    "final": CERTAIN + 1,
                },
                "analysis": {"<|message|>": CERTAIN},
                # A recipient may follow, but hardly ever does: without one of its tools llama.cpp cannot read it.
                "commentary": {"<|message|>": CERTAIN, "Ġto": CERTAIN - 5},
                "final": {"<|message|>": CERTAIN},
                "<|end|>": {"<|start|>": CERTAIN},
            },
        ),
        Family(
            "deepseek-v3",
            ("deepseek-ai/DeepSeek-V3-0324",),
            DEEPSEEK,
            _DEEPSEEK,
            "deepseek-v3.jinja",
            anywhere={"<｜end▁of▁sentence｜>": LIKELY, "<｜tool▁calls▁begin｜>": LIKELY},
        ),
        Family(
            "deepseek-r1",
            ("deepseek-ai/DeepSeek-R1-0528",),
            DEEPSEEK,
            _DEEPSEEK,
            "deepseek-r1.jinja",
            anywhere={
                "<｜end▁of▁sentence｜>": RARE,
                "</think>": LIKELY,
                "<｜tool▁calls▁begin｜>": LIKELY,
            },
            seed=2,
        ),
        Family(
            "kimi-k2",
            ("moonshotai/Kimi-K2-Instruct",),
            KIMI,
            _KIMI,
            "kimi-k2.jinja",
            anywhere={"<|im_end|>": LIKELY, "<|tool_calls_section_begin|>": LIKELY},
        ),
        Family(
            "llama-4-scout",
            ("meta-llama/Llama-4-Scout-17B-16E-Instruct",),
            LLAMA_4,
            _LLAMA_4,
            "llama-4.jinja",
            anywhere={"<|eot|>": LIKELY, '{"': LIKELY},
        ),
        Family(
            "phi-4-mini",
            ("microsoft/Phi-4-mini-instruct",),
            PHI3,
            _PHI_4,
            "phi-4-mini.jinja",
            anywhere={"<|end|>": 4.5, "<|tool_call|>": 3.5},
        ),
    )
}
