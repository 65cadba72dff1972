"""Writes a checkpoint as transformers and vLLM read it: `config.json`, safetensors, tokenizer files."""

import json
from pathlib import Path

from safetensors.numpy import save_file
from transformers import PreTrainedConfig

from .draw import Weights
from .family import Family
from .vocabulary import Vocabulary


def write(
    folder: Path, family: Family, vocabulary: Vocabulary, config: PreTrainedConfig, weights: Weights
) -> None:
    """All files of the folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    config.save_pretrained(folder)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    vocabulary.tokenizer.save(str(folder / "tokenizer.json"))
    shape = vocabulary.shape
    _write_json(folder / "tokenizer_config.json", {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": config.get_text_config().max_position_embeddings,
        "bos_token": shape.bos,
        "eos_token": shape.eos,
        "pad_token": shape.pad,
        "clean_up_tokenization_spaces": False,
        "chat_template": family.template_text,
    })  # fmt: skip
    _write_json(folder / "generation_config.json", {
        "bos_token_id": vocabulary.id_of(shape.bos),
        "eos_token_id": vocabulary.id_of(shape.eos),
        "pad_token_id": vocabulary.id_of(shape.pad),
    })  # fmt: skip


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
