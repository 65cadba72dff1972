"""A template says what it says under transformers, and can do nothing else."""

import pytest

from weft.engines.kinds.openvino.template import ChatTemplate, TemplateRefused
from weft.kit.errors import Json

CALL: Json = {"type": "function", "function": {"name": "f", "arguments": '{"a": [1, "é"]}'}}
TOOL: dict[str, Json] = {
    "type": "function",
    "function": {"name": "f", "parameters": {"type": "object"}},
}
MESSAGES: list[dict[str, Json]] = [
    {"role": "system", "content": "Be <brief> & kind."},
    {"role": "user", "content": [{"type": "text", "text": "Hi "}, {"type": "text", "text": "you"}]},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "content": "done", "tool_call_id": "c"},
]


def template(source: str) -> ChatTemplate:
    return ChatTemplate(source, bos="<s>", eos="</s>")


def render(source: str, *messages: dict[str, Json], **options: Json) -> str:
    return template(source).render(messages, [], options)


def test_template_when_a_conversation_holds_a_call_then_it_sees_plain_texts_and_values() -> None:
    source = (
        "{% for m in messages %}[{{ m.role }}:{{ m.content }}"
        "{% for c in m.tool_calls %}{{ c.function.name }}{{ c.function.arguments.a[1] }}{% endfor %}]"
        "{% endfor %}{{ tools[0].function.name }}"
    )
    assert template(source).render(MESSAGES, [TOOL], {}) == (
        "[system:Be <brief> & kind.][user:Hi you][assistant:fé][tool:done]f"
    )


def test_template_when_json_is_written_then_without_escapes_for_html() -> None:
    source = "{{ messages | tojson }}"
    assert render(source, {"role": "user", "content": "<é & 'x'>"}) == (
        '[{"role": "user", "content": "<é & \'x\'>"}]'
    )


def test_template_when_options_are_given_then_it_sees_them_and_the_tokens() -> None:
    source = (
        "{{ bos_token }}{{ enable_thinking }}{{ tools is none }}{{ strftime_now('%Y')|length }}"
    )
    assert render(source, enable_thinking=False) == "<s>FalseTrue4"


def test_template_when_blocks_stand_on_lines_then_those_lines_vanish() -> None:
    assert render("  {% if true %}\nx\n  {% endif %}\ny") == "x\ny"


@pytest.mark.parametrize(
    "source",
    [
        "{{ raise_exception('no system role') }}",
        "{{ messages[0].nothing.at_all }}",
        "{{ ''.__class__.__mro__ }}",
        "{% for x in range(99999999) %}{% endfor %}",
        "{{ 1 / 0 }}",
    ],
)
def test_template_when_it_fails_or_reaches_out_then_it_is_refused(source: str) -> None:
    with pytest.raises(TemplateRefused):
        render(source, {"role": "user", "content": "x"})


def test_template_when_it_is_none_then_it_is_refused_at_once() -> None:
    with pytest.raises(TemplateRefused, match="broken"):
        template("{% if %}")


def test_message_when_it_holds_an_image_then_it_is_refused() -> None:
    with pytest.raises(TemplateRefused, match="only text"):
        render("x", {"role": "user", "content": [{"type": "image_url"}]})


def test_arguments_when_they_are_no_json_then_they_stay_what_they_are() -> None:
    call: Json = {"function": {"name": "f", "arguments": "not json"}}
    source = "{{ messages[0].tool_calls[0].function.arguments }}"
    assert render(source, {"role": "assistant", "tool_calls": [call]}) == "not json"
