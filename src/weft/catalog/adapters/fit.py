"""Whether an adapter belongs to a model: the base that it was trained on, and how large it may be.

Pure. The bounds of rank are those of the hosted service's guide to LoRA (read 2026-11), where it names one for a model.
"""

from weft.catalog.adapters.types import Adapter, AdapterUnusable, Unusable
from weft.catalog.types import ModelCard


def check_fit(adapter: Adapter, card: ModelCard) -> None:
    """Let `adapter` be used with `card`.

    Raises:
        AdapterUnusable: it was trained on another model, or is too large, or the model takes none.
    """
    if not is_base(adapter, card):
        raise AdapterUnusable(
            f"The adapter {adapter.shown} was trained on"
            f" `{adapter.peft.base_model[:200]}` and not on `{card.id}`",
            reason=Unusable.WRONG_BASE,
            remedy="name the model that it was trained on; if that is this one, write its exact id as"
            " `wandb.base_model` into the adapter's metadata.json",
        )
    if not card.capabilities.lora:
        raise AdapterUnusable(
            f"The model `{card.id}` takes no adapters",
            reason=Unusable.BASE_WITHOUT_LORA,
            remedy="choose a model with `lora` among its capabilities; GET /v1/models tells",
        )
    most = card.capabilities.max_lora_rank
    if adapter.peft.rank > most:
        raise AdapterUnusable(
            f"The adapter {adapter.shown} has rank {adapter.peft.rank};"
            f" `{card.id}` takes at most {most}",
            reason=Unusable.RANK_TOO_HIGH,
            remedy=f"train it with r={most} or less",
        )


def fits(adapter: Adapter, card: ModelCard) -> bool:
    """Whether `check_fit` lets it pass."""
    try:
        check_fit(adapter, card)
    except AdapterUnusable:
        return False
    return True


def is_base(adapter: Adapter, card: ModelCard) -> bool:
    """Whether `adapter` says that it was trained on `card`: by its id here, or at the hub that it comes from."""
    base = adapter.peft.base_model
    return base == card.id or bool(card.huggingface_id and base == card.huggingface_id)
