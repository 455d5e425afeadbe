"""Money is an integer of fen. One rounding rule, and splits that always add up."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal


def round_fen(amount: Decimal) -> int:
    """Round an exact amount in fen to whole fen, half away from zero.

    The same rule as PostgreSQL's `round(numeric)`, which rounds halves away from zero;
    a property test holds the two together.
    """
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def yuan_to_fen(yuan: Decimal) -> int:
    """Whole fen of an amount in yuan."""
    return round_fen(yuan * 100)


def split_fen(total_fen: int, weights: Sequence[Decimal]) -> list[int]:
    """Split `total_fen` by `weights` (all >= 0, not all 0) so that the parts add up to the whole.

    Largest remainder: every part is its floor, and the fen left over go to the largest
    remainders, earlier weights first among equals.
    """
    whole = sum(weights, Decimal(0))
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("weights must be non-negative and not all zero")
    exact = [Decimal(total_fen) * weight / whole for weight in weights]
    parts = [int(share.to_integral_value(rounding="ROUND_FLOOR")) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: total_fen - sum(parts)]:
        parts[i] += 1
    return parts


def yuan(fen: int) -> str:
    """`123456` -> `¥1,234.56`; the one way an amount is shown to people."""
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
