"""Money is an integer of fen, with one rounding rule."""

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


def yuan(fen: int) -> str:
    """`123456` -> `¥1,234.56`; the one way an amount is shown to people."""
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
