"""More odd outputs, written by hand: formats that are no JSON between markers, and reasoning."""

from tests.engines.formats.corpus.odd import odd
from tests.engines.formats.corpus.plan import Case

THINK = [
    odd("<think>open", "", reasoning="open"),
    odd("<think>open\n\n", "", reasoning="open\n\n"),
    odd("<think>\n\n</think>\n\nHi", "Hi"),
    odd("<think></think>", ""),
    odd("</think>Hi", "</think>Hi"),
    odd("Hi <think>no</think>", "Hi <think>no</think>"),
    odd("<think>a</think>b</think>c", "b</think>c", reasoning="a"),
    odd("<think><think>a</think>b", "b", reasoning="<think>a"),
    odd("<think>a</thin", "", reasoning="a</thin"),
    odd("<thin", "<thin"),
    odd("<thinking>a</thinking>", "<thinking>a</thinking>"),
    odd("a</think>b", "b", reasoning="a", prompt="<think>"),
    odd("a\n", "", reasoning="a\n", prompt="<think>\n"),
    odd("<think>a</think>b", "b", reasoning="a", prompt="<think>\n"),
    odd("</think>b", "b", prompt="<think>\n"),
    odd("a</think>b", "a</think>b", prompt="<think>\n\n</think>\n\n"),
    odd("<think>a</think>  b ", "  b ", reasoning="a"),
    odd("  ", "  "),
]


def _coder(inside: str, behind: str = "") -> str:
    return f"<tool_call>\n{inside}\n</tool_call>{behind}"


def _value(text: str, key: str = "city", name: str = "get_weather") -> str:
    return _coder(f"<function={name}>\n<parameter={key}>\n{text}\n</parameter>\n</function>")


QWEN3_CODER: list[Case] = [
    odd(_coder("<function=now>\n</function>"), "", ("now", "{}")),
    odd(_coder("<function=now></function>"), "", ("now", "{}")),
    odd(_value("\nx\n"), "", ("get_weather", '{"city": "\\nx\\n"}')),
    odd(_value("</tool_call>"), "", ("get_weather", '{"city": "</tool_call>"}')),
    odd(_value("3", "days"), "", ("get_weather", '{"days": 3}')),
    odd(_value(" 3 ", "days"), "", ("get_weather", '{"days": 3}')),
    odd(_value("3.5", "days"), "", ("get_weather", '{"days": "3.5"}')),
    odd(_value("many", "days"), "", ("get_weather", '{"days": "many"}')),
    odd(_value("3", "limit", "search_web"), "", ("search_web", '{"limit": 3}')),
    odd(_value("NaN", "limit", "search_web"), "", ("search_web", '{"limit": "NaN"}')),
    odd(_value("True", "dry-run", "run_code"), "", ("run_code", '{"dry-run": true}')),
    odd(_value("yes", "dry-run", "run_code"), "", ("run_code", '{"dry-run": "yes"}')),
    odd(_value("None", "note", "run_code"), "", ("run_code", '{"note": null}')),
    odd(_value("None", "code", "run_code"), "", ("run_code", '{"code": "None"}')),
    odd(
        _value('["a", {"b": 1}]', "tags", "search_web"),
        "",
        ("search_web", '{"tags": ["a", {"b": 1}]}'),
    ),
    odd(
        _value("{'a': 1}", "filters", "search_web"), "", ("search_web", '{"filters": "{\'a\': 1}"}')
    ),
    odd(_value("5", "other"), "", ("get_weather", '{"other": "5"}')),
    odd(_value("5", "x", "make_tea"), "", ("make_tea", '{"x": "5"}')),
    odd(
        _coder("<function=get_weather>\n<parameter=city>\nx\n<parameter=days>\n3\n</function>"),
        "",
        ("get_weather", '{"city": "x", "days": 3}'),
    ),
    odd("<function=now>\n</function>\n</tool_call>", "", ("now", "{}")),
    odd(
        "<tool_call>\n<function=get_weather>\n<parameter=city>\nPar",
        "",
        ("get_weather", '{"city": "Par'),
    ),
    odd("<tool_call><function=get_weather><parameter=days>\n3", "", ("get_weather", '{"days": 3')),
    odd(
        "<tool_call><function=get_weather><parameter=city>x</parameter> what?</function>",
        "what?</function>",
        ("get_weather", '{"city": "x"'),
    ),
    odd(
        "<tool_call><function=get_weather><parameter=ci ty>x",
        "<parameter=ci ty>x",
        ("get_weather", "{"),
    ),
    *(
        odd(raw, raw)
        for raw in (
            _coder("<function=now>"),
            _coder("<function=>\n</function>"),
            _coder("<function=now>\nwords\n</function>"),
            _coder('{"name": "now"}'),
            "<function=make_tea>\n</function>",
            "<function=now",
            "write <function=NAME> and <parameter=KEY>",
        )
    ),
]
_FINAL = "<|channel|>final<|message|>"
_COMMENTARY = "<|channel|>commentary"
_NEXT = "<|start|>assistant"
HARMONY: list[Case] = [
    odd(f"{_FINAL}Hi<|return|>", "Hi"),
    odd(f"{_FINAL} Hi ", "Hi "),
    odd("Hi", "Hi"),
    odd("<|channel|>analysis<|message|>hm", "", reasoning="hm"),
    odd(f"<|channel|>analysis<|message|><|end|>{_NEXT}{_FINAL}Hi", "Hi"),
    odd(
        "hm<|end|>" + _NEXT + _FINAL + "Hi",
        "Hi",
        reasoning="hm",
        prompt="<|channel|>analysis<|message|>",
    ),
    odd("Hi", "Hi", prompt="<|start|>assistant<|channel|>final<|message|>"),
    odd(f"{_COMMENTARY} to=functions.now<|message|>{{}}<|call|>", "", ("now", "{}")),
    odd(f"{_COMMENTARY} to=functions.now<|message|><|call|>", "", ("now", "{}")),
    odd(f"{_COMMENTARY} to=functions.now<|message|>words<|call|>", "", ("now", "words")),
    odd(f"{_COMMENTARY} to=now<|message|>{{}}", "", ("now", "{}")),
    odd(
        "<|channel|>analysis to=python code<|message|>print(1)<|call|>", "", ("python", "print(1)")
    ),
    odd(f'{_COMMENTARY} to=functions.now<|message|>{{"a": [1}}<|call|>', "", ("now", '{"a": [1}')),
    odd(
        f'{_COMMENTARY} to=functions.now<|message|>{{"a": "<|call|>', "", ("now", '{"a": "<|call|>')
    ),
    odd(f"{_COMMENTARY} to=functions.now<|message|>{{}} so<|call|>", "so<|call|>", ("now", "{}")),
    odd(f"{_NEXT}<|message|>Hi<|end|>", "Hi"),
    odd(f"{_FINAL}Hi<|end|><|end|>", "Hi<|end|>"),
    odd(f"{_FINAL}Hi<|end|> and on", "Hiand on"),
    odd(f"{_FINAL}one{_FINAL}two", "onetwo"),
    odd(
        "<|start|>functions.now to=assistant" + _COMMENTARY + "<|message|>5",
        "<|start|>functions.now to=assistant5",
    ),
    *(
        odd(raw, raw)
        for raw in (
            "<|channel|>other<|message|>Hi<|end|>",
            "<|channel|>final",
            "<|channel|>",
            "<|start|>user<|message|>Hi<|end|>",
            f"{_COMMENTARY} to=functions.now json",
            f"{_COMMENTARY} to=functions.now<|message|>",
            f"{_COMMENTARY} to=a to=b<|message|>x",
            f"{_COMMENTARY} some words<|message|>x",
            "to=functions.now is how one calls",
            "<|channel|>final<|channel|>final<|message|>Hi",
        )
    ),
]
_WEATHER = '{"name": "get_weather", "parameters": {"city": "x"}}'
LLAMA3_JSON: list[Case] = [
    odd(f" \n{_WEATHER} \n", "", ("get_weather", '{"city": "x"}')),
    odd('{"name": "now", "arguments": {}}', "", ("now", "{}")),
    odd('{"type": "function", "name": "now", "parameters": {}}', "", ("now", "{}")),
    odd('{"name": "now", "parameters": {"a": [1}', "", ("now", '{"a": [1}')),
    odd('{"name": "now", "parameters": {"a": "', "", ("now", '{"a": "')),
    odd('{"name": "now", "parameters": {}}; hm', "; hm", ("now", "{}")),
    odd('{"name": "now", "parameters": {}}; {"a": 1}', '; {"a": 1}', ("now", "{}")),
    odd('<|python_tag|>{"name": "make_tea", "parameters": {}}', "", ("make_tea", "{}")),
    odd(f"Sure. <|python_tag|>{_WEATHER}", "Sure.", ("get_weather", '{"city": "x"}')),
    *(
        odd(raw, raw)
        for raw in (
            '{"name": "make_tea", "parameters": {}}',
            f"Sure. {_WEATHER}",
            f"```json\n{_WEATHER}\n```",
            '{"name": "Ada", "age": 36}',
            '{"answer": 42}',
            '{"parameters": {}, "name": "make_tea"}',
            '<|python_tag|>brave_search.call(query="x")',
            "<|python_tag|>",
            "{}",
            "{",
            '{"name": "now"',
            "[1, 2]",
        )
    ),
]
LLAMA4_PYTHONIC: list[Case] = [
    odd("[now()]", "", ("now", "{}")),
    odd(" [ now ( ) ] ", "", ("now", "{}")),
    odd("[now(), now()]", "", ("now", "{}"), ("now", "{}")),
    odd("[get_weather(city='it\\'s \"x\"')]", "", ("get_weather", '{"city": "it\'s \\"x\\""}')),
    odd(
        '[get_weather(city="\\x41\\u00e9\\U0001f600\\101\\n\\q")]',
        "",
        ("get_weather", '{"city": "Aé😀A\\n\\\\q"}'),
    ),
    odd('[get_weather(city="\\ud83d\\ude00")]', "", ("get_weather", '{"city": "\\ud83d\\ude00"}')),
    odd('[get_weather(city="\\x4")]', "", ("get_weather", '{"city": "\\\\x4"}')),
    odd('[get_weather(city="a\nb")]', "", ("get_weather", '{"city": "a\\nb"}')),
    odd(
        "[get_weather(days=-1.5e3, city=None,)]",
        "",
        ("get_weather", '{"days": -1.5e3, "city": null}'),
    ),
    odd(
        "[now(a=[], b={}, c=(), d=[[], {'k': (1, True,)}])]",
        "",
        ("now", '{"a": [], "b": {}, "c": [], "d": [[], {"k": [1, true]}]}'),
    ),
    odd("[now(a=true, b=null)]", "", ("now", '{"a": true, "b": null}')),
    odd("[now(a=foo)] so", "foo)] so", ("now", '{"a": ')),
    odd("[now(a=01)]", "01)]", ("now", '{"a": ')),
    odd("[now(a=1 b=2)]", "b=2)]", ("now", '{"a": 1')),
    odd("[now(a={1: 2})]", "1: 2})]", ("now", '{"a": {')),
    odd('[now(a="open', "", ("now", '{"a": "open')),
    odd("[now(a=[1, ", "", ("now", '{"a": [1, ')),
    odd("[now(), 5]", ", 5]", ("now", "{}")),
    odd("[now(), make_tea()]", ", make_tea()]", ("now", "{}")),
    odd("[now()", "", ("now", "{}")),
    odd("<|python_start|>[make_tea()]<|python_end|>", "", ("make_tea", "{}")),
    odd(f"<|python_start|>{_WEATHER}<|python_end|>", "", ("get_weather", '{"city": "x"}')),
    odd(_WEATHER, "", ("get_weather", '{"city": "x"}')),
    odd("Hi <|python_start|>[now()]<|python_end|> ok", "Hi ok", ("now", "{}")),
    *(
        odd(raw, raw)
        for raw in (
            "[make_tea()]",
            "[1, 2, 3]",
            "[now]",
            "[now(5)]",
            "[get_weather(city)]",
            "[]",
            "[",
            "now()",
            "Sure: [now()]",
            "[see](https://example.org)",
            "<|python_start|>print(1)<|python_end|>",
            '{"name": "make_tea", "parameters": {}}',
        )
    ),
]
