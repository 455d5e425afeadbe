"""What a meter used between two readings: rollover, multiplier, swap, estimates."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.fees.calc.problems import LineProblem

ROLLOVER_SHARE = 10
"""A dial is believed to have rolled over unasked if that means at most 1/10 of a turn."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the dial said. `rolled_over`: it passed zero once since the reading before."""

    value: Decimal
    estimated: bool = False
    rolled_over: bool = False


@dataclass(frozen=True, slots=True)
class MeterSpan:
    """One meter's time in a period: its first and last reading there (None = nobody read it)."""

    first: Reading | None
    last: Reading | None
    multiplier: Decimal = Decimal(1)
    digits: int = 6


def use_of(meter: MeterSpan) -> Decimal:
    """Units used: turns of the dial x multiplier.

    Negative only as a correction of an estimate; otherwise `reading_negative`, and
    `reading_missing` when a reading is not there.
    """
    if meter.first is None or meter.last is None:
        raise LineProblem("reading_missing")
    turned = meter.last.value - meter.first.value
    dial = Decimal(10) ** meter.digits
    if meter.last.rolled_over or (turned < 0 and (turned + dial) * ROLLOVER_SHARE <= dial):
        turned += dial
    if turned < 0 and not meter.first.estimated:
        raise LineProblem("reading_negative", turned=str(turned))
    return turned * meter.multiplier


def total_use(meters: Sequence[MeterSpan]) -> Decimal:
    """The use of a room's meters in turn: the old one to its removal and the new one from then."""
    if not meters:
        raise LineProblem("reading_missing")
    return sum((use_of(meter) for meter in meters), Decimal(0))


@dataclass(frozen=True, slots=True)
class UseSql:
    """SQL expressions: `use` is NULL exactly where `error` (a problem code) is not."""

    use: str
    error: str


def use_sql(
    *, first: str, last: str, multiplier: str, digits: str, rolled_over: str, estimated: str
) -> UseSql:
    """`use_of` for a row: column expressions of the two readings and of their meter.

    `rolled_over` belongs to the last reading, `estimated` to the first (booleans, not NULL).
    """
    dial = f"power(10::numeric, {digits})"
    turned = (
        f"({last} - {first} + CASE WHEN {rolled_over} OR ({last} < {first}"
        f" AND ({last} - {first} + {dial}) * {ROLLOVER_SHARE} <= {dial}) THEN {dial} ELSE 0 END)"
    )
    error = (
        f"CASE WHEN {first} IS NULL OR {last} IS NULL THEN 'reading_missing'"
        f" WHEN {turned} < 0 AND NOT {estimated} THEN 'reading_negative' END"
    )
    return UseSql(f"CASE WHEN ({error}) IS NULL THEN {turned} * {multiplier} END", f"({error})")
