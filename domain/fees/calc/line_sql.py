"""The maths of a line as SQL text, for set-based runs; property tests hold it to `line`.

Arguments are SQL expressions (columns of the caller's query, numeric unless said otherwise);
none of them ever comes from what a person typed.
"""

from domain.fees.calc.periods import Period
from domain.fees.calc.rounding import half_up_sql
from domain.fees.calc.units import MAX_AMOUNT_FEN, MONTH_UNITS


def month_units_sql(start: str, end: str, period: Period) -> str:
    """SQL for `proration.month_units` of the dates `start` to `end`, which lie inside `period`."""
    terms = [
        f"GREATEST(0, LEAST({end}, DATE '{month.end}') - GREATEST({start}, DATE '{month.start}'))"
        f" * {MONTH_UNITS // month.days}"
        for month in period.months
    ]
    return f"({' + '.join(terms)})"


def amount_fen_sql(price: str, quantity: str, month_units: str, discount: str = "0") -> str:
    """SQL for `line.amount_of` (not limited: see `limit_sql`); NULL if any argument is."""
    exact = f"({price}::numeric * {quantity} * 100 * {month_units} * (1 - {discount}))"
    return half_up_sql(exact, f"{MONTH_UNITS}")


def yuan_to_fen_sql(yuan: str) -> str:
    """SQL for whole fen of an exact sum of yuan, such as the tiers of a metered line."""
    return f"round({yuan}::numeric * 100)"


def tax_fen_sql(amount_fen: str, rate: str) -> str:
    """SQL for `line.tax_of`."""
    return half_up_sql(f"({amount_fen}::numeric * {rate})", f"(1 + {rate})")


def cut_sql(total: str, days_before: str, days_through: str, all_days: str) -> str:
    """SQL for one piece of `rounding.cut_fen`: running days before and through the segment."""
    through = half_up_sql(f"({total}::numeric * {days_through})", all_days)
    before = half_up_sql(f"({total}::numeric * {days_before})", all_days)
    return f"({through} - {before})"


def limit_sql(amount_fen: str) -> str:
    """SQL for the problem code of an amount: `amount_too_large` or NULL."""
    return f"CASE WHEN abs({amount_fen}) > {MAX_AMOUNT_FEN} THEN 'amount_too_large' END"
