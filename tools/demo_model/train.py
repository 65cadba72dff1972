"""Trains the model: `python -m tools.demo_model.train --out DIR --steps N`.

1. Check that the Python renderer equals the chat template; train the tokenizer if it is missing.
2. Warm up, hold, then lower the step size to zero over the last part of the steps.
3. Write `checkpoint.pt` every few minutes and on Ctrl-C; `--resume` goes on from it, `--from FILE`
   starts a new schedule from the weights of an older run.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from . import render, tokenizer
from .batches import IGNORED, Batch, batches
from .model import Config, TinyLlama
from .optim import Muon


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line sets."""

    out: Path
    steps: int
    batch_tokens: int
    rate: float
    seed: int
    resume: bool
    start_from: Path | None
    decay_share: float
    reading: float
    minutes: float
    warmup: int = 60
    save_every_s: float = 180.0


class Trainer:
    """The model, its two optimizers and the counters of a run."""

    def __init__(self, options: Options) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(options.seed)
        self.options = options
        self.model = TinyLlama(Config())
        matrices = [w for n, w in self.model.named_parameters() if w.ndim == 2 and "embed" not in n]
        others = [w for n, w in self.model.named_parameters() if w.ndim != 2 or "embed" in n]
        self.muon = Muon(matrices, rate=options.rate)
        self.adam = torch.optim.AdamW(
            others, lr=options.rate / 8, betas=(0.9, 0.98), weight_decay=0
        )
        self.step = 0
        self.tokens = 0
        self.seconds = 0.0
        self.begun = time.monotonic()
        if options.start_from is not None:
            saved = torch.load(options.start_from, weights_only=True)
            self.model.load_state_dict(saved["model"])
            self.tokens, self.seconds = saved["tokens"], saved["seconds"]
        if options.resume:
            self._load()

    @property
    def checkpoint(self) -> Path:
        """Where the state of the run is kept."""
        return self.options.out / "checkpoint.pt"

    def save(self) -> None:
        """Write the state beside the old one, then replace it."""
        state = {
            "model": self.model.state_dict(),
            "muon": self.muon.state_dict(),
            "adam": self.adam.state_dict(),
            "step": self.step,
            "tokens": self.tokens,
            "seconds": self.seconds,
            "config": asdict(self.model.config),
        }
        fresh = self.checkpoint.with_suffix(".new")
        torch.save(state, fresh)
        fresh.replace(self.checkpoint)

    def _load(self) -> None:
        saved = torch.load(self.checkpoint, weights_only=True)
        self.model.load_state_dict(saved["model"])
        self.muon.load_state_dict(saved["muon"])
        self.adam.load_state_dict(saved["adam"])
        self.step, self.tokens, self.seconds = saved["step"], saved["tokens"], saved["seconds"]

    @property
    def left(self) -> float:
        """Share of the run that is left, by steps or by minutes, whichever is less."""
        minutes = (time.monotonic() - self.begun) / 60
        return min(1 - self.step / self.options.steps, 1 - minutes / self.options.minutes)

    def set_rate(self) -> None:
        """Warm up, hold, then fall to zero in a straight line."""
        options = self.options
        fall = max(0.0, self.left) / options.decay_share
        share = min(1.0, (self.step + 1) / options.warmup, fall)
        self.muon.param_groups[0]["lr"] = options.rate * share
        self.adam.param_groups[0]["lr"] = options.rate / 8 * share

    def train_on(self, batch: Batch) -> float:
        """One update; returns the mean loss per token of the answers, unweighted."""
        self.set_rate()
        losses, weights = losses_of(self.model, batch)
        ((losses * weights).sum() / weights.sum()).backward()
        nn.utils.clip_grad_norm_(self.adam.param_groups[0]["params"], 1.0)
        self.muon.step()
        self.adam.step()
        self.muon.zero_grad()
        self.adam.zero_grad()
        self.step += 1
        self.tokens += int((batch.tokens != tokenizer.PAD_ID).sum())
        return losses.detach()[weights > self.options.reading].mean().item()


def losses_of(model: TinyLlama, batch: Batch) -> tuple[Tensor, Tensor]:
    """Cross-entropy and weight of each predicted token; the output layer sees only those."""
    taught = batch.targets != IGNORED
    with torch.autocast("cpu", dtype=torch.bfloat16):
        states = model(batch.tokens)
        logits = model.logits(states[taught])
    losses = functional.cross_entropy(logits.float(), batch.targets[taught], reduction="none")
    return losses, batch.weights[taught]


def run(options: Options) -> None:
    """Train until the steps or the minutes run out, logging and saving on the way."""
    options.out.mkdir(parents=True, exist_ok=True)
    render.check()
    words = tokenizer.load(options.out / "tokenizer.json")
    trainer = Trainer(options)
    seed = options.seed + trainer.step
    source = batches(words, seed=seed, size=options.batch_tokens, reading=options.reading)
    parameters = sum(weight.numel() for weight in trainer.model.parameters())
    print(f"parameters {parameters}", flush=True)
    saved_at, mean = time.monotonic(), 0.0
    try:
        while trainer.left > 0:
            begun = time.monotonic()
            loss = trainer.train_on(next(source))
            trainer.seconds += time.monotonic() - begun
            mean = loss if not mean else 0.97 * mean + 0.03 * loss
            if trainer.step % 25 == 0:
                _log(trainer, mean)
            if time.monotonic() - saved_at > options.save_every_s:
                trainer.save()
                saved_at = time.monotonic()
    except KeyboardInterrupt:
        print("stopped; --resume goes on from here", flush=True)
    trainer.save()


def _log(trainer: Trainer, loss: float) -> None:
    row = {
        "step": trainer.step,
        "loss": round(loss, 4),
        "tokens": trainer.tokens,
        "minutes": round(trainer.seconds / 60, 2),
    }
    print(json.dumps(row), flush=True)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--minutes", type=float, default=1e6, help="wall-clock limit of this run")
    parser.add_argument("--batch-tokens", type=int, default=4096)
    parser.add_argument("--rate", type=float, default=0.02)
    parser.add_argument("--decay-share", type=float, default=0.5)
    parser.add_argument("--reading", type=float, default=0.05, help="weight of a prompt's token")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--from", dest="start_from", type=Path)
    run(Options(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
