"""What taking an amount for some bills would do, in numbers, before anybody is asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.bills.reading import BillRow


@dataclass(frozen=True, slots=True)
class Part:
    """What one bill would get, and what it would still owe."""

    bill: BillRow
    fen: int
    left_fen: int


@dataclass(frozen=True, slots=True)
class Preview:
    """The parts in the order in which they are paid; `kept_fen` would become prepayment."""

    amount_fen: int
    owed_fen: int
    parts: tuple[Part, ...]
    kept_fen: int

    @property
    def settled(self) -> int:
        """How many bills would be paid off."""
        return sum(part.left_fen == 0 for part in self.parts)

    @property
    def partly(self) -> tuple[Part, ...]:
        """Bills that would be paid in part."""
        return tuple(part for part in self.parts if part.fen and part.left_fen)

    @property
    def untouched(self) -> int:
        """How many chosen bills the amount would not reach."""
        return sum(not part.fen for part in self.parts)

    @property
    def keeper(self) -> BillRow | None:
        """The bill whose payer the rest would be kept for: the counter takes the first known."""
        known = [part.bill for part in self.parts if part.bill.payer_id]
        return min(known, key=lambda bill: bill.id, default=None)


def preview(bills: Sequence[BillRow], amount_fen: int) -> Preview:
    """Spread an amount over bills in the order given (oldest first), as the counter does."""
    rest, parts = amount_fen, []
    for bill in bills:
        fen = min(rest, bill.owed_fen)
        parts.append(Part(bill, fen, bill.owed_fen - fen))
        rest -= fen
    owed_fen = sum(bill.owed_fen for bill in bills)
    return Preview(amount_fen, owed_fen, tuple(parts), rest)
