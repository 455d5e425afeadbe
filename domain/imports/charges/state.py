"""Fee items by the names people use, and the charges that stand."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.bills.model import BillLine
from domain.fees.model import FeeBasis, FeeItem, RoomCharge
from domain.rooms.model import Room

Key = tuple[int, int, str | None]
"""Room, fee item, label."""


@dataclass(slots=True)
class KnownItem:
    """A fee item as far as a charge needs it."""

    id: int
    name: str
    basis: FeeBasis
    active: bool


@dataclass(slots=True)
class KnownCharge:
    """A charge; `sheet_row` where this sheet has said it."""

    id: int
    from_on: date
    to_on: date | None
    quantity: Decimal
    unit_price: Decimal | None
    amount_fen: int | None
    sheet_row: int | None = None

    def overlaps(self, from_on: date, to_on: date | None) -> bool:
        """Whether the half-open periods share a day."""
        return (to_on is None or self.from_on < to_on) and (
            self.to_on is None or from_on < self.to_on
        )


@dataclass(slots=True)
class Charges:
    """What a community charges: items by name and code, charges by room, item and label."""

    items: dict[str, KnownItem] = field(default_factory=dict)
    charges: dict[Key, list[KnownCharge]] = field(default_factory=lambda: defaultdict(list))
    billed_to: dict[Key, date] = field(default_factory=dict)


def load(session: Session, community_id: int) -> Charges:
    """Three queries, whatever the size of the workbook."""
    found = Charges()
    for row in session.execute(
        select(FeeItem.code, FeeItem.id, FeeItem.name, FeeItem.basis, FeeItem.active)
        .where(FeeItem.community_id == community_id)
        .order_by(FeeItem.id)
    ):
        item = KnownItem(row.id, row.name, row.basis, row.active)
        found.items.setdefault(row.code, item)
        found.items[row.name] = item  # a name is what people type: it wins over another's code
    for charge in session.execute(
        select(
            RoomCharge.room_id, RoomCharge.fee_item_id, RoomCharge.label, RoomCharge.id,
            RoomCharge.from_on, RoomCharge.to_on, RoomCharge.quantity, RoomCharge.unit_price,
            RoomCharge.amount_fen,
        )
        .join(FeeItem, FeeItem.id == RoomCharge.fee_item_id)
        .where(FeeItem.community_id == community_id)
    ):  # fmt: skip
        found.charges[charge[0], charge[1], charge[2]].append(KnownCharge(*charge[3:]))
    found.billed_to = _billed_to(session, community_id)
    return found


def _billed_to(session: Session, community_id: int) -> dict[Key, date]:
    """The day up to which each charge has been billed."""
    rows = session.execute(
        select(
            BillLine.room_id, BillLine.fee_item_id, BillLine.label, func.max(BillLine.period_end)
        )
        .join(Room, Room.id == BillLine.room_id)
        .join(RoomCharge, (RoomCharge.room_id == BillLine.room_id)
              & (RoomCharge.fee_item_id == BillLine.fee_item_id))
        .where(Room.community_id == community_id, BillLine.live)
        .group_by(BillLine.room_id, BillLine.fee_item_id, BillLine.label)
    )  # fmt: skip
    return {(row[0], row[1], row[2]): row[3] for row in rows}
