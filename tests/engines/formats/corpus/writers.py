"""How each format is written, after its public specification. Knows no parser.

A writer puts a plan in the form of its family and says what that means: the reasoning, the content, and for each call
its name, its id and its arguments.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, cast

from tests.engines.formats.corpus.plan import Call, Case, Plan, as_json

from weft.engines.formats.types import Format

THINK_PROMPT = "<think>\n"
WHITE = ("\n", "", "\n\n", " ")
TRAIL = ("", "\n", "\n\n", " ")
Write = Callable[[Random, Plan], Case]


@dataclass(frozen=True)
class Family:
    """A format, and how it is written."""

    format: Format
    write: Write
    markers: tuple[str, ...]
    """What its strings may hold although it means something outside of them."""
    is_strange: bool = True
    """Whether a tool that there is not can be called."""
    calls_in_a_turn: int = 3
    """How many calls its chat template has for one turn."""


def _thought(chance: Random, plan: Plan) -> tuple[str, str]:
    """The reasoning in front of an answer, and the prompt's end."""
    if not plan.thought:
        return "", ""
    line = chance.choice(("\n", ""))
    close = f"{line}</think>" + chance.choice(("\n\n", "\n", ""))
    if chance.random() < 0.5:
        return f"{plan.thought}{close}", THINK_PROMPT
    return f"<think>{line}{plan.thought}{close}", ""


def _around(chance: Random, plan: Plan, written: str) -> tuple[str, str]:
    """The texts around what is written for the calls, and the content that they make up."""
    lead = chance.choice(WHITE) if plan.before and plan.calls else ""
    trail = chance.choice(TRAIL) if plan.calls else ""
    content = plan.before + (lead if plan.after else "") + plan.after
    return f"{plan.before}{lead}{written}{trail}{plan.after}", content


def _case(chance: Random, plan: Plan, written: str, calls: list[list[Any]]) -> Case:
    thought, prompt = _thought(chance, plan)
    text, content = _around(chance, plan, written)
    return Case("well-formed", thought + text, prompt, plan.thought, content, calls)


def _object(chance: Random, call: Call, key: str) -> tuple[str, str]:
    """A call as one JSON object, and its arguments."""
    arguments = as_json(chance, call.arguments)
    name = as_json(chance, call.name)
    edge, inner = chance.choice((("", " "), ("", ""), (" ", " "), ("\n  ", "\n  ")))
    members = [f'"name": {name}', f'"{key}":{inner}{arguments}']
    if chance.random() > 0.85:
        members.reverse()
    return "{" + edge + f",{inner}".join(members) + edge + "}", arguments


def write_think(chance: Random, plan: Plan) -> Case:
    return _case(chance, Plan(plan.thought, plan.before or plan.after), "", [])


def write_hermes(chance: Random, plan: Plan) -> Case:
    written, calls = list[str](), list[list[Any]]()
    for call in plan.calls:
        text, arguments = _object(chance, call, "arguments")
        line = chance.choice(("\n", ""))
        written.append(f"<tool_call>{line}{text}{line}</tool_call>")
        calls.append([call.name, "", arguments])
    return _case(chance, plan, chance.choice(WHITE).join(written), calls)


def write_qwen3_coder(chance: Random, plan: Plan) -> Case:
    written, calls = list[str](), list[list[Any]]()
    for call in plan.calls:
        parameters = ""
        for key, value in call.arguments.items():
            text = value if isinstance(value, str) else as_json(chance, value)
            parameters += f"<parameter={key}>\n{text}\n</parameter>\n"
        written.append(
            f"<tool_call>\n<function={call.name}>\n{parameters}</function>\n</tool_call>"
        )
        calls.append([call.name, "", call.arguments])
    return _case(chance, plan, chance.choice(WHITE).join(written), calls)


def write_harmony(chance: Random, plan: Plan) -> Case:
    messages, calls = list[str](), list[list[Any]]()
    if plan.thought:
        messages.append(f"<|channel|>analysis<|message|>{plan.thought}<|end|>")
    if plan.before:
        channel = "commentary" if plan.calls else "final"
        messages.append(f"<|channel|>{channel}<|message|>{plan.before}<|end|>")
    for call in plan.calls:
        arguments = as_json(chance, call.arguments)
        to = f"to=functions.{call.name}"
        kind = chance.choice((" <|constrain|>json", " json", ""))
        head = chance.choice(
            (f"<|channel|>commentary {to}{kind}", f" {to}<|channel|>commentary{kind}")
        )
        messages.append(f"{head}<|message|>{arguments}<|call|>")
        calls.append([call.name, "", arguments])
    if plan.after:
        messages.append(f"<|channel|>final<|message|>{plan.after}<|return|>")
    raw = "<|start|>assistant".join(messages)
    if chance.random() < 0.5:  # engines take the token that ends a turn away
        raw = raw.removesuffix("<|call|>").removesuffix("<|return|>")
    return Case("well-formed", raw, "", plan.thought, plan.before + plan.after, calls)


def write_deepseek_v3(chance: Random, plan: Plan) -> Case:
    written, calls = list[str](), list[list[Any]]()
    for call in plan.calls:
        arguments = as_json(chance, call.arguments)
        written.append(
            f"<｜tool▁call▁begin｜>function<｜tool▁sep｜>{call.name}\n```json\n{arguments}\n```"
            "<｜tool▁call▁end｜>"
        )
        calls.append([call.name, "", arguments])
    return _case(chance, plan, _section("\n".join(written)), calls)


def write_deepseek_v31(chance: Random, plan: Plan) -> Case:
    written, calls = "", list[list[Any]]()
    for call in plan.calls:
        arguments = as_json(chance, call.arguments)
        written += f"<｜tool▁call▁begin｜>{call.name}<｜tool▁sep｜>{arguments}<｜tool▁call▁end｜>"
        calls.append([call.name, "", arguments])
    return _case(chance, plan, _section(written), calls)


def _section(written: str) -> str:
    return f"<｜tool▁calls▁begin｜>{written}<｜tool▁calls▁end｜>" if written else ""


def write_kimi_k2(chance: Random, plan: Plan) -> Case:
    written, calls = "", list[list[Any]]()
    first = chance.choice((0, 0, 3))
    for number, call in enumerate(plan.calls, first):
        arguments = as_json(chance, call.arguments)
        call_id = f"functions.{call.name}:{number}"
        written += (
            f"<|tool_call_begin|>{call_id}<|tool_call_argument_begin|>{arguments}<|tool_call_end|>"
        )
        calls.append([call.name, call_id, arguments])
    if written:
        written = f"<|tool_calls_section_begin|>{written}<|tool_calls_section_end|>"
    return _case(chance, plan, written, calls)


def write_llama3(chance: Random, plan: Plan) -> Case:
    plan = Plan("", "" if plan.calls else plan.before, plan.calls, plan.after)
    written, calls = list[str](), list[list[Any]]()
    for call in plan.calls:
        text, arguments = _object(chance, call, "parameters")
        written.append(text)
        calls.append([call.name, "", arguments])
    tag = chance.choice(("", "<|python_tag|>")) if plan.calls else ""
    return _case(chance, plan, tag + chance.choice(("; ", ";", "\n")).join(written), calls)


def write_phi4(chance: Random, plan: Plan) -> Case:
    plan = Plan("", plan.before, plan.calls, plan.after)
    written, calls = list[str](), list[list[Any]]()
    for call in plan.calls:
        text, arguments = _object(chance, call, "arguments")
        written.append(text)
        calls.append([call.name, "", arguments])
    listed = ""
    if written:
        listed = "[" + chance.choice((", ", ",", ",\n ")).join(written) + "]"
        opening, closing = chance.choice(
            (("<|tool_call|>", "<|/tool_call|>"), ("functools", ""), ("functools ", ""))
        )
        listed = opening + listed + closing
    return _case(chance, plan, listed, calls)


def write_llama4(chance: Random, plan: Plan) -> Case:
    plan = Plan("", plan.before, plan.calls, plan.after)
    written, calls = list[str](), list[list[Any]]()
    for call in plan.calls:
        equals = chance.choice(("=", "=", " = "))
        pairs = [f"{key}{equals}{_python(chance, it)}" for key, it in call.arguments.items()]
        written.append(f"{call.name}(" + chance.choice((", ", ",", ",\n  ")).join(pairs) + ")")
        calls.append([call.name, "", call.arguments])
    if not written:
        return _case(chance, plan, "", calls)
    listed = "[" + chance.choice((", ", ",")).join(written) + "]"
    if plan.before or chance.random() < 0.4:
        listed = f"<|python_start|>{listed}<|python_end|>"
    return _case(chance, plan, listed, calls)


def _python(chance: Random, value: Any) -> str:
    """A value as a Python literal."""
    if isinstance(value, str):
        return _python_string(chance, value)
    if isinstance(value, list):
        items = [_python(chance, item) for item in cast("list[Any]", value)]
        return "[" + ", ".join(items) + (chance.choice(("", ",")) if items else "") + "]"
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value).items()
        return (
            "{" + ", ".join(f"{_python(chance, k)}: {_python(chance, v)}" for k, v in members) + "}"
        )
    return repr(value)


def _python_string(chance: Random, text: str) -> str:
    style = chance.randrange(3)
    if style == 0:
        return repr(text)
    if style == 1:
        return ascii(text)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


FAMILIES = {
    "think": Family(Format.THINK, write_think, ("<think>",)),
    "hermes": Family(Format.HERMES, write_hermes, ("<tool_call>", "</tool_call>", "</think>")),
    "qwen3_coder": Family(
        Format.QWEN3_CODER, write_qwen3_coder, ("<tool_call>", "</tool_call>", "<function=x>")
    ),
    "harmony": Family(
        Format.HARMONY, write_harmony, ("<|call|>", "<|start|>", "<|end|>"), calls_in_a_turn=1
    ),
    "deepseek_v3": Family(
        Format.DEEPSEEK, write_deepseek_v3, ("<｜tool▁call▁end｜>", "```", "<｜tool▁calls▁end｜>")
    ),
    "deepseek_v31": Family(
        Format.DEEPSEEK, write_deepseek_v31, ("<｜tool▁call▁end｜>", "<｜tool▁call▁begin｜>")
    ),
    "kimi_k2": Family(
        Format.KIMI_K2, write_kimi_k2, ("<|tool_call_end|>", "<|tool_calls_section_end|>")
    ),
    "llama3_json": Family(
        Format.LLAMA3_JSON,
        write_llama3,
        ("<|python_tag|>", '"}; {"'),
        is_strange=False,
        calls_in_a_turn=1,
    ),
    "llama4_pythonic": Family(
        Format.LLAMA4_PYTHONIC, write_llama4, ("<|python_end|>", ")]", "now()"), is_strange=False
    ),
    "phi4_mini": Family(Format.PHI4_MINI, write_phi4, ("<|/tool_call|>", "functools[", "}]")),
}
