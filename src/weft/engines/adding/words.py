"""Errors of weights and cards in the console's words: where the command line says a flag, the console has a field."""

from weft.engines.adding.types import Failure
from weft.kit.errors import WeftError

_WORDS = (
    (
        "with --token, WEFT_HUB_TOKEN or HF_TOKEN",
        "as the access token here, or as the setting WEFT_HUB_TOKEN",
    ),
    ("--token, WEFT_HUB_TOKEN or HF_TOKEN", "the access token here, or the setting WEFT_HUB_TOKEN"),
    ("--quantization", "the quantization"),
    ("leave --revision out", "leave the revision empty"),
    ("leave it out, or say --engine llama_cpp", "leave it empty"),
    ("pull again", "try again"),
    ("(`weft models rm`)", "(`weft models rm` on the server)"),
    ("weft models add FILE.gguf", "`weft models add FILE.gguf` on the server"),
)
MOST_CHARS = 1000


def in_console_words(error: WeftError) -> Failure:
    """What went wrong and what to do about it."""
    remedy = error.metadata.get("remedy")
    return Failure(_told(error.message), _told(remedy if isinstance(remedy, str) else ""))


def _told(text: str) -> str:
    for flag, field in _WORDS:
        text = text.replace(flag, field)
    return text[:MOST_CHARS]
