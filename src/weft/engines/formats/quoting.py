"""Text as the inside of a JSON string (RFC 8259, section 7)."""

_ESCAPES = {code: f"\\u{code:04x}" for code in range(0x20)} | {
    ord('"'): '\\"',
    ord("\\"): "\\\\",
    ord("\b"): "\\b",
    ord("\f"): "\\f",
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
}


def json_escape(text: str) -> str:
    """`text` as it stands between the quotes."""
    return text.translate(_ESCAPES)
