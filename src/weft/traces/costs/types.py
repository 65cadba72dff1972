"""The nouns of costs. A price is what one token costs; a cost is a price times what was used."""

from dataclasses import dataclass
from decimal import Decimal

PROJECT_LEVEL, DEFAULT_LEVEL = "project", "default"
USD = "USD"


@dataclass(frozen=True, slots=True)
class LlmPrice:
    """What the tokens of one model cost, in force from `effective_at_us` until a later one of the same level."""

    id: str
    llm_id: str
    provider_id: str
    level: str
    """`project` for a project's own, `default` for one of the price book."""
    effective_at_us: int
    prompt: Decimal
    """Of one token, as are the other three."""
    completion: Decimal
    cache_read: Decimal
    cache_creation: Decimal
    created_by: str
    created_at_us: int
    prompt_unit: str = USD
    completion_unit: str = USD
