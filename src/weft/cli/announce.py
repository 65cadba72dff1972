"""What a server says when it is ready. Pure: from `Ready` to text; secrets stand in it on the first start only.

The snippets work as printed: they can be pasted into a shell and into Python, key and model included.
"""

import json
import shlex
from enum import StrEnum

import msgspec

from weft.app.ready import Ready

_ONCE = """\
The key, the password and the link are shown only now: keep them. The link logs the
administrator in, once. More keys: """
_STOP = "Stop with Ctrl-C."
MORE_KEYS = "weft key create"
QUESTION = "What is the capital of France?"


class Form(StrEnum):
    """How the server announces itself."""

    TEXT = "text"
    JSON = "json"


def announcement(ready: Ready, form: Form, more_keys: str = MORE_KEYS) -> str:
    """The text to print, without the last line end; `more_keys` is the command that makes another key."""
    if form is Form.JSON:
        return as_json(ready)
    return first_start(ready, more_keys) if ready.api_key else later_start(ready, more_keys)


def first_start(ready: Ready, more_keys: str = MORE_KEYS) -> str:
    """Everything that somebody needs to log in and to send the first request. Shown once."""
    login = f"{ready.admin_username}, password {ready.admin_password}"
    parts = [
        "Weft is ready.",
        _facts(
            ("Base URL", ready.url),
            ("API key", ready.api_key or ""),
            ("Team/project", f"{ready.team}/{ready.project}"),
            ("Models", _models(ready)),
            ("Console", ready.console_url),
            ("Log in as", login if ready.admin_password else ready.admin_username),
            ("One-time link", ready.admin_link or ""),
        ),
        _ONCE + more_keys,
    ]
    if ready.models:
        parts += ["Try it from a shell:", curl(ready), "Or from Python:", python(ready)]
    return "\n\n".join([*parts, _STOP])


def later_start(ready: Ready, more_keys: str = MORE_KEYS) -> str:
    """Where things are. The key is not known any more."""
    parts = [
        "Weft is ready.",
        _facts(
            ("Base URL", ready.url),
            ("Team/project", f"{ready.team}/{ready.project}"),
            ("Models", _models(ready)),
            ("Console", ready.console_url),
            ("One-time link", ready.admin_link or ""),
        ),
        f"Keys are shown only when they are made. Another one: {more_keys}",
    ]
    return "\n\n".join([*parts, _STOP])


def as_json(ready: Ready) -> str:
    """One line for programs."""
    line = {
        "url": ready.url,
        "console_url": ready.console_url,
        "api_key": ready.api_key,
        "team": ready.team,
        "project": ready.project,
        "admin_link": ready.admin_link,
    }
    return msgspec.json.encode(line).decode()


def curl(ready: Ready) -> str:
    """A first request from a shell."""
    message = json.dumps({"role": "user", "content": QUESTION})
    body = f'{{"model": {json.dumps(ready.models[0])},\n       "messages": [{message}]}}'
    return (
        f"curl {shlex.quote(ready.url + '/chat/completions')} \\\n"
        f"  -H {shlex.quote(f'Authorization: Bearer {ready.api_key}')} \\\n"
        '  -H "Content-Type: application/json" \\\n'
        f"  -d {shlex.quote(body)}"
    )


def python(ready: Ready) -> str:
    """A first request with the official client."""
    return f"""\
from openai import OpenAI  # pip install openai

client = OpenAI(
    base_url={json.dumps(ready.url)},
    api_key={json.dumps(ready.api_key)},
)
answer = client.chat.completions.create(
    model={json.dumps(ready.models[0])},
    messages=[{{"role": "user", "content": {json.dumps(QUESTION)}}}],
)
print(answer.choices[0].message.content)"""


def _models(ready: Ready) -> str:
    names = ", ".join(ready.models) or "none can run here; `weft doctor` says why"
    return f"{names}; stand-ins answer for the others" if ready.stand_in else names


def _facts(*facts: tuple[str, str]) -> str:
    width = max(len(name) for name, _fact in facts)
    return "\n".join(f"  {name:<{width}}  {fact}" for name, fact in facts if fact)
