"""Tiered prices. A ladder is a running total, so a charge is a difference of two points on it.

That one idea prices a month (from 0), a year to date (from what was used before) and a correction
(backwards: each unit is credited at the tier it was charged at).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from domain.errors import Invalid
from domain.fees.calc.problems import LineProblem
from domain.fees.calc.rounding import half_up, half_up_sql


class TiersInvalid(Invalid):
    """A ladder whose steps cannot be followed."""

    code = "tiers_invalid"


@dataclass(frozen=True, slots=True)
class Tier:
    """The part of the use beyond `above` costs `unit_price` yuan, up to the next tier.

    Use that hits a boundary exactly still belongs to the lower tier.
    """

    above: Decimal
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class TierPart:
    """What fell into one tier (`tier` counts from 1); negative in a correction."""

    tier: int
    quantity: Decimal
    unit_price: Decimal


def ladder(unit_price: Decimal, tiers: Sequence[Tier] = ()) -> tuple[Tier, ...]:
    """The whole ladder of a tariff: its own price from 0 on, unless a tier says otherwise."""
    steps = tuple(tiers)
    if not steps or steps[0].above > 0:
        steps = (Tier(Decimal(0), unit_price), *steps)
    if any(high.above <= low.above for low, high in pairwise(steps)):
        raise TiersInvalid("阶梯的起点必须从小到大，不能重复。")
    if steps[0].above < 0 or any(step.unit_price < 0 for step in steps):
        raise TiersInvalid("阶梯的起点和单价不能是负数。")
    return steps


def for_part_of_year(steps: Sequence[Tier], months: int) -> tuple[Tier, ...]:
    """A yearly ladder for somebody who came during the year: its boundaries x months / 12.

    `months` counts to December and includes the month of the transfer.
    """
    if not 1 <= months <= 12:
        raise ValueError(f"a year has 1 to 12 months, not {months}")
    return tuple(Tier(_scaled(step.above, months), step.unit_price) for step in steps)


def charge(use: Decimal, steps: Sequence[Tier], *, before: Decimal = Decimal(0)) -> list[TierPart]:
    """What `use` costs by tiers, when `before` was used on this ladder already.

    `use` may be negative (a real reading below the estimate); more than was ever charged is
    refused as `reading_negative`.
    """
    after = before + use
    if after < 0 or before < 0:
        raise LineProblem("reading_negative", use=str(use), before=str(before))
    tops: list[Decimal | None] = [step.above for step in steps[1:]] + [None]
    parts = []
    for tier, (step, top) in enumerate(zip(steps, tops, strict=True), start=1):
        inside = _clamp(after, step.above, top) - _clamp(before, step.above, top)
        parts.append(TierPart(tier, inside, step.unit_price))
    return [part for part in parts if part.quantity]


def amount_yuan(parts: Sequence[TierPart]) -> Fraction:
    """The exact sum; not rounded."""
    yuan = (Fraction(part.quantity) * Fraction(part.unit_price) for part in parts)
    return sum(yuan, Fraction(0))


def part_sql(before: str, after: str, above: str, top: str) -> str:
    """SQL for the quantity in one tier; `top` is NULL in the last one (LEAST skips NULL)."""
    return f"(LEAST(GREATEST({after}, {above}), {top}) - LEAST(GREATEST({before}, {above}), {top}))"


def scaled_sql(above: str, months: str) -> str:
    """SQL for a boundary of `for_part_of_year`."""
    return f"({half_up_sql(f'({above}) * 10000 * ({months})', '12')} * 0.0001)"


def _clamp(at: Decimal, low: Decimal, top: Decimal | None) -> Decimal:
    return max(at, low) if top is None else min(max(at, low), top)


def _scaled(above: Decimal, months: int) -> Decimal:
    return Decimal(half_up(Fraction(above) * 10_000 * months / 12)).scaleb(-4)
