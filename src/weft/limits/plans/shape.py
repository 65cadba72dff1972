"""The shape of a plan as a person writes it, in `plans.toml` and in a change at run time: every key, and its bounds.

Every key may be missing: a file or a change names only what it changes. `"none"` takes a limit away.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from weft.limits.plans.types import CreditEnd

Nothing = Literal["none"]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000_000)]
Dollars = Annotated[
    str, Meta(pattern=r"^(none|\d{1,9}(\.\d{1,9})?)$", description="decimal dollars, or none")
]
"""At most a billion: a hundred such sums fit 64 bits of nano-dollars."""
Label = Annotated[str, Meta(min_length=1, max_length=60)]
Weight = Annotated[int, Meta(ge=1, le=1000)]


class ConcurrencyTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[<plan>.concurrency]`: requests in flight."""

    user: Count | Nothing | UnsetType = UNSET
    project: Count | Nothing | UnsetType = UNSET
    project_model: Count | Nothing | UnsetType = UNSET


class RateTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[<plan>.requests_per_minute]` and `[<plan>.tokens_per_minute]`."""

    key: Count | Nothing | UnsetType = UNSET
    user: Count | Nothing | UnsetType = UNSET
    project: Count | Nothing | UnsetType = UNSET


class PlanTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[<plan>]`."""

    label: Label | UnsetType = UNSET
    included_usd_per_month: Dollars | UnsetType = UNSET
    when_credit_ends: CreditEnd | UnsetType = UNSET
    cap_usd: Dollars | UnsetType = UNSET
    cap_period: Literal["day", "month", "year"] | UnsetType = UNSET
    concurrency: ConcurrencyTable = ConcurrencyTable()
    requests_per_minute: RateTable = RateTable()
    tokens_per_minute: RateTable = RateTable()
    weight: Weight | UnsetType = UNSET
