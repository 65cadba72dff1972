"""Chat templates that write calls as each family's does, and little else: from them llama.cpp derives its parser."""

from dataclasses import dataclass

_OBJECT = (
    """'{"name": "' ~ call.function.name ~ '", "KEY": ' ~ call.function.arguments | tojson ~ '}'"""
)
_CODER = (
    "'<tool_call>\\n<function=' ~ call.function.name ~ '>\\n' }}"
    "{%- for name, value in call.function.arguments | items -%}"
    "{{ '<parameter=' ~ name ~ '>\\n' ~ (value if value is string else value | tojson)"
    " ~ '\\n</parameter>\\n' }}{%- endfor -%}{{ '</function>\\n</tool_call>'"
)


@dataclass(frozen=True)
class Form:
    """How a family's template writes turns and calls. What is Jinja is marked so."""

    call: str
    """Jinja: one call."""
    opening: str = ""
    between: str = ""
    closing: str = ""
    user: str = "<|im_start|>user\\n"
    assistant: str = "<|im_start|>assistant\\n"
    end: str = "<|im_end|>\\n"
    thinks: bool = False
    """The prompt opens the reasoning."""

    def template(self) -> str:
        """The whole template."""
        thought = "<think>\\n' ~ message.reasoning_content ~ '\\n</think>\\n\\n"
        return (
            "{%- if tools -%}{{ 'Tools: ' ~ tools | tojson ~ '\\n' }}{%- endif -%}"
            "{%- for message in messages -%}{%- if message.role == 'assistant' -%}"
            f"{{{{ '{self.assistant}' }}}}"
            + self.thinks
            * f"{{%- if message.reasoning_content -%}}{{{{ '{thought}' }}}}{{%- endif -%}}"
            + "{{ message.content or '' }}{%- if message.tool_calls -%}"
            f"{{{{ '{self.opening}' }}}}{{%- for call in message.tool_calls -%}}"
            f"{{{{ '' if loop.first else '{self.between}' }}}}{{{{ {self.call} }}}}{{%- endfor -%}}"
            f"{{{{ '{self.closing}' }}}}{{%- endif -%}}{{{{ '{self.end}' }}}}"
            f"{{%- else -%}}{{{{ '{self.user}' ~ message.content ~ '{self.end}' }}}}"
            "{%- endif -%}{%- endfor -%}{%- if add_generation_prompt -%}"
            f"{{{{ '{self.assistant}' }}}}{self.thinks * _OPEN_THOUGHT}{{%- endif -%}}"
        )


_OPEN_THOUGHT = "{{ '<think>\\n' }}"
_HERMES = "'<tool_call>\\n' ~ " + _OBJECT.replace("KEY", "arguments") + " ~ '\\n</tool_call>'"
_DEEPSEEK_TURNS = ("<｜User｜>", "<｜Assistant｜>", "<｜end▁of▁sentence｜>")
_V3 = (
    "'<｜tool▁call▁begin｜>function<｜tool▁sep｜>' ~ call.function.name ~ '\\n```json\\n'"
    " ~ call.function.arguments | tojson ~ '\\n```<｜tool▁call▁end｜>'"
)
_V31 = (
    "'<｜tool▁call▁begin｜>' ~ call.function.name ~ '<｜tool▁sep｜>'"
    " ~ call.function.arguments | tojson ~ '<｜tool▁call▁end｜>'"
)
_SECTION = ("<｜tool▁calls▁begin｜>", "\\n", "<｜tool▁calls▁end｜>")
_KIMI = (
    "'<|tool_call_begin|>' ~ call.id ~ '<|tool_call_argument_begin|>'"
    " ~ call.function.arguments | tojson ~ '<|tool_call_end|>'"
)
_HARMONY = (
    "'<|channel|>commentary to=functions.' ~ call.function.name ~ ' <|constrain|>json<|message|>'"
    " ~ call.function.arguments | tojson ~ '<|call|>'"
)

FORMS = {
    "hermes": Form(_HERMES, between="\\n"),
    "hermes, thinking": Form(_HERMES, between="\\n", thinks=True),
    "qwen3_coder": Form(_CODER, between="\\n"),
    "harmony": Form(
        _HARMONY,
        user="<|start|>user<|message|>",
        assistant="<|start|>assistant",
        end="<|end|>",
    ),
    "deepseek_v3": Form(_V3, *_SECTION, *_DEEPSEEK_TURNS),
    "deepseek_v3, thinking": Form(_V3, *_SECTION, *_DEEPSEEK_TURNS, thinks=True),
    "deepseek_v31": Form(_V31, _SECTION[0], "", _SECTION[2], *_DEEPSEEK_TURNS),
    "kimi_k2": Form(
        _KIMI,
        "<|tool_calls_section_begin|>",
        "",
        "<|tool_calls_section_end|>",
        "<|im_user|>user<|im_middle|>",
        "<|im_assistant|>assistant<|im_middle|>",
        "<|im_end|>",
    ),
    "llama3_json": Form(
        _OBJECT.replace("KEY", "parameters"),
        user="<|start_header_id|>user<|end_header_id|>\\n\\n",
        assistant="<|start_header_id|>assistant<|end_header_id|>\\n\\n",
        end="<|eot_id|>",
    ),
    "phi4_mini": Form(
        _OBJECT.replace("KEY", "arguments"),
        "<|tool_call|>[",
        ", ",
        "]<|/tool_call|>",
        "<|user|>",
        "<|assistant|>",
        "<|end|>",
    ),
}
