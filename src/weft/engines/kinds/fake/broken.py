"""The names of the fake engine's defects: what `broken=tools+usage-total` may say."""

_FIELDS = ("n", "seed", "stop", "logprobs", "tools", "response_format", "stream", "images")
REFUSALS = {f"{status}-{field}": (status, field) for status in (400, 500) for field in _FIELDS}
"""A field that is answered with an error."""
IGNORED = {
    "n": "n",
    "stop": "stop",
    "tools": "tools",
    "choice": "tool_choice",
    "format": "response_format",
    "logprobs": "logprobs",
    "top-logprobs": "top_logprobs",
    "stream": "stream",
    "switch": "chat_template_kwargs",
}
"""A field that is taken and not looked at."""
_OTHERS = frozenset(
    {
        "seed",  # sampled anew each time
        *("n-stream", "n-index", "n-open"),
        *("stop-kept", "stop-late", "stop-reason"),
        *("tools-text", "tools-stream", "call-id", "call-name"),
        *("args-cut", "args-type", "args-value", "args-missing", "args-extra"),
        *("json-prose", "json-fence", "json-type", "json-value", "json-missing", "json-extra"),
        *("think-inline", "think-lost", "think-unclosed"),
        *("usage-stream", "usage-no-prompt", "usage-double", "usage-fixed", "usage-differs"),
        *("usage-no-answer", "usage-more", "usage-total"),
        *(
            "logprobs-nan",
            "logprobs-null",
            "logprobs-huge",
            "logprobs-positive",
            "logprobs-sum",
            "logprobs-text",
        ),
        *("logprobs-stream", "logprobs-twice"),
        *("one-piece", "open-end", "deaf", "truncates", "narrow", "overrun"),
    }
)
KNOWN = frozenset({*REFUSALS, *IGNORED, *_OTHERS})


def parse_broken(text: str) -> frozenset[str]:
    """The defects that `text` names, with a plus between them.

    Raises:
        ValueError: there is no such defect.
    """
    names = frozenset(name for name in text.split("+") if name)
    for name in sorted(names - KNOWN):
        raise ValueError(f"the fake engine has no defect {name!r}")
    return names
