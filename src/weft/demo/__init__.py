"""The model that ships with Weft, `weft/tiny-chat`: where its files are.

Importing this loads nothing. `MODEL_CARD.md` in the same folder says what the model can do.
"""

from pathlib import Path

MODEL_DIR = Path(__file__).parent
"""Holds `config.json`, `model.safetensors`, the tokenizer files and the chat template."""

GGUF_PATH = MODEL_DIR / "tiny-chat.gguf"
"""The same weights in Q8_0 for llama.cpp, tokenizer and chat template included."""

__all__ = ["GGUF_PATH", "MODEL_DIR"]
