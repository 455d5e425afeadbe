"""公摊: a cost split over rooms so that the parts are the whole, to the fen and to 0.0001 units.

Largest remainder: every room gets the floor of its exact share; what is left over goes, one step
each, to the largest remainders; among equals to the room that comes first in the given order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from domain.fees.calc.problems import LineProblem

QUANTITY_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class SharePart:
    """One room's part of a shared cost."""

    amount_fen: int
    quantity: Decimal | None


def split_steps(total: int, weights: Sequence[Decimal]) -> list[int]:
    """Split a whole number of steps (fen, 1/10,000 kWh); a negative total mirrors the positive.

    Weights are >= 0 (area in m2, 1 per room, or agreed weights); `share_missing` if all are 0.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("weights must not be negative")
    exact_weights = [Fraction(weight) for weight in weights]
    whole = sum(exact_weights)
    if whole == 0:
        raise LineProblem("share_missing")
    shares = [abs(total) * weight / whole for weight in exact_weights]
    parts = [share.numerator // share.denominator for share in shares]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - shares[i], i))
    for i in by_remainder[: abs(total) - sum(parts)]:
        parts[i] += 1
    return parts if total >= 0 else [-part for part in parts]


def split_cost(
    total_fen: int, total_quantity: Decimal | None, weights: Sequence[Decimal]
) -> list[SharePart]:
    """Split money and quantity by the same weights; each adds up on its own."""
    amounts = split_steps(total_fen, weights)
    if total_quantity is None:
        return [SharePart(amount, None) for amount in amounts]
    steps = split_steps(_steps(total_quantity), weights)
    quantities = [Decimal(step) * QUANTITY_STEP for step in steps]
    return [SharePart(*part) for part in zip(amounts, quantities, strict=True)]


def split_sql(
    source: str,
    totals: Mapping[str, str],
    *,
    keep: Sequence[str],
    weight: str,
    order: str,
    whole: str | None = None,
) -> str:
    """A SELECT that splits as `split_steps` does: columns `keep` and one share per total.

    `source` is a table, CTE or `(SELECT ...)`; `totals` maps the name of the share to the SQL of
    a whole number of steps (the same on every row of one cost); `weight` is >= 0, not NULL;
    `order` is unique within a cost; `whole` tells several costs apart. Where all weights are 0
    the shares are NULL (`share_missing`).
    """
    part = f"PARTITION BY {whole}" if whole else ""
    names = list(totals)
    summed = f"SELECT src.*, NULLIF(sum({weight}) OVER ({part}), 0) AS _whole FROM {source} AS src"
    floors = _columns(
        f"div(abs({sql})::numeric * {weight}, _whole) AS _floor_{name},"
        f" mod(abs({sql})::numeric * {weight}, _whole) AS _rest_{name}"
        for name, sql in totals.items()
    )
    ranks = _columns(
        f"row_number() OVER ({part} ORDER BY _rest_{name} DESC, {order}) AS _rank_{name},"
        f" abs({totals[name]}) - sum(_floor_{name}) OVER ({part}) AS _left_{name}"
        for name in names
    )
    shares = _columns(
        f"sign({totals[name]})::numeric * (_floor_{name}"
        f" + CASE WHEN _rank_{name} <= _left_{name} THEN 1 ELSE 0 END) AS {name}"
        for name in names
    )
    floored = f"SELECT summed.*, {floors} FROM ({summed}) AS summed"
    ranked = f"SELECT floored.*, {ranks} FROM ({floored}) AS floored"
    return f"SELECT {_columns(keep)}, {shares} FROM ({ranked}) AS ranked"


def _columns(columns: Iterable[str]) -> str:
    return ", ".join(columns)


def _steps(quantity: Decimal) -> int:
    steps = quantity.scaleb(4)
    if steps != int(steps):
        raise ValueError("quantities have at most four decimals")
    return int(steps)
