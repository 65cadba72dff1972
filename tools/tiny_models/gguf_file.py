"""Writes a checkpoint as llama.cpp reads it: keys and tensor names of ggml-org/ggml, docs/gguf.md.

Tensor names come from the `gguf` package's own map of published names. Matrices are float16, vectors float32, as in
the files that people download; what is packed stays packed.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from gguf import GGUFWriter
from numpy.typing import NDArray

from .draw import Weights
from .family import Family, Tensor
from .vocabulary import Vocabulary

_IGNORED = ("vision_model.", "multi_modal_projector.")


def write(
    path: Path, family: Family, vocabulary: Vocabulary, config: Any, weights: Weights
) -> None:
    """The whole file."""
    writer = GGUFWriter(path, family.architecture.gguf_name)
    writer.add_name(f"tiny {family.name}")
    text = config.get_text_config()
    _add_common(writer, text)
    family.architecture.write_keys(writer, text)
    _add_tokenizer(writer, vocabulary, family.template_text)
    for tensor in family.architecture.convert(text, weights):
        data = tensor.data
        if tensor.raw_dtype is None and data.ndim == 1:
            data = data.astype(np.float32)
        writer.add_tensor(tensor.name, np.ascontiguousarray(data), raw_dtype=tensor.raw_dtype)
    finish(writer)


def finish(writer: GGUFWriter) -> None:
    """Everything to disk."""
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


class Names:
    """llama.cpp's name for each published one."""

    def __init__(self, gguf_name: str, layers: int) -> None:
        arch = next(at for at, name in gguf.MODEL_ARCH_NAMES.items() if name == gguf_name)
        self._map = gguf.get_tensor_name_map(arch, layers)

    def __getitem__(self, name: str) -> str:
        found = self._map.get_name(name, try_suffixes=(".weight", ".bias"))
        if found is None:
            raise KeyError(name)
        return found


def renamed(names: Names, weights: Weights) -> Iterator[Tensor]:
    """Those whose layout is the same in both formats."""
    for name, data in weights.items():
        if not name.startswith(_IGNORED):
            yield Tensor(names[name], data)


def neighbours(weight: NDArray[Any], heads: int) -> NDArray[Any]:
    """Rows of q or k for a rotation of neighbouring pairs, from rows for one of halves."""
    rows, *rest = weight.shape
    halves = weight.reshape(heads, 2, rows // heads // 2, *rest)
    return halves.swapaxes(1, 2).reshape(weight.shape)


def _add_common(writer: GGUFWriter, config: Any) -> None:
    writer.add_vocab_size(config.vocab_size)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_head_count(config.num_attention_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)


def _add_tokenizer(writer: GGUFWriter, vocabulary: Vocabulary, template: str) -> None:
    shape, tokenizer = vocabulary.shape, vocabulary.tokenizer
    kinds = dict.fromkeys(range(vocabulary.size), gguf.TokenType.NORMAL)
    kinds |= {vocabulary.id_of(token): gguf.TokenType.CONTROL for token in shape.control}
    kinds |= {vocabulary.id_of(token): gguf.TokenType.USER_DEFINED for token in shape.visible}
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(shape.pre)
    writer.add_token_list([tokenizer.id_to_token(at) for at in range(vocabulary.size)])
    writer.add_token_types([kinds[at] for at in range(vocabulary.size)])
    writer.add_token_merges([" ".join(pair) for pair in vocabulary.merges])
    writer.add_bos_token_id(vocabulary.id_of(shape.bos))
    writer.add_eos_token_id(vocabulary.id_of(shape.eos))
    writer.add_pad_token_id(vocabulary.id_of(shape.pad))
    writer.add_add_bos_token(shape.adds_bos)
    writer.add_chat_template(template)
