"""Muon for the matrices: momentum whose update is made orthogonal.

Source: K. Jordan et al., "Muon: An optimizer for hidden layers in neural networks" (2024); the
quintic Newton-Schulz iteration and its coefficients are from there. It needed far fewer steps
than AdamW here, which matters when one CPU core does the work. Embedding and norms use AdamW.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def orthogonal(matrix: Tensor, rounds: int = 5) -> Tensor:
    """A matrix near the closest semi-orthogonal one to `matrix`, same shape."""
    a, b, c = _COEFFICIENTS
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    x = (wide / (wide.norm() + 1e-7)).bfloat16()
    for _ in range(rounds):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    x = x.to(matrix.dtype)
    return x if matrix.shape[0] <= matrix.shape[1] else x.T


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, then `orthogonal`, scaled so that the step size fits any shape."""

    def __init__(
        self,
        weights: Iterable[Tensor],
        *,
        rate: float,
        momentum: float = 0.95,
        decay: float = 0.01,
    ) -> None:
        super().__init__(weights, {"lr": rate, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Apply one update to every weight that has a gradient."""
        del closure
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if "speed" not in state:
                    state["speed"] = torch.zeros_like(weight)
                speed = state["speed"]
                speed.lerp_(weight.grad, 1 - group["momentum"])
                direction = orthogonal(weight.grad.lerp(speed, group["momentum"]))
                scale = max(1.0, weight.shape[0] / weight.shape[1]) ** 0.5
                weight.mul_(1 - group["lr"] * group["decay"])
                weight.add_(direction, alpha=-group["lr"] * scale)
