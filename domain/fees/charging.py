"""房屋收费: rooms charged an item of their own accord, such as a parking space; added and ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.errors import Conflict, Invalid, NotFound
from domain.fees import checking
from domain.fees.calc.units import MAX_AMOUNT_FEN
from domain.fees.model import FeeBasis, FeeItem, RoomCharge
from domain.history import audit
from domain.history.actor import Actor
from domain.rooms.model import Room

LABEL_LENGTH = 40
SHOWN = 100


class ChargeOverlaps(Conflict):
    """The room is charged this item under this label on some of these days already."""

    code = "charge_overlaps"


class ChargeNotFound(NotFound):
    """No such charge of this item."""

    code = "charge_not_found"


class ChargeInvalid(Invalid):
    """A quantity, an amount or days that cannot be."""

    code = "charge_invalid"


@dataclass(frozen=True, slots=True)
class ChargeFacts:
    """What a form says; `to_on` is the first day that is no longer charged."""

    from_on: date
    to_on: date | None = None
    label: str | None = None
    quantity: Decimal = Decimal(1)
    unit_price: Decimal | None = None
    amount_fen: int | None = None
    note: str | None = None


def add(
    session: Session, item: FeeItem, code: str, facts: ChargeFacts, *, by: Actor, at: datetime
) -> RoomCharge:
    """Charge a room of the item's community, by its code, from a day on."""
    room = session.scalar(
        select(Room).where(Room.community_id == item.community_id, Room.code == code)
    )
    if room is None:
        raise ChargeInvalid(f"这个小区没有房号 {code[:40]}，请核对")
    _check(item, facts)
    row = RoomCharge(
        room_id=room.id, fee_item_id=item.id, label=facts.label, quantity=facts.quantity,
        unit_price=facts.unit_price, amount_fen=facts.amount_fen, note=facts.note,
        from_on=facts.from_on, to_on=facts.to_on,
    )  # fmt: skip
    _save(session, row)
    _record(session, "charge.add", row, by=by, at=at)
    return row


def end(
    session: Session, item: FeeItem, charge_id: int, to_on: date, *, by: Actor, at: datetime
) -> RoomCharge:
    """Stop charging from a day on; what was billed stays."""
    row = session.get(RoomCharge, charge_id, with_for_update=True)
    if row is None or row.fee_item_id != item.id:
        raise ChargeNotFound("没有找到这条收费登记，可能刚被改过，请刷新页面")
    row.to_on = to_on
    _save(session, row)
    _record(session, "charge.end", row, by=by, at=at)
    return row


def of_room(session: Session, item: FeeItem, code: str) -> Sequence[RoomCharge]:
    """What a room was and is charged of the item, newest first; nothing for a room that is not there."""
    return session.scalars(
        select(RoomCharge)
        .join(Room, Room.id == RoomCharge.room_id)
        .where(
            RoomCharge.fee_item_id == item.id, Room.community_id == item.community_id,
            Room.code == code,
        )
        .order_by(RoomCharge.from_on.desc(), RoomCharge.id.desc())
        .limit(SHOWN)
    ).all()  # fmt: skip


def _check(item: FeeItem, facts: ChargeFacts) -> None:
    checking.quantity(facts.quantity, "数量")
    if facts.quantity == 0:
        raise ChargeInvalid("数量要大于 0")
    if facts.unit_price is not None:
        checking.price(facts.unit_price)
    if facts.label is not None and len(facts.label) > LABEL_LENGTH:
        raise ChargeInvalid(f"标记最多 {LABEL_LENGTH} 个字")
    one_off = item.basis is FeeBasis.ONE_OFF
    if one_off != (facts.amount_fen is not None):
        raise ChargeInvalid("一次性费用要填写金额" if one_off else "只有一次性费用才填金额，请去掉")
    if facts.amount_fen is not None and facts.amount_fen > MAX_AMOUNT_FEN:
        raise ChargeInvalid("金额超过一亿元，请核对")


def _save(session: Session, row: RoomCharge) -> None:
    if row.to_on is not None and row.to_on <= row.from_on:
        raise ChargeInvalid("结束的日子要晚于开始的日子")
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", "")
        if name != "ex_room_charge_one_at_a_time":
            raise
        raise ChargeOverlaps(
            "这套房屋这些天里已经登记了这项收费；有两个车位等情况，请用标记分开"
        ) from error


def _record(session: Session, action: str, row: RoomCharge, *, by: Actor, at: datetime) -> None:
    audit.record(
        session, action, subject="fee_item", subject_id=row.fee_item_id, by=by, at=at,
        room=row.room_id, charge=row.id, from_on=row.from_on.isoformat(),
        to_on=row.to_on.isoformat() if row.to_on else None,
    )  # fmt: skip
