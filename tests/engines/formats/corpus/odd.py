"""Odd outputs, written by hand, with what they mean: what models get wrong, and what only looks like a call.

Each is the raw text, its content, its calls (name and arguments; an id where the format has one), and where they
differ from nothing the reasoning and the prompt.
"""

from tests.engines.formats.corpus.plan import Case


def odd(
    raw: str,
    content: str = "",
    *calls: tuple[str, str] | tuple[str, str, str],
    reasoning: str = "",
    prompt: str = "",
) -> Case:
    found = [[name, more[0] if more else "", arguments] for name, arguments, *more in calls]
    return Case("odd", raw, prompt, reasoning, content, [list(call) for call in found])


def _json_in(opening: str, closing: str, key: str) -> list[Case]:
    """What holds wherever a call is a JSON object between two markers."""

    def call(inside: str, behind: str = "") -> str:
        return opening + inside + closing + behind

    return [
        odd(call(f'{{"name": "now", "{key}": {{}}}}'), "", ("now", "{}")),
        odd(call('{"name": "now"}'), "", ("now", "{}")),
        odd(call(f'{{"name": "now", "{key}": null}}'), "", ("now", "{}")),
        odd(
            call(f'{{"name": "now", "{key}": "{{\\"a\\": \\"\\u00e9\\"}}"}}'),
            "",
            ("now", '{"a": "é"}'),
        ),
        odd(call(f'{{"name": "now", "{key}": "no JSON"}}'), "", ("now", "no JSON")),
        odd(call(f'{{"name": "now", "{key}": [1, 2]}}'), "", ("now", "[1, 2]")),
        odd(
            call(f'{{"name": "now", "{key}": {{"a": [1}}}}'),
            "",
            ("now", '{"a": [1}}' + closing.partition("<")[0]),
        ),
        odd(call(f'{{"name": "now", "{key}": {{"a": tru, }}}}'), "", ("now", '{"a": tru, }')),
        odd(
            call(f'{{"name": "now", "{key}": {{"a": "one\ntwo"}}}}'),
            "",
            ("now", '{"a": "one\ntwo"}'),
        ),
        odd(
            call(f'{{"id": "7", "type": "function", "name": "now", "{key}": {{}}}}'),
            "",
            ("now", "{}", "7"),
        ),
        odd(call(f'{{"name": "n\\u006fw", "{key}": {{}}}}'), "", ("now", "{}")),
        *(
            odd(call(text), call(text))
            for text in (
                "",
                "{}",
                "now()",
                '{"name": ',
                '{"name": 5, "x": {}}',
                f'{{"{key}": {{}}}}',
                f'{{"name": "", "{key}": {{}}}}',
                f'{{"name": "now", "other": 1, "{key}": {{}}}}',
                '{"name": "now", "name": "now"}',
                f'{{"name": "now" "{key}": {{}}}}',
                f"{{'name': 'now', '{key}': {{}}}}",
                f'{{"name": "now\\ud800", "{key}": {{}}}}',
                f'{{"name": "now", "{key}":}}',
                '{"type": "other", "name": "now"}',
            )
        ),
    ]


HERMES = [
    *_json_in("<tool_call>", "</tool_call>", "arguments"),
    odd('<tool_call><tool_call>{"name": "now"}</tool_call>', "<tool_call>", ("now", "{}")),
    odd('<tool_call>{"name": "now", "arguments": {"a": 1}', "", ("now", '{"a": 1}')),
    odd(
        '<tool_call>{"name": "now", "arguments": {"a": 1}}}</tool_call>',
        "}</tool_call>",
        ("now", '{"a": 1}'),
    ),
    odd(
        '<tool_call>{"name": "now", "arguments": {"a": <tool_call>{"name": "now"}</tool_call>',
        "",
        ("now", '{"a": '),
        ("now", "{}"),
    ),
    odd(
        '<tool_call>{"name": "now", "arguments": {"a": "forgotten\n}}</tool_call> and on',
        "and on",
        ("now", '{"a": "forgotten\n}}'),
    ),
    odd("Tags are `<tool_call>` and `</tool_call>`.", "Tags are `<tool_call>` and `</tool_call>`."),
    odd("<tool_call", "<tool_call"),
    odd("<tool_call>\n\n", "<tool_call>\n\n"),
    odd("Hi <tool_calls>x", "Hi <tool_calls>x"),
    odd(
        '<think>maybe <tool_call>{"name": "now"}</tool_call></think>no',
        "no",
        reasoning='maybe <tool_call>{"name": "now"}</tool_call>',
    ),
    odd('<think>so <tool_call>{"name": "now"}', "", reasoning='so <tool_call>{"name": "now"}'),
    odd("  plain \n", "  plain \n"),
    odd("", ""),
]
_V3 = "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>"
_V3_END = "<｜tool▁call▁end｜><｜tool▁calls▁end｜>"
DEEPSEEK_V3 = [
    odd(f"{_V3}now\n```json\n{{}}\n```{_V3_END}", "", ("now", "{}")),
    odd(f"{_V3}now\n```json\n{{}}```{_V3_END}", "", ("now", "{}")),
    odd(f"{_V3}now\n```json\n\n```{_V3_END}", "", ("now", "{}")),
    odd(f"{_V3}now\n```json\n{{}}{_V3_END}", "", ("now", "{}")),
    odd(f'{_V3}now\n```json\n{{"a": "```"}}\n```{_V3_END} ok', "ok", ("now", '{"a": "```"}')),
    odd(f'{_V3}now\n```json\n{{"a": [1}}\n```{_V3_END}', "", ("now", '{"a": [1}')),
    odd(f"{_V3}now\n```json\nplain words\n```{_V3_END}", "", ("now", "plain words")),
    odd(f"{_V3}now\n```json\n{{", "", ("now", "{")),
    odd(
        _V3.removeprefix("<｜tool▁calls▁begin｜>") + "now\n```json\n{}\n```<｜tool▁call▁end｜>x",
        "x",
        ("now", "{}"),
    ),
    *(
        odd(raw, raw)
        for raw in (
            f"{_V3}now\n{{}}{_V3_END}",
            f"{_V3}now\n```json",
            f"{_V3}now",
            _V3,
            f"{_V3}{_V3_END}",
            "<｜tool▁calls▁begin｜><｜tool▁calls▁end｜>",
            "<｜tool▁calls▁begin｜> is a token",
            "<｜tool▁call▁begin｜>function",
            "<|tool▁calls▁begin|>",
        )
    ),
]
_V31 = "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>"
DEEPSEEK_V31 = [
    odd(f"{_V31}now<｜tool▁sep｜>{{}}{_V3_END}", "", ("now", "{}")),
    odd(f"{_V31}now<｜tool▁sep｜>{_V3_END}", "", ("now", "{}")),
    odd(f"{_V31}function<｜tool▁sep｜>{{}}{_V3_END}", "", ("function", "{}")),
    odd(f'{_V31}now<｜tool▁sep｜>{{"a": [1}}{_V3_END}', "", ("now", '{"a": [1}')),
    odd(f'{_V31}now<｜tool▁sep｜>{{"a": 1}} yes{_V3_END}', "yes" + _V3_END, ("now", '{"a": 1}')),
    odd(
        f"{_V31}now<｜tool▁sep｜>{{}}<｜tool▁call▁end｜><｜tool▁call▁begin｜>now<｜tool▁sep｜>x",
        "<｜tool▁call▁begin｜>now<｜tool▁sep｜>x",
        ("now", "{}"),
    ),
    odd(f"{_V31}now<｜tool▁sep｜>a=1{_V3_END}", f"{_V31}now<｜tool▁sep｜>a=1{_V3_END}"),
]
_KIMI = "<|tool_calls_section_begin|><|tool_call_begin|>"
_KIMI_END = "<|tool_call_end|><|tool_calls_section_end|>"
_ARGUMENTS = "<|tool_call_argument_begin|>"
KIMI_K2 = [
    odd(f"{_KIMI}functions.now:0{_ARGUMENTS}{{}}{_KIMI_END}", "", ("now", "{}", "functions.now:0")),
    odd(f"{_KIMI}functions.now:12{_ARGUMENTS}{_KIMI_END}", "", ("now", "{}", "functions.now:12")),
    odd(f"{_KIMI}now:1{_ARGUMENTS}{{}}{_KIMI_END}", "", ("now", "{}", "now:1")),
    odd(f"{_KIMI}now{_ARGUMENTS}{{}}{_KIMI_END}", "", ("now", "{}", "now")),
    odd(
        f"{_KIMI}functions.a.b:c:0{_ARGUMENTS}{{}}{_KIMI_END}",
        "",
        ("a.b:c", "{}", "functions.a.b:c:0"),
    ),
    odd(f"{_KIMI} now \n{_ARGUMENTS} {{}} {_KIMI_END}", "", ("now", "{}", "now")),
    odd(f"{_KIMI}now:0{_ARGUMENTS}words{_KIMI_END}", "", ("now", "words", "now:0")),
    odd(f'{_KIMI}now:0{_ARGUMENTS}{{"a": "', "", ("now", '{"a": "', "now:0")),
    odd(f"{_KIMI}now:0{_ARGUMENTS}{{}}<|tool_call_end|>", "", ("now", "{}", "now:0")),
    *(
        odd(raw, raw)
        for raw in (
            f"{_KIMI}{_ARGUMENTS}{{}}{_KIMI_END}",
            f"{_KIMI}now:0{{}}{_KIMI_END}",
            f"{_KIMI}now:0{_ARGUMENTS}",
            f"{_KIMI}two words{_ARGUMENTS}{{}}{_KIMI_END}",
            "<|tool_calls_section_begin|><|tool_calls_section_end|>",
            "The token <|tool_call_begin|> opens a call.",
        )
    ),
]
PHI4_MINI = [
    *_json_in("<|tool_call|>[", "]<|/tool_call|>", "arguments"),
    odd('<|tool_call|>{"name": "now"}<|/tool_call|>', "", ("now", "{}")),
    odd('<|tool_call|>[{"name": "now"}, 5]<|/tool_call|>', ", 5]<|/tool_call|>", ("now", "{}")),
    odd('functools[{"name": "now"},{"name": "now"}', "", ("now", "{}"), ("now", "{}")),
    odd('functools [ {"name": "now"} , {"name": "now"} ] ', "", ("now", "{}"), ("now", "{}")),
    odd("import functools", "import functools"),
    odd("functools[0] and functools.wraps", "functools[0] and functools.wraps"),
    odd('functools{"name": "now"}', 'functools{"name": "now"}'),
]
