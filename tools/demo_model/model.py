"""A Llama decoder in PyTorch, small enough to train on one CPU core.

Sources: Llama (Touvron et al. 2023, arXiv:2302.13971) for the block; RMSNorm (Zhang and Sennrich
2019, arXiv:1910.07467); rotary positions (Su et al. 2021, arXiv:2104.09864) in the half-split
layout of published Llama weights; SwiGLU (Shazeer 2020, arXiv:2002.05202); grouped-query
attention (Ainslie et al. 2023, arXiv:2305.13245). Weight names are those of published Llama
checkpoints, so that the exported file loads elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Config:
    """The shape of the model."""

    vocabulary: int = 1536
    width: int = 256
    layers: int = 4
    heads: int = 4
    kv_heads: int = 2
    hidden: int = 704
    context: int = 2048
    rope_theta: float = 10_000.0
    norm_eps: float = 1e-5

    @property
    def head_width(self) -> int:
        """Numbers per attention head."""
        return self.width // self.heads


class Attention(nn.Module):
    """Causal grouped-query attention with rotary positions."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        kv_width = config.kv_heads * config.head_width
        self.q_proj = nn.Linear(config.width, config.width, bias=False)
        self.k_proj = nn.Linear(config.width, kv_width, bias=False)
        self.v_proj = nn.Linear(config.width, kv_width, bias=False)
        self.o_proj = nn.Linear(config.width, config.width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """(batch, time, width) to the same shape."""
        batch, time, width = x.shape
        size = self.config.head_width
        q = self.q_proj(x).view(batch, time, -1, size).transpose(1, 2)
        k = self.k_proj(x).view(batch, time, -1, size).transpose(1, 2)
        v = self.v_proj(x).view(batch, time, -1, size).transpose(1, 2)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        groups = self.config.heads // self.config.kv_heads
        k, v = k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1)
        mixed = attend(q, k, v)
        return self.o_proj(mixed.transpose(1, 2).reshape(batch, time, width))


class Mlp(nn.Module):
    """SwiGLU feed-forward."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(config.width, config.hidden, bias=False)
        self.up_proj = nn.Linear(config.width, config.hidden, bias=False)
        self.down_proj = nn.Linear(config.hidden, config.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, time, width) to the same shape."""
        return self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))


class Block(nn.Module):
    """One pre-norm decoder layer."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.input_layernorm = nn.RMSNorm(config.width, eps=config.norm_eps)
        self.self_attn = Attention(config)
        self.post_attention_layernorm = nn.RMSNorm(config.width, eps=config.norm_eps)
        self.mlp = Mlp(config)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """(batch, time, width) to the same shape."""
        x = x + self.self_attn(self.input_layernorm(x), cos, sin)
        return x + self.mlp(self.post_attention_layernorm(x))


class TinyLlama(nn.Module):
    """Embedding, decoder layers, final norm; the output layer is the embedding, transposed."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocabulary, config.width)
        self.layers = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = nn.RMSNorm(config.width, eps=config.norm_eps)
        cos, sin = rope_table(config)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        nn.init.normal_(self.embed_tokens.weight, std=0.05)
        for name, weight in self.named_parameters():
            if weight.ndim == 2 and "embed" not in name:
                scale = (2 * config.layers) ** -0.5 if "o_proj" in name or "down" in name else 1.0
                nn.init.normal_(weight, std=scale * config.width**-0.5)

    def forward(self, tokens: Tensor) -> Tensor:
        """(batch, time) token ids to (batch, time, width) final states; see `logits`."""
        time = tokens.shape[1]
        x = self.embed_tokens(tokens)
        cos, sin = self.cos[:time], self.sin[:time]
        for layer in self.layers:
            x = layer(x, cos, sin)
        return self.norm(x)

    def logits(self, states: Tensor) -> Tensor:
        """(..., width) final states to (..., vocabulary) scores."""
        return functional.linear(states, self.embed_tokens.weight)


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Causal softmax attention, written out: on a CPU and short rows it beats the fused kernel."""
    time = q.shape[2]
    scores = (q @ k.transpose(-1, -2)).float() * q.shape[-1] ** -0.5
    future = torch.ones(time, time, dtype=torch.bool).triu(1)
    return scores.masked_fill(future, float("-inf")).softmax(-1).to(v.dtype) @ v


def rope_table(config: Config) -> tuple[Tensor, Tensor]:
    """Cosine and sine of position times frequency, each (context, head_width)."""
    steps = torch.arange(0, config.head_width, 2).float() / config.head_width
    angles = torch.outer(torch.arange(config.context).float(), config.rope_theta**-steps)
    angles = torch.cat((angles, angles), dim=-1)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotate the pairs (i, i + head_width / 2) of `x`: (batch, heads, time, head_width)."""
    first, second = x.chunk(2, dim=-1)
    turned = torch.cat((-second, first), dim=-1)
    return x * cos.to(x.dtype) + turned * sin.to(x.dtype)
